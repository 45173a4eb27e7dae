/* One field of an item, edited where it stands: shown at once, then confirmed, or given back with the reason. */
import { openMenu } from "./menu.js";
import { button, element, template } from "./parts.js";
import { TYPES } from "./row.js";
import { Refusal } from "./server.js";
import { choices } from "./store.js";
import { number } from "./words.js";

const TRIES = 4;
const blank = template(() => `<form class="row-edit" novalidate><div class="row-fields"></div><div class="row-note" hidden><p role="alert"></p><div class="actions"></div></div><span class="vh" id="row-edit-keys">Enter saves, Escape puts it back, Tab goes to the next field.</span></form>`);
const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);

export class Editing {
  /* What is being edited: {id, field, base, asked}, base as it was when its reader began. */
  #at = null;
  /* What came back while something else was being edited. */
  #waiting = [];

  /* fieldsOf(item): those that its reader may edit; edit(id, field): begins with another one. */
  constructor(list, fieldsOf, edit) {
    Object.assign(this, { list, fieldsOf, edit });
    this.form = blank();
    [this.fields, this.note] = this.form.children;
    list.querySelector(".order").append(this.form);
    this.form.hidden = true;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    this.form.addEventListener("keydown", (event) => this.#pressed(event));
    // Whoever goes elsewhere has meant what they wrote.
    this.form.addEventListener("focusout", ({ relatedTarget }) => {
      if (document.hasFocus() && this.#at && this.note.hidden && !this.form.contains(relatedTarget)) this.#save({ focus: false });
    });
  }

  get isOpen() {
    return this.#at !== null;
  }

  /* typed, note: what came back, and why. */
  async open(id, editable, { typed, note } = {}) {
    if (this.#at && !this.#save({ focus: false })) return;
    const { list } = this;
    const item = list.store.items.get(id);
    const field = asEdited(editable, item.plain && document.documentElement.dataset.plain === "on");
    const asked = note?.asked ?? list.server.getWithTag(`items/${item.number}`).catch(() => null);
    const at = { id, field, asked, number: item.number, key: list.store.keyOf(id), base: note?.base ?? field.shown?.(item, list.store.legend) };
    list.cursor.goTo(id, { focus: false });
    if (at.base === undefined) {
      const answer = await asked;
      if (!answer) return list.tell(`No answer from the server. ${field.label} of ${at.key} can be changed again in a moment.`);
      at.base = field.told(answer[0]);
    }
    if (field.options && !note) return this.#choose(at);
    this.#at = at;
    this.#show(typed === undefined ? at.base : typed, note);
  }

  #choose(at) {
    const { list } = this;
    const row = list.screen.rows.rowOf(at.id);
    const cell = row?.querySelector(at.field.cell);
    const anchor = cell?.offsetWidth ? cell : (row?.parts.more ?? list.grid);
    const entries = at.field.options(list.store.legend).map(([text, value, icon]) => ({
      text,
      icon,
      isChosen: isSame(value, at.base),
      run: () => {
        list.grid.focus({ preventScroll: true });
        this.#send(at, value);
      },
    }));
    openMenu(anchor, `${at.field.label} of ${at.key}`, entries, (step) => this.#goOn(at, step));
  }

  #show(value, note) {
    const { field, key } = this.#at;
    this.form.setAttribute("aria-label", field.parts ? `${field.label} of ${key}` : key);
    this.form.classList.toggle("is-box", Boolean(field.parts));
    this.fields.replaceChildren(...(field.options ? [] : field.parts ?? [field]).map((part, index) => {
      const input = element("input", "input");
      Object.assign(input, part.input, { name: part.name, autocomplete: "off", value: field.parts ? value[index] ?? "" : field.text(value) });
      input.setAttribute("aria-describedby", "row-edit-keys");
      const label = element("label", "", element("span", field.parts ? "label" : "vh", field.parts ? part.label : `${field.label} of ${key}`), input);
      return label;
    }));
    if (field.parts) this.fields.append(element("button", "btn small primary", "Save"));
    if (field.suggest) this.#suggest(field);
    this.#tell(note);
    this.form.hidden = false;
    this.place();
    const first = this.form.querySelector("input, button:not([hidden])");
    first.focus({ preventScroll: true });
    first.select?.();
  }

  #suggest(field) {
    const [input] = this.fields.querySelectorAll("input");
    const offered = element("datalist", "");
    offered.id = "row-edit-offers";
    input.setAttribute("list", offered.id);
    this.fields.append(offered);
    const offer = () => offered.replaceChildren(...field.suggest(input.value, this.list.store.legend).map((text) => new Option(text)));
    input.addEventListener("input", offer);
    offer();
  }

  /* note: {text, choices: [word, run]}. */
  #tell(note) {
    this.note.hidden = !note;
    if (!note) return;
    const [text, actions] = this.note.children;
    text.textContent = note.text;
    actions.replaceChildren(...(note.choices ?? []).map(([word, run]) => button("btn small", run, word)));
    this.list.say(note.text);
  }

