/* Dates in the list: one a row, rules where goals, releases and quarters end, and what a drop would do to them. */
import { Forecast, PERCENTS } from "./forecast.js";
import { dateText, targetLines } from "./lines.js";

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
