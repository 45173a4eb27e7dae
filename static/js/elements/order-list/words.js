/* Counts, names, figures and days in sentences. */
export const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

export function names(store, ids) {
  const first = store.keyOf(ids[0]);
  return ids.length === 1 ? first : `${first} and ${ids.length - 1} more`;
}

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const dayOfYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

export function dateText(iso) {
  const date = new Date(`${iso}T00:00:00Z`);
  const isNear = date.getUTCFullYear() === new Date().getUTCFullYear();
  return (isNear ? day : dayOfYear).format(date).replaceAll(" ", "\u00a0");
}

export const number = (value) => String(Math.round(value * 100) / 100);
