/* Fills the keyboard help from the key table each time it opens, so that it lists what this page can do. */
import { element } from "../elements/order-list/parts.js";
import { keysHere } from "../keys.js";

const line = ({ keys, text }) => element("li", "", element("span", "", text), ...keys.map((key) => element("kbd", "", key)));

const section = (title, entries) => element("section", "", element("h3", "", title), element("ul", "", ...entries.map(line)));

export default function keysDialog(dialog, signal) {
  const grid = dialog.querySelector(".keys-grid");
  dialog.addEventListener("beforetoggle", () => {
    const groups = Map.groupBy(keysHere(), (entry) => entry.group);
    grid.replaceChildren(...[...groups].map(([title, entries]) => section(title, entries)));
  }, { signal });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close(), { signal });
}
