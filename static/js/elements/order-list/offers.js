/* What the palette may do with the list: the commands of the key table that change what is selected. */
import { KEYS } from "../../keys.js";
import { names } from "./words.js";

const GROUPS = new Set(["Item", "Order"]);
const ALWAYS = new Set(["undo", "redo"]);

export function offerToPalette(list, signal) {
  const entry = ({ text, keys, command }) => ({ text, keys, icon: "chevron-right", run: () => list.do(command) });
  document.addEventListener("palette-open", ({ detail }) => {
    const known = KEYS.filter(({ scope, group, command }) => scope === "list" && GROUPS.has(group) && list.commands.has(command));
    const ids = list.moving();
    if (ids.length) detail.offer(`Do with ${names(list.store, ids)}`, known.filter(({ command }) => !ALWAYS.has(command)).map(entry));
    detail.offer("In the order", known.filter(({ command }) => ALWAYS.has(command)).map(entry));
  }, { signal });
}
