const MOD = /Mac|iP/.test(navigator.platform) ? "⌘" : "Ctrl";

const PRESSED = { "↑": "ArrowUp", "↓": "ArrowDown", "Page ↑": "PageUp", "Page ↓": "PageDown", Esc: "Escape", Space: " " };

/* The one table of keys. An entry without a scope exists on a page if an element there carries its data-do; one of
   the list, or of what is picked up there ("grabbed"), if the list offers its command. also: other keys that do it, as
   KeyboardEvents call them. */
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
  { scope: "list", group: "In the list", keys: ["J"], text: "Next item", also: ["ArrowDown"], command: "next" },
  { scope: "list", group: "In the list", keys: ["K"], text: "Previous item", also: ["ArrowUp"], command: "previous" },
  { scope: "list", group: "In the list", keys: ["Page ↓"], text: "A screen on", command: "page-down" },
  { scope: "list", group: "In the list", keys: ["Page ↑"], text: "A screen back", command: "page-up" },
  { scope: "list", group: "In the list", keys: ["Home"], text: "First item", command: "first" },
  { scope: "list", group: "In the list", keys: ["End"], text: "Last item", command: "last" },
  { scope: "list", group: "In the list", keys: ["Enter"], text: "Open", command: "open" },
  { scope: "list", group: "In the list", keys: ["O"], text: "Open the full page", command: "open-page" },
  { scope: "list", group: "In the list", keys: ["["], text: "Go to what it needs", command: "needs" },
  { scope: "list", group: "In the list", keys: ["]"], text: "Go to what it enables", command: "enables" },
  { scope: "list", group: "In the list", keys: ["W"], text: "Why here?", command: "why" },
  { scope: "list", group: "Dates", keys: ["1"], text: "Dates at 50 %", command: "percent-50" },
  { scope: "list", group: "Dates", keys: ["2"], text: "Dates at 85 %", command: "percent-85" },
  { scope: "list", group: "Dates", keys: ["3"], text: "Dates at 95 %", command: "percent-95" },
  { scope: "list", group: "Select", keys: ["X"], text: "Select", command: "select" },
  { scope: "list", group: "Select", keys: ["Shift", "J"], text: "Extend down", also: ["Shift+ArrowDown"], command: "extend-down" },
  { scope: "list", group: "Select", keys: ["Shift", "K"], text: "Extend up", also: ["Shift+ArrowUp"], command: "extend-up" },
  { scope: "list", group: "Select", keys: ["Shift", "X"], text: "Select all that are shown", command: "select-all" },
  { scope: "list", group: "Select", keys: ["Esc"], text: "Select nothing", command: "clear" },
  { scope: "list", group: "Item", keys: ["F2"], text: "Title", command: "edit-title" },
  { scope: "list", group: "Item", keys: ["E"], text: "Estimate", command: "estimate" },
  { scope: "list", group: "Item", keys: ["C"], text: "Component", command: "component" },
  { scope: "list", group: "Item", keys: ["T"], text: "Type", command: "edit-type" },
  { scope: "list", group: "Item", keys: ["Shift", "T"], text: "Tags", command: "edit-tags" },
  { scope: "list", group: "Item", keys: ["V"], text: "Cost of delay", command: "edit-value" },
  { scope: "list", group: "Item", keys: ["D"], text: "Dependency", command: "dependency" },
  { scope: "list", group: "Item", keys: ["Q"], text: "Ask a question", command: "ask" },
  { scope: "list", group: "Order", keys: ["Alt", "↑"], text: "Move up", command: "move-up" },
  { scope: "list", group: "Order", keys: ["Alt", "↓"], text: "Move down", command: "move-down" },
  { scope: "list", group: "Order", keys: ["Shift", "Alt", "↑"], text: "To the start of the sprint", command: "sprint-start" },
  { scope: "list", group: "Order", keys: ["Shift", "Alt", "↓"], text: "To the end of the sprint", command: "sprint-end" },
  { scope: "list", group: "Order", keys: ["M"], text: "Move to a position or key", command: "move-to" },
  { scope: "list", group: "Order", keys: ["P"], text: "Pin, unpin", command: "pin" },
  { scope: "list", group: "Order", keys: ["Z"], text: "Undo your last change", command: "undo" },
  { scope: "list", group: "Order", keys: ["Shift", "Z"], text: "Redo", command: "redo" },
  { scope: "list", group: "Picked up", keys: ["Space"], text: "Pick up", command: "pick-up" },
  { scope: "grabbed", group: "Picked up", keys: ["↑"], text: "Up", also: ["k"], command: "up" },
  { scope: "grabbed", group: "Picked up", keys: ["↓"], text: "Down", also: ["j"], command: "down" },
  { scope: "grabbed", group: "Picked up", keys: ["Page ↑"], text: "A screen up", command: "page-back" },
  { scope: "grabbed", group: "Picked up", keys: ["Page ↓"], text: "A screen down", command: "page-forward" },
  { scope: "grabbed", group: "Picked up", keys: ["Home"], text: "To the top", command: "start" },
  { scope: "grabbed", group: "Picked up", keys: ["End"], text: "To the bottom", command: "end" },
  { scope: "grabbed", group: "Picked up", keys: ["Space"], text: "Drop", also: ["Enter"], command: "drop" },
  { scope: "grabbed", group: "Picked up", keys: ["Esc"], text: "Put back", command: "restore" },
  { scope: "proposal", group: "Proposal", keys: ["J"], text: "Next move", also: ["ArrowDown"], command: "next-move" },
  { scope: "proposal", group: "Proposal", keys: ["K"], text: "Previous move", also: ["ArrowUp"], command: "previous-move" },
  { scope: "proposal", group: "Proposal", keys: ["A"], text: "Accept, again: decide later", command: "accept-move" },
  { scope: "proposal", group: "Proposal", keys: ["R"], text: "Reject, then say why", command: "reject-move" },
  { scope: "proposal", group: "Proposal", keys: ["Ctrl", "Enter"], text: "Apply the accepted moves", command: "apply-moves" },
  { scope: "queue", group: "To accept", keys: ["J"], text: "Next item", also: ["ArrowDown"], command: "next-row" },
  { scope: "queue", group: "To accept", keys: ["K"], text: "Previous item", also: ["ArrowUp"], command: "previous-row" },
  { scope: "queue", group: "To accept", keys: ["A"], text: "Accept", command: "accept-row" },
  { scope: "queue", group: "To accept", keys: ["R"], text: "Send back, then say why", command: "return-row" },
];

