/* Lets the page hear of what others change: the products named in data-streams say so, regions refresh on the event. */
const PAUSE = 400;

export default function live(element, signal) {
  let due;
  const tell = () => {
    clearTimeout(due);
    due = setTimeout(() => document.body.dispatchEvent(new CustomEvent("backlog-changed")), PAUSE);
  };
  for (const id of element.dataset.streams.split(" ").filter(Boolean)) {
    const source = new EventSource(`/live/products/${id}/`);
    // What was missed while the stream was broken.
    source.addEventListener("error", () => source.addEventListener("open", tell, { once: true, signal }), { signal });
    source.addEventListener("message", tell, { signal });
    signal.addEventListener("abort", () => source.close());
  }
  signal.addEventListener("abort", () => clearTimeout(due));
}
