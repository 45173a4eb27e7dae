/* Fills the keyboard help from the key table each time it opens, so that it lists what this page can do. */
import { keysHere } from "../keys.js";

function keyRow({ keys, text }) {
  const row = document.createElement("li");
  const label = document.createElement("span");
  label.textContent = text;
  const caps = keys.map((key) => Object.assign(document.createElement("kbd"), { textContent: key }));
  row.append(label, ...caps);
  return row;
}

function section(title, entries) {
  const box = document.createElement("section");
  const list = document.createElement("ul");
  list.append(...entries.map(keyRow));
  box.append(Object.assign(document.createElement("h3"), { textContent: title }), list);
  return box;
}

export default function keysDialog(element, signal) {
  const grid = element.querySelector(".keys-grid");
  element.addEventListener("beforetoggle", () => {
    const groups = Map.groupBy(keysHere(), (entry) => entry.group);
    grid.replaceChildren(...[...groups].map(([title, entries]) => section(title, entries)));
  }, { signal });
  element.addEventListener("click", (event) => event.target === element && element.close(), { signal });
}
