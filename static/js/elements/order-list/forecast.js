/* Dates of an order: each item counts on its team's curve, and none comes before what it needs.
   The same sum as planning.forecast.walk; tests/planning/forecast_vectors.json holds both to it. No DOM. */
const LONGEST_ABOUT = 0.5;
export const PERCENTS = ["50", "85", "95"];

/* By id, the week from 1 by whose end it is done; Infinity where there is none.
   curves, finished: by team, items by the end of each week, and those done since. teamOf, needsOf: by id. */
export function walk(sequence, teamOf, needsOf, curves, finished) {
  const weeks = new Map();
  const teams = new Map();
  for (const id of sequence) {
    const name = teamOf(id);
    let team = teams.get(name);
    if (!team) teams.set(name, (team = { curve: curves.get(name) ?? [], count: finished.get(name) ?? 0, week: 0 }));
    team.count += 1;
    while (team.week < team.curve.length && team.curve[team.week] < team.count) team.week++;
    weeks.set(id, team.week < team.curve.length ? team.week + 1 : Infinity);
  }
  const settled = new Set();
  for (const id of sequence) if (needsOf(id).length) settle(id, weeks, needsOf, settled);
  return weeks;
}

/* Waits for what an item needs, and that for what it needs; a stack, since a chain may be long. */
function settle(id, weeks, needsOf, settled) {
  const stack = [id];
  const open = new Set();
  while (stack.length) {
    const top = stack.at(-1);
    const needs = needsOf(top);
    let isWaiting = false;
    if (!settled.has(top) && !open.has(top)) {
      open.add(top);
      for (const need of needs) {
        if (!weeks.has(need) || settled.has(need) || open.has(need) || !needsOf(need).length) continue;
        stack.push(need);
        isWaiting = true;
      }
    }
    if (isWaiting) continue;
    stack.pop();
    if (settled.has(top)) continue;
    for (const need of needs) if (weeks.get(need) > weeks.get(top)) weeks.set(top, weeks.get(need));
    settled.add(top);
  }
}

/* The latest forecast, and the chance that dates are shown with. feed: what the server says of the curves. */
export class Forecast {
  #teams = new Map();
  #curves = new Map();
  #finished = new Map();
  #ahead;
  #team;

  constructor(feed) {
    this.feed = feed;
    for (const { id, curves, finished } of feed.teams) {
      this.#teams.set(id ?? 0, curves !== null);
      this.#finished.set(id ?? 0, finished);
    }
    for (const percent of PERCENTS) {
      const known = feed.teams.filter(({ curves }) => curves !== null);
      this.#curves.set(percent, new Map(known.map(({ id, curves }) => [id ?? 0, curves[percent]])));
    }
    this.#ahead = new Map(feed.ahead.map(({ id, team }) => [id, team ?? 0]));
    this.#team = feed.teams.length === 1 ? (feed.teams[0].id ?? 0) : null;
    this.about = new Set(feed.about);
  }

  get isKnown() {
    return [...this.#teams.values()].some(Boolean);
  }

  /* By id, the week of each item of the order, and of what is in a running sprint before it. */
  weeks(store, order, percent) {
    const needsOf = (id) => {
      const ahead = this.feed.needs[id];
      const listed = store.needs.get(id) ?? [];
      return ahead ? [...listed, ...ahead] : listed;
    };
    const sequence = [...this.#ahead.keys(), ...order];
    return walk(sequence, (id) => this.#teamOf(store, id), needsOf, this.#curves.get(percent), this.#finished);
  }

  #teamOf(store, id) {
    if (this.#ahead.has(id)) return this.#ahead.get(id);
    if (this.#team !== null) return this.#team;
    const team = this.feed.team_of[id] ?? store.items.get(id).team ?? 0;
    return this.#teams.has(team) ? team : 0;
  }

  /* The day by which a week is over; null where there is no week. */
  dateOf(week) {
    if (!Number.isFinite(week)) return null;
    const date = new Date(`${this.feed.on}T00:00:00Z`);
    date.setUTCDate(date.getUTCDate() + 7 * week);
    return date.toISOString().slice(0, 10);
  }

  /* Goals and releases with something open, each with the week in which the last of it is done. */
  targets(weeks) {
    const made = (kind, { id, title, name, target_on, items }) => {
      const own = items.filter((item) => weeks.has(item));
      const week = Math.max(...own.map((item) => weeks.get(item)));
      return { key: `${kind}-${id}`, label: title ?? name, target_on, items: own, week, isAbout: own.some((item) => weeks.get(item) === week && this.about.has(item)) };
    };
    const all = [...this.feed.goals.map((goal) => made("goal", goal)), ...this.feed.releases.map((one) => made("release", one))];
    return all.filter(({ items }) => items.length);
  }
}
