/* Dragging by mouse or pen at the grip, by finger after a long press; near an edge the page scrolls by itself. */
const LONG_PRESS_MS = 350;
const SLIP_PX = 8;
const EDGE_PX = 72;
const FASTEST_PX = 26;

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
