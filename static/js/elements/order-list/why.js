/* "Why here?": what the server says of an item's place, over the list below its row. ?why=KEY in the address. */
import { address } from "./panel.js";
import { element, icon } from "./parts.js";

const NAME = "why";

export class Why {
  #id = null;
  #asked = null;

  /* holder: the element that the rows lie in. */
  constructor(list, holder, signal) {
    this.list = list;
    list.offer(list.cursor.onRow({ why: (id) => this.toggle(id) }));
    this.box = element("div", "row-why");
    this.box.hidden = true;
    this.text = element("div", "");
    const close = element("button", "icon-btn small", icon("x"));
    close.type = "button";
    close.setAttribute("aria-label", "Close");
    close.addEventListener("click", () => this.close());
    this.box.append(this.text, close);
    holder.append(this.box);
    signal.addEventListener("abort", () => this.#asked?.abort());
  }

  get isOpen() {
    return this.#id !== null;
  }

  /* The address may ask for one. */
  start() {
    const key = new URLSearchParams(location.search).get(NAME);
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
    this.#asked?.abort();
    this.#asked = new AbortController();
    this.#id = id;
    address(NAME, this.list.store.keyOf(id));
    try {
      const response = await fetch(`${this.list.urlOf(id)}why/`, { signal: this.#asked.signal, headers: { "HX-Request": "true" } });
      if (!response.ok) throw new Error(response.status);
      const made = document.createElement("template");
      made.innerHTML = await response.text();
      this.text.replaceChildren(made.content);
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
    this.#asked?.abort();
    this.#id = null;
    this.box.hidden = true;
    address(NAME, null);
  }

  /* Below its row; hidden while that is not drawn. */
  place() {
    const { screen } = this.list;
    const row = this.isOpen && this.text.firstChild ? screen.rows.rowOf(this.#id) : null;
    this.box.hidden = !row;
    if (row) this.box.style.translate = `0 ${screen.sight.now.grid + row.top + row.height}px`;
  }
}
