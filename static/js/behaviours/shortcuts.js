/* Single keys and two-key sequences of the key table; silent while typing, in dialogs, and if switched off. */
import { follow, isCovered, isTyping, keysHere } from "../keys.js";

const SEQUENCE_MS = 1200;

export default function shortcuts(body, signal) {
  let first = "";
  let firstAt = 0;

  document.addEventListener("keydown", (event) => {
    if (body.dataset.singleKeys === "off" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || isCovered()) return;
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
