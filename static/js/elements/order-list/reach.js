/* What a person may move, and where to: anything anywhere, or the technical items lent to them among their places. */
import { placed } from "./store.js";

export function reachOf(list) {
  const lent = list.dataset.lent ? list.dataset.lent.split(" ").map(Number) : [];
  return lent.length && !list.rights.has("order.move") ? new LentSlots(list, new Set(lent)) : new WholeOrder();
}

class WholeOrder {
  leavesHole = true;
  placed = placed;

  holds() {
    return true;
  }

  markOf() {
    return "";
  }

  /* Of these ids, in their order, those that may change places. */
  track(ids) {
    return ids;
  }

  placeAt(position) {
    return { position };
  }

  placeAbove(id) {
    return { before: id };
  }

  /* Before the row under that height of the list or after it, whichever half is nearer. What the row in the hand does
     to the others keeps it there, so that a pointer at rest changes nothing. held: as the hand keeps it. */
  indexUnder(y, rows, held, lifted) {
    const at = rows.indexAt(y);
    const entry = rows.entries[at];
    if (entry.key === "hole") return held.home;
    if (typeof entry !== "number" || lifted.has(entry)) return held.index;
    return held.rest.indexOf(entry) + (y > (rows.offsets[at] + rows.offsets[at + 1]) / 2 ? 1 : 0);
  }
}

class LentSlots {
  leavesHole = false;

  constructor(list, components) {
    this.list = list;
    this.components = components;
  }

  holds(id) {
    const { kind, pinned, component } = this.list.store.items.get(id);
    return kind === "technical" && !pinned && this.components.has(component);
  }

  markOf(id) {
    return this.holds(id) ? "slot" : "locked";
  }

  track(ids) {
    return ids.filter((id) => this.holds(id));
  }

  /* The items change places among the slots; all others keep theirs. A position counts the slots. */
  placed = (order, ids, place) => {
    const next = placed(this.track(order), ids, place).values();
    return order.map((id) => (this.holds(id) ? next.next().value : id));
  };

  /* The slot at that position of the order, or the next one below it. */
  placeAt(position) {
    const slots = this.track(this.list.store.order);
    const index = slots.findIndex((id) => this.list.store.items.get(id).position >= position);
    return index < 0 ? { bottom: true } : { position: index + 1 };
  }

  /* The slot itself, or the last one above a row that keeps its place; null where there is none. */
  placeAbove(id) {
    if (this.holds(id)) return { before: id };
    const { order } = this.list.store;
    const slot = this.track(order.slice(0, order.indexOf(id))).at(-1);
    return slot === undefined ? null : { before: slot };
  }

  /* The slot nearest to that height of the list. */
  indexUnder(y, rows, held) {
    let nearest = 0;
    let least = Infinity;
    let index = -1;
    rows.entries.forEach((entry, at) => {
      if (typeof entry !== "number" || !this.holds(entry)) return;
      index += 1;
      const distance = Math.abs(y - (rows.offsets[at] + rows.offsets[at + 1]) / 2);
      if (distance >= least) return;
      least = distance;
      nearest = index;
    });
    return Math.min(nearest, held.rest.length);
  }
}
