/* The picked items. */
import { plural } from "./words.js";

export class Selection {
  ids = new Set();
  #anchor = null;

  constructor(list) {
    this.list = list;
    list.offer(list.cursor.onRow({
      select: (id) => this.pick(id),
      "extend-down": (id) => this.#extend(id, 1),
      "extend-up": (id) => this.#extend(id, -1),
    }));
  }

  pick(id, isOn = !this.ids.has(id)) {
    if (isOn) this.ids.add(id);
    else this.ids.delete(id);
    this.#anchor = id;
    this.#changed();
  }

  /* All from where the last one was picked. */
  pickTo(id) {
    const { view } = this.list.screen;
    const start = this.#anchor ?? this.list.cursor.current ?? id;
    const [from, to] = [view.indexOf(start), view.indexOf(id)].sort((a, b) => a - b);
    for (const other of view.slice(Math.max(0, from), to + 1)) this.ids.add(other);
    this.#changed();
  }

  pickAll() {
    for (const id of this.list.screen.view) this.ids.add(id);
    this.#changed();
  }

  clear() {
    this.ids.clear();
    this.#changed();
  }

  forgetGone() {
    for (const id of this.ids) if (!this.list.store.items.has(id)) this.ids.delete(id);
  }

  #extend(id, step) {
    const { cursor } = this.list;
    this.ids.add(id);
    cursor.step(step);
    this.ids.add(cursor.current);
    this.#changed();
  }

  #changed() {
    const { list } = this;
    list.classList.toggle("selecting", this.ids.size > 0);
    list.screen.rows.render();
    list.bar.show();
    list.say(this.ids.size ? `${plural(this.ids.size, "item")} selected.` : "Nothing selected.");
  }
}
