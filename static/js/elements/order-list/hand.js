/* Items in the hand: dragged, or picked up by key. They move at once here, and for everybody when they are dropped. */
import { EffectBox } from "./effect-box.js";
import { placeAt } from "./ordering.js";
import { names } from "./words.js";

const REST_MS = 120;

export class Hand {
  /* The ids in the hand. */
  lifted = new Set();
  #held = null;
  #resting = 0;

  constructor(list, effect) {
    this.list = list;
    this.box = new EffectBox(list, effect);
    if (!list.mayMove) return;
    const page = () => list.screen.pageSize;
    list.offer({
      drop: () => this.drop(),
      restore: () => this.putBack(),
      up: () => this.#by(-1),
      down: () => this.#by(1),
      "page-back": () => this.#by(-page()),
      "page-forward": () => this.#by(page()),
      start: () => this.#by(-list.screen.view.length),
      end: () => this.#by(list.screen.view.length),
      ...list.cursor.onRow({ "pick-up": (id) => this.lift(id) && (this.#held.word = "Picked up") }),
    });
  }

  get isLifting() {
    return this.#held !== null;
  }

  /* The order as it was before; null while nothing is in the hand. */
  get before() {
    return this.#held?.before ?? null;
  }

  lift(id) {
    const { list } = this;
    const { store, screen, reach } = list;
    const ids = list.movable(id);
    if (!ids.length) return false;
    const lifted = new Set(ids);
    const order = reach.track(screen.view);
    const last = Math.max(...ids.map((other) => order.indexOf(other)));
    const next = order.slice(last + 1).find((other) => !lifted.has(other)) ?? null;
    const home = order.slice(0, order.indexOf(id)).filter((other) => !lifted.has(other)).length;
    this.lifted = lifted;
    this.#held = {
      ids,
      rest: order.filter((other) => !lifted.has(other)),
      from: { position: store.items.get(ids[0]).position, next },
      before: store.order,
      place: null,
      index: home,
      home,
    };
    list.cursor.current = id;
    list.classList.add("lifting");
    list.classList.toggle("dragging-slots", !reach.leavesHole);
    this.#put(home);
    return true;
  }

  /* A rule where the items were; null while they are there, or nothing is in the hand. */
  hole(view) {
    if (!this.#held || this.#isAtHome || !this.list.reach.leavesHole) return null;
    const { ids, from } = this.#held;
    const text = `${names(this.list.store, ids)} ${ids.length === 1 ? "was" : "were"} here, at ${from.position}`;
    return { key: "hole", text, at: from.next === null ? view.length : view.indexOf(from.next) };
  }

  get #isAtHome() {
    return this.#held.ids.length === 1 && this.#held.index === this.#held.home;
  }

  #put(index) {
    const { list } = this;
    const held = this.#held;
    held.index = Math.max(0, Math.min(held.rest.length, index));
    held.place = this.#isAtHome ? null : placeAt(held.rest, held.index);
    list.store.arrange(held.place && { items: held.ids, place: held.place });
    list.screen.shift();
    this.rest();
  }

  /* What the place means is reckoned, and spoken where keys have moved it, once the hand rests there. */
  rest() {
    const { list } = this;
    const held = this.#held;
    list.classList.add("is-moving");
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => {
      list.classList.remove("is-moving");
      list.screen.refresh();
      this.box.show(held);
      if (held.word) this.#say(held);
      held.word = null;
    }, REST_MS);
  }

  /* Under the pointer at that height of the screen. */
  liftOver(y) {
    const { screen, reach } = this.list;
    const index = reach.indexUnder(y - screen.sight.now.top, screen.rows, this.#held, this.lifted);
    if (index === this.#held.index) this.box.place(this.#held);
    else this.#put(index);
  }

  #by(step) {
    const { list } = this;
    const held = this.#held;
    const was = held.index;
    this.#put(was + step);
    list.screen.reveal(held.ids[0]);
    if (held.index !== was) held.word = "At";
    else list.say(step < 0 ? "This is the top." : "This is the bottom.");
  }

  #say({ ids, word, effects }) {
    const { store } = this.list;
    const { position } = store.items.get(ids[0]);
    const said = word === "At" ? `${position} of ${store.order.length}.` : `${names(store, ids)} picked up at ${position}. Arrow keys move, Space drops, Escape puts back.`;
    this.list.say([said, ...effects.map(({ text }) => `${text}.`)].join(" "));
  }

  drop() {
    const { list } = this;
    const { ids, place } = this.#held;
    this.#letGo();
    if (place) list.ordering.move(ids, place);
    else {
      list.screen.refresh({ glide: true });
      list.say(`${names(list.store, ids)} stays at ${list.store.items.get(ids[0]).position}.`);
    }
    list.hearing.catchUp();
  }

  putBack() {
    const { list } = this;
    const { ids } = this.#held;
    this.#letGo();
    list.screen.refresh({ glide: true });
    list.screen.reveal(ids[0]);
    list.say(`${names(list.store, ids)} is back at ${list.store.items.get(ids[0]).position}.`);
    list.hearing.catchUp();
  }

  #letGo() {
    const { list } = this;
    clearTimeout(this.#resting);
    this.#held = null;
    this.lifted = new Set();
    this.box.hide();
    list.classList.remove("lifting", "dragging-slots", "is-moving");
    list.store.arrange();
    list.grid.focus({ preventScroll: true });
  }
}
