/* Turns keys of the key table into commands of the list, and offers the same commands to the palette. */
import { commandFor } from "../../keys.js";
import { offerToPalette } from "./offers.js";

const isTyping = (target) =>
  target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio])");

export function listenToKeys(list, signal) {
  offerToPalette(list, signal);
  document.addEventListener("keydown", (event) => {
    // The second letter of "go to" is no command here.
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || isTyping(event.target)) return;
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
