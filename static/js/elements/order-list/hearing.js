/* Takes in what changed on the server, one question at a time, and tints what others changed. */
import { element } from "./parts.js";
import { NoAnswer } from "./server.js";
import { plural } from "./words.js";

const POLL_MS = 15000;
const MOST_FACES = 5;

export class Hearing {
  /* Changes have come while something is in the hand; they wait until it is let go. */
  isBehind = false;
  #own = new Set();
  #asking = Promise.resolve();

  constructor(list) {
    this.list = list;
  }

  /* The next answer brings these back; they are no news. */
  expect(ids) {
    for (const id of ids) this.#own.add(id);
  }

  async heard(version) {
    const { store, hand } = this.list;
    if (version && version <= store.feedVersion) return;
    if (hand.isLifting) {
      this.isBehind = true;
      hand.rest();
      return;
    }
    // One question at a time; whoever asks meanwhile waits for a fresh answer.
    this.#asking = this.#asking.then(() => this.#ask(version));
    return this.#asking;
  }

  catchUp() {
    if (!this.isBehind) return;
    this.isBehind = false;
    this.heard();
  }

  async #ask(version) {
    const { store, server, screen, hand } = this.list;
    if (version && version <= store.feedVersion) return;
    let answer;
    try {
      answer = await server.feed(store.version);
      if (answer) await this.list.filter.load(server);
    } catch (error) {
      if (error instanceof NoAnswer) return;
      throw error;
    }
    if (hand.isLifting) {
      this.isBehind = true;
      return;
    }
    if (!answer) return store.settle();
    const told = store.take(answer);
    if (!told || answer.gone.length || told.some((id) => !this.#own.has(id))) this.list.dates.outdated();
    screen.refresh({ glide: true });
    this.#tint(told ?? []);
    this.list.panel.heard(told ?? []);
  }

  #tint(told) {
    const { list } = this;
    const { store } = list;
    const others = told.filter((id) => !this.#own.has(id) && !store.pending.some(({ items }) => items.includes(id)));
    this.#own = new Set();
    for (const id of others) {
      const row = list.screen.rows.rowOf(id);
      row?.classList.add("is-told");
      row?.addEventListener("animationend", () => row.classList.remove("is-told"), { once: true });
    }
    const here = others.filter((id) => store.items.has(id));
    if (here.length === 1) list.say(`Somebody changed ${store.keyOf(here[0])}. It is at ${store.items.get(here[0]).position}.`);
    else if (here.length) list.say(`Somebody changed ${plural(here.length, "item")}.`);
  }
}

/* Of changes as they happen, and of who else looks; asks from time to time while the stream is broken. */
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
