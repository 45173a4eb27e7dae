/* Puts a popover menu beside its button and lets the arrow keys walk it. */
const GAP = 4;
const MARGIN = 8;

export default function menu(button, signal) {
  const list = document.getElementById(button.getAttribute("popovertarget"));
  const entries = () => [...list.querySelectorAll("a, button, input:not([type=hidden]), select")];

  function place() {
    const from = button.getBoundingClientRect();
    const below = from.bottom + GAP + list.offsetHeight < innerHeight - MARGIN;
    const left = from.left + list.offsetWidth < innerWidth - MARGIN ? from.left : from.right - list.offsetWidth;
    list.style.left = `${Math.max(MARGIN, left)}px`;
    list.style.top = `${below ? from.bottom + GAP : Math.max(MARGIN, from.top - GAP - list.offsetHeight)}px`;
  }

  list.classList.add("is-placed");
  // A page may have a hundred menus, of which one is open: only that one follows its button.
  let following = new AbortController();
  list.addEventListener("beforetoggle", (event) => {
    following.abort();
    if (event.newState !== "open") return;
    following = new AbortController();
    for (const shift of ["scroll", "resize"]) addEventListener(shift, place, { signal: following.signal, passive: true });
    // The "toggle" event may come a frame late, and the menu would be seen jumping.
    requestAnimationFrame(() => {
      place();
      // Who was faster than the frame is in a field of it already.
      if (!list.contains(document.activeElement)) entries()[0]?.focus({ preventScroll: true });
    });
  }, { signal });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.target.matches("input, select")) return;
    event.preventDefault();
    const all = entries();
    all.at((all.indexOf(document.activeElement) + step) % all.length).focus();
  }, { signal });
  signal.addEventListener("abort", () => following.abort());
}
