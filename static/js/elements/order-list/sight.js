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
