/* What shows of the order: the rows that fit the filter, the rules between them, the gutter beside them. */
import { Gutter } from "./gutter.js";
import { write } from "./parts.js";
import { proposedRows } from "./row.js";
import { boundaries } from "./store.js";
import { Sight, VirtualRows } from "./virtual-rows.js";
import { plural } from "./words.js";

export class Screen {
  /* The ids that fit the filter, in their order. */
  view = [];
  /* Where coming sprints end in it. */
  drawn = [];
  #revision = 0;
  #arranged = 0;

  /* sprints: what the lines feed says of coming sprints. */
  constructor(list, frame, sprints, signal) {
    this.list = list;
    this.sprints = sprints;
    const body = frame.querySelector(".order-body");
    this.sight = new Sight(list, body);
    this.rows = new VirtualRows(list, body, frame.querySelector(".probes"), this, signal);
    this.gutter = new Gutter(body);
    this.rows.onRender = () => {
      this.#drawGutter();
      list.why.place();
      list.editing?.place();
    };
  }

  start() {
    this.rows.measure();
    this.refresh();
    document.fonts.ready.then(() => this.rows.measure());
  }

  refresh({ glide = false } = {}) {
    const { list } = this;
    const { store, filter } = list;
    this.#revision += 1;
    this.#look();
    list.cursor.forgetGone();
    list.selection.forgetGone();
    const isWhole = filter.isEmpty || filter.isOneTeam;
    this.drawn = isWhole ? boundaries(this.view, store.items, this.sprints) : [];
    this.#reachLines();
    list.dates.arrange(store.order, isWhole ? this.view : null, list.hand.before);
    list.cursor.relate();
    this.rows.set(this.#entries(), { glide });
    write(list.querySelector(".due-h"), list.dates.title);
    list.bar.show();
    this.#count();
  }

  /* The rows alone, in their new order: dates, rules and gutter take longer than a frame, and wait for a refresh. */
  shift() {
    this.#look();
    this.rows.set(this.#entries(), { glide: true });
  }

  #look() {
    const { store, filter } = this.list;
    this.view = filter.isEmpty ? store.order : store.order.filter((id) => filter.fits(store.items.get(id)));
  }

  /* The ids between which somebody may put things into each sprint; undefined where there are none. */
  #reachLines() {
    let from = 0;
    for (const line of this.drawn) {
      const within = this.list.reach.track(this.view.slice(from, line.at));
      line.first = within[0];
      line.last = within.at(-1);
      from = line.at;
    }
  }

  #entries() {
    const hole = this.list.hand.hole(this.view);
    const { lines } = this.list.dates;
    const { entry } = this.list;
    const at = entry?.at(this.view) ?? null;
    const proposed = this.list.filter.isEmpty ? proposedRows(this.list, this.view) : [];
    if (!this.drawn.length && !lines.length && !hole && at === null && !proposed.length) return this.view;
    const entries = [...this.view];
    const written = at === null ? [] : [{ key: entry.key, element: entry.element, height: entry.height, at }];
    // Of those at one place the last comes first.
    const rules = [...proposed, ...lines, ...this.drawn, ...(hole ? [hole] : []), ...written];
    rules.sort((a, b) => b.at - a.at);
    for (const rule of rules) entries.splice(rule.at, 0, rule);
    return entries;
  }

  #count() {
    const { order } = this.list.store;
    const count = document.querySelector("#count > [aria-hidden]");
    if (!count) return;
    write(count, order.length);
    write(count.nextElementSibling, plural(order.length, "item"));
  }

  reveal(id) {
    const at = this.rows.entries.indexOf(id);
    if (at >= 0) this.rows.reveal(at);
  }

  revealEntry(entry) {
    const at = this.rows.entries.findIndex(({ element }) => element === entry.element);
    if (at >= 0) this.rows.reveal(at);
  }

  /* How many rows are free of the bars. */
  get pageSize() {
    const { above, below } = this.sight.now;
    return Math.max(1, Math.floor((below - above) / this.rows.heights.row) - 1);
  }

  get firstVisible() {
    const { above, top } = this.sight.now;
    const at = this.rows.indexAt(above - top);
    const entry = this.rows.entries.slice(at + 1).find((other) => typeof other === "number");
    return Math.max(0, this.view.indexOf(entry));
  }

  #drawGutter() {
    const { rows } = this;
    const { store, cursor } = this.list;
    if (this.#arranged !== this.#revision) {
      this.#arranged = this.#revision;
      const middles = new Map();
      rows.entries.forEach((entry, index) => {
        if (store.needs.get(entry)?.length || store.enables.has(entry)) middles.set(entry, (rows.offsets[index] + rows.offsets[index + 1]) / 2);
      });
      this.gutter.arrange(store.needs, middles);
    }
    const { top, node } = this.sight.now;
    if (node) this.gutter.draw(cursor.current, node, Math.max(0, -top));
    cursor.showActive();
  }

  /* May its reader put what it needs, and what stands below, above it? */
  mayMend(id, below) {
    const { mayMove, reach } = this.list;
    return mayMove && below.every((need) => reach.holds(need)) && reach.placeAbove(id) !== null;
  }

  isFlagged(id) {
    const { store } = this.list;
    const item = store.items.get(id);
    return item.pinned || item.questions > 0 || item.restricted || item.level || item.status === "in_progress" || store.neededBelow(id).length > 0;
  }
}
