/* Attaches behaviours to the elements that name them, and detaches them when htmx takes the element away. */
import connection from "./behaviours/connection.js";
import copies from "./behaviours/copies.js";
import { dialog, keysDialog } from "./behaviours/dialogs.js";
import { ranks, zones } from "./behaviours/drags.js";
import editor from "./behaviours/editor.js";
import filterBox from "./behaviours/filter-box.js";
import flow from "./behaviours/flow.js";
import { autosubmit, chooses, clears, opens } from "./behaviours/forms.js";
import keepsPlace from "./behaviours/keeps-place.js";
import keepsTyped from "./behaviours/keeps-typed.js";
import live from "./behaviours/live.js";
import menu from "./behaviours/menu.js";
import palette from "./behaviours/palette.js";
import { plain, themeToggle } from "./behaviours/profile.js";
import { proposal, queue } from "./behaviours/queue.js";
import refines from "./behaviours/refines.js";
import shortcuts from "./behaviours/shortcuts.js";
import { announcer, toasts } from "./behaviours/toasts.js";

const behaviours = {
  announcer,
  autosubmit,
  chooses,
  clears,
  connection,
  copies,
  dialog,
  editor,
  "filter-box": filterBox,
  flow,
  "keeps-place": keepsPlace,
  "keeps-typed": keepsTyped,
  "keys-dialog": keysDialog,
  live,
  menu,
  opens,
  palette,
  plain,
  proposal,
  queue,
  ranks,
  refines,
  shortcuts,
  "theme-toggle": themeToggle,
  toasts,
  zones,
};
const attached = new Map();

function attach(root) {
  const named = root.querySelectorAll("[data-behaviour]");
  for (const element of root.matches("[data-behaviour]") ? [root, ...named] : named) {
    if (attached.has(element)) continue;
    const controller = new AbortController();
    attached.set(element, controller);
    for (const name of element.dataset.behaviour.split(" ")) behaviours[name](element, controller.signal);
  }
}

function detach(element) {
  attached.get(element)?.abort();
  attached.delete(element);
}

attach(document.body);
document.addEventListener("htmx:load", (event) => attach(event.detail.elt));
document.addEventListener("htmx:beforeCleanupElement", (event) => detach(event.target));
