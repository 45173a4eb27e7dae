/* When its rows are drawn anew, the cursor stays with the row it was in. */
export default function keepsPlace(list, signal) {
  const row = () => document.activeElement.closest(".row")?.id;
  let last;

  // A menu in the top layer has given the focus back to nobody by the time the rows are swapped.
  list.addEventListener("htmx:beforeRequest", ({ target }) => (last = target.closest(".row")?.id), { signal });
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target !== list) return;
    const id = row() ?? last;
    if (!id) return;
    document.addEventListener("htmx:afterSettle", () => {
      if (document.activeElement === document.body) document.getElementById(id)?.querySelector(".more")?.focus({ preventScroll: true });
    }, { once: true });
  }, { signal });
}
