/* Turns keys of the key table into commands of the list, and offers the same commands to the palette. */
import { KEYS, commandFor, isCovered, isTyping } from "../../keys.js";
import { names } from "./words.js";

// What the palette may do: what changes the selected items.
const GROUPS = new Set(["Item", "Order"]);
const ALWAYS = new Set(["undo", "redo"]);

export function listenToKeys(list, signal) {
  offerToPalette(list, signal);
  document.addEventListener("keydown", (event) => {
    // The second letter of "go to" is no command here.
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
    if (isCovered()) return;
    const entry = commandFor(event, list.isLifting ? "grabbed" : "list");
    if (!entry || !list.commands.has(entry.command)) return;
    const isInside = list.contains(event.target);
    const isLetter = event.key.length === 1 && event.key !== " ";
    if (isLetter ? document.body.dataset.singleKeys === "off" : !isInside && !list.isLifting) return;
    // Buttons and links in a row have Enter and Space for themselves.
    if (/^(Enter| )$/.test(event.key) && isInside && event.target.matches("button, a, input")) return;
    if (event.key === "Escape" && !list.hasSomethingToClear) return;
    event.preventDefault();
    list.do(entry.command);
  }, { signal });
}

function offerToPalette(list, signal) {
  const entry = ({ text, keys, command }) => ({ text, keys, icon: "chevron-right", run: () => list.do(command) });
  document.addEventListener("palette-open", ({ detail }) => {
    const known = KEYS.filter(({ scope, group, command }) => scope === "list" && GROUPS.has(group) && list.commands.has(command));
    const ids = list.moving();
    if (ids.length) detail.offer(`Do with ${names(list.store, ids)}`, known.filter(({ command }) => !ALWAYS.has(command)).map(entry));
    detail.offer("In the order", known.filter(({ command }) => ALWAYS.has(command)).map(entry));
  }, { signal });
}
