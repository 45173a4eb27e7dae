/* Single keys and two-key sequences of the key table; silent while typing, in dialogs, and if switched off. */
import { keysHere, targetOf } from "../keys.js";

const SEQUENCE_MS = 1200;

const isTyping = (element) =>
  element.isContentEditable || element.matches("textarea, select, input:not([type=checkbox], [type=radio])");

function follow(entry) {
  const target = targetOf(entry);
  if (target.matches("dialog")) target.showModal();
  else if (target.matches("input:not([type=checkbox])")) target.focus();
  else target.click();
}

export default function shortcuts(body, signal) {
  let first = "";
  let firstAt = 0;

  document.addEventListener("keydown", (event) => {
    if (body.dataset.singleKeys === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || document.querySelector("dialog[open], [popover]:popover-open")) return;
    const key = event.key.toUpperCase();
    const pressed = event.timeStamp - firstAt < SEQUENCE_MS ? first + key : key;
    const entry = keysHere().find(({ scope, keys }) => !scope && keys.join("") === pressed);
    // J and then N is no sequence.
    const begins = ({ scope, keys }) => !scope && keys.length > 1 && keys[0] === key;
    first = !entry && keysHere().some(begins) ? key : "";
    firstAt = event.timeStamp;
    if (!entry) return;
    event.preventDefault();
    follow(entry);
  }, { signal });
}
