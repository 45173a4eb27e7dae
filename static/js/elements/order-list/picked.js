/* The picked items, and the bar for them: how many, how many points, and what may be done with all of them. */
import { openMenu } from "./menu.js";
import { button, element, icon, template, write } from "./parts.js";
import { TYPES } from "./row.js";
import { choices } from "./store.js";
import { number, plural } from "./words.js";

const POINTS = [0.5, 1, 2, 3, 5, 8, 13, 21];

const tagDialog = template(() => `<dialog class="move-dialog" aria-labelledby="tag-title"><form method="dialog">
  <div class="dialog-head"><h2 id="tag-title">New tag</h2></div>
  <div class="dialog-body"><div class="field"><label for="tag-name">Name</label><input class="input" id="tag-name" maxlength="60" autocomplete="off"></div>
  <div class="actions"><button class="btn primary" value="add">Tag them</button><button class="btn quiet" value="cancel" formnovalidate>Cancel</button></div></div>
</form></dialog>`);

export class PickedBar {
  constructor(list) {
    this.list = list;
    this.element = element("div", "picked");
    this.element.hidden = true;
    this.element.setAttribute("role", "region");
    this.element.setAttribute("aria-label", "Selected items");
    this.count = element("b", "");
    this.element.append(this.count, ...this.#buttons());
    document.getElementById("floor").prepend(this.element);
  }

  remove() {
    this.element.remove();
  }

  show() {
    const { store, selection } = this.list;
    const items = [...selection.ids].map((id) => store.items.get(id));
    this.element.hidden = !items.length;
    const points = items.reduce((sum, item) => sum + (item.points ?? 0), 0);
    write(this.count, `${plural(items.length, "item")} · ${number(points)} pts`);
  }

  #buttons() {
    const { list } = this;
    const { legend } = list.store;
    const made = [];
    const add = (isAllowed, text, run, keys) => {
      if (!isAllowed) return;
      made.push(button("btn", ({ currentTarget }) => run(currentTarget), text, ...(keys ? [element("kbd", "", keys)] : [])));
    };
    const may = (verb) => list.rights.has(verb);
    add(true, "All", () => list.selection.pickAll(), "Shift X");
    add(list.mayMove, "Move", () => list.ordering.askWhere(list.movable(null)), "M");
    add(may("item.classify"), "Component", (at) => this.#choose(at, "component", [...choices(legend.components), ["No component", null]]));
    add(may("item.tag"), "Tag", (at) => this.#chooseTag(at));
    add(may("item.classify"), "Type", (at) => this.#chooseType(at));
    add(may("item.estimate"), "Points", (at) => this.#choose(at, "points", [...POINTS.map((value) => [number(value), value]), ["Not estimated", null]]));
    add(may("item.classify"), "Team", (at) => this.#choose(at, "team", [...choices(legend.teams), ["No team", null]]));
    add(may("item.drop"), "Drop", () => list.together("drop", this.#items.map(({ id }) => id), `${plural(list.selection.ids.size, "item")} dropped.`, "restore"));
    const clear = () => {
      list.selection.clear();
      list.grid.focus({ preventScroll: true });
    };
    return [...made, button("icon-btn", clear, icon("x"), element("span", "vh", "Select nothing"))];
  }

  #choose(at, field, options) {
    const [{ data: label }] = at.childNodes;
    openMenu(at, label, options.map(([text, value]) => ({ text, run: () => this.#set({ [field]: value }, `${label} ${text}`) })));
  }

  #chooseType(at) {
    openMenu(at, "Type", TYPES.map(({ kind, type, text }) => ({ text, icon: type === "story" ? undefined : `type-${type}`, run: () => this.#set({ kind, type }, `Type ${text}`) })));
  }

  #chooseTag(at) {
    const { legend } = this.list.store;
    const carried = new Set(this.#items.flatMap(({ tags }) => tags));
    const tags = choices(legend.tags);
    openMenu(at, "Tag", [
      { text: "New tag…", icon: "tag", run: () => this.#askTag() },
      ...tags.map(([name]) => ({ text: name, run: () => this.#set({ add_tags: [name] }, `Tag ${name}`) })),
      ...(carried.size ? [null] : []),
      ...tags.filter(([, id]) => carried.has(id)).map(([name]) => ({ text: `Without ${name}`, icon: "x", run: () => this.#set({ remove_tags: [name] }, `Without ${name}`) })),
    ]);
  }

  #askTag() {
    const ask = tagDialog();
    ask.addEventListener("close", () => {
      const name = ask.querySelector("input").value.trim();
      if (ask.returnValue === "add" && name) this.#set({ add_tags: [name] }, `Tag ${name}`);
      ask.remove();
    });
    document.body.append(ask);
    ask.showModal();
  }

  get #items() {
    const { store, selection } = this.list;
    return store.order.filter((id) => selection.ids.has(id)).map((id) => store.items.get(id));
  }

  /* All in one request, all or none; the toast takes it back, each item to what it was. */
  #set(changes, said) {
    const { list } = this;
    const items = this.#items;
    const request = (body) => ["items/changes", body];
    const former = formerOf(items, changes, list.store.legend).map(request);
    const told = `${plural(items.length, "item")}: ${said}.`;
    list.send([request({ items: items.map(({ id }) => id), ...changes })], told, () => list.send(former, "Taken back."));
  }
}

/* The requests that give each item back what it had: one for each former value. */
function formerOf(items, changes, legend) {
  if (changes.add_tags || changes.remove_tags) {
    const [name] = changes.add_tags ?? changes.remove_tags;
    const had = (item) => item.tags.some((id) => legend.tags[id] === name);
    const touched = items.filter((item) => had(item) === Boolean(changes.remove_tags)).map(({ id }) => id);
    return touched.length ? [{ items: touched, [changes.add_tags ? "remove_tags" : "add_tags"]: [name] }] : [];
  }
  const groups = new Map();
  for (const item of items) {
    const values = Object.fromEntries(Object.keys(changes).map((field) => [field, item[field]]));
    const key = JSON.stringify(values);
    if (!groups.has(key)) groups.set(key, { items: [], ...values });
    groups.get(key).items.push(item.id);
  }
  return [...groups.values()];
}

export class Selection {
  ids = new Set();
  #anchor = null;

  constructor(list) {
    this.list = list;
    list.offer({ "select-all": () => this.pickAll() });
    list.offer(list.cursor.onRow({
      select: (id) => this.pick(id),
      "extend-down": (id) => this.#extend(id, 1),
      "extend-up": (id) => this.#extend(id, -1),
    }));
  }

  pick(id, isOn = !this.ids.has(id)) {
    if (isOn) this.ids.add(id);
    else this.ids.delete(id);
    this.#anchor = id;
    this.#changed();
  }

  /* All from where the last one was picked. */
  pickTo(id) {
    const { view } = this.list.screen;
    const start = this.#anchor ?? this.list.cursor.current ?? id;
    const [from, to] = [view.indexOf(start), view.indexOf(id)].sort((a, b) => a - b);
    for (const other of view.slice(Math.max(0, from), to + 1)) this.ids.add(other);
    this.#changed();
  }

  pickAll() {
    for (const id of this.list.screen.view) this.ids.add(id);
    this.#changed();
  }

  clear() {
    this.ids.clear();
    this.#changed();
  }

  forgetGone() {
    for (const id of this.ids) if (!this.list.store.items.has(id)) this.ids.delete(id);
  }

  #extend(id, step) {
    const { cursor } = this.list;
    this.ids.add(id);
    cursor.step(step);
    this.ids.add(cursor.current);
    this.#changed();
  }

  #changed() {
    const { list } = this;
    list.classList.toggle("selecting", this.ids.size > 0);
    list.screen.rows.render();
    list.bar.show();
    list.say(this.ids.size ? `${plural(this.ids.size, "item")} selected.` : "Nothing selected.");
  }
}
