/* The box beside what is in the hand: what dropping it here would do. */
import { boundaries, dateText, sprintAt } from "./lines.js";
import { element, icon } from "./parts.js";
import { names } from "./words.js";

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
    if (moved.has(id) || sprintAt(was, index)?.label !== sprint.label) return false;
    return after.indexOf(id) >= sprint.at;
  });
  if (!out.length) return null;
  const text = `${sprint.label} fills up: ${names(store, out)} ${out.length === 1 ? "waits" : "wait"}`;
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
