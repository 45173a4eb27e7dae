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
