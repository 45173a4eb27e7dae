/* New items at a place of the list: a title and Enter, again and again; a pasted list makes many at once. */
import { element, template } from "./parts.js";
import { TYPES } from "./row.js";
import { plural } from "./words.js";

const LONGEST = 300;
const MOST = 500;
// As the style sheet has it, at 16 px.
const NARROW = 688;
// Bullets, numbers and boxes to tick, as lists are written elsewhere.
const MARK = /^(?:[-*+•–—▪◦·]|\(?\d{1,3}[.)]|\[[ xX]?\])\s+/;

const blank = template(() => `<form class="entry" role="row" novalidate><span class="entry-line" role="gridcell"><select class="input" name="type" aria-label="Type"></select><input class="input" name="title" autocomplete="off" maxlength="2000"><textarea class="input" name="lines" rows="6" hidden aria-label="One item a line"></textarea><button class="btn primary">Add</button><button class="btn quiet" type="button">Close</button></span><span class="entry-hint" role="gridcell"><span role="status"></span></span></form>`);

/* What a list of lines holds: {titles, left: the lines that can't be used, why: a sentence about them}. */
export function readLines(text) {
  const titles = [];
  const left = [];
  let tooLong = 0;
  for (const line of text.split(/\r?\n/)) {
    let title = line.trim();
    while (MARK.test(title)) title = title.replace(MARK, "");
    title = title.replaceAll(/\s+/g, " ").trim();
    if (!/[\p{L}\p{N}]/u.test(title)) continue;
    if (title.length > LONGEST) tooLong += 1;
    if (title.length > LONGEST || titles.length === MOST) left.push(line);
    else titles.push(title);
  }
  const over = left.length - tooLong;
  const why = [
    tooLong && `${plural(tooLong, "line")} can't be used: a title has at most ${LONGEST} characters. Shorten ${tooLong === 1 ? "it" : "them"} here.`,
    over && `At most ${MOST} at once: ${plural(over, "line")} ${over === 1 ? "stays" : "stay"} for the next time.`,
  ].filter(Boolean);
  return { titles, left, why: why.join(" ") };
}

export class Entry {
  key = "entry";
  #behind = null;
  #isOpen = false;

  constructor(list) {
    this.list = list;
    this.isProposal = !list.rights.has("item.create");
    this.element = blank();
    const { type, title, lines } = this.element.elements;
    Object.assign(this, { type, title, lines });
    [this.add, this.end] = this.element.querySelectorAll("button");
    this.status = this.element.querySelector("[role=status]");
    type.append(...TYPES.map(({ type: value, text }) => new Option(value === "story" ? "Story" : text, value)));
    title.setAttribute("aria-label", this.isProposal ? "Title of the proposed item" : "Title of the new item");
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.element.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === lines && (event.ctrlKey || event.metaKey)) this.#send();
      else if (event.key === "Escape") this.close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    this.end.addEventListener("click", () => this.close());
    title.addEventListener("paste", (event) => this.#pasted(event));
    lines.addEventListener("input", () => this.#count());
  }

  /* Where its row stands among those that are shown; null while it is closed. */
  at(view) {
    if (!this.#isOpen) return null;
    const index = view.indexOf(this.#behind);
    return this.#behind === null ? 0 : index < 0 ? view.length : index + 1;
  }

  get height() {
    const isNarrow = this.list.grid.clientWidth < NARROW;
    if (this.lines.hidden) return isNarrow ? 156 : 76;
    return isNarrow ? 284 : 212;
  }

  /* Below that item; null: at the top. */
  open(behind) {
    if (!this.#isOpen || !this.#text.trim()) this.#behind = behind;
    this.#isOpen = true;
    this.#count();
    this.#show();
  }

  #show() {
    const { list } = this;
    list.screen.refresh({ glide: true });
    list.screen.revealEntry(this);
    (this.lines.hidden ? this.title : this.lines).focus({ preventScroll: true });
  }

  /* What is written stays for the next time. */
  close() {
    this.#isOpen = false;
    this.list.screen.refresh({ glide: true });
    this.list.grid.focus({ preventScroll: true });
    if (this.#text.trim()) this.list.say("Closed. What you wrote is kept until you open it again.");
  }

  get #text() {
    return this.lines.hidden ? this.title.value : this.lines.value;
  }

  #pasted(event) {
    const text = event.clipboardData.getData("text/plain");
    if (!/\S\s*[\r\n]+\s*\S/.test(text)) return;
    event.preventDefault();
    this.#turn(this.title.value.trim() ? `${this.title.value}\n${text.trim()}` : text.trim());
    this.title.value = "";
    this.#show();
  }

  /* Many lines, or with none the single title again. */
  #turn(text) {
    this.lines.value = text;
    this.lines.hidden = !text;
    this.title.hidden = Boolean(text);
    this.#count();
  }

  #count() {
    const place = this.#behind === null ? "at the top" : `below ${this.list.store.items.has(this.#behind) ? this.list.store.keyOf(this.#behind) : "what was here"}`;
    if (this.lines.hidden) {
      this.add.textContent = this.isProposal ? "Propose" : "Add";
      const what = this.isProposal ? "The product owner decides about it." : `It goes ${place}.`;
      this.status.textContent = `${what} Enter adds it and stays open, Esc closes; paste a list to make many.`;
      return;
    }
    const { titles, why } = readLines(this.lines.value);
    this.add.textContent = `${this.isProposal ? "Propose" : "Add"} ${plural(titles.length, "item")}`;
    this.status.textContent = `${plural(titles.length, "item")}${this.isProposal ? "" : ` ${place}`}, as one change. ${why}`;
  }

