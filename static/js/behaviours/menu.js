/* Puts a popover menu beside its button and lets the arrow keys walk it. */
import { place, walk } from "../elements/order-list/menu.js";

export default function menu(button, signal) {
  const list = document.getElementById(button.getAttribute("popovertarget"));
  const entries = () => [...list.querySelectorAll("a, button, input:not([type=hidden]), select")];

  const follow = () => place(list, button.getBoundingClientRect());

  list.classList.add("is-placed");
  // A page may have a hundred menus, of which one is open: only that one follows its button.
  let following = new AbortController();
  list.addEventListener("beforetoggle", (event) => {
    following.abort();
    if (event.newState !== "open") return;
    following = new AbortController();
    for (const shift of ["scroll", "resize"]) addEventListener(shift, follow, { signal: following.signal, passive: true });
    // The "toggle" event may come a frame late, and the menu would be seen jumping.
    requestAnimationFrame(() => {
      follow();
      // Who was faster than the frame is in a field of it already.
      if (!list.contains(document.activeElement)) entries()[0]?.focus({ preventScroll: true });
    });
  }, { signal });
  list.addEventListener("keydown", (event) => {
    if (!event.target.matches("input, select")) walk(event, entries());
  }, { signal });
  signal.addEventListener("abort", () => following.abort());
}
