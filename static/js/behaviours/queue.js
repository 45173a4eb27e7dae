/* A list of things to decide, by keyboard: walk through the rows, press what a row offers for the command. */
import { commandFor, isCovered } from "../keys.js";

/* From the current row to the next one, or to the first. */
export function walk(rows, current, by) {
  const at = rows.indexOf(current);
  const next = rows[at < 0 ? 0 : Math.min(Math.max(at + by, 0), rows.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

export default function queue(page, signal) {
  const current = () => document.activeElement.closest?.("[data-row]");

  const step = (by) => walk([...page.querySelectorAll("[data-row]")], current(), by);
  function press(command) {
    const offered = current()?.querySelector(`[data-do-row=${command}]`);
    if (!offered?.matches("details")) return offered?.click();
    offered.open = true;
    offered.querySelector("input:not([type=hidden])").focus();
  }

  document.addEventListener("keydown", (event) => {
    if (isCovered()) return;
    if (document.activeElement.matches("input, textarea, select") || document.body.dataset.singleKeys === "off") return;
    const command = commandFor(event, "queue")?.command;
    if (!command || !page.querySelector(`[data-commands~="${command}"]`)) return;
    event.preventDefault();
    if (command === "next-row") step(1);
    else if (command === "previous-row") step(-1);
    else press(command);
  }, { signal });
}