  #send() {
    const isMany = !this.lines.hidden;
    const { titles, left, why } = readLines(this.#text);
    if (!titles.length) {
      this.status.textContent = why || "A title needs a letter or a number.";
      return this.list.say(this.status.textContent);
    }
    const chosen = TYPES.find(({ type }) => type === this.type.value);
    const rows = titles.map((title) => ({ title, kind: chosen.kind, type: chosen.type }));
    this.title.value = "";
    if (isMany) this.#turn(left.join("\n"));
    this.#show();
    return this.#push(rows);
  }

  #push(rows) {
    const { list, isProposal } = this;
    list.lastUndo = null;
    const place = () => (list.store.items.has(this.#behind) ? { after: this.#behind } : this.#behind === null ? { top: true } : { bottom: true });
    let body;
    list.ordering.queue.push({
      items: [],
      // The place is asked for when its turn comes: the next one goes below the one before. Again, it is the same.
      send: (headers) => {
        body ??= isProposal ? { items: rows } : { items: rows, place: place() };
        return list.server.write("POST", isProposal ? "proposals/many" : "items/many", body, headers);
      },
      done: async (_, { items }) => {
        list.hearing.expect(items);
        if (!isProposal) this.#behind = items.at(-1);
        await list.hearing.heard();
        if (isProposal) htmx.trigger(document.body, "backlog-changed");
        if (this.#isOpen) this.#count();
        list.screen.refresh({ glide: true });
        this.#tell(items);
      },
      refused: (_, problem) => {
        const text = rows.map(({ title }) => title).join("\n");
        const now = this.#text.trim();
        if (rows.length > 1 || now) this.#turn(now ? `${text}\n${now}` : text);
        else this.title.value = text;
        this.#isOpen = true;
        this.#show();
        list.tell(problem.detail);
        list.hearing.heard();
      },
    });
  }

  #tell(items) {
    const { list } = this;
    const { store } = list;
    const what = items.length === 1 && store.items.has(items[0]) ? store.keyOf(items[0]) : plural(items.length, "item");
    const is = items.length === 1 ? "is" : "are";
    const hidden = !this.isProposal && !items.some((id) => list.screen.view.includes(id)) ? " The filter does not show it." : "";
    const where = this.isProposal ? `${is} proposed. The product owner decides.` : `${is} at ${store.items.get(items[0])?.position}.${hidden}`;
    list.say(`${what} ${where}`);
    list.tell(`${what} ${where}`, () => list.together("drop", items, `${what} dropped.`, "restore"));
  }
}
