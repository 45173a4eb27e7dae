/* The filter of the page's address: the server reads it and says which items fit; the order stays whole behind it. */
import { Refusal } from "./server.js";

export function filterOf(parameters) {
  return new Filter(parameters.get("filter") ?? "");
}

class Filter {
  #fitting = null;
  conditions = [];

  constructor(text) {
    this.text = text;
  }

  get isEmpty() {
    return !this.text;
  }

  get isOneTeam() {
    const [only, more] = this.conditions;
    return !more && only?.name === "team" && !/^(none|any)$|,/.test(only.value);
  }

  async load(server) {
    const asked = this.text;
    if (!asked) return;
    try {
      const told = await server.get(`filter?filter=${encodeURIComponent(asked)}`);
      // Meanwhile the box may have got another one.
      if (this.text === asked) this.take(told);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // Somebody has renamed or dropped what it names: what fitted last stays.
      document.dispatchEvent(new CustomEvent("toast", { detail: { text: `This filter can no longer be read. ${error.message}` } }));
    }
  }

  take({ filter, conditions, ids }) {
    this.text = filter;
    this.conditions = conditions;
    this.#fitting = ids && new Set(ids);
    document.dispatchEvent(new CustomEvent("filter-shown", { detail: { count: ids?.length, isWhole: !ids } }));
  }

  /* The filter box has another one. */
  follow(refresh, signal) {
    document.addEventListener("filter-changed", ({ detail }) => {
      this.take(detail);
      refresh();
    }, { signal });
  }

  fits({ id }) {
    return !this.#fitting || this.#fitting.has(id);
  }
}
