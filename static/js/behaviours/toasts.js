/* One toast at a time: leaves after 8 s, stays while hovered or focused, and offers Undo where there is one. */
const STAYS_MS = 8000;
const FAILED = "The server did not answer. Nothing was changed. Try again in a moment.";

export function toasts(floor, signal) {
  const blank = floor.querySelector("template").content;
  const current = () => floor.querySelector(".toast");
  let timer;

  const isHeld = (toast) => toast.matches(":hover, :focus-within");
  function leaveLater() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const toast = current();
      if (toast && !isHeld(toast)) toast.remove();
    }, STAYS_MS);
  }
  /* undo, redo: instead of an address, a function that takes the change back, or makes it again. */
  function show({ text, undo_url: undoUrl, undo: takeBack, redo }) {
    current()?.remove();
    const toast = blank.cloneNode(true).querySelector(".toast");
    const undo = toast.querySelector("[data-undo]");
    toast.querySelector(".msg").textContent = text;
    if (undoUrl) {
      undo.setAttribute("hx-post", undoUrl);
      undo.setAttribute("hx-swap", "none");
    } else if (takeBack || redo) {
      if (redo) undo.innerHTML = undo.innerHTML.replace("undo-2", "redo-2").replace("Undo", "Redo");
      undo.addEventListener("click", () => {
        toast.remove();
        (takeBack ?? redo)();
      });
    } else undo.remove();
    floor.append(toast);
    htmx.process(toast);
    leaveLater();
  }

  floor.setAttribute("aria-live", "polite");
  document.addEventListener("toast", (event) => show(event.detail), { signal });
  document.addEventListener("htmx:sendError", () => show({ text: FAILED }), { signal });
  // A refusal has brought its own sentence as a toast.
  const isTold = ({ xhr }) => xhr.getResponseHeader("HX-Trigger")?.includes('"toast"');
  document.addEventListener(
    "htmx:responseError",
    ({ detail }) => isTold(detail) || show({ text: FAILED }),
    { signal },
  );
  floor.addEventListener("click", (event) => event.target.closest("[data-dismiss]") && current().remove(), { signal });
  for (const released of ["pointerleave", "focusout"]) floor.addEventListener(released, leaveLater, { signal });
  if (current()) leaveLater();
}

/* Says the text of "announce" events to screen readers. */
export function announcer(element, signal) {
  document.addEventListener("announce", (event) => (element.textContent = event.detail.value ?? event.detail), { signal });
}
