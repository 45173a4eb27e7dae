/* Dates of an order: each item counts on its team's curve, and none comes before what it needs.
   The same sum as planning.forecast.walk; tests/planning/forecast_vectors.json holds both to it. No DOM. */
const LONGEST_ABOUT = 0.5;
export const PERCENTS = ["50", "85", "95"];

/* By id, the week from 1 by whose end it is done; Infinity where there is none.
   curves, finished: by team, items by the end of each week, and those done since. teamOf, needsOf: by id. */
export function walk(sequence, teamOf, needsOf, curves, finished) {
  const weeks = new Map();
  const counts = new Map();
  const reached = new Map();
  for (const id of sequence) {
    const team = teamOf(id);
    const count = (counts.get(team) ?? finished.get(team) ?? 0) + 1;
    counts.set(team, count);
    const curve = curves.get(team) ?? [];
    let week = reached.get(team) ?? 0;
    while (week < curve.length && curve[week] < count) week++;
    reached.set(team, week);
    weeks.set(id, week < curve.length ? week + 1 : Infinity);
  }
  const settled = new Set();
  for (const id of sequence) settle(id, weeks, needsOf, settled);
  return weeks;
}

/* Waits for what an item needs, and that for what it needs; a stack, since a chain may be long. */
function settle(id, weeks, needsOf, settled) {
  const stack = [id];
  const open = new Set();
  while (stack.length) {
    const top = stack.at(-1);
    const waiting = settled.has(top) || open.has(top) ? [] : needsOf(top).filter((need) => weeks.has(need) && !settled.has(need) && !open.has(need));
    open.add(top);
    if (waiting.length) {
      stack.push(...waiting);
      continue;
    }
    stack.pop();
    if (settled.has(top)) continue;
    for (const need of needsOf(top)) if (weeks.has(need)) weeks.set(top, Math.max(weeks.get(top), weeks.get(need)));
    settled.add(top);
  }
}