  /* Over its cell, wherever its row has gone. */
  place() {
    if (!this.#at) return;
    const { rows, sight } = this.list.screen;
    const index = rows.entries.indexOf(this.#at.id);
    const row = rows.rowOf(this.#at.id);
    const { style } = this.form;
    if (row) {
      const cell = row.querySelector(this.#at.field.cell);
      const { parts, isNarrow } = this.#at.field;
      const wanted = parts ? 440 : isNarrow ? 72 : Math.max(cell.offsetWidth, 240) + 8;
      const width = Math.min(row.offsetWidth - 16, wanted);
      this.middle = cell.offsetTop + cell.offsetHeight / 2;
      style.width = `${width}px`;
      style.left = `${Math.max(8, Math.min(cell.offsetLeft - 8, row.offsetWidth - width - 8))}px`;
    }
    if (index >= 0) style.translate = `0 ${sight.now.grid + rows.offsets[index] + this.middle}px`;
  }

  #pressed(event) {
    const at = this.#at;
    const { field } = at;
    if (event.key === "Escape") this.#putBack();
    else if (event.key === "Tab" && !this.#isInside(event)) {
      if (this.note.hidden && this.#save()) this.#goOn(at, event.shiftKey ? -1 : 1);
      else if (this.note.hidden) return;
    } else if (/^Arrow(Up|Down)$/.test(event.key) && !field.parts && !field.suggest && this.note.hidden) {
      if (this.#save()) this.#below(at, event.key === "ArrowDown" ? 1 : -1);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /* Tab walks what the form itself has first. */
  #isInside({ target, shiftKey }) {
    const all = [...this.form.querySelectorAll("input, button")];
    const next = all[all.indexOf(target) + (shiftKey ? -1 : 1)];
    return Boolean(next) || !this.note.hidden;
  }

  #goOn(at, step) {
    const may = this.fieldsOf(this.list.store.items.get(at.id));
    const next = may[may.findIndex(({ name }) => name === at.field.name) + step];
    if (next) this.open(at.id, next);
    else this.list.grid.focus({ preventScroll: true });
  }

  #below(at, step) {
    const { view } = this.list.screen;
    const id = view[view.indexOf(at.id) + step];
    if (id !== undefined) this.edit(id, at.field);
  }

  #putBack() {
    const { key, field } = this.#at;
    this.#close({ focus: true });
    this.list.say(`${field.label} of ${key} stays as it is.`);
  }

  #close({ focus }) {
    this.#at = null;
    this.form.hidden = true;
    if (focus) this.list.grid.focus({ preventScroll: true });
    const next = this.#waiting.shift();
    if (next) next();
  }

  /* False if what is written can't be read; it stays open then. */
  #save({ focus = true } = {}) {
    const at = this.#at;
    const inputs = [...this.fields.querySelectorAll("input")].map(({ value }) => value);
    let value;
    try {
      value = at.field.read(at.field.parts ? inputs : inputs[0] ?? "");
    } catch ({ message }) {
      this.#tell({ text: message });
      this.note.hidden = false;
      this.fields.querySelector("input").setAttribute("aria-invalid", "true");
      return false;
    }
    this.#close({ focus });
    if (!isSame(value, at.base)) this.#send(at, value);
    return true;
  }

  #send(at, value) {
    const { list } = this;
    const { id, field, key } = at;
    if (isSame(value, at.base)) return;
    const dress = list.store.dress(id, field.patch?.(value, list.store.legend) ?? {});
    list.screen.refresh();
    const text = `${key}: ${field.label.toLowerCase()} ${field.spoken(value, list.store.legend)}.`;
    list.say(text);
    list.ordering.queue.push({
      items: [id],
      send: () => this.#write(at, value),
      done: async () => {
        dress.keep();
        list.hearing.expect([id]);
        await list.hearing.heard();
        list.tell(text, () => this.#send({ ...at, base: value, asked: null }, at.base));
      },
      refused: (_, problem) => {
        dress.takeOff();
        list.screen.refresh();
        list.hearing.heard();
        const again = () => this.#giveBack(at, value, problem);
        if (!this.#at) return again();
        this.#waiting.push(again);
        return list.tell(`${key}: ${problem.detail} What you wrote waits until you have finished here.`);
      },
    });
  }

  /* Who else changed other fields is no hindrance; who changed this one is: then both are shown. */
  async #write(at, value) {
    const { server } = this.list;
    const path = `items/${at.number}`;
    let answer = (await at.asked) ?? (await server.getWithTag(path));
    for (let tries = 0; tries < TRIES; tries++) {
      const [item, tag] = answer;
      const told = at.field.told(item);
      if (isSame(told, value)) return item;
      if (!isSame(told, at.base)) throw new Refusal({ detail: "Somebody has changed it meanwhile.", theirs: told, asked: Promise.resolve(answer) });
      try {
        return await server.write("PATCH", path, at.field.changes(value), { "If-Match": tag });
      } catch (error) {
        if (error.problem?.code !== "precondition_failed") throw error;
        answer = await server.getWithTag(path);
      }
    }
    throw new Refusal({ detail: "Others keep changing it. Try it again." });
  }

  #giveBack(at, value, problem) {
    const { list } = this;
    const { field, key, id } = at;
    if (!list.store.items.has(id)) return list.tell(`${key}: ${problem.detail} You wrote: ${field.spoken(value, list.store.legend)}`);
    if (problem.theirs === undefined) return this.open(id, field, { typed: value, note: { text: problem.detail, base: at.base } });
    const say = (what) => field.spoken(what, list.store.legend);
    const text = `Somebody has changed it meanwhile to ${say(problem.theirs)}. Yours: ${say(value)}.`;
    const choices = [
      ["Keep mine", () => (field.options ? (this.#close({ focus: true }), this.#send({ ...at, base: problem.theirs, asked: problem.asked }, value)) : this.#save())],
      ["Take theirs", () => this.#putBack()],
    ];
    return this.open(id, field, { typed: value, note: { text, choices, base: problem.theirs, asked: problem.asked } });
  }
}

const byName = (a, b) => (a < b ? -1 : 1);
const oneLine = (text) => text.trim().replaceAll(/\s+/g, " ");
const LONGEST_TITLE = 300;

function title(text) {
  const read = oneLine(text);
  if (read.length > LONGEST_TITLE) throw new Error(`At most ${LONGEST_TITLE} characters; these are ${read.length}.`);
  return read;
}

function figure(text, most, name) {
  const read = Number(text.trim().replace(",", "."));
  if (text.trim() === "") return null;
  if (!(read >= 0 && read <= most)) throw new Error(`${name}: a number from 0 to ${most}, or nothing.`);
  return read;
}

const PARTS = [
  { name: "business_value", label: "Business value", most: 1000 },
  { name: "time_criticality", label: "Time criticality", most: 20 },
  { name: "risk_reduction", label: "Risk reduction", most: 1000 },
  { name: "due_on", label: "Due on", input: { type: "date" } },
  { name: "penalty_per_week", label: "Penalty a week", most: 99_999_999 },
].map((part) => ({ input: { inputMode: "decimal" }, ...part }));

/* One that has the same name everywhere. */
const same = (name) => ({
  shown: (item) => item[name],
  told: (item) => item[name],
  text: (value) => value,
  spoken: (value) => value || "none",
  patch: (value) => ({ [name]: value }),
  changes: (value) => ({ [name]: value }),
});

/* shown: the value as the row has it; told: as the server tells it; read: from what is written; patch: what the row
   shows of it; changes: what the server is sent. */
const HOW = {
  title: {
    ...same("title"),
    read: (text) => {
      const read = title(text);
      if (!read) throw new Error("A title can't be empty.");
      return read;
    },
  },
  plain: {
    ...same("plain"),
    label: "Title in plain language",
    told: (item) => item.plain_title,
    read: title,
    changes: (value) => ({ plain_title: value }),
  },
  tags: {
    input: { placeholder: "tags, with commas between", autocapitalize: "none" },
    shown: (item, legend) => item.tags.map((id) => legend.tags[id]).sort(byName),
    told: (item) => [...item.tags].sort(byName),
    text: (value) => value.join(", "),
    spoken: (value) => value.join(", ") || "none",
    read: (text) => [...new Map(text.split(",").map(oneLine).filter(Boolean).map((name) => [name.toLowerCase(), name])).values()].sort(byName),
    patch: (value, legend) => ({ tags: choices(legend.tags).filter(([name]) => value.includes(name)).map(([, id]) => id) }),
    changes: (value) => ({ tags: value }),
    suggest: (text, legend) => {
      const [, before, begun] = /^(.*,\s*)?(.*)$/.exec(text);
      const known = choices(legend.tags).map(([name]) => name);
      return known.filter((name) => name.toLowerCase().startsWith(begun.toLowerCase()) && name !== begun).map((name) => `${before ?? ""}${name}`);
    },
  },
  type: {
    shown: ({ kind, type }) => [kind, type],
    told: ({ kind, type }) => [kind, type],
    options: () => TYPES.map(({ kind, type, text }) => [text, [kind, type], type === "story" ? undefined : `type-${type}`]),
    spoken: ([, chosen]) => TYPES.find(({ type }) => type === chosen).text,
    patch: ([kind, type]) => ({ kind, type }),
    changes: ([kind, type]) => ({ kind, type }),
  },
  component: {
    ...same("component"),
    told: (item) => item.component?.id ?? null,
    options: ({ components }) => [...choices(components), ["No component", null]],
    spoken: (value, { components }) => components[value] ?? "none",
  },
  points: {
    ...same("points"),
    isNarrow: true,
    input: { inputMode: "decimal" },
    text: (value) => (value === null ? "" : number(value)),
    spoken: (value) => (value === null ? "none" : number(value)),
    read: (text) => figure(text, 9999, "Points"),
  },
  value: {
    parts: PARTS,
    told: (item) => PARTS.map(({ name }) => item[name]),
    spoken: (value) => PARTS.flatMap(({ label }, index) => (value[index] === null ? [] : [`${label.toLowerCase()} ${value[index]}`])).join(", ") || "none",
    read: (texts) => PARTS.map(({ most, label }, index) => (most ? figure(texts[index], most, label) : texts[index] || null)),
    changes: (value) => Object.fromEntries(PARTS.map(({ name }, index) => [name, value[index]])),
  },
};

/* One of the editable fields with the way to edit it; a row that shows the title in plain language edits that one. */
const asEdited = (field, isPlain) => ({ ...field, ...HOW[isPlain && field.name === "title" ? "plain" : field.name] });
