/* The pointer on rows: clicks, their menu, drags; and the focus that comes by Tab. */
import { edit, editableOf } from "./editable.js";
import { openMenu } from "./menu.js";
import { names } from "./words.js";

const LONG_PRESS_MS = 350;
const SLIP_PX = 8;
const EDGE_PX = 72;
const FASTEST_PX = 26;

export function listenToPointer(list, signal) {
  const { cursor, selection, ordering, screen } = list;

  list.grid.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (!row) return;
    const { id } = row.item;
    const at = (selector) => event.target.closest(selector);
    if (at(".check")) return event.shiftKey ? selection.pickTo(id) : selection.pick(id, event.target.checked);
    if (at(".more")) return openRowMenu(list, at(".more"), id);
    if (at(".mend")) return ordering.mend(id);
    if (at(".why-btn")) return list.why.toggle(id);
    if (event.shiftKey) {
      event.preventDefault();
      return selection.pickTo(id);
    }
    cursor.goTo(id);
    const isPlain = !event.ctrlKey && !event.metaKey;
    const field = isPlain && editableOf(list, row.item).find(({ cell, isClicked }) => isClicked && at(cell));
    if (field) return edit(list, id, field);
    if (at(".row-title > a") && isPlain) {
      event.preventDefault();
      list.open(id, true);
    }
  }, { signal });

  list.grid.addEventListener("focus", () => cursor.current ?? cursor.go(screen.rows.range[0] ? screen.firstVisible : 0), { signal });
}

/* What its reader may do with the item, or with all that are picked. */
function openRowMenu(list, anchor, id) {
  const { store, ordering, rights, screen } = list;
  list.cursor.goTo(id, { focus: false });
  const ids = list.moving(id);
  const key = store.keyOf(id);
  // The button may belong to another row by now.
  const back = (run) => () => {
    run();
    screen.rows.rowOf(id)?.parts.more.focus({ preventScroll: true });
  };
  const entries = [
    { icon: "maximize-2", text: `Open ${key}`, keys: "O", href: list.urlOf(id) },
    { icon: "circle-question-mark", text: "Why here?", keys: "W", run: () => list.why.open(id) },
    { icon: "check", text: list.selection.ids.has(id) ? "Select no longer" : "Select", keys: "X", run: () => list.selection.pick(id) },
  ];
  if (list.mayMove && ids.every((other) => list.reach.holds(other))) {
    entries.push(
      null,
      { icon: "arrow-up-to-line", text: "Move to the top", run: back(() => ordering.move(ids, { top: true })) },
      { icon: "arrow-up", text: "Move up", keys: "Alt ↑", run: back(() => ordering.step(-1)) },
      { icon: "arrow-down", text: "Move down", keys: "Alt ↓", run: back(() => ordering.step(1)) },
      { icon: "arrow-down-to-line", text: "Move to the bottom", run: back(() => ordering.move(ids, { bottom: true })) },
      { icon: "list-ordered", text: "Move to…", keys: "M", run: () => ordering.askWhere(ids) },
    );
  }
  const below = store.neededBelow(id);
  if (below.length && screen.mayMend(id, below)) {
    entries.push({ icon: "triangle-alert", text: `Move ${names(store, below)} above it`, run: back(() => ordering.mend(id)) });
  }
  const fields = editableOf(list, store.items.get(id));
  if (fields.length) {
    const choose = () => openMenu(screen.rows.rowOf(id)?.parts.more ?? anchor, `Change ${key}`, fields.map((field) => ({ text: field.label, keys: field.keys, run: () => edit(list, id, field) })));
    entries.push(null, { icon: "pencil", text: "Change…", run: choose });
  }
  const { pinned } = store.items.get(id);
  if (rights.has("order.pin") || rights.has("item.drop")) entries.push(null);
  if (rights.has("order.pin"))
    entries.push({ icon: pinned ? "pin-off" : "pin", text: pinned ? "Unpin" : "Pin to its place", keys: "P", run: back(() => ordering.pin(id)) });
  if (rights.has("item.drop")) entries.push({ icon: "trash-2", text: "Drop", run: back(() => ordering.drop(id)) });
  openMenu(anchor, `What may be done with ${key}`, entries);
}

/* Dragging by mouse or pen at the grip, by finger after a long press; near an edge the page scrolls by itself. */
export function makeDraggable(list, signal) {
  const { hand } = list;
  let pointer = null;
  let press = 0;
  let pressedAt = null;

  function begin(id, event) {
    if (!hand.lift(id)) return;
    pointer = { id: event.pointerId, y: event.clientY };
    list.grid.setPointerCapture(event.pointerId);
    requestAnimationFrame(follow);
  }

  function follow() {
    if (!pointer) return;
    const { sight } = list.screen;
    const { above, below } = sight.now;
    const over = above + EDGE_PX - pointer.y;
    const under = pointer.y - (below - EDGE_PX);
    const step = over > 0 ? -over : Math.max(0, under);
    if (step) sight.scrollBy(Math.sign(step) * Math.min(FASTEST_PX, Math.abs(step) / 3));
    hand.liftOver(pointer.y);
    requestAnimationFrame(follow);
  }

  /* at: where it is let go; null puts it back. */
  function end(at) {
    clearTimeout(press);
    press = 0;
    if (!pointer) return;
    pointer = null;
    if (at === null) return hand.putBack();
    hand.liftOver(at);
    hand.drop();
  }

  list.grid.addEventListener("pointerdown", (event) => {
    const row = event.target.closest(".row");
    if (!row || event.button || list.isLifting) return;
    const { id } = row.item;
    if (event.pointerType === "touch") {
      press = setTimeout(() => begin(id, event), LONG_PRESS_MS);
      pressedAt = event;
    } else if (event.target.closest(".grip")) {
      event.preventDefault();
      begin(id, event);
    }
  }, { signal });

  list.grid.addEventListener("pointermove", (event) => {
    if (pointer?.id === event.pointerId) pointer.y = event.clientY;
    else if (press && Math.hypot(event.clientX - pressedAt.clientX, event.clientY - pressedAt.clientY) > SLIP_PX) end(null);
  }, { signal });
  list.grid.addEventListener("pointerup", ({ clientY }) => end(clientY), { signal });
  list.grid.addEventListener("pointercancel", () => end(null), { signal });
  // While a row is in the hand the finger moves it, not the page.
  list.grid.addEventListener("touchmove", (event) => pointer && event.preventDefault(), { signal, passive: false });
  list.grid.addEventListener("contextmenu", (event) => (pointer || press) && event.preventDefault(), { signal });
  list.grid.addEventListener("dragstart", (event) => event.preventDefault(), { signal });
  addEventListener("keydown", (event) => {
    if (!pointer || event.key !== "Escape") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    end(null);
  }, { signal, capture: true });
}
