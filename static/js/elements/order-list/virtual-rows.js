/* The rows on the screen: a pool of elements on fixed heights, recycled as the page scrolls, however long the list. */
import { fillLine, fillRow, makeRow } from "./row.js";

const OVERSCAN = 8;
const GLIDE = { duration: 220, easing: "cubic-bezier(0.2, 0.8, 0.2, 1)" };
const SORT_AFTER_MS = 200;

const keyOf = (entry) => (typeof entry === "number" ? entry : entry.key);

export class VirtualRows {
  entries = [];
  offsets = new Int32Array(1);
  #shown = new Map();
  #free = [];
  #frame = 0;
  #sorting = 0;

  /* screen: {sight, isFlagged(id)}, whether a row needs the taller height. */
  constructor(list, body, probes, screen, signal) {
    Object.assign(this, { list, body, probes, screen });
    addEventListener("scroll", () => {
      screen.sight.forget();
      this.schedule();
    }, { signal, passive: true });
    const resized = new ResizeObserver(() => this.measure());
    resized.observe(list.grid);
    signal.addEventListener("abort", () => resized.disconnect());
  }

  /* Heights are the style sheet's, one set for each width. */
  measure() {
    this.screen.sight.forget();
    const [row, flagged, rule] = [...this.probes.children].map((probe) => probe.offsetHeight);
    const isSame = this.heights && row === this.heights.row && flagged === this.heights.flagged && rule === this.heights.rule;
    this.heights = { row, flagged, rule };
    if (!isSame) this.set(this.entries);
    else this.schedule();
  }

  set(entries, { glide = false } = {}) {
    const from = glide && !matchMedia("(prefers-reduced-motion: reduce)").matches ? this.#places() : null;
    const { row, flagged, rule } = this.heights;
    const isTaller = flagged !== row;
    const offsets = new Int32Array(entries.length + 1);
    for (let index = 0; index < entries.length; index++) {
      const entry = entries[index];
      let height = row;
      if (typeof entry !== "number") height = entry.height ?? (entry.key === "hole" || entry.make ? row : rule);
      else if (isTaller && this.screen.isFlagged(entry)) height = flagged;
      offsets[index + 1] = offsets[index] + height;
    }
    this.entries = entries;
    this.offsets = offsets;
    this.body.style.height = `${offsets[entries.length]}px`;
    this.list.grid.setAttribute("aria-rowcount", entries.length);
    this.render();
    if (from) this.#glide(from);
  }

  schedule() {
    this.#frame ||= requestAnimationFrame(() => {
      this.#frame = 0;
      this.render({ isScroll: true });
    });
  }

  /* The index of the entry at that distance from the top of the list. */
  indexAt(y) {
    let low = 0;
    let high = this.entries.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.offsets[middle] <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /* First and last entry on the screen. */
  get range() {
    const { top, bottom } = this.screen.sight.now;
    const first = Math.max(0, this.indexAt(-top) - OVERSCAN);
    const last = Math.min(this.entries.length - 1, this.indexAt(bottom - top) + OVERSCAN);
    return [first, last];
  }

  rowOf(key) {
    return this.#shown.get(key) ?? null;
  }

  /* isScroll: nothing but the place has changed, so what is on the screen already stays as it is. */
  render({ isScroll = false } = {}) {
    if (!this.heights) return;
    const [first, last] = this.range;
    const wanted = new Map();
    // Somebody may be writing in it.
    const written = this.entries.findIndex(({ element }) => element);
    if (written >= 0) wanted.set(keyOf(this.entries[written]), written);
    for (let index = first; index <= last; index++) wanted.set(keyOf(this.entries[index]), index);
    for (const [key, row] of this.#shown) {
      if (wanted.has(key)) continue;
      this.#shown.delete(key);
      if (typeof key === "number") this.#free.push(row);
      else row.remove();
    }
    for (const [key, index] of wanted) if (!isScroll || !this.#shown.has(key)) this.#show(key, index);
    for (const row of this.#free) row.hidden = true;
    this.onRender?.(first, last);
    clearTimeout(this.#sorting);
    this.#sorting = setTimeout(() => this.#sort(), SORT_AFTER_MS);
  }

  #show(key, index) {
    const entry = this.entries[index];
    let row = this.#shown.get(key);
    if (typeof entry === "number") {
      row ??= this.#free.pop() ?? makeRow();
      if (!row.isConnected) this.body.append(row);
      row.hidden = false;
      fillRow(row, entry, this.list);
    } else {
      if (row?.line !== entry) {
        const made = entry.element ?? fillLine(row, entry);
        if (!row) this.body.append(made);
        row = made;
        row.line = entry;
      }
    }
    this.#shown.set(key, row);
    if (row.top !== this.offsets[index]) row.style.translate = `0 ${this.offsets[index]}px`;
    row.top = this.offsets[index];
    if (row.index !== index) row.setAttribute("aria-rowindex", index + 1);
    row.index = index;
    const height = this.offsets[index + 1] - this.offsets[index];
    if (row.height !== height) row.style.height = `${height}px`;
    row.height = height;
  }

  /* Screen readers walk the elements in their order, which recycling has mixed up. Who has the focus stays. */
  #sort() {
    for (const row of this.#free) row.remove();
    const rows = [...this.#shown.values()].sort((a, b) => a.index - b.index);
    let next = null;
    for (const row of rows.reverse()) {
      if (row.nextElementSibling !== next && !row.contains(document.activeElement)) this.body.insertBefore(row, next);
      next = row;
    }
  }

  #places() {
    return new Map([...this.#shown].map(([key, row]) => [key, row.top]));
  }

  #glide(from) {
    for (const [key, row] of this.#shown) {
      const was = from.get(key);
      if (was === undefined || was === row.top) continue;
      row.animate([{ translate: `0 ${was}px` }, { translate: `0 ${row.top}px` }], GLIDE);
    }
  }

  /* Scrolls just so far that the entry is free of the bars above and below. */
  reveal(index) {
    const { sight } = this.screen;
    const { top, above, below } = sight.now;
    const [start, end] = [top + this.offsets[index], top + this.offsets[index + 1]];
    if (start < above) sight.scrollBy(start - above);
    else if (end > below) sight.scrollBy(end - below);
    this.render();
  }
}

/* Where the list lies on the screen. Read all at once, before a frame writes: each question after a write would have
   the page laid out once more. */
export class Sight {
  #now = null;

  constructor(list, body) {
    this.list = list;
    this.body = body;
  }

  /* In pixels of the screen: top of the list, and the edges of what lies over it above and below. grid: how far down
     the list it begins; node: middle of the markers, null before there are rows. */
  get now() {
    if (!this.#now) {
      this.#now = this.#look();
      requestAnimationFrame(() => this.forget());
    }
    return this.#now;
  }

  forget() {
    this.#now = null;
  }

  scrollBy(distance) {
    scrollBy(0, distance);
    this.forget();
  }

  #look() {
    const head = document.querySelector(".bl-top");
    const tabs = document.querySelector(".tabs-bar");
    const node = this.body.querySelector(".row:not([hidden]) > .node");
    return {
      top: this.body.getBoundingClientRect().top,
      above: head && getComputedStyle(head).position === "sticky" ? head.offsetHeight : 0,
      below: innerHeight - (tabs?.offsetHeight ?? 0),
      bottom: innerHeight,
      grid: this.list.grid.offsetTop,
      node: node && node.offsetLeft + node.offsetWidth / 2,
    };
  }
}
