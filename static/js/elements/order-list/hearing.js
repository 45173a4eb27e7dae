/* Takes in what changed on the server, one question at a time, and tints what others changed. */
import { NoAnswer } from "./server.js";
import { plural } from "./words.js";

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
