/* <order-list>: the order of a product as an instrument. Its content, an <ol> with forms, works until it takes over.
   This element holds the parts together; each part offers its commands of the key table with offer(). */
import { Cursor } from "./cursor.js";
import { Dates } from "./dates.js";
import { offerEdits, offerEntry } from "./editable.js";
import { filterOf } from "./filter.js";
import { Hand } from "./hand.js";
import { Hearing, listen } from "./hearing.js";
import { listenToKeys } from "./keyboard.js";
import { Ordering } from "./ordering.js";
import { Panel, Why } from "./panel.js";
import { template } from "./parts.js";
import { PickedBar, Selection } from "./picked.js";
import { listenToPointer, makeDraggable } from "./pointer.js";
import { reachOf } from "./reach.js";
import { Screen } from "./screen.js";
import { NoAnswer, Server } from "./server.js";
import { OrderStore } from "./store.js";
import { plural } from "./words.js";

const RETRY_MS = 5000;

const frame = template(() => `<div class="order">
  <div class="list-head" aria-hidden="true"><span>#</span><span class="gut-h">Needs</span><span class="key-h">Item</span><span class="kind-h">Kind</span><span class="comp-h">Component</span><span class="due-h"></span><span class="ready-h">Ready</span><span class="pts-h">Pts</span></div>
  <div class="list order-grid" role="grid" tabindex="0" aria-label="Ordered backlog" aria-multiselectable="true" aria-keyshortcuts="?"><div class="order-body" role="rowgroup"></div></div>
  <div class="probes" aria-hidden="true"><i class="row-height"></i><i class="flagged-height"></i><i class="rule-height"></i></div>
  <div class="effect" hidden aria-hidden="true"><b></b><ul></ul></div>
</div>`);

