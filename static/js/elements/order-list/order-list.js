/* <order-list>: the order of a product as an instrument. Its content, an <ol> with forms, works until it takes over. */
import { makeDraggable } from "./drag.js";
import { filterOf } from "./filter.js";
import { Gutter } from "./gutter.js";
import { listenToKeys } from "./keyboard.js";
import { boundaries, dateText, sprintAt } from "./lines.js";
import { listen } from "./live.js";
import { openMenu } from "./menu.js";
import { askWhere } from "./move-dialog.js";
import { MoveQueue } from "./moves.js";
import { element, icon, markup, template, useSprite } from "./parts.js";
import { PickedBar } from "./picked.js";
import { NoAnswer, Server } from "./server.js";
import { OrderStore } from "./store.js";
import { VirtualRows } from "./virtual-rows.js";
import { effects, names, plural } from "./words.js";

const ALWAYS = "next previous page-down page-up first last open open-page select extend-down extend-up clear needs enables";
const FOR_MOVING = "move-up move-down sprint-start sprint-end pick-up move-to undo redo down up start end page-forward page-back drop restore";
const RETRY_MS = 5000;

const frame = template(() => `<div class="order">
  <div class="list-head" aria-hidden="true"><span>#</span><span class="gut-h">Needs</span><span class="key-h">Item</span><span class="kind-h">Kind</span><span class="comp-h">Component</span><span class="ready-h">Ready</span><span class="pts-h">Pts</span></div>
  <div class="list order-grid" role="grid" tabindex="0" aria-label="Ordered backlog" aria-multiselectable="true" aria-keyshortcuts="?"><div class="order-body" role="rowgroup"></div></div>
  <div class="probes" aria-hidden="true"><i class="row-height"></i><i class="flagged-height"></i><i class="rule-height"></i></div>
  <div class="effect" hidden aria-hidden="true"><b></b><ul></ul></div>
</div>`);

