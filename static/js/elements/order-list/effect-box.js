/* The box beside what is in the hand: what dropping it here would do. */
import { element, icon } from "./parts.js";
import { effects, names } from "./words.js";

const GAP = 6;

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
    const { list, box } = this;
    const [, below] = list.bars();
    const { grid } = list;
    const isOver = list.screen.rows.top + last.top + last.height + box.offsetHeight + 2 * GAP > innerHeight - below;
    const at = isOver ? first.top - box.offsetHeight - GAP : last.offsetTop + last.top + last.height + GAP;
    box.style.translate = `0 ${grid.offsetTop + at}px`;
  }
}
