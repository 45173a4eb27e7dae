/* Rows: the cells of one and what they show of an item, and the lines between them. */
import { openMenu } from "./menu.js";
import { button, element, icon, markup, node, template, write } from "./parts.js";
import { dateText, number, plural } from "./words.js";

export const TYPES = [
  { type: "story", kind: "functional", text: "Functional" },
  { type: "bug", kind: "functional", text: "Bug" },
  { type: "enabler", kind: "technical", text: "Enabler" },
  { type: "architecture", kind: "technical", text: "Architecture" },
  { type: "infrastructure", kind: "technical", text: "Infrastructure" },
  { type: "debt", kind: "technical", text: "Debt" },
  { type: "spike", kind: "technical", text: "Spike" },
  { type: "test_architecture", kind: "technical", text: "Test architecture" },
  { type: "security", kind: "technical", text: "Security" },
];
const WORDS = Object.fromEntries(TYPES.map(({ type, text }) => [type, text]));
const RELATIONS = {
  needs: ["check", "needed"],
  enables: ["arrow-down", "enabled"],
  bad: ["arrow-up", "needed above"],
};

const blank = template(() => `<div class="row" role="row">
  <span class="rank" role="gridcell"><span class="grip" aria-hidden="true">${markup("grip-vertical")}</span><b></b><span class="lock">${markup("lock")}<span class="vh">keeps its place</span></span><input class="check" type="checkbox" tabindex="-1"></span>
  <span class="node" aria-hidden="true"></span>
  <span class="key" role="rowheader"></span>
  <span class="row-title" role="gridcell"><a tabindex="-1"></a><span class="rel"></span><span class="flags"></span><button class="why-btn" type="button" tabindex="-1">Why here?</button></span>
  <span class="word" role="gridcell"></span>
  <span class="comp" role="gridcell"></span>
  <span class="due" role="gridcell"></span>
  <span class="ring" role="gridcell"><svg viewBox="0 0 20 20" aria-hidden="true"><circle class="rail" cx="10" cy="10" r="7.5"/><circle class="arc" cx="10" cy="10" r="7.5"/></svg><span aria-hidden="true"></span><span class="vh"></span></span>
  <span class="pts" role="gridcell"></span>
  <span class="more-cell" role="gridcell"><button class="more icon-btn small" type="button" tabindex="-1">${markup("ellipsis")}</button></span>
</div>`);

export function makeRow() {
  const row = blank();
  const find = (selector) => row.querySelector(selector);
  row.parts = {
    rank: find(".rank b"),
    grip: find(".grip"),
    check: find(".check"),
    node: find(".node"),
    key: find(".key"),
    link: find(".row-title a"),
    rel: find(".rel"),
    flags: find(".flags"),
    word: find(".word"),
    comp: find(".comp"),
    due: find(".due"),
    why: find(".why-btn"),
    ring: find(".ring"),
    arc: find(".arc"),
    figure: find(".ring > span"),
    spoken: find(".ring > .vh"),
    points: find(".pts"),
    more: find(".more"),
  };
  return row;
}

/* Only what differs is written. */
export function fillRow(row, id, list) {
  const { store } = list;
  const item = store.items.get(id);
  const { parts } = row;
  const isNew = row.item !== item;
  if (isNew) fillItem(row, item, list);
  write(parts.rank, item.position);
  write(parts.due, list.dates.textOf(id));
  const below = store.neededBelow(id);
  const readiness = store.readiness(item);
  const marks = [below, item.pinned, item.questions, item.status, item.restricted, item.level, readiness.met].join("|");
  if (isNew || row.marks !== marks) {
    row.marks = marks;
    fillRing(row, readiness);
    parts.flags.replaceChildren(...flags(item, below, list));
  }
  fillState(row, id, list);
}

