/* Lists of things to decide, by keyboard: walk through them, press what each offers for the command. */
import { commandFor, isCovered, isTyping } from "../keys.js";

const COMMIT = "apply-moves";

/* From the current one to the next, or to the first. */
function walk(all, current, by) {
  const at = all.indexOf(current);
  const next = all[at < 0 ? 0 : Math.min(Math.max(at + by, 0), all.length - 1)];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

/* Runs the commands of the scope that the page offers; single keys are for whoever does not write. */
function press(event, scope, page, run) {
  const command = commandFor(event, scope)?.command;
  if (!command || !page.querySelector(`[data-commands~="${command}"]`)) return;
  if (command !== COMMIT && (isTyping(document.activeElement) || document.body.dataset.singleKeys === "off")) return;
  event.preventDefault();
  run(command);
}

/* What waits for acceptance: rows, each with what it offers. */
export function queue(page, signal) {
  const current = () => document.activeElement.closest?.("[data-row]");
  const step = (by) => walk([...page.querySelectorAll("[data-row]")], current(), by);

  function run(command) {
    if (command === "next-row") return step(1);
    if (command === "previous-row") return step(-1);
    const offered = current()?.querySelector(`[data-do-row=${command}]`);
    if (!offered?.matches("details")) return offered?.click();
    offered.open = true;
    offered.querySelector("input:not([type=hidden])").focus();
  }

  document.addEventListener("keydown", (event) => isCovered() || press(event, "queue", page, run), { signal });
}

/* The proposed order: moves to accept or reject, and all that is accepted to apply. */
export function proposal(page, signal) {
  const current = () => document.activeElement.closest?.(".move");
  const isSayingWhy = () => page.contains(document.activeElement) && document.activeElement.matches("input[type=text]");
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
    [COMMIT]: () => page.querySelector("[data-do=apply-moves]")?.click(),
  };

  document.addEventListener("keydown", (event) => {
    if (isCovered()) return;
    if (isSayingWhy()) {
      // The reason is said: back to its move, and no sending of the form.
      if (["Enter", "Escape"].includes(event.key) && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        current()?.focus();
      }
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      document.activeElement.blur();
    }
    if (event.key.startsWith("Arrow") && document.activeElement.matches("[type=radio]")) return;
    press(event, "proposal", page, (command) => commands[command]());
  }, { signal });

  // News waits until the reason that is being typed is said.
  page.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target !== page || !isSayingWhy()) return;
    event.preventDefault();
    isBehind = true;
  }, { signal });
  page.addEventListener("focusout", () => {
    if (!isBehind) return;
    isBehind = false;
    setTimeout(() => document.body.dispatchEvent(new CustomEvent("backlog-changed")), 500);
  }, { signal });
}
