/* Attaches behaviours to the elements that name them, and detaches them when htmx takes the element away. */
import announcer from "./behaviours/announcer.js";
import autosubmit from "./behaviours/autosubmit.js";
import dialog from "./behaviours/dialog.js";
import keysDialog from "./behaviours/keys-dialog.js";
import menu from "./behaviours/menu.js";
import shortcuts from "./behaviours/shortcuts.js";
import themeToggle from "./behaviours/theme-toggle.js";
import toasts from "./behaviours/toasts.js";

const behaviours = {
  announcer,
  autosubmit,
  dialog,
  "keys-dialog": keysDialog,
  menu,
  shortcuts,
  "theme-toggle": themeToggle,
  toasts,
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
