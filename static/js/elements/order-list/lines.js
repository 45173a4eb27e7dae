/* Sprint boundaries: fills sprint after sprint with the points of the order, from the top. items: by id. */
export function boundaries(order, items, lines) {
  const found = [];
  let used = 0;
  let unestimated = 0;
  let count = 0;
  for (let index = 0; index < order.length && found.length < lines.length; index++) {
    const item = items.get(order[index]);
    const line = lines[found.length];
    const points = item.points ?? 0;
    if (count && used + points > line.capacity) {
      found.push({ ...line, key: `line-${found.length}`, used, unestimated, at: index });
      used = unestimated = count = 0;
    }
    used += points;
    unestimated += item.points === null;
    count += 1;
  }
  return found;
}

/* The line whose sprint the item at that index falls into; null below the last one drawn. */
export const sprintAt = (found, index) => found.find((line) => index < line.at) ?? null;

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const dayOfYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

export function dateText(iso) {
  const date = new Date(`${iso}T00:00:00Z`);
  const isNear = date.getUTCFullYear() === new Date().getUTCFullYear();
  return (isNear ? day : dayOfYear).format(date).replaceAll(" ", "\u00a0");
}

export const number = (value) => String(Math.round(value * 100) / 100);

/* Where goals and releases end in the order, and quarters of a year: rules below the last item they wait for.
   view: the ids that are shown. targets: of this order; before: of the order as it was, while something is in the hand. */
export function targetLines(view, forecast, weeks, targets, before) {
  const was = new Map((before ?? []).map(({ key, week }) => [key, week]));
  const dated = targets.filter(({ week }) => Number.isFinite(week));
  const wanted = new Set(dated.flatMap(({ items }) => items));
  const places = new Map();
  view.forEach((id, index) => wanted.has(id) && places.set(id, index + 1));
  const lines = dated.map(({ items, ...target }) => ({
    ...target,
    at: Math.max(0, ...items.map((id) => places.get(id) ?? 0)),
    date: forecast.dateOf(target.week),
    was: was.has(target.key) && was.get(target.key) !== target.week ? forecast.dateOf(was.get(target.key)) : null,
    days: was.has(target.key) ? 7 * (target.week - was.get(target.key)) : 0,
  }));
  return [...lines, ...horizons(view, forecast, weeks)];
}

const HORIZON_WEEKS = [13, 26, 52];

/* Rules that say of all above them by when it is done. What has no date at all is no hindrance. */
function horizons(view, forecast, weeks) {
  const lines = [];
  let latest = 0;
  for (let index = 0; index < view.length && lines.length < HORIZON_WEEKS.length; index++) {
    const week = weeks.get(view[index]);
    if (!Number.isFinite(week)) continue;
    const next = HORIZON_WEEKS[lines.length];
    if (latest && Math.max(latest, week) > next) lines.push({ key: `horizon-${next}`, at: index, week: latest, date: forecast.dateOf(latest) });
    latest = Math.max(latest, week);
  }
  return lines;
}
