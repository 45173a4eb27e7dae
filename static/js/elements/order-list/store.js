/* The order as the server last told it, with the moves on their way there on top. Plain data: no DOM, no network. */
export function placed(order, ids, place) {
  const moving = new Set(ids);
  const rest = order.filter((id) => !moving.has(id));
  const at = indexIn(rest, place);
  return at < 0 ? order : [...rest.slice(0, at), ...ids, ...rest.slice(at)];
}

/* [name, id] of what the legend names, by name. */
export const choices = (names) => Object.entries(names).map(([id, name]) => [name, Number(id)]).sort(([a], [b]) => a.localeCompare(b));

function indexIn(rest, place) {
  if (place.top) return 0;
  if (place.bottom) return rest.length;
  if (place.position) return Math.min(place.position - 1, rest.length);
  if (place.before) return rest.indexOf(place.before);
  return rest.includes(place.after) ? rest.indexOf(place.after) + 1 : -1;
}

export class OrderStore {
  items = new Map();
  confirmed = [];
  order = [];
  pending = [];
  #edits = new Set();
  needs = new Map();
  enables = new Map();
  version = "";
  /* How a move changes an order; who may move within slots only has another way. */
  placed = placed;
  legend = {};

  /* Takes an answer of the feed; returns the ids it moved or changed, or null for a whole order. */
  take(answer) {
    this.legend = answer.legend;
    this.proposed = answer.proposed;
    this.version = answer.version;
    const told = answer.is_whole ? this.#takeWhole(answer) : this.#takePart(answer);
    for (const edit of this.#edits) this.#wear(edit);
    this.settle();
    return told;
  }

  /* Lets go of moves that the feed has caught up with. */
  settle() {
    this.pending = this.pending.filter((move) => !(move.feedVersion <= this.feedVersion));
    this.arrange();
  }

  get feedVersion() {
    return Number.parseInt(this.version, 10);
  }

  add(move) {
    this.pending.push(move);
    this.arrange();
  }

  remove(move) {
    this.pending = this.pending.filter((other) => other !== move);
    this.arrange();
  }

  /* Shows fields of an item as they will be, until they are kept or taken off again. */
  dress(id, patch) {
    const edit = { id, patch };
    this.#edits.add(edit);
    this.#wear(edit);
    return {
      keep: () => this.#edits.delete(edit),
      takeOff: () => {
        this.#edits.delete(edit);
        const item = this.items.get(id);
        if (item?.told) this.items.set(id, { ...item.told, position: item.position });
        for (const other of this.#edits) if (other.id === id) this.#wear(other);
      },
    };
  }

  #wear({ id, patch }) {
    const item = this.items.get(id);
    if (item) this.items.set(id, { ...item, ...patch, told: item.told ?? item });
  }

  arrange(lifted = null) {
    const moves = lifted ? [...this.pending, lifted] : this.pending;
    this.order = moves.reduce((order, { items, place }) => this.placed(order, this.#here(items), place), this.confirmed);
    this.order.forEach((id, index) => (this.items.get(id).position = index + 1));
  }

  byKey(text) {
    const key = text.trim().toUpperCase();
    const number = Number(key.slice(key.lastIndexOf("-") + 1));
    if (key.includes("-") && !key.startsWith(`${this.legend.product}-`)) return null;
    return this.order.map((id) => this.items.get(id)).find((item) => item.number === number) ?? null;
  }

  keyOf(id) {
    return `${this.legend.product}-${this.items.get(id).number}`;
  }

  neededBelow(id) {
    const { position } = this.items.get(id);
    return this.needsOf(id).filter((need) => this.items.get(need).position > position);
  }

  needsOf(id) {
    return (this.needs.get(id) ?? []).filter((need) => this.items.has(need));
  }

  enablesOf(id) {
    return [...(this.enables.get(id) ?? [])].filter((other) => this.items.has(other));
  }

  /* The counts beside an item leave out the check that depends on the order. */
  readiness(item) {
    const hasRule = this.legend.order_rule.includes(item.type);
    const isMet = hasRule && !item.waits && this.neededBelow(item.id).length === 0;
    return { met: item.checks_met + isMet, total: item.checks_total + hasRule };
  }

  #here(ids) {
    return ids.filter((id) => this.items.has(id));
  }

  #takeWhole({ columns, needs }) {
    this.items = new Map(rowsOf(columns).map((row) => [row.id, row]));
    this.confirmed = columns.id;
    this.needs = new Map(Object.entries(needs).map(([id, ids]) => [Number(id), ids]));
    this.#turnNeeds();
    return null;
  }

  #takePart({ columns, needs, gone }) {
    const rows = rowsOf(columns);
    const behind = new Map(rows.map((row) => [row.after, row.id]));
    const out = new Set([...gone, ...columns.id]);
    const rest = this.confirmed.filter((id) => !out.has(id));
    this.confirmed = [];
    const put = (id) => {
      for (let next = behind.get(id); next !== undefined; next = behind.get(next)) this.confirmed.push(next);
    };
    put(null);
    for (const id of rest) {
      this.confirmed.push(id);
      put(id);
    }
    for (const id of gone) this.items.delete(id);
    for (const row of rows) {
      this.items.set(row.id, row);
      this.needs.set(row.id, needs[row.id] ?? []);
    }
    this.#turnNeeds();
    return columns.id;
  }

  #turnNeeds() {
    this.enables = new Map();
    for (const [dependent, enablers] of this.needs) {
      if (!this.items.has(dependent)) continue;
      for (const enabler of enablers) {
        if (!this.enables.has(enabler)) this.enables.set(enabler, new Set());
        this.enables.get(enabler).add(dependent);
      }
    }
  }
}

function rowsOf(columns) {
  const names = Object.keys(columns);
  return columns.id.map((_, index) => Object.fromEntries(names.map((name) => [name, columns[name][index]])));
}

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
