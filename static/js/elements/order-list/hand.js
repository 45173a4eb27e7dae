/* Items in the hand: dragged, or picked up by key. They move at once here, and for everybody when they are dropped. */
import { placeAt } from "./ordering.js";
import { element, icon } from "./parts.js";
import { boundaries, sprintAt } from "./store.js";
import { dateText, names } from "./words.js";

const REST_MS = 120;
const GAP = 6;
// The box at its tallest.
const ROOM = 140;

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

/* The box beside what is in the hand: what dropping it here would do. */
class EffectBox {
  constructor(list, box) {
    this.list = list;
    this.box = box;
  }

  hide() {
    this.box.hidden = true;
  }

  /* held: as the hand keeps it; gets the effects that are shown, to be spoken too. */
  show(held) {
    const { store, dates, filter, screen, hearing } = this.list;
    const { ids, before } = held;
    const date = dates.effect(ids, names(store, ids), before, store.order);
    held.effects = effects(store, ids, before, store.order, filter.isEmpty ? screen.sprints : [], date);
    const waiting = hearing.isBehind ? [{ icon: "users", text: "Changes of others wait until you drop" }] : [];
    const [title, lines] = this.box.children;
    title.textContent = `Put ${names(store, ids)} at ${store.items.get(ids[0]).position}`;
    lines.replaceChildren(...[...held.effects, ...waiting].map(({ icon: name, tone = "", text }) => element("li", tone, icon(name), element("span", "", text))));
    this.place(held);
  }

  /* Below the last row in the hand; above the first where there is no room below. */
  place({ ids }) {
    const { rows, sight } = this.list.screen;
    const last = rows.rowOf(ids.at(-1));
    this.box.hidden = !last;
    if (!last) return;
    const first = rows.rowOf(ids[0]) ?? last;
    const { top, below, grid } = sight.now;
    const under = last.top + last.height + GAP;
    const at = top + under + ROOM > below ? `calc(${grid + first.top - GAP}px - 100%)` : `${grid + under}px`;
    this.box.style.translate = `0 ${at}`;
  }
}

/* At most three: date or sprint, who makes room, needs. Both orders are lists of ids; date: null without a forecast. */
function effects(store, ids, before, after, lines, date) {
  const said = date ? [date] : [];
  const [was, now] = [before, after].map((order) => boundaries(order, store.items, lines));
  const index = after.indexOf(ids[0]);
  const sprint = sprintAt(now, index);
  if (sprint) said.push({ icon: "timer", text: `In ${sprint.label}, ends ${dateText(sprint.ends_on)}` });
  else if (now.length) said.push({ icon: "timer", text: `After ${now.at(-1).label}` });
  const pushed = sprint ? waiting(store, ids, before, after, was, now, sprint) : null;
  if (pushed && date) said[1] = pushed;
  else if (pushed) said.push(pushed);
  said.push(needs(store, ids, before, after));
  return said;
}

function waiting(store, ids, before, after, was, now, sprint) {
  const moved = new Set(ids);
  const out = before.slice(0, was.at(-1)?.at ?? 0).filter((id, index) => {
    if (moved.has(id) || sprintAt(was, index)?.key !== sprint.key) return false;
    return after.indexOf(id) >= sprint.at;
  });
  if (!out.length) return null;
  const text = `No room left in ${sprint.label}: ${names(store, out)} ${out.length === 1 ? "waits" : "wait"}`;
  return { icon: "timer", text };
}

function needs(store, ids, before, after) {
  const pairs = ids.flatMap((id) => [
    ...store.needsOf(id).map((need) => ({ need, id, text: `Above ${store.keyOf(need)}, which ${store.keyOf(id)} needs` })),
    ...store.enablesOf(id).map((other) => ({ need: id, id: other, text: `Below ${store.keyOf(other)}, which needs ${store.keyOf(id)}` })),
  ]);
  const isTurned = (order) => ({ need, id }) => order.indexOf(need) > order.indexOf(id);
  const turned = pairs.find(isTurned(after));
  if (turned) return { icon: "triangle-alert", tone: "bad", text: turned.text };
  const mended = pairs.find(isTurned(before));
  if (mended) return { icon: "circle-check", text: `${store.keyOf(mended.id)} has ${store.keyOf(mended.need)}, which it needs, above it` };
  if (!pairs.length) return { icon: "circle-check", text: "Needs nothing here, and nothing here needs it" };
  return { icon: "circle-check", text: "What it needs is above, what it enables below" };
}
