/* Changes the order: shown at once, then confirmed by the server, or taken back with its reason. */
import { template } from "./parts.js";
import { MoveQueue } from "./server.js";
import { sprintAt } from "./store.js";
import { names } from "./words.js";

export class Ordering {
  #isStuck = false;

  constructor(list, signal) {
    this.list = list;
    this.queue = new MoveQueue(list.server, this.#answers(), signal);
    const onRow = (handlers) => list.cursor.onRow(handlers);
    list.offer({ undo: () => this.#undoLast() });
    if (list.mayMove)
      list.offer({
        redo: () => this.takeBack("redo"),
        "move-to": () => this.askWhere(),
        ...onRow({
          "move-up": () => this.step(-1),
          "move-down": () => this.step(1),
          "sprint-start": () => this.#toEdgeOfSprint(true),
          "sprint-end": () => this.#toEdgeOfSprint(false),
        }),
      });
    if (list.rights.has("order.pin")) list.offer(onRow({ pin: (id) => this.pin(id) }));
  }

  get isAtRest() {
    return this.queue.isEmpty && this.list.store.pending.length === 0;
  }

  step(direction) {
    const { list } = this;
    const view = list.reach.track(list.screen.view);
    const ids = list.movable();
    if (!ids.length) return null;
    const moving = new Set(ids);
    const rest = view.filter((id) => !moving.has(id));
    const first = view.indexOf(ids.find((id) => view.includes(id)));
    const above = view.slice(0, first).filter((id) => !moving.has(id)).length;
    const to = above + direction;
    if (to < 0 || to > rest.length) return list.say(direction < 0 ? "It is the first." : "It is the last.");
    return this.move(ids, placeAt(rest, to), { isStep: true });
  }

  #toEdgeOfSprint(isStart) {
    const { list } = this;
    const line = sprintAt(list.screen.drawn, list.cursor.index);
    if (!line) return list.say("No sprint is drawn here.");
    const ids = list.movable();
    if (!ids.length) return null;
    const anchor = isStart ? line.first : line.last;
    if (ids.includes(anchor)) return list.say("It stands there already.");
    return this.move(ids, isStart ? { before: anchor } : { after: anchor });
  }

  /* Puts the items there at once, and tells the server. */
  move(ids, place, { isStep = false } = {}) {
    if (!ids.length) return;
    const { list } = this;
    const { store, screen } = list;
    const from = store.items.get(ids[0]).position;
    const before = store.order;
    list.lastUndo = null;
    const change = { method: "POST", path: "moves", body: { items: ids, ...place }, items: ids, place, isStep, from };
    const replaced = this.queue.push(change);
    if (replaced) {
      change.from = replaced.from;
      store.remove(replaced);
    }
    store.add(change);
    screen.refresh({ glide: true });
    screen.reveal(ids[0]);
    const below = store.neededBelow(ids[0]);
    const needs = below.length ? ` It stands above ${store.keyOf(below[0])}, which it needs.` : "";
    const date = list.dates.effect(ids, names(store, ids), before, store.order);
    list.say(this.#movedText({ items: ids, from }) + needs + (date ? ` ${date.text}.` : ""));
  }

  mend(id) {
    const { store, reach } = this.list;
    const needs = store.neededBelow(id).sort((a, b) => store.items.get(a).position - store.items.get(b).position);
    this.move(needs, reach.placeAbove(id));
  }

  askWhere(ids = this.list.movable()) {
    if (!ids.length) return;
    const { store, screen, grid, reach } = this.list;
    askWhere({
      title: names(store, ids),
      count: store.order.length,
      product: store.legend.product,
      lines: screen.drawn.filter(({ last }) => last !== undefined && !ids.includes(last)),
      find: (text) => {
        const key = text.toUpperCase();
        const found = store.byKey(text);
        if (!found) return { why: `There is no ${key} in this list.` };
        if (ids.includes(found.id)) return { why: `${key} is what moves. Name another one.` };
        if (!reach.holds(found.id)) return { why: `${key} keeps its place. Name an item that is lent to you.` };
        return { anchor: found.id };
      },
      move: (place) => {
        this.move(ids, "position" in place ? reach.placeAt(place.position) : place);
        grid.focus({ preventScroll: true });
      },
    });
  }

  pin(id) {
    const { store } = this.list;
    const { pinned, number } = store.items.get(id);
    const text = pinned ? `${store.keyOf(id)} is no longer pinned.` : `${store.keyOf(id)} keeps its place now.`;
    this.queue.push({ method: pinned ? "DELETE" : "PUT", path: `items/${number}/pin`, items: [id], text });
  }

  drop(id) {
    const { store } = this.list;
    this.queue.push({ method: "POST", path: `items/${store.items.get(id).number}/drop`, items: [id], text: `${store.keyOf(id)} is dropped.` });
  }

  /* A move, unless something else was changed after it. */
  #undoLast() {
    const { list } = this;
    if (list.lastUndo) return list.lastUndo();
    return list.mayMove ? this.takeBack("undo") : list.say("There is nothing of yours to take back.");
  }

  takeBack(command) {
    this.queue.push({ method: "POST", path: `moves/${command}`, items: [], isUndo: true, text: command === "undo" ? "Taken back." : "Moved again." });
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
    const { store, hearing, hand } = this.list;
    change.feedVersion = answer?.feed_version ?? 0;
    const own = change.isUndo ? answer.moves.flatMap(({ items }) => items) : change.items;
    hearing.expect(own);
    if (!hand.isLifting) store.settle();
    hearing.heard().then(() => {
      if (change.isUndo) this.#showTaken(change, own);
      else if (change.place) this.#toast(answer.moves.length ? this.#movedText(change) : `${names(store, change.items)} stands there already.`, answer.moves.length > 0);
      else if (change.text) this.#toast(change.text);
    });
  }

  #movedText({ items, from }) {
    const { store } = this.list;
    return store.items.has(items[0]) ? `${names(store, items)} moved from ${from} to ${store.items.get(items[0]).position}.` : "Moved.";
  }

  #showTaken({ text, path }, ids) {
    const { store, screen, cursor } = this.list;
    const here = ids.filter((id) => store.items.has(id));
    if (!here.length) return;
    cursor.current = here[0];
    screen.refresh();
    screen.reveal(here[0]);
    const told = `${text} ${names(store, here)} ${here.length === 1 ? "is" : "are"} at ${store.items.get(here[0]).position}.`;
    this.list.say(told);
    if (path === "moves/redo") this.#toast(told, true);
    else this.list.tell(told, null, () => this.takeBack("redo"));
  }

