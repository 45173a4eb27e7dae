/* Dates in the list: one a row, rules where goals, releases and quarters end, and what a drop would do to them. */
import { Forecast, PERCENTS } from "./forecast.js";
import { dateText } from "./words.js";

const KEPT = "dates-percent";
const RELOAD_MS = 5000;

export class Dates {
  percent = PERCENTS.includes(localStorage.getItem(KEPT)) ? localStorage.getItem(KEPT) : "85";
  lines = [];
  #forecast = null;
  #weeks = new Map();
  /* By order, so that one step of a drag walks once. */
  #walked = new WeakMap();
  #reload = 0;

  constructor(list, signal) {
    this.list = list;
    list.offer(Object.fromEntries(PERCENTS.map((percent) => [`percent-${percent}`, () => this.choose(percent)])));
    this.switch = document.getElementById("confidence");
    this.switch?.addEventListener("change", ({ target }) => this.choose(target.value), { signal });
    signal.addEventListener("abort", () => clearTimeout(this.#reload));
  }

  async load() {
    try {
      const forecast = new Forecast(await this.list.server.get("curves"));
      this.#forecast = forecast.isKnown ? forecast : null;
    } catch {
      // Without an answer no date is shown: better none than a wrong one.
      this.#forecast = null;
    }
    this.#walked = new WeakMap();
    if (this.switch) this.switch.hidden = !this.isKnown;
    this.#check();
  }

  get isKnown() {
    return this.#forecast !== null;
  }

  /* Goals, sprints and what is finished may have changed; asked for again once, however much changes meanwhile. */
  outdated() {
    this.#reload ||= setTimeout(async () => {
      this.#reload = 0;
      await this.load();
      this.list.screen.refresh();
    }, RELOAD_MS);
  }

  choose(percent) {
    this.percent = percent;
    localStorage.setItem(KEPT, percent);
    this.#check();
    this.#walked = new WeakMap();
    if (!this.isKnown) return;
    this.list.screen?.refresh();
    this.list.say(`Dates at ${percent} %.`);
  }

  #check() {
    const button = this.switch?.querySelector(`[value="${this.percent}"]`);
    if (button) button.checked = true;
  }

  get title() {
    return this.isKnown ? `Done, ${this.percent}\u00a0%` : "";
  }

  /* view: the ids shown, null where rules between them would say nothing. before: the order as it was, in the hand. */
  arrange(order, view, before) {
    if (!this.isKnown) return;
    this.#weeks = this.#weeksOf(order);
    this.lines = view ? targetLines(view, this.#forecast, this.#weeks, this.#targetsOf(order), before && this.#targetsOf(before)).map((line) => ({ ...line, percent: this.percent })) : [];
  }

  #weeksOf(order) {
    return this.#walk(order).weeks;
  }

  #targetsOf(order) {
    const walked = this.#walk(order);
    return (walked.targets ??= this.#forecast.targets(walked.weeks));
  }

  #walk(order) {
    if (!this.#walked.has(order)) this.#walked.set(order, { weeks: this.#forecast.weeks(this.list.store, order, this.percent) });
    return this.#walked.get(order);
  }

  /* What a row shows: a day, or that it lies beyond two years; nothing without a forecast. */
  textOf(id) {
    if (!this.isKnown || !this.#weeks.has(id)) return "";
    const date = this.#forecast.dateOf(this.#weeks.get(id));
    if (date === null) return "no date";
    return this.#forecast.about.has(id) ? `about ${dateText(date)}` : dateText(date);
  }

  /* The goal or release that moves most, else the item itself; null without a forecast. */
  effect(ids, key, before, after) {
    if (!this.isKnown) return null;
    const chance = `(${this.percent}\u00a0%)`;
    const was = new Map(this.#targetsOf(before).map(({ key: of, week }) => [of, week]));
    const weeks = this.#weeksOf(after);
    const moved = this.#targetsOf(after).filter(({ key: of, week }) => was.has(of) && was.get(of) !== week);
    moved.sort((a, b) => Math.abs(b.week - was.get(b.key)) - Math.abs(a.week - was.get(a.key)));
    const tell = (name, from, to) => {
      const [old, now] = [from, to].map((week) => this.#forecast.dateOf(week)).map((date) => (date ? dateText(date) : "no date"));
      return old === now ? `${name} done by ${now} ${chance}` : `${name} moves from ${old} to ${now} ${chance}`;
    };
    const text = moved.length
      ? tell(moved[0].label, was.get(moved[0].key), moved[0].week)
      : tell(key, this.#weeksOf(before).get(ids[0]), weeks.get(ids[0]));
    return { icon: "calendar", text };
  }
}

/* Where goals and releases end in the order, and quarters of a year: rules below the last item they wait for.
   view: the ids that are shown. targets: of this order; before: of the order as it was, while something is in the hand. */
function targetLines(view, forecast, weeks, targets, before) {
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
