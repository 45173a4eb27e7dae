/* Counts and names in sentences. */
export const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

export function names(store, ids) {
  const first = store.keyOf(ids[0]);
  return ids.length === 1 ? first : `${first} and ${ids.length - 1} more`;
}
