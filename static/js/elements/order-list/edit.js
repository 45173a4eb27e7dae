/* One field of an item, edited where it stands: shown at once, then confirmed, or given back with the reason. */
import { asEdited } from "./fields.js";
import { openMenu } from "./menu.js";
import { button, element, template } from "./parts.js";
import { Refusal } from "./server.js";

const TRIES = 4;
const blank = template(() => `<form class="row-edit" novalidate><div class="row-fields"></div><div class="row-note" hidden><p role="alert"></p><div class="actions"></div></div><span class="vh" id="row-edit-keys">Enter saves, Escape puts it back, Tab goes to the next field.</span></form>`);
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

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
      isChosen: same(value, at.base),
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
    if (!same(value, at.base)) this.#send(at, value);
    return true;
  }

  #send(at, value) {
    const { list } = this;
    const { id, field, key } = at;
    if (same(value, at.base)) return;
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
      if (same(told, value)) return item;
      if (!same(told, at.base)) throw new Refusal({ detail: "Somebody has changed it meanwhile.", theirs: told, asked: Promise.resolve(answer) });
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
