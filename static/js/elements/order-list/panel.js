/* What shows of an item beside the list, and stands in the address: its own page, and why it is where it is. */
import { button, element, icon } from "./parts.js";

const SWAP = { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0, ignoreTitle: true };

// The field in the item's page for each command, and what it is called.
const FIELDS = {
  dependency: [".tie [name=key]", "tie to another item"],
  ask: ["form[action$='/questions/'] textarea", "ask about"],
  decline: ["form[action$='/decline/'] input[name=reason]", "decline"],
};

/* One question at a time: a newer one ends the one before. */
class Question {
  #asked = null;

  end() {
    this.#asked?.abort();
  }

  async ask(url, headers = {}) {
    this.end();
    this.#asked = new AbortController();
    const response = await fetch(url, { signal: this.#asked.signal, headers });
    if (!response.ok) throw new Error(response.status);
    return response.text();
  }
}

/* The item's own page, in the panel: ?item=KEY. */
export class Panel {
  /* {key, url} of the item that shows. */
  #shown = null;
  #question = new Question();
  #hasWarned = false;

  constructor(list, signal) {
    this.list = list;
    this.box = document.getElementById("panel");
    this.body = this.box.querySelector(".panel-body");
    this.key = this.box.querySelector(".key");
    this.full = this.box.querySelector("[data-panel=full]");
    const toField = (field) => [field, (id) => this.open({ key: list.store.keyOf(id), url: list.urlOf(id) }, field)];
    list.offer(list.cursor.onRow(Object.fromEntries(["dependency", "ask"].map(toField))));
    const press = (name, run) => this.box.querySelector(`[data-panel=${name}]`).addEventListener("click", run, { signal });
    press("previous", () => this.#step(-1));
    press("next", () => this.#step(1));
    press("close", () => this.close());
    document.addEventListener("item-open", (event) => {
      event.preventDefault();
      this.open(event.detail);
    }, { signal });
    document.addEventListener("click", (event) => this.#clicked(event), { signal });
    this.body.addEventListener("input", () => (this.#hasWarned = false), { signal });
    this.box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.target.matches("input, textarea, select") || document.querySelector(":popover-open")) return;
      event.stopPropagation();
      this.close();
    }, { signal });
    addEventListener("popstate", () => this.#follow(), { signal });
    signal.addEventListener("abort", () => this.#hide());
  }

  get isOpen() {
    return this.#shown !== null;
  }

  /* The address may ask for one. */
  start() {
    this.#follow();
  }

  /* field: the name of one of FIELDS, where the focus goes. */
  async open({ key, url }, field = null) {
    if (!this.#mayLeave()) return;
    address("item", key, this.isOpen);
    const loaded = this.#show({ key, url });
    this.box.focus({ preventScroll: true });
    await loaded;
    if (field && this.#shown?.key === key) this.#goTo(...FIELDS[field]);
  }

  #goTo(selector, does) {
    const field = this.body.querySelector(selector);
    if (!field) return this.list.tell(`Your role does not allow to ${does} ${this.#shown.key}.`);
    field.closest("details")?.setAttribute("open", "");
    field.focus();
    field.select?.();
  }

  close() {
    if (!this.#mayLeave()) return;
    this.#hide();
    address("item", null);
    this.list.grid.focus({ preventScroll: true });
  }

  /* ids that somebody changed. Who works in the panel is not disturbed. */
  heard(ids) {
    const item = this.isOpen && this.list.store.byKey(this.#shown.key);
    if (item && ids.includes(item.id) && !this.box.contains(document.activeElement) && !this.#isWritten) this.#load();
  }

  #step(by) {
    const { store, screen, cursor } = this.list;
    const item = store.byKey(this.#shown.key);
    const at = item ? screen.view.indexOf(item.id) : -1;
    const id = screen.view[at + by];
    if (at < 0 || id === undefined) return this.list.say(by < 0 ? "It is the first." : "It is the last.");
    const key = store.keyOf(id);
    if (!this.#mayLeave()) return;
    cursor.goTo(id, { focus: false });
    address("item", key);
    this.#show({ key, url: this.list.urlOf(id) });
  }

  #show(item) {
    this.#shown = item;
    this.#hasWarned = false;
    this.key.textContent = item.key;
    this.full.href = item.url;
    this.box.setAttribute("aria-label", item.key);
    this.body.replaceChildren();
    this.box.hidden = false;
    this.box.closest(".app").classList.add("with-panel");
    return this.#load();
  }

  async #load() {
    const { key, url } = this.#shown;
    this.box.setAttribute("aria-busy", "true");
    try {
      htmx.swap(this.body, await this.#question.ask(url), SWAP, { select: ".it" });
      this.list.say(`${key} shows beside the list.`);
    } catch (error) {
      if (error.name === "AbortError") return;
      const text = /^40[34]$/.test(error.message) ? `${key} is not there, or not open to you.` : `No answer from the server. ${key} can be opened again in a moment.`;
      this.body.replaceChildren(element("p", "", text));
    }
    this.box.removeAttribute("aria-busy");
  }

  #hide() {
    this.#question.end();
    this.#shown = null;
    this.box.hidden = true;
    this.box.closest(".app").classList.remove("with-panel");
    this.body.replaceChildren();
  }

  get #isWritten() {
    const fields = [...this.body.querySelectorAll("textarea, input:not([type=hidden], [type=checkbox], [type=radio])")];
    return fields.some((field) => field.value !== field.defaultValue);
  }

  /* Once it says what would be lost; who leaves again without writing more means it. */
  #mayLeave() {
    if (!this.isOpen || this.#hasWarned || !this.#isWritten) return true;
    this.#hasWarned = true;
    this.list.tell(`What you wrote in ${this.#shown.key} is not saved. Save it, or leave once more.`);
    return false;
  }

  /* Links to items of this product, from the panel and from what is proposed. */
  #clicked(event) {
    const link = event.target.closest("#panel .panel-body a, #proposed a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const start = this.list.itemUrl.slice(0, -"0/".length);
    const [, number] = link.pathname.startsWith(start) ? (/^(\d+)\/$/.exec(link.pathname.slice(start.length)) ?? []) : [];
    if (!number) return;
    event.preventDefault();
    this.open({ key: `${this.list.dataset.product}-${number}`, url: link.pathname });
  }

  #follow() {
    const key = new URLSearchParams(location.search).get("item")?.toUpperCase();
    if (key === this.#shown?.key) return;
    const [product, number] = (key ?? "").split(/-(?=\d+$)/);
    if (product !== this.list.dataset.product || !number) return this.isOpen && this.#hide();
    const item = this.list.store.byKey(key);
    if (item) this.list.cursor.goTo(item.id, { focus: false });
    this.#show({ key, url: this.list.itemUrl.replace("/0/", `/${number}/`) });
  }
}

/* "Why here?": what the server says of an item's place, over the list below its row: ?why=KEY. */
export class Why {
  #id = null;
  #question = new Question();

  /* holder: the element that the rows lie in. */
  constructor(list, holder, signal) {
    this.list = list;
    list.offer(list.cursor.onRow({ why: (id) => this.toggle(id) }));
    this.box = element("div", "row-why");
    this.box.hidden = true;
    this.text = element("div", "");
    this.box.append(this.text, button("icon-btn small", () => this.close(), icon("x"), element("span", "vh", "Close")));
    holder.append(this.box);
    signal.addEventListener("abort", () => this.#question.end());
  }

  get isOpen() {
    return this.#id !== null;
  }

  /* The address may ask for one. */
  start() {
    const key = new URLSearchParams(location.search).get("why");
    const item = key && this.list.store.byKey(key);
    if (!item) return;
    this.list.cursor.goTo(item.id);
    this.open(item.id);
  }

  toggle(id) {
    if (this.#id === id) this.close();
    else this.open(id);
  }

  async open(id) {
    this.#id = id;
    address("why", this.list.store.keyOf(id));
    try {
      this.text.innerHTML = await this.#question.ask(`${this.list.urlOf(id)}why/`, { "HX-Request": "true" });
    } catch (error) {
      if (error.name === "AbortError") return;
      this.text.replaceChildren(element("p", "why", "No answer from the server. Ask again in a moment."));
    }
    this.place();
    this.list.say([...this.text.querySelectorAll("p")].map((part) => part.textContent.replaceAll(/\s+/g, " ").trim()).join(" "));
  }

  close() {
    if (!this.isOpen) return;
    if (this.box.contains(document.activeElement)) this.list.grid.focus({ preventScroll: true });
    this.#question.end();
    this.#id = null;
    this.box.hidden = true;
    address("why", null);
  }

  /* Below its row; hidden while that is not drawn. */
  place() {
    const { screen } = this.list;
    const row = this.isOpen && this.text.firstChild ? screen.rows.rowOf(this.#id) : null;
    this.box.hidden = !row;
    if (row) this.box.style.translate = `0 ${screen.sight.now.grid + row.top + row.height}px`;
  }
}

/* What shows besides the list stands in the page's address, as one step back or in place of the last one. */
function address(name, key, isInPlace = true) {
  const url = new URL(location.href);
  if (key) url.searchParams.set(name, key);
  else url.searchParams.delete(name);
  if (url.href === location.href) return;
  if (isInPlace) history.replaceState(history.state, "", url);
  else history.pushState(null, "", url);
}
