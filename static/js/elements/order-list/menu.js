/* The menu of a row, and of the picked items: a popover of buttons and links that arrow keys walk. */
import { button, element, icon } from "./parts.js";

const GAP = 4;
const MARGIN = 8;

/* entries: {icon, text, keys, isChosen, and href or run}, or null for a rule. leave: what Tab does, instead of walking. */
export function openMenu(anchor, label, entries, leave = null) {
  const menu = element("div", "menu is-placed");
  menu.popover = "auto";
  menu.setAttribute("role", "group");
  menu.setAttribute("aria-label", label);
  menu.append(...entries.map((entry) => (entry ? line(menu, entry) : document.createElement("hr"))));
  menu.addEventListener("keydown", (event) => {
    if (leave && event.key === "Tab") {
      event.preventDefault();
      menu.hidePopover();
      return leave(event.shiftKey ? -1 : 1);
    }
    walk(event, [...menu.querySelectorAll("a, button")]);
  });
  menu.addEventListener("toggle", ({ newState }) => newState === "closed" && menu.remove());
  document.body.append(menu);
  menu.showPopover();
  place(menu, anchor.getBoundingClientRect());
  (menu.querySelector("[aria-current]") ?? menu.querySelector("a, button")).focus({ preventScroll: true });
}

function line(menu, { icon: name, text, keys, isChosen, href, run }) {
  const content = [...(name ? [icon(name)] : []), text, ...(keys ? [element("small", "", keys)] : [])];
  const press = () => {
    menu.hidePopover();
    run();
  };
  const made = href ? Object.assign(element("a", "", ...content), { href }) : button("", press, ...content);
  if (isChosen) {
    made.setAttribute("aria-current", "true");
    made.append(icon("check"));
  }
  return made;
}

/* Up and down in a circle. */
export function walk(event, all) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  all.at((all.indexOf(document.activeElement) + step) % all.length).focus();
}

/* Below what it belongs to, or above where there is no room. */
export function place(menu, from) {
  const isBelow = from.bottom + GAP + menu.offsetHeight < innerHeight - MARGIN;
  const left = from.left + menu.offsetWidth < innerWidth - MARGIN ? from.left : from.right - menu.offsetWidth;
  menu.style.left = `${Math.max(MARGIN, left)}px`;
  menu.style.top = `${isBelow ? from.bottom + GAP : Math.max(MARGIN, from.top - GAP - menu.offsetHeight)}px`;
}
