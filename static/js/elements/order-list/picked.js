/* The bar for several items: how many, how many points, and what may be done with all of them. */
import { number } from "./lines.js";
import { openMenu } from "./menu.js";
import { element, icon } from "./parts.js";
import { plural } from "./words.js";

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
    this.count.textContent = `${plural(items.length, "item")} · ${number(points)} pts`;
  }

  #buttons() {
    const { list } = this;
    const made = [];
    const add = (right, text, run, keys) => {
      if (right && !list.rights.has(right)) return;
      const button = element("button", "btn", text);
      button.type = "button";
      if (keys) button.append(element("kbd", "", keys));
      button.addEventListener("click", () => run(button));
      made.push(button);
    };
    const { legend } = list.store;
    const ids = () => list.store.order.filter((id) => list.selection.ids.has(id));
    add("order.move", "Move", () => list.ordering.askWhere(ids()), "M");
    add("order.move", "Component", (button) => this.#choose(button, "component", [...choices(legend.components), ["No component", null]]));
    add("order.move", "Team", (button) => this.#choose(button, "team", [...choices(legend.teams), ["No team", null]]));
    add("order.move", "Points", (button) => this.#choose(button, "points", [0.5, 1, 2, 3, 5, 8, 13, 21].map((value) => [number(value), value]).concat([["Not estimated", null]])));
    add("item.drop", "Drop", () => this.#each("dropped", (item) => list.server.write("POST", `items/${item.number}/drop`)));
    const clear = element("button", "icon-btn", icon("x"));
    clear.type = "button";
    clear.setAttribute("aria-label", "Select nothing");
    clear.addEventListener("click", () => {
      list.selection.clear();
      list.grid.focus({ preventScroll: true });
    });
    return [...made, clear];
  }

  #choose(button, field, options) {
    const entries = options.map(([text, value]) => ({ text, run: () => this.#set(field, value) }));
    openMenu(button, button.textContent, entries);
  }

  #set(field, value) {
    return this.#each("changed", async (item) => {
      const [, tag] = await this.list.server.getWithTag(`items/${item.number}`);
      await this.list.server.write("PATCH", `items/${item.number}`, { [field]: value }, { "If-Match": tag });
    });
  }

  /* One after the other, so that a refusal leaves the rest as it was and is told. */
  async #each(done, change) {
    const { list } = this;
    const items = list.store.order.filter((id) => list.selection.ids.has(id)).map((id) => list.store.items.get(id));
    let count = 0;
    try {
      for (const item of items) {
        await change(item);
        count += 1;
      }
      list.tell(`${plural(count, "item")} ${done}.`);
    } catch (error) {
      list.tell(`${count} of ${plural(items.length, "item")} ${done}, then: ${error.message}`);
    }
    await list.hearing.heard();
    list.grid.focus({ preventScroll: true });
  }
}

const choices = (names) => Object.entries(names).map(([id, name]) => [name, Number(id)]).sort(([a], [b]) => a.localeCompare(b));
