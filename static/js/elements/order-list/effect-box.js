/* The box beside what is in the hand: what dropping it here would do. */
import { element, icon } from "./parts.js";
import { effects, names } from "./words.js";

const GAP = 6;
// The box at its tallest.
const ROOM = 140;

export class EffectBox {
  constructor(list, box) {
    this.list = list;
    this.box = box;
  }

  hide() {
    this.box.hidden = true;
  }

  /* held: as the hand keeps it; gets the effects that are shown, to be spoken too. */
  show(held) {
    const { list, box } = this;
    const { rows } = list.screen;
    const { isBehind } = list.hearing;
    if (held.said !== `${held.index} ${isBehind}`) {
      held.said = `${held.index} ${isBehind}`;
      const date = list.dates.effect(held.ids, names(list.store, held.ids), held.before, list.store.order);
      held.effects = effects(list.store, held.ids, held.before, list.store.order, list.filter.isEmpty ? list.screen.sprints : [], date);
      this.#fill(held);
    }
    const last = rows.rowOf(held.ids.at(-1));
    box.hidden = !last;
    if (last) this.#place(rows.rowOf(held.ids[0]) ?? last, last);
  }

  #fill({ ids, effects }) {
    const { list } = this;
    const [title, lines] = this.box.children;
    title.textContent = `Put ${names(list.store, ids)} at ${list.store.items.get(ids[0]).position}`;
    const waiting = list.hearing.isBehind ? [{ icon: "users", text: "Changes of others wait until you drop" }] : [];
    lines.replaceChildren(...[...effects, ...waiting].map(({ icon: name, tone = "", text }) => element("li", tone, icon(name), element("span", "", text))));
  }

  /* Below the last row in the hand; above the first where there is no room below. */
  #place(first, last) {
    const { top, below, grid } = this.list.screen.sight.now;
    const under = last.top + last.height + GAP;
    const at = top + under + ROOM > below ? `calc(${grid + first.top - GAP}px - 100%)` : `${grid + under}px`;
    this.box.style.translate = `0 ${at}`;
  }
}