customElements.define("order-list", class extends HTMLElement {
  store = new OrderStore();
  lines = [];
  drawn = [];
  view = [];
  current = null;
  picked = new Set();
  lifted = new Set();
  relations = new Map();
  hand = null;

  connectedCallback() {
    this.controller = new AbortController();
    const { signal } = this.controller;
    useSprite(this.dataset.sprite);
    this.itemUrl = this.dataset.itemUrl;
    this.rights = new Set(this.dataset.rights.split(" "));
    this.mayMove = this.rights.has("order.move");
    this.commands = new Set([...ALWAYS.split(" "), ...(this.mayMove ? FOR_MOVING.split(" ") : [])]);
    if (this.rights.has("order.pin")) this.commands.add("pin");
    this.server = new Server(this.dataset.product, this.dataset.token, signal);
    this.filter = filterOf(new URLSearchParams(location.search));
    this.queue = new MoveQueue(this.server, this.#answers(), signal);
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
        const [feed, lines] = await Promise.all([this.server.feed(""), this.#sprintLines(), this.filter.load(this.server)]);
        if (signal.aborted) return;
        this.store.take(feed);
        this.lines = lines;
        this.#takeOver(signal);
        return;
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        await new Promise((done) => setTimeout(done, RETRY_MS));
      }
    }
  }

  /* The rows of the server give way, at the same scroll position. */
  #takeOver(signal) {
    const own = frame();
    this.replaceChildren(own);
    this.grid = own.querySelector(".order-grid");
    this.effect = own.querySelector(".effect");
    this.rows = new VirtualRows(this.grid, own.querySelector(".order-body"), own.querySelector(".probes"), this, signal);
    this.gutter = new Gutter(this.rows.body);
    this.rows.onRender = () => this.#drawGutter();
    this.bar = new PickedBar(this);
    this.revision = 0;
    this.rows.measure();
    this.refreshView();
    document.fonts.ready.then(() => this.rows.measure());
    this.#listenToPointer(signal);
    listenToKeys(this, signal);
    if (this.mayMove) makeDraggable(this, signal);
    listen(this.dataset.productId, (version) => this.#heard(version), signal);
    document.addEventListener("htmx:beforeSwap", ({ detail }) => this.#stayThrough(detail), { signal });
    document.addEventListener("backlog-changed", () => this.#heard(), { signal });
    this.dataset.commands = [...this.commands].join(" ");
    this.classList.toggle("may-move", this.mayMove);
  }

  /* The page around the list may be swapped. Only what has taken over is kept: rows of the server are to be replaced. */
  #stayThrough(swap) {
    if (swap.target.contains(this)) swap.serverResponse = swap.serverResponse.replace("<order-list ", "<order-list hx-preserve ");
  }

  async #sprintLines() {
    try {
      return (await this.server.get("lines")).lines;
    } catch {
      // Without an answer nothing is drawn: better no line than a wrong one.
      return [];
    }
  }

  /* What shows */

  refreshView({ glide = false } = {}) {
    const { store } = this;
    this.revision += 1;
    this.view = this.filter.isEmpty ? store.order : store.order.filter((id) => this.filter.fits(store.items.get(id), store));
    if (!store.items.has(this.current)) this.current = null;
    for (const id of this.picked) if (!store.items.has(id)) this.picked.delete(id);
    const isWhole = this.filter.isEmpty || this.filter.isOneTeam;
    this.drawn = isWhole ? boundaries(this.view, store.items, this.lines) : [];
    this.drawn.forEach((line) => (line.last = this.view[line.at - 1]));
    this.#relate();
    this.rows.set(this.#entries(), { glide });
    this.bar.show();
    const count = document.querySelector("#count > [aria-hidden]");
    if (count) {
      count.textContent = store.order.length;
      count.nextElementSibling.textContent = plural(store.order.length, "item");
    }
  }

  #entries() {
    if (!this.drawn.length && !this.hand) return this.view;
    const entries = [...this.view];
    const marks = this.drawn.map((line) => [line.at, line]);
    if (this.hand) {
      const { ids, from } = this.hand;
      const text = `${names(this.store, ids)} ${ids.length === 1 ? "was" : "were"} here, at ${from.position}`;
      const anchor = from.next === null ? this.view.length : this.view.indexOf(from.next);
      if (!this.#isAtHome()) marks.push([anchor, { key: "hole", text }]);
    }
    marks.sort((a, b) => b[0] - a[0]);
    for (const [at, line] of marks) entries.splice(at, 0, line);
    return entries;
  }

  #relate() {
    this.relations = new Map();
    if (this.current === null) return;
    const { position } = this.store.items.get(this.current);
    for (const need of this.store.needsOf(this.current))
      this.relations.set(need, this.store.items.get(need).position > position ? "bad" : "needs");
    for (const other of this.store.enablesOf(this.current)) this.relations.set(other, "enables");
  }

  isFlagged(id) {
    const item = this.store.items.get(id);
    return item.pinned || item.questions > 0 || item.restricted || item.status === "in_progress" || this.store.neededBelow(id).length > 0;
  }

  #drawGutter() {
    const { rows, store, revision } = this;
    const node = this.querySelector(".row:not([hidden]) > .node");
    if (!node) return;
    const x = node.offsetLeft + node.offsetWidth / 2;
    if (this.heightsOf !== revision) {
      this.heightsOf = revision;
      this.middles = new Map();
      rows.entries.forEach((entry, index) => {
        if (typeof entry === "number" && (store.needs.get(entry)?.length || store.enables.has(entry)))
          this.middles.set(entry, (rows.offsets[index] + rows.offsets[index + 1]) / 2);
      });
    }
    this.gutter.draw(store, this.current, (id) => this.middles.get(id), x, Math.max(0, -rows.top), revision);
    const shown = this.current !== null && this.rows.rowOf(this.current);
    if (shown) this.grid.setAttribute("aria-activedescendant", shown.id);
    else this.grid.removeAttribute("aria-activedescendant");
  }

  /* Heights of what lies over the list at the top and at the bottom of the screen. */
  bars() {
    const head = document.querySelector(".bl-top");
    const tabs = document.querySelector(".tabs-bar");
    const above = head && getComputedStyle(head).position === "sticky" ? head.offsetHeight : 0;
    return [above, tabs?.offsetHeight ?? 0];
  }

  /* Commands */

  do(command) {
    const steps = { next: 1, previous: -1, "page-down": this.#page, "page-up": -this.#page };
    if (command in steps) return this.#go(this.#index + (this.current === null ? 1 : steps[command]));
    const row = this.current;
    switch (command) {
      case "first": return this.#go(0);
      case "last": return this.#go(this.view.length - 1);
      case "clear": return this.#clear();
      case "undo": case "redo": return this.#takeBack(command);
      case "move-to": return this.askWhere();
      case "drop": return this.drop();
      case "restore": return this.putBack();
      case "up": return this.#liftBy(-1);
      case "down": return this.#liftBy(1);
      case "page-back": return this.#liftBy(-this.#page);
      case "page-forward": return this.#liftBy(this.#page);
      case "start": return this.#liftBy(-this.view.length);
      case "end": return this.#liftBy(this.view.length);
    }
    if (row === null) return;
    switch (command) {
      case "open": case "open-page": return this.open(row, command === "open");
      case "select": return this.pick(row);
      case "extend-down": return this.#extend(1);
      case "extend-up": return this.#extend(-1);
      case "needs": return this.#follow(this.store.needsOf(row), "needs nothing in this list");
      case "enables": return this.#follow(this.store.enablesOf(row), "enables nothing in this list");
      case "move-up": return this.#step(-1);
      case "move-down": return this.#step(1);
      case "sprint-start": case "sprint-end": return this.#toEdgeOfSprint(command === "sprint-start");
      case "pick-up": return this.lift(row) && this.#sayLift("Picked up");
      case "pin": return this.pin(row);
    }
  }

  get #index() {
    return this.view.indexOf(this.current);
  }

  get #page() {
    const [above, below] = this.bars();
    return Math.max(1, Math.floor((innerHeight - above - below) / this.rows.heights.row) - 1);
  }

  #go(index, { focus = true } = {}) {
    if (!this.view.length) return;
    this.current = this.view[Math.max(0, Math.min(this.view.length - 1, index))];
    this.#relate();
    this.#reveal(this.current);
    if (focus && document.activeElement !== this.grid) this.grid.focus({ preventScroll: true });
  }

  #reveal(id) {
    const at = this.rows.entries.indexOf(id);
    if (at >= 0) this.rows.reveal(at);
  }

  #follow(ids, without) {
    const shown = ids.filter((id) => this.view.includes(id));
    if (!shown.length) return this.say(`${this.store.keyOf(this.current)} ${without}.`);
    this.#go(this.view.indexOf(shown[0]));
    this.say(`${this.store.keyOf(shown[0])}, at ${this.store.items.get(shown[0]).position}.`);
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

  /* Selecting */

  pick(id, isOn = !this.picked.has(id)) {
    if (isOn) this.picked.add(id);
    else this.picked.delete(id);
    this.anchor = id;
    this.#pickedChanged();
  }

  #extend(step) {
    this.picked.add(this.current);
    this.#go(this.#index + step);
    this.picked.add(this.current);
    this.#pickedChanged();
  }

  #pickTo(id) {
    const [from, to] = [this.view.indexOf(this.anchor ?? this.current ?? id), this.view.indexOf(id)].sort((a, b) => a - b);
    for (const other of this.view.slice(Math.max(0, from), to + 1)) this.picked.add(other);
    this.#pickedChanged();
  }

  pickAll() {
    for (const id of this.view) this.picked.add(id);
    this.#pickedChanged();
  }

  unpick() {
    this.picked.clear();
    this.#pickedChanged();
  }

  #pickedChanged() {
    this.classList.toggle("selecting", this.picked.size > 0);
    this.rows.render();
    this.bar.show();
    this.say(this.picked.size ? `${plural(this.picked.size, "item")} selected.` : "Nothing selected.");
  }

  get hasSomethingToClear() {
    return this.isLifting || this.picked.size > 0 || this.current !== null;
  }

  #clear() {
    if (this.picked.size) return this.unpick();
    this.current = null;
    this.#relate();
    this.rows.render();
  }

  /* What a command moves: the picked items if the current one is among them, else the current one. */
  moving(id = this.current) {
    if (!this.picked.size || (id !== null && !this.picked.has(id))) return id === null ? [] : [id];
    return this.store.order.filter((other) => this.picked.has(other));
  }

  /* Moving */

  #step(direction) {
    const ids = this.moving();
    const moving = new Set(ids);
    const rest = this.view.filter((id) => !moving.has(id));
    const first = this.view.indexOf(ids.find((id) => this.view.includes(id)));
    const above = this.view.slice(0, first).filter((id) => !moving.has(id)).length;
    const to = above + direction;
    if (to < 0 || to > rest.length) return this.say(direction < 0 ? "It is the first." : "It is the last.");
    this.move(ids, placeAt(rest, to), { isStep: true });
  }

  #toEdgeOfSprint(isStart) {
    const at = this.#index;
    const line = sprintAt(this.drawn, at);
    const index = this.drawn.indexOf(line);
    if (!line) return this.say("No sprint is drawn here.");
    const ids = this.moving();
    const place = isStart ? { before: this.view[index ? this.drawn[index - 1].at : 0] } : { after: line.last };
    if (ids.includes(place.before ?? place.after)) return this.say("It stands there already.");
    this.move(ids, place);
  }

  /* Puts the items there at once, and tells the server. */
  move(ids, place, { isStep = false } = {}) {
    if (!ids.length) return;
    const change = { method: "POST", path: "moves", body: { items: ids, ...place }, items: ids, place, isStep };
    const from = this.store.items.get(ids[0]).position;
    change.from = from;
    const replaced = this.queue.push(change);
    if (replaced) {
      change.from = replaced.from;
      this.store.remove(replaced);
    }
    this.store.add(change);
    this.refreshView({ glide: true });
    this.#reveal(ids[0]);
    const below = this.store.neededBelow(ids[0]);
    const needs = below.length ? ` It stands above ${this.store.keyOf(below[0])}, which it needs.` : "";
    this.say(this.#movedText({ items: ids, from }) + needs);
  }

  mend(id) {
    const needs = this.store.neededBelow(id).sort((a, b) => this.store.items.get(a).position - this.store.items.get(b).position);
    this.move(needs, { before: id });
  }

  askWhere(ids = this.moving()) {
    if (!ids.length) return;
    askWhere({
      title: names(this.store, ids),
      count: this.store.order.length,
      product: this.store.legend.product,
      lines: this.drawn.filter(({ last }) => !ids.includes(last)),
      find: (text) => {
        const found = this.store.byKey(text);
        return found && !ids.includes(found.id) ? found.id : null;
      },
      move: (place) => {
        this.move(ids, place);
        this.grid.focus({ preventScroll: true });
      },
    });
  }

  pin(id) {
    const item = this.store.items.get(id);
    const method = item.pinned ? "DELETE" : "PUT";
    const text = item.pinned ? `${this.store.keyOf(id)} is no longer pinned.` : `${this.store.keyOf(id)} keeps its place now.`;
    this.queue.push({ method, path: `items/${item.number}/pin`, items: [id], text });
  }

  #takeBack(command) {
    this.queue.push({ method: "POST", path: `moves/${command}`, items: [], isUndo: true, text: command === "undo" ? "Taken back." : "Moved again." });
  }

  /* In the hand: dragged, or picked up by key */

  get isAtRest() {
    return !this.isLifting && this.queue.isEmpty && this.store.pending.length === 0;
  }

  get isLifting() {
    return this.hand !== null;
  }

  lift(id) {
    const ids = this.moving(id);
    const lifted = new Set(ids);
    const order = this.view;
    const last = Math.max(...ids.map((other) => order.indexOf(other)));
    const next = order.slice(last + 1).find((other) => !lifted.has(other)) ?? null;
    this.lifted = lifted;
    this.hand = { ids, rest: order.filter((other) => !lifted.has(other)), from: { position: this.store.items.get(ids[0]).position, next }, before: this.store.order, place: null };
    this.hand.index = order.slice(0, order.indexOf(id)).filter((other) => !lifted.has(other)).length;
    this.hand.home = this.hand.index;
    this.current = id;
    if (ids.length > 1) this.#put(this.hand.index);
    else this.refreshView();
    this.classList.add("lifting");
    this.#showEffect();
    return true;
  }

  #isAtHome() {
    return this.hand.ids.length === 1 && this.hand.index === this.hand.home;
  }

  #put(index) {
    const hand = this.hand;
    hand.index = Math.max(0, Math.min(hand.rest.length, index));
    hand.place = this.#isAtHome() ? null : placeAt(hand.rest, hand.index);
    this.store.arrange(hand.place && { items: hand.ids, place: hand.place });
    this.refreshView({ glide: true });
    this.#showEffect();
  }

  /* Under the pointer at that height of the screen: before the row there or after it, whichever half is nearer. What
     the row in the hand does to the others keeps it there, so that a pointer at rest changes nothing. */
  liftOver(y) {
    const { rows, hand } = this;
    const at = rows.indexAt(y - rows.top);
    const entry = rows.entries[at];
    let index = hand.index;
    if (entry.key === "hole") index = hand.home;
    else if (typeof entry === "number" && !this.lifted.has(entry))
      index = hand.rest.indexOf(entry) + (y - rows.top > (rows.offsets[at] + rows.offsets[at + 1]) / 2 ? 1 : 0);
    if (index === hand.index) this.#showEffect();
    else this.#put(index);
  }

  #liftBy(step) {
    const was = this.hand.index;
    this.#put(was + step);
    this.#reveal(this.hand.ids[0]);
    this.#showEffect();
    if (this.hand.index === was) this.say(step < 0 ? "This is the top." : "This is the bottom.");
    else this.#sayLift("At");
  }

  #sayLift(word) {
    const { ids, effects = [] } = this.hand;
    const { position } = this.store.items.get(ids[0]);
    const said = word === "At" ? `${position} of ${this.store.order.length}.` : `${names(this.store, ids)} picked up at ${position}. Arrow keys move, Space drops, Escape puts back.`;
    this.say([said, ...effects.map(({ text }) => `${text}.`)].join(" "));
  }

  drop() {
    const { ids, place } = this.hand;
    this.#letGo();
    if (place) this.move(ids, place);
    else {
      this.refreshView({ glide: true });
      this.say(`${names(this.store, ids)} stays at ${this.store.items.get(ids[0]).position}.`);
    }
    this.#catchUp();
  }

  putBack() {
    const { ids } = this.hand;
    this.#letGo();
    this.refreshView({ glide: true });
    this.#reveal(ids[0]);
    this.say(`${names(this.store, ids)} is back at ${this.store.items.get(ids[0]).position}.`);
    this.#catchUp();
  }

  #letGo() {
    this.hand = null;
    this.lifted = new Set();
    this.effect.hidden = true;
    this.classList.remove("lifting");
    this.store.arrange();
    this.grid.focus({ preventScroll: true });
  }

  #catchUp() {
    if (!this.isBehind) return;
    this.isBehind = false;
    this.#heard();
  }

  #showEffect() {
    const { ids, before, index, said } = this.hand;
    const row = this.rows.rowOf(ids.at(-1));
    const [title, list] = this.effect.children;
    if (said !== `${index} ${this.isBehind}`) {
      this.hand.said = `${index} ${this.isBehind}`;
      this.hand.effects = effects(this.store, ids, before, this.store.order, this.filter.isEmpty ? this.lines : []);
      title.textContent = `Put ${names(this.store, ids)} at ${this.store.items.get(ids[0]).position}`;
      const waiting = this.isBehind ? [{ icon: "users", text: "Changes of others wait until you drop" }] : [];
      list.replaceChildren(...[...this.hand.effects, ...waiting].map(({ icon: name, tone = "", text }) => element("li", tone, icon(name), element("span", "", text))));
    }
    this.effect.hidden = !row;
    if (!row) return;
    const [, below] = this.bars();
    const at = row.offsetTop + row.top + row.height + this.grid.offsetTop;
    const isOver = this.rows.top + row.top + row.height + this.effect.offsetHeight + 12 > innerHeight - below;
    const first = this.rows.rowOf(ids[0]) ?? row;
    this.effect.style.translate = `0 ${isOver ? this.grid.offsetTop + first.top - this.effect.offsetHeight - 6 : at + 6}px`;
  }

  /* What the server says */

  #answers() {
    return {
      done: (change, answer) => this.#confirmed(change, answer),
      refused: (change, problem) => this.#refused(change, problem),
      stuck: (isStuck) => this.#stuck(isStuck),
    };
  }

  #confirmed(change, answer) {
    change.feedVersion = answer?.feed_version ?? 0;
    const own = change.isUndo ? answer.moves.flatMap(({ items }) => items) : change.items;
    this.own = new Set([...(this.own ?? []), ...own]);
    if (!this.isLifting) this.store.settle();
    this.#heard().then(() => {
      if (change.isUndo) this.#showTaken(change, own);
      else if (change.place) this.#toast(answer.moves.length ? this.#movedText(change) : `${names(this.store, change.items)} stands there already.`, answer.moves.length > 0);
      else if (change.text) this.#toast(change.text);
    });
  }

  #movedText({ items, from }) {
    return this.store.items.has(items[0]) ? `${names(this.store, items)} moved from ${from} to ${this.store.items.get(items[0]).position}.` : "Moved.";
  }

  #showTaken({ text, path }, ids) {
    const here = ids.filter((id) => this.store.items.has(id));
    if (!here.length) return;
    this.current = here[0];
    this.refreshView();
    this.#reveal(here[0]);
    const told = `${text} ${names(this.store, here)} ${here.length === 1 ? "is" : "are"} at ${this.store.items.get(here[0]).position}.`;
    this.say(told);
    this.#toast(told, path === "moves/redo");
  }

  /* Glides back and says why. */
  #refused(change, problem) {
    this.store.remove(change);
    if (!this.isLifting) this.refreshView({ glide: true });
    const stays = change.place ? ` ${names(this.store, change.items)} stays where it was.` : "";
    this.#toast(`${problem.detail}${stays}`);
    this.say(`${problem.detail}${stays}`);
    this.#heard();
  }

  #stuck(isStuck) {
    if (isStuck === this.isStuck) return;
    this.isStuck = isStuck;
    this.classList.toggle("is-stuck", isStuck);
    this.#toast(isStuck ? "No answer from the server. Your moves are kept on this page and sent as soon as it answers." : "Connected again. Your moves are saved.");
  }

  async #heard(version) {
    if (version && version <= this.store.feedVersion) return;
    if (this.isLifting) {
      this.isBehind = true;
      return;
    }
    // One question at a time; whoever asks meanwhile waits for a fresh answer.
    this.asking = (this.asking ?? Promise.resolve()).then(() => this.#ask(version));
    return this.asking;
  }

  async #ask(version) {
    if (version && version <= this.store.feedVersion) return;
    let answer;
    try {
      answer = await this.server.feed(this.store.version);
    } catch (error) {
      if (error instanceof NoAnswer) return;
      throw error;
    }
    if (this.isLifting) {
      this.isBehind = true;
      return;
    }
    if (!answer) return this.store.settle();
    const told = this.store.take(answer);
    this.refreshView({ glide: true });
    this.#tint(told ?? []);
  }

  #tint(told) {
    const others = told.filter((id) => !this.own?.has(id) && !this.store.pending.some(({ items }) => items.includes(id)));
    this.own = new Set();
    for (const id of others) {
      const row = this.rows.rowOf(id);
      row?.classList.add("is-told");
      row?.addEventListener("animationend", () => row.classList.remove("is-told"), { once: true });
    }
    const here = others.filter((id) => this.store.items.has(id));
    if (here.length === 1) this.say(`Somebody changed ${this.store.keyOf(here[0])}. It is at ${this.store.items.get(here[0]).position}.`);
    else if (here.length) this.say(`Somebody changed ${plural(here.length, "item")}.`);
  }

  refresh() {
    return this.#heard();
  }

  say(text) {
    document.dispatchEvent(new CustomEvent("announce", { detail: text }));
  }

  tell(text) {
    this.#toast(text);
  }

  #toast(text, hasUndo = false) {
    const undo = hasUndo ? () => this.#takeBack("undo") : null;
    document.dispatchEvent(new CustomEvent("toast", { detail: { text, undo } }));
  }

  /* Pointer */

  #listenToPointer(signal) {
    this.grid.addEventListener("click", (event) => {
      const row = event.target.closest(".row");
      if (!row) return;
      const { id } = row.item;
      if (event.target.closest(".check")) return event.shiftKey ? this.#pickTo(id) : this.pick(id, event.target.checked);
      if (event.target.closest(".more")) return this.#openMenu(event.target.closest(".more"), id);
      if (event.target.closest(".mend")) return this.mend(id);
      if (event.shiftKey) {
        event.preventDefault();
        return this.#pickTo(id);
      }
      this.#go(this.view.indexOf(id));
      const isPlain = !event.ctrlKey && !event.metaKey;
      if (event.target.closest(".row-title > a") && isPlain) {
        event.preventDefault();
        this.open(id, true);
      }
    }, { signal });
    this.grid.addEventListener("focus", () => this.current ?? this.#go(this.rows.range[0] ? this.#firstVisible() : 0), { signal });
  }

  #firstVisible() {
    const [above] = this.bars();
    const at = this.rows.indexAt(above - this.rows.top);
    const entry = this.rows.entries.slice(at + 1).find((other) => typeof other === "number");
    return Math.max(0, this.view.indexOf(entry));
  }

  #openMenu(anchor, id) {
    this.#go(this.view.indexOf(id), { focus: false });
    const ids = this.moving(id);
    const back = (run) => () => {
      run();
      this.rows.rowOf(id)?.parts.more.focus({ preventScroll: true });
    };
    const entries = [{ icon: "maximize-2", text: `Open ${this.store.keyOf(id)}`, keys: "O", href: this.urlOf(id) }];
    if (this.mayMove) {
      entries.push(
        null,
        { icon: "arrow-up-to-line", text: "Move to the top", run: back(() => this.move(ids, { top: true })) },
        { icon: "arrow-up", text: "Move up", keys: "Alt ↑", run: back(() => this.#step(-1)) },
        { icon: "arrow-down", text: "Move down", keys: "Alt ↓", run: back(() => this.#step(1)) },
        { icon: "arrow-down-to-line", text: "Move to the bottom", run: back(() => this.move(ids, { bottom: true })) },
        { icon: "list-ordered", text: "Move to…", keys: "M", run: () => this.askWhere(ids) },
      );
      const below = this.store.neededBelow(id);
      if (below.length) entries.push({ icon: "triangle-alert", text: `Move ${names(this.store, below)} above it`, run: back(() => this.mend(id)) });
    }
    const { pinned, number } = this.store.items.get(id);
    if (this.rights.has("order.pin") || this.rights.has("item.drop")) entries.push(null);
    if (this.rights.has("order.pin"))
      entries.push({ icon: pinned ? "pin-off" : "pin", text: pinned ? "Unpin" : "Pin to its place", keys: "P", run: back(() => this.pin(id)) });
    if (this.rights.has("item.drop"))
      entries.push({ icon: "trash-2", text: "Drop", run: back(() => this.queue.push({ method: "POST", path: `items/${number}/drop`, items: [id], text: `${this.store.keyOf(id)} is dropped.` })) });
    openMenu(anchor, `What may be done with ${this.store.keyOf(id)}`, entries);
  }
});

const placeAt = (rest, index) => (index === 0 ? (rest.length ? { before: rest[0] } : { top: true }) : { after: rest[index - 1] });
