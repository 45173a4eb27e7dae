/* What a move did, or would do, in sentences. */
import { boundaries, dateText, sprintAt } from "./lines.js";

export const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

export function names(store, ids) {
  const first = store.keyOf(ids[0]);
  return ids.length === 1 ? first : `${first} and ${ids.length - 1} more`;
}

/* At most three: date or sprint, who makes room, needs. Both orders are lists of ids; date: null without a forecast. */
export function effects(store, ids, before, after, lines, date) {
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
