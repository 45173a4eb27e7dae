/* Turns keys of the key table into commands of the list. */
import { commandFor } from "../../keys.js";

const isTyping = (target) =>
  target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio])");

export function listenToKeys(list, signal) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open], [popover]:popover-open")) return;
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