function fillItem(row, item, list) {
  const { store } = list;
  const { parts } = row;
  const key = store.keyOf(item.id);
  const isTechnical = item.kind === "technical";
  row.item = item;
  row.id = `row-${item.id}`;
  parts.check.setAttribute("aria-label", `Select ${key}`);
  parts.node.className = isTechnical ? "node tech" : "node";
  if (row.type !== item.type) parts.node.replaceChildren(...(item.type === "story" ? [] : [icon(`type-${item.type}`)]));
  row.type = item.type;
  parts.key.textContent = key;
  parts.link.title = item.title;
  // The page's stylesheet shows the one that its reader wants.
  parts.link.replaceChildren(...(item.plain ? [element("span", "tech-say", item.title), element("span", "plain-say", item.plain)] : [item.title]));
  parts.link.href = list.urlOf(item.id);
  parts.word.className = isTechnical ? "word tech" : "word func";
  parts.word.textContent = WORDS[item.type];
  parts.comp.textContent = store.legend.components[item.component] ?? "";
  parts.points.replaceChildren(...(item.points === null
    ? [element("span", "vh", "not estimated")]
    : [number(item.points), element("span", "vh", item.points === 1 ? " point" : " points")]));
  parts.why.setAttribute("aria-label", `Why is ${key} here?`);
  parts.more.setAttribute("aria-label", `What may be done with ${key}`);
}

function fillRing(row, { met, total }) {
  const { parts } = row;
  parts.ring.classList.toggle("full", met === total);
  parts.arc.setAttribute("pathLength", total || 1);
  parts.arc.setAttribute("stroke-dasharray", `${total ? met : 1} ${total || 1}`);
  parts.figure.textContent = `${met}/${total}`;
  parts.spoken.textContent = `ready ${met} of ${total}`;
}

function flags(item, below, list) {
  const { store } = list;
  const made = [];
  const flag = (tone, name, ...content) => made.push(element("span", `flag ${tone}`, icon(name), ...content));
  if (below.length) {
    const others = below.length > 1 ? ` and ${below.length - 1} more` : "";
    const text = `Above ${store.keyOf(below[0])}${others}`;
    if (list.screen.mayMend(item.id, below)) {
      const mend = element("button", "flag bad mend", icon("triangle-alert"), element("span", "", text, element("span", "opt", ", which it needs")));
      mend.type = "button";
      mend.tabIndex = -1;
      mend.title = `Move ${store.keyOf(below[0])}${others} directly above it`;
      made.push(mend);
    } else flag("bad", "triangle-alert", text);
  }
  if (item.pinned) flag("plain", "pin", "Pinned");
  if (item.questions) flag("warn", "message-circle-question-mark", plural(item.questions, "question"));
  if (item.status === "in_progress") flag("plain", "clock", "In progress");
  if (item.restricted) flag("plain", "lock", "Restricted");
  if (item.level) flag("plain", "pencil-ruler", store.legend.levels[item.level]);
  return made;
}

function fillState(row, id, list) {
  const { parts } = row;
  const relation = list.cursor.relations.get(id) ?? "";
  const isPicked = list.selection.ids.has(id);
  const mark = list.reach.markOf(id);
  if (id === list.cursor.current) row.setAttribute("aria-current", "true");
  else row.removeAttribute("aria-current");
  if (row.dataset.rel !== relation) {
    row.dataset.rel = relation;
    parts.rel.replaceChildren(...(relation ? [icon(RELATIONS[relation][0]), RELATIONS[relation][1]] : []));
  }
  row.setAttribute("aria-selected", isPicked);
  parts.check.checked = isPicked;
  row.classList.toggle("is-dragging", list.hand.lifted.has(id));
  row.classList.toggle("slot", mark === "slot");
  row.classList.toggle("locked", mark === "locked");
}

/* A sprint boundary: a row of one cell. */
const blankRule = template(() => `<div class="rule" role="row"><span role="gridcell"><b></b><span class="used"></span></span><svg class="bar" aria-hidden="true"><rect class="f-ink" height="100%"/></svg><span class="end" role="gridcell"></span></div>`);

