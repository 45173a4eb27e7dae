/* The filters of the page's address, held against items here: the order stays whole behind them. */
const FIELDS = ["kind", "type", "component", "team", "tag", "ready"];

const TESTS = {
  kind: (item, value) => item.kind === value,
  type: (item, value) => item.type === value,
  component: (item, value) => (value === "none" ? item.component === null : String(item.component) === value),
  team: (item, value) => (value === "none" ? item.team === null : String(item.team) === value),
  tag: (item, value) => item.tags.includes(Number(value)),
  ready: (item, value) => (item.checks_met === item.checks_total) === (value === "yes"),
};

export function filterOf(parameters) {
  const chosen = FIELDS.filter((name) => parameters.get(name)).map((name) => [name, parameters.get(name)]);
  const words = (parameters.get("q") ?? "").trim();
  let found = null;
  return {
    isEmpty: !chosen.length && !words,
    isOneTeam: !words && chosen.length === 1 && chosen[0][0] === "team" && chosen[0][1] !== "none",
    async load(server) {
      if (!words) return;
      const { hits } = await server.get(`search?q=${encodeURIComponent(words)}`);
      found = new Set(hits.map(({ id }) => id));
    },
    fits: (item) => chosen.every(([name, value]) => TESTS[name](item, value)) && (!found || found.has(item.id)),
  };
}
