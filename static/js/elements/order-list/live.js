/* Hears of changes as they happen; asks from time to time while the stream is broken. */
const POLL_MS = 15000;

export function listen(productId, changed, signal) {
  const source = new EventSource(`/live/products/${productId}/`);
  let polling = 0;

  const poll = (isOn) => {
    clearInterval(polling);
    polling = isOn ? setInterval(changed, POLL_MS) : 0;
  };
  // Until the stream is open, and each time it opens: what was missed meanwhile.
  poll(true);
  source.addEventListener("open", () => {
    poll(false);
    changed();
  });
  source.addEventListener("error", () => polling || poll(true));
  source.addEventListener("message", ({ data }) => {
    const { feed_version: version, news } = JSON.parse(data);
    if (news) document.body.dispatchEvent(new CustomEvent("night-changed"));
    else changed(version);
  });
  document.addEventListener("visibilitychange", () => document.hidden || changed(), { signal });
  addEventListener("online", () => changed(), { signal });
  signal.addEventListener("abort", () => {
    poll(false);
    source.close();
  });
}