export function fillLine(row, line) {
  if (line.key === "hole") {
    if (!row) {
      row = element("div", "hole", Object.assign(element("span", ""), { role: "gridcell" }));
      row.role = "row";
    }
    write(row.firstElementChild, line.text);
    return row;
  }
  if (line.make) return row ?? line.make();
  if (line.date) return fillTarget(row ?? blankTarget(), line);
  row ??= blankRule();
  const unknown = line.unestimated ? ` · ${line.unestimated} not estimated` : "";
  row.querySelector("b").textContent = line.label;
  row.querySelector(".used").textContent = ` · ${number(line.used)} of ${number(line.capacity)} pts${unknown}`;
  row.querySelector("rect").setAttribute("width", `${Math.min(100, (100 * line.used) / line.capacity)}%`);
  row.querySelector(".end").textContent = `ends ${dateText(line.ends_on)}`;
  return row;
}

/* Where a goal, a release or a quarter ends: a guess, and so dashed and teal. */
const blankTarget = template(() => `<div class="rule cast" role="row"><span role="gridcell"><b></b><span></span></span></div>`);

function fillTarget(row, line) {
  const [name, text] = row.firstElementChild.children;
  const about = line.isAbout ? "about " : "";
  name.textContent = line.label ?? "Everything above";
  text.textContent = ` ${line.label ? "" : "is "}done by ${about}${dateText(line.date)} (${line.percent}\u00a0%)`;
  row.classList.toggle("moved", Boolean(line.was));
  row.querySelector(".delta")?.remove();
  if (line.was) {
    const isLater = line.days > 0;
    const span = Math.abs(line.days) % 7 || Math.abs(line.days) < 14 ? plural(Math.abs(line.days), "day") : plural(Math.abs(line.days) / 7, "week");
    row.firstElementChild.append(element("span", isLater ? "delta" : "delta better", icon(isLater ? "arrow-down" : "arrow-up"), `${span} ${isLater ? "later" : "earlier"}, was ${dateText(line.was)}`));
  }
  return row;
}

/* What is proposed, dashed, where it is proposed to stand; whoever decides about it does so there. As rules between
   the rows: proposals have no place in the order. */
export function proposedRows(list, view) {
  return list.store.proposed.map((item) => {
    const before = item.place === "top" ? 0 : view.indexOf(item.place);
    return { key: `proposed-${item.id}-${item.title}`, at: before < 0 ? view.length : before, make: () => proposedRow(list, item) };
  });
}

function proposedRow(list, item) {
  const shown = { key: `${list.dataset.product}-${item.number}`, url: list.itemUrl.replace("/0/", `/${item.number}/`) };
  const at = (field) => () => list.panel.open(shown, field);
  const link = element("a", "", item.title);
  link.href = shown.url;
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    at(null)();
  });
  const accept = () => htmx.ajax("POST", `${shown.url}accept-proposal/`, { swap: "none", headers: { "X-CSRFToken": list.token } });
  const more = button("btn small", () => openMenu(more, `What may be done with ${shown.key}`, [
    { icon: "check", text: "Accept it here", run: accept },
    { icon: "sliders-horizontal", text: "Accept with a change", href: `${shown.url}accept-proposal/with-a-change/` },
    { icon: "x", text: "Decline…", run: at("decline") },
    { icon: "message-circle-question-mark", text: "Ask…", run: at("ask") },
  ]), "Decide", element("span", "vh", ` about ${shown.key}`));
  const title = element("span", "row-title", link, element("span", "label", `proposed by ${item.by}`));
  const cells = [node(item), element("span", "key", shown.key), title, ...(list.rights.has("item.decide") ? [element("span", "", more)] : [])];
  const row = element("div", "offered", ...cells);
  row.setAttribute("role", "row");
  for (const cell of cells) cell.setAttribute("role", "gridcell");
  return row;
}
