/* Hears of changes as they happen, and of who else looks; asks from time to time while the stream is broken. */
import { element } from "./parts.js";

const POLL_MS = 15000;
const MOST_FACES = 5;

export function listen(productId, changed, signal) {
  const source = new EventSource(`/live/products/${productId}/?present`);
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
  source.addEventListener("error", () => {
    showPresent([]);
    if (!polling) poll(true);
  });
  source.addEventListener("present", ({ data }) => showPresent(JSON.parse(data)));
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

function showPresent(people) {
  const shown = document.getElementById("present");
  if (!shown) return;
  shown.hidden = !people.length;
  const faces = people.slice(0, MOST_FACES).map(({ name, initials }) => Object.assign(element("span", "avatar", initials), { title: name }));
  if (people.length > MOST_FACES) faces.push(element("span", "avatar", `+${people.length - MOST_FACES}`));
  for (const face of faces) face.setAttribute("aria-hidden", "true");
  shown.replaceChildren(...faces, element("span", "vh", `Also looking at this list: ${people.map(({ name }) => name).join(", ")}.`));
}
