/* Marks the chain of the item under the pointer or the cursor, up and down, and asks for its sentence. Arrows walk. */
const PAUSE = 150;

export default function flow(graph, signal) {
  const nodes = [...graph.querySelectorAll("[data-node]")];
  const lines = [...graph.querySelectorAll("[data-from]")];
  const byId = new Map(nodes.map((node) => [node.dataset.node, node]));
  const box = (node) => node.querySelector("rect").getBoundingClientRect();
  const next = (id, from, to) => lines.filter((line) => line.dataset[from] === id).map((line) => line.dataset[to]);
  let due;

  function reach(id, from, to, found = new Set()) {
    for (const other of next(id, from, to)) if (!found.has(other)) reach(other, from, to, found.add(other));
    return found;
  }

  function mark(node) {
    const id = node.dataset.node;
    const chain = new Set([id, ...reach(id, "from", "to"), ...reach(id, "to", "from")]);
    for (const one of nodes) {
      one.classList.toggle("on", one !== node && chain.has(one.dataset.node));
      one.classList.toggle("focus", one === node);
    }
    for (const line of lines) line.classList.toggle("on", chain.has(line.dataset.from) && chain.has(line.dataset.to));
    clearTimeout(due);
    due = setTimeout(() => htmx.ajax("GET", graph.dataset.chain + node.dataset.key, { target: "#flow-chain", swap: "outerHTML" }), PAUSE);
  }

  function enter(node) {
    for (const one of nodes) one.tabIndex = one === node ? 0 : -1;
    mark(node);
  }

  const columns = () => Map.groupBy(nodes, (node) => Number(node.dataset.column));
  const nearest = (from, among) => {
    const y = (node) => Math.abs(box(node).y - box(from).y);
    return among?.toSorted((one, other) => y(one) - y(other))[0];
  };
  const beside = (node, step) => {
    const places = [...columns().keys()].sort((one, other) => one - other);
    return nearest(node, columns().get(places[places.indexOf(Number(node.dataset.column)) + step]));
  };
  const along = (node, step) => {
    const column = columns().get(Number(node.dataset.column));
    return column[column.indexOf(node) + step];
  };
  const walks = {
    ArrowUp: (node) => along(node, -1),
    ArrowDown: (node) => along(node, 1),
    ArrowLeft: (node) => beside(node, -1),
    ArrowRight: (node) => beside(node, 1),
    "[": (node) => byId.get(next(node.dataset.node, "to", "from")[0]),
    "]": (node) => byId.get(next(node.dataset.node, "from", "to")[0]),
  };

  for (const node of nodes) node.tabIndex = node.classList.contains("focus") ? 0 : -1;
  graph.addEventListener("focusin", ({ target }) => target.matches("[data-node]") && enter(target), { signal });
  graph.addEventListener("pointerover", ({ target }) => {
    const node = target.closest("[data-node]");
    if (node && !node.classList.contains("focus")) mark(node);
  }, { signal });
  graph.addEventListener("keydown", (event) => {
    const to = event.target.matches("[data-node]") && !event.altKey && walks[event.key]?.(event.target);
    if (!to) return;
    event.preventDefault();
    to.focus();
    to.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, { signal });
  signal.addEventListener("abort", () => clearTimeout(due));
}
