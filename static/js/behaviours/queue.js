/* A list of things to decide, by keyboard: walk through the rows, press what a row offers for the command. */
import { commandFor } from "../keys.js";

export default function queue(page, signal) {
  const rows = () => [...page.querySelectorAll("[data-row]")];
  const current = () => document.activeElement.closest?.("[data-row]");

  function step(by) {
    const all = rows();
    const at = all.indexOf(current());
    const next = all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
  }
  function press(command) {
    const offered = current()?.querySelector(`[data-do-row=${command}]`);
    if (!offered?.matches("details")) return offered?.click();
    offered.open = true;
    offered.querySelector("input:not([type=hidden])").focus();
  }

  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open], [popover]:popover-open")) return;
    if (document.activeElement.matches("input, textarea, select") || document.body.dataset.singleKeys === "off") return;
    const command = commandFor(event, "queue")?.command;
    if (!command || !page.querySelector(`[data-commands~="${command}"]`)) return;
    event.preventDefault();
    if (command === "next-row") step(1);
    else if (command === "previous-row") step(-1);
    else press(command);
  }, { signal });
}
