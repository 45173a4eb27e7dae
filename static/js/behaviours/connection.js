/* Says when the connection is away, and keeps a form from being sent into nothing. Without it the browser says so. */
const KEPT = "The connection is away. What you wrote is kept here; send it once the note at the top is gone.";

export default function connection(note, signal) {
  const show = () => (note.hidden = navigator.onLine);
  for (const change of ["online", "offline"]) addEventListener(change, show, { signal });
  // In the capture phase: before a form of htmx sends itself.
  document.addEventListener("submit", (event) => {
    if (navigator.onLine || event.target.method === "dialog") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: KEPT } }));
  }, { signal, capture: true });
  show();
}
