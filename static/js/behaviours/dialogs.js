/* Dialogs of the page. A click on the backdrop closes them. */
import { element } from "../elements/order-list/parts.js";
import { keysHere } from "../keys.js";

export function closesOutside(dialog, signal) {
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close(), { signal });
}

/* Opens the dialog that data-opens names. */
export function dialog(button, signal) {
  const target = document.getElementById(button.dataset.opens);
  button.addEventListener("click", () => target.showModal(), { signal });
  closesOutside(target, signal);
}

const line = ({ keys, text }) => element("li", "", element("span", "", text), ...keys.map((key) => element("kbd", "", key)));

const section = (title, entries) => element("section", "", element("h3", "", title), element("ul", "", ...entries.map(line)));

/* The keyboard help, filled from the key table each time it opens, so that it lists what this page can do. */
export function keysDialog(dialog, signal) {
  const grid = dialog.querySelector(".keys-grid");
  dialog.addEventListener("beforetoggle", () => {
    const groups = Map.groupBy(keysHere(), (entry) => entry.group);
    grid.replaceChildren(...[...groups].map(([title, entries]) => section(title, entries)));
  }, { signal });
  closesOutside(dialog, signal);
}