  /* Glides back and says why. */
  #refused(change, problem) {
    const { store, screen, hand, hearing } = this.list;
    store.remove(change);
    if (!hand.isLifting) screen.refresh({ glide: true });
    const stays = change.place ? ` ${names(store, change.items)} stays where it was.` : "";
    this.#toast(`${problem.detail}${stays}`);
    this.list.say(`${problem.detail}${stays}`);
    hearing.heard();
  }

  #stuck(isStuck) {
    if (isStuck === this.#isStuck) return;
    this.#isStuck = isStuck;
    this.list.classList.toggle("is-stuck", isStuck);
    this.#toast(isStuck ? "No answer from the server. Your moves are kept on this page and sent as soon as it answers." : "Connected again. Your moves are saved.");
  }

  #toast(text, hasUndo = false) {
    this.list.tell(text, hasUndo ? () => this.takeBack("undo") : null);
  }
}

/* The place at that index among the items that stay. */
export const placeAt = (rest, index) => (index === 0 ? (rest.length ? { before: rest[0] } : { top: true }) : { after: rest[index - 1] });

/* Asks where to: a position, a key, the top, the bottom, a sprint. */
const blankDialog = template(() => `<dialog class="move-dialog" aria-labelledby="move-title">
  <form method="dialog">
    <div class="dialog-head"><h2 id="move-title"></h2></div>
    <div class="dialog-body">
      <div class="field"><label for="move-where">Position or key</label><input class="input" id="move-where" name="where" autocomplete="off" autocapitalize="characters" aria-describedby="move-hint move-error">
      <p class="soft" id="move-hint"></p><p class="errors" id="move-error" role="alert"></p></div>
      <fieldset class="seg"><legend class="vh">Side of the key</legend><label><input type="radio" name="side" value="before" checked>Above the key</label><label><input type="radio" name="side" value="after">Below the key</label></fieldset>
      <div class="field sprints"><label for="move-sprint">Or to the end of</label><select class="input" id="move-sprint" name="sprint"><option value="">no sprint</option></select></div>
      <div class="actions"><button class="btn primary" value="where">Move there</button><button class="btn" value="top" formnovalidate>To the top</button><button class="btn" value="bottom">To the bottom</button><button class="btn quiet" value="cancel">Cancel</button></div>
    </div>
  </form>
</dialog>`);

/* title: what moves. lines: sprint boundaries with `last`, the id of the item that closes each. find(key): its id as anchor, or why not. */
function askWhere({ title, count, product, lines, find, move }) {
  const dialog = blankDialog();
  const form = dialog.querySelector("form");
  const say = (text) => {
    dialog.querySelector("#move-error").textContent = text;
    form.elements.where.setAttribute("aria-invalid", "true");
    form.elements.where.focus();
  };
  dialog.querySelector("h2").textContent = `Move ${title}`;
  dialog.querySelector("#move-hint").textContent = `1 to ${count}, or a key like ${product}-12`;
  dialog.querySelector(".sprints").hidden = lines.length === 0;
  form.elements.sprint.append(...lines.map((line, index) => new Option(line.label, index)));
  form.addEventListener("submit", (event) => {
    const place = read(form, event.submitter?.value ?? "where", { lines, find, count, say });
    if (!place) event.preventDefault();
    else if (place !== "cancel") move(place);
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  form.elements.where.focus();
}

function read(form, button, { lines, find, count, say }) {
  const { where, side, sprint } = form.elements;
  const text = where.value.trim();
  if (button === "cancel") return "cancel";
  if (button !== "where") return { [button]: true };
  if (!text && sprint.value) return { after: lines[sprint.value].last };
  if (/^\d+$/.test(text)) {
    const position = Number(text);
    return position >= 1 ? { position: Math.min(position, count) } : say("The first position is 1.");
  }
  if (!text) return say("Say a position, a key, or choose a sprint.");
  const { anchor, why } = find(text);
  return anchor ? { [side.value]: anchor } : say(why);
}