export const targetOf = (entry) =>
  entry.target === "keys" ? document.getElementById("keys") : document.querySelector(`[data-do="${entry.target}"]`);

const isHere = (entry) => (entry.scope ? document.querySelector(`[data-commands~="${entry.command}"]`) : targetOf(entry));

export const keysHere = () => KEYS.filter(isHere);

/* What an entry without a scope does. */
export function follow(entry) {
  const target = targetOf(entry);
  if (target.matches("dialog")) target.showModal();
  else if (target.matches("input:not([type=checkbox])")) target.focus();
  else target.click();
}

const chord = ({ ctrlKey, metaKey, shiftKey, altKey, key }) =>
  `${ctrlKey || metaKey ? "Ctrl+" : ""}${shiftKey ? "Shift+" : ""}${altKey ? "Alt+" : ""}${key.length === 1 ? key.toLowerCase() : key}`;

const pressOf = (caps) => caps.map((cap) => PRESSED[cap] ?? (cap.length === 1 ? cap.toLowerCase() : cap)).join("+");

export function commandFor(event, scope) {
  const pressed = chord(event);
  return KEYS.find((entry) => entry.scope === scope && (pressOf(entry.keys) === pressed || entry.also?.includes(pressed)));
}

/* Keys are for the field, or for what lies over the page. */
export const isTyping = (element) =>
  element.isContentEditable || element.matches("textarea, select, input:not([type=checkbox], [type=radio])");

export const isCovered = () => document.querySelector("dialog[open], [popover]:popover-open") !== null;
