/* The proposed order by keyboard: walk through the moves, accept or reject them, apply what is accepted. */
import { commandFor, isCovered } from "../keys.js";
import { walk } from "./queue.js";

export default function proposal(page, signal) {
  const current = () => document.activeElement.closest?.(".move");
  const isTyping = () => page.contains(document.activeElement) && document.activeElement.matches("input[type=text]");
  let isBehind = false;

  const step = (by) => walk([...page.querySelectorAll(".move")], current(), by);
  function give(move, verdict) {
    const choice = move?.querySelector(`[value=${verdict}]`);
    if (!choice) return;
    const wanted = choice.checked && verdict === "accepted" ? move.querySelector("[value=open]") : choice;
    wanted.checked = true;
    wanted.dispatchEvent(new Event("change", { bubbles: true }));
    if (verdict === "rejected") move.querySelector("input[type=text]").focus();
  }
  const commands = {
    "next-move": () => step(1),
    "previous-move": () => step(-1),
    "accept-move": () => give(current(), "accepted"),
    "reject-move": () => give(current(), "rejected"),
    "apply-moves": () => page.querySelector("[data-do=apply-moves]")?.click(),
  };

  document.addEventListener("keydown", (event) => {
    if (isCovered()) return;
    if (isTyping()) {
      // The reason is said: back to its move, and no sending of the form.
      if (["Enter", "Escape"].includes(event.key) && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        current()?.focus();
      }
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      document.activeElement.blur();
    }
    const command = commandFor(event, "proposal")?.command;
    const isSingle = command !== "apply-moves";
    if (!command || !page.querySelector(`[data-commands~="${command}"]`)) return;
    if (isSingle && (document.body.dataset.singleKeys === "off" || document.activeElement.matches("textarea, select"))) return;
    if (event.key.startsWith("Arrow") && document.activeElement.matches("[type=radio]")) return;
    event.preventDefault();
    commands[command]();
  }, { signal });

  // News waits until the reason that is being typed is said.
  page.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target !== page || !isTyping()) return;
    event.preventDefault();
    isBehind = true;
  }, { signal });
  page.addEventListener("focusout", () => {
    if (!isBehind) return;
    isBehind = false;
    setTimeout(() => document.body.dispatchEvent(new CustomEvent("backlog-changed")), 500);
  }, { signal });
}
