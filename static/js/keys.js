const MOD = /Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl";

/* The one table of keys. An entry without a scope exists on a page if an element there carries its data-do; one of
   the list, or of what is picked up there ("grabbed"), if the list offers its command. press: what KeyboardEvents say. */
export const KEYS = [
  { group: "Go to", keys: ["G", "F"], text: "For you", target: "go-for-you" },
  { group: "Go to", keys: ["G", "B"], text: "Backlog", target: "go-backlog" },
  { group: "Go to", keys: ["G", "P"], text: "Proposal", target: "go-proposal" },
  { group: "Go to", keys: ["G", "S"], text: "Sprints", target: "go-sprints" },
  { group: "Go to", keys: ["G", "R"], text: "Roadmap", target: "go-roadmap" },
  { group: "Go to", keys: ["G", "T"], text: "Technical flow", target: "go-technical" },
  { group: "Go to", keys: ["G", "H"], text: "Health", target: "go-health" },
  { group: "Go to", keys: ["G", "C"], text: "Components", target: "go-components" },
  { group: "Go to", keys: ["G", "D"], text: "Debt register", target: "go-debt" },
  { group: "Go to", keys: ["G", "E"], text: "Decisions", target: "go-decisions" },
  { group: "Here", keys: [MOD, "K"], text: "Find or do", target: "palette" },
  { group: "Here", keys: ["N"], text: "New item", target: "new-item", icon: "plus" },
  { group: "Here", keys: ["/"], text: "Filter", target: "filter", icon: "list-filter" },
  { group: "Refinement", keys: ["J"], text: "Next item", target: "refine-next" },
  { group: "Refinement", keys: ["K"], text: "Previous item", target: "refine-previous" },
  { group: "Refinement", keys: ["X"], text: "Leave it for another day", target: "refine-skip" },
  { group: "Here", keys: ["L"], text: "Plain language", target: "plain", icon: "message-square" },
  { group: "Here", keys: ["?"], text: "This help", target: "keys", icon: "circle-question-mark" },
  { scope: "list", group: "In the list", keys: ["J"], text: "Next item", press: ["j", "ArrowDown"], command: "next" },
  { scope: "list", group: "In the list", keys: ["K"], text: "Previous item", press: ["k", "ArrowUp"], command: "previous" },
  { scope: "list", group: "In the list", keys: ["Page ↓"], text: "A screen on", press: ["PageDown"], command: "page-down" },
  { scope: "list", group: "In the list", keys: ["Page ↑"], text: "A screen back", press: ["PageUp"], command: "page-up" },
  { scope: "list", group: "In the list", keys: ["Home"], text: "First item", press: ["Home"], command: "first" },
  { scope: "list", group: "In the list", keys: ["End"], text: "Last item", press: ["End"], command: "last" },
  { scope: "list", group: "In the list", keys: ["Enter"], text: "Open", press: ["Enter"], command: "open" },
  { scope: "list", group: "In the list", keys: ["O"], text: "Open the full page", press: ["o"], command: "open-page" },
  { scope: "list", group: "In the list", keys: ["["], text: "Go to what it needs", press: ["["], command: "needs" },
  { scope: "list", group: "In the list", keys: ["]"], text: "Go to what it enables", press: ["]"], command: "enables" },
  { scope: "list", group: "In the list", keys: ["W"], text: "Why here?", press: ["w"], command: "why" },
  { scope: "list", group: "Dates", keys: ["1"], text: "Dates at 50 %", press: ["1"], command: "percent-50" },
  { scope: "list", group: "Dates", keys: ["2"], text: "Dates at 85 %", press: ["2"], command: "percent-85" },
  { scope: "list", group: "Dates", keys: ["3"], text: "Dates at 95 %", press: ["3"], command: "percent-95" },
  { scope: "list", group: "Select", keys: ["X"], text: "Select", press: ["x"], command: "select" },
  { scope: "list", group: "Select", keys: ["Shift", "J"], text: "Extend down", press: ["Shift+j", "Shift+ArrowDown"], command: "extend-down" },
  { scope: "list", group: "Select", keys: ["Shift", "K"], text: "Extend up", press: ["Shift+k", "Shift+ArrowUp"], command: "extend-up" },
  { scope: "list", group: "Select", keys: ["Esc"], text: "Select nothing", press: ["Escape"], command: "clear" },
  { scope: "list", group: "Item", keys: ["F2"], text: "Title", press: ["F2"], command: "edit-title" },
  { scope: "list", group: "Item", keys: ["E"], text: "Estimate", press: ["e"], command: "estimate" },
  { scope: "list", group: "Item", keys: ["C"], text: "Component", press: ["c"], command: "component" },
  { scope: "list", group: "Item", keys: ["T"], text: "Type", press: ["t"], command: "edit-type" },
  { scope: "list", group: "Item", keys: ["Shift", "T"], text: "Tags", press: ["Shift+t"], command: "edit-tags" },
  { scope: "list", group: "Item", keys: ["V"], text: "Cost of delay", press: ["v"], command: "edit-value" },
  { scope: "list", group: "Item", keys: ["D"], text: "Dependency", press: ["d"], command: "dependency" },
  { scope: "list", group: "Item", keys: ["Q"], text: "Ask a question", press: ["q"], command: "ask" },
  { scope: "list", group: "Order", keys: ["Alt", "↑"], text: "Move up", press: ["Alt+ArrowUp"], command: "move-up" },
  { scope: "list", group: "Order", keys: ["Alt", "↓"], text: "Move down", press: ["Alt+ArrowDown"], command: "move-down" },
  { scope: "list", group: "Order", keys: ["Shift", "Alt", "↑"], text: "To the start of the sprint", press: ["Shift+Alt+ArrowUp"], command: "sprint-start" },
  { scope: "list", group: "Order", keys: ["Shift", "Alt", "↓"], text: "To the end of the sprint", press: ["Shift+Alt+ArrowDown"], command: "sprint-end" },
  { scope: "list", group: "Order", keys: ["M"], text: "Move to a position or key", press: ["m"], command: "move-to" },
  { scope: "list", group: "Order", keys: ["P"], text: "Pin, unpin", press: ["p"], command: "pin" },
  { scope: "list", group: "Order", keys: ["Z"], text: "Undo your last change", press: ["z"], command: "undo" },
  { scope: "list", group: "Order", keys: ["Shift", "Z"], text: "Redo", press: ["Shift+z"], command: "redo" },
  { scope: "list", group: "Picked up", keys: ["Space"], text: "Pick up", press: [" "], command: "pick-up" },
  { scope: "grabbed", group: "Picked up", keys: ["↑"], text: "Up", press: ["ArrowUp", "k"], command: "up" },
  { scope: "grabbed", group: "Picked up", keys: ["↓"], text: "Down", press: ["ArrowDown", "j"], command: "down" },
  { scope: "grabbed", group: "Picked up", keys: ["Page ↑"], text: "A screen up", press: ["PageUp"], command: "page-back" },
  { scope: "grabbed", group: "Picked up", keys: ["Page ↓"], text: "A screen down", press: ["PageDown"], command: "page-forward" },
  { scope: "grabbed", group: "Picked up", keys: ["Home"], text: "To the top", press: ["Home"], command: "start" },
  { scope: "grabbed", group: "Picked up", keys: ["End"], text: "To the bottom", press: ["End"], command: "end" },
  { scope: "grabbed", group: "Picked up", keys: ["Space"], text: "Drop", press: [" ", "Enter"], command: "drop" },
  { scope: "grabbed", group: "Picked up", keys: ["Esc"], text: "Put back", press: ["Escape"], command: "restore" },
  { scope: "proposal", group: "Proposal", keys: ["J"], text: "Next move", press: ["j", "ArrowDown"], command: "next-move" },
  { scope: "proposal", group: "Proposal", keys: ["K"], text: "Previous move", press: ["k", "ArrowUp"], command: "previous-move" },
  { scope: "proposal", group: "Proposal", keys: ["A"], text: "Accept, again: decide later", press: ["a"], command: "accept-move" },
  { scope: "proposal", group: "Proposal", keys: ["R"], text: "Reject, then say why", press: ["r"], command: "reject-move" },
  { scope: "proposal", group: "Proposal", keys: ["Ctrl", "Enter"], text: "Apply the accepted moves", press: ["Ctrl+Enter"], command: "apply-moves" },
  { scope: "queue", group: "To accept", keys: ["J"], text: "Next item", press: ["j", "ArrowDown"], command: "next-row" },
  { scope: "queue", group: "To accept", keys: ["K"], text: "Previous item", press: ["k", "ArrowUp"], command: "previous-row" },
  { scope: "queue", group: "To accept", keys: ["A"], text: "Accept", press: ["a"], command: "accept-row" },
  { scope: "queue", group: "To accept", keys: ["R"], text: "Send back, then say why", press: ["r"], command: "return-row" },
];

export const targetOf = (entry) =>
  entry.target === "keys" ? document.getElementById("keys") : document.querySelector(`[data-do="${entry.target}"]`);

const isHere = (entry) => (entry.scope ? document.querySelector(`[data-commands~="${entry.command}"]`) : targetOf(entry));

export const keysHere = () => KEYS.filter(isHere);

const chord = ({ ctrlKey, metaKey, shiftKey, altKey, key }) =>
  `${ctrlKey || metaKey ? "Ctrl+" : ""}${shiftKey ? "Shift+" : ""}${altKey ? "Alt+" : ""}${key.length === 1 ? key.toLowerCase() : key}`;

export const commandFor = (event, scope) =>
  KEYS.find((entry) => entry.scope === scope && entry.press.includes(chord(event)));
