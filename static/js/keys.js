/* The one table of keys. An entry exists on a page if an element there carries its data-do. */
export const KEYS = [
  { group: "Go to", keys: ["G", "B"], text: "Backlog", target: "go-backlog" },
  { group: "Go to", keys: ["G", "S"], text: "Sprints", target: "go-sprints" },
  { group: "Go to", keys: ["G", "C"], text: "Components", target: "go-components" },
  { group: "Here", keys: ["N"], text: "New item", target: "new-item" },
  { group: "Here", keys: ["/"], text: "Filter", target: "filter" },
  { group: "Here", keys: ["?"], text: "This help", target: "keys" },
];

export const targetOf = (entry) =>
  entry.target === "keys" ? document.getElementById("keys") : document.querySelector(`[data-do="${entry.target}"]`);

export const keysHere = () => KEYS.filter(targetOf);
