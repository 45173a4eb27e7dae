/* The current row: where keys stand, what it needs and what it enables. */
export class Cursor {
  current = null;
  /* id → needs, enables or bad, as seen from the current row. */
  relations = new Map();

  constructor(list) {
    this.list = list;
    list.offer({
      next: () => this.step(1),
      previous: () => this.step(-1),
      "page-down": () => this.step(list.screen.pageSize),
      "page-up": () => this.step(-list.screen.pageSize),
      first: () => this.go(0),
      last: () => this.go(list.screen.view.length - 1),
      clear: () => this.#clear(),
      ...this.onRow({
        open: (id) => list.open(id, true),
        "open-page": (id) => list.open(id, false),
        needs: (id) => this.#follow(list.store.needsOf(id), "needs nothing in this list"),
        enables: (id) => this.#follow(list.store.enablesOf(id), "enables nothing in this list"),
      }),
    });
  }

  /* Handlers that take the current row's id, and rest while there is none. */
  onRow(handlers) {
    const entries = Object.entries(handlers);
    return Object.fromEntries(entries.map(([command, handle]) => [command, () => this.current !== null && handle(this.current)]));
  }

  get index() {
    return this.list.screen.view.indexOf(this.current);
  }

  step(by) {
    this.go(this.index + (this.current === null ? 1 : by));
  }

  go(index, { focus = true } = {}) {
    const { screen, grid } = this.list;
    const { view } = screen;
    if (!view.length) return;
    this.current = view[Math.max(0, Math.min(view.length - 1, index))];
    this.relate();
    screen.reveal(this.current);
    if (focus && document.activeElement !== grid) grid.focus({ preventScroll: true });
  }

  goTo(id, options) {
    this.go(this.list.screen.view.indexOf(id), options);
  }

  #follow(ids, without) {
    const { store, screen } = this.list;
    const shown = ids.filter((id) => screen.view.includes(id));
    if (!shown.length) return this.list.say(`${store.keyOf(this.current)} ${without}.`);
    this.goTo(shown[0]);
    this.list.say(`${store.keyOf(shown[0])}, at ${store.items.get(shown[0]).position}.`);
  }

  #clear() {
    const { selection, screen, panel, why } = this.list;
    if (panel.isOpen) return panel.close();
    if (why.isOpen) return why.close();
    if (selection.ids.size) return selection.clear();
    this.current = null;
    this.relate();
    screen.rows.render();
  }

  forgetGone() {
    if (!this.list.store.items.has(this.current)) this.current = null;
  }

  relate() {
    const { store } = this.list;
    this.relations = new Map();
    if (this.current === null) return;
    const { position } = store.items.get(this.current);
    for (const need of store.needsOf(this.current))
      this.relations.set(need, store.items.get(need).position > position ? "bad" : "needs");
    for (const other of store.enablesOf(this.current)) this.relations.set(other, "enables");
  }

  showActive() {
    const { grid, screen } = this.list;
    const shown = this.current !== null && screen.rows.rowOf(this.current);
    if (shown) grid.setAttribute("aria-activedescendant", shown.id);
    else grid.removeAttribute("aria-activedescendant");
  }
}