customElements.define("order-list", class extends HTMLElement {
  store = new OrderStore();
  commands = new Map();
  /* Takes back what the last toast offered to; the last own change of any kind. */
  lastUndo = null;

  connectedCallback() {
    this.controller = new AbortController();
    const { signal } = this.controller;
    this.itemUrl = this.dataset.itemUrl;
    this.token = this.dataset.token;
    this.rights = new Set(this.dataset.rights.split(" "));
    this.refined = new Set(this.dataset.refined?.split(" ").map(Number));
    this.reach = reachOf(this);
    this.mayMove = this.rights.has("order.move") || Boolean(this.dataset.lent);
    this.store.placed = this.reach.placed;
    this.server = new Server(this.dataset.product, this.token, signal);
    this.filter = filterOf(new URLSearchParams(location.search));
    this.dates = new Dates(this, signal);
    this.#start(signal);
  }

  /* Moved by htmx around a swap: nothing starts again. */
  connectedMoveCallback() {}

  disconnectedCallback() {
    this.controller.abort();
    this.bar?.remove();
  }

  async #start(signal) {
    while (!signal.aborted) {
      try {
        // The order first and alone: asked for all at once, the answers only wait for each other.
        this.store.take(await this.server.feed(""));
        await this.filter.load(this.server);
        const [lines] = await Promise.all([this.#sprintLines(this.#onlyTeam), this.dates.load()]);
        if (signal.aborted) return;
        this.#takeOver(lines, signal);
        return;
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        await new Promise((done) => setTimeout(done, RETRY_MS));
      }
    }
  }

  get #onlyTeam() {
    const { store, filter } = this;
    return filter.isOneTeam ? (store.order.map((id) => store.items.get(id)).find((item) => filter.fits(item))?.team ?? null) : null;
  }

  async #sprintLines(team) {
    try {
      return (await this.server.get(team ? `lines?team=${team}` : "lines")).lines;
    } catch {
      // Without an answer nothing is drawn: better no line than a wrong one.
      return [];
    }
  }

  /* The rows of the server give way, at the same scroll position. */
  #takeOver(lines, signal) {
    const own = frame();
    this.replaceChildren(own);
    this.grid = own.querySelector(".order-grid");
    this.cursor = new Cursor(this);
    this.selection = new Selection(this);
    this.hearing = new Hearing(this);
    this.ordering = new Ordering(this, signal);
    this.hand = new Hand(this, own.querySelector(".effect"));
    this.screen = new Screen(this, own, lines, signal);
    this.why = new Why(this, own, signal);
    this.panel = new Panel(this, signal);
    this.bar = new PickedBar(this);
    offerEdits(this);
    this.screen.start();
    this.why.start();
    this.panel.start();
    offerEntry(this, signal);
    listenToPointer(this, signal);
    listenToKeys(this, signal);
    this.filter.follow(() => this.screen.refresh({ glide: true }), signal);
    if (this.mayMove) makeDraggable(this, signal);
    listen(this.dataset.productId, (version) => this.hearing.heard(version), signal);
    document.addEventListener("htmx:beforeSwap", ({ detail }) => this.#stayThrough(detail), { signal });
    document.addEventListener("backlog-changed", () => this.hearing.heard(), { signal });
    document.body.addEventListener("night-changed", () => this.dates.outdated(), { signal });
    this.dataset.commands = [...this.commands.keys()].join(" ");
    this.classList.toggle("may-move", this.mayMove);
  }

  /* The page around the list may be swapped. Only what has taken over is kept: rows of the server are to be replaced. */
  #stayThrough(swap) {
    if (swap.target.contains(this)) swap.serverResponse = swap.serverResponse.replace("<order-list ", "<order-list hx-preserve ");
  }

  /* handlers: by command of the key table. */
  offer(handlers) {
    for (const [command, handle] of Object.entries(handlers)) this.commands.set(command, handle);
  }

  do(command) {
    this.commands.get(command)();
  }

  get isLifting() {
    return this.hand.isLifting;
  }

  get isAtRest() {
    return !this.isLifting && this.ordering.isAtRest;
  }

  get hasSomethingToClear() {
    return this.isLifting || this.panel.isOpen || this.why.isOpen || this.selection.ids.size > 0 || this.cursor.current !== null;
  }

  /* What a command moves: the picked items if the current one is among them, else the current one. */
  moving(id = this.cursor.current) {
    const { ids } = this.selection;
    if (!ids.size || (id !== null && !ids.has(id))) return id === null ? [] : [id];
    return this.store.order.filter((other) => ids.has(other));
  }

  /* The same, or nothing and the reason if one of them keeps its place. */
  movable(id = this.cursor.current) {
    const ids = this.moving(id);
    const locked = ids.find((other) => !this.reach.holds(other));
    if (locked === undefined) return ids;
    this.say(`${this.store.keyOf(locked)} keeps its place: it is not lent to you.`);
    return [];
  }

  urlOf(id) {
    return this.itemUrl.replace("/0/", `/${this.store.items.get(id).number}/`);
  }

  open(id, isBeside) {
    const url = this.urlOf(id);
    const detail = { id, key: this.store.keyOf(id), url };
    // Whoever shows items beside the list takes the event.
    const isFree = !isBeside || this.dispatchEvent(new CustomEvent("item-open", { detail, bubbles: true, cancelable: true }));
    if (isFree) location.assign(url);
  }

  /* A step for several items, all of them or none, that `back` takes back. */
  together(step, items, said, back) {
    const undone = `${plural(items.length, "item")} ${step === "drop" ? "back" : "dropped"}.`;
    return this.send([[`items/${step}`, { items }]], said, () => this.together(back, items, undone, step));
  }

  /* requests: pairs of path and body, each for several items. */
  async send(requests, said, takeBack) {
    let told = [said, takeBack];
    try {
      for (const [path, body] of requests) await this.server.write("POST", path, body, { "Idempotency-Key": crypto.randomUUID() });
    } catch (error) {
      told = [error instanceof NoAnswer ? "No answer from the server: nothing was changed. Try it again." : error.message];
    }
    await this.hearing.heard();
    this.tell(...told);
    htmx.trigger(document.body, "backlog-changed");
    this.grid.focus({ preventScroll: true });
  }

  say(text) {
    document.dispatchEvent(new CustomEvent("announce", { detail: text }));
  }

  /* redo: does again what the text says was taken back. */
  tell(text, takeBack = null, redo = null) {
    const undo = takeBack && (() => {
      if (this.lastUndo === undo) this.lastUndo = null;
      takeBack();
    });
    if (undo) this.lastUndo = undo;
    document.dispatchEvent(new CustomEvent("toast", { detail: { text, undo, redo } }));
  }
});
