/* What is dragged, or goes by keys, to another place of the page; the server answers with what becomes of it. */

/* Remembers what is in the hand. lifted(target): the element that goes, if any; started, ended: what to do with it then. */
function hold(page, lifted, { started = () => {}, ended }, signal) {
  const held = { element: null };
  page.addEventListener("dragstart", (event) => {
    held.element = lifted(event.target);
    if (!held.element) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", held.element.dataset.rank ?? held.element.dataset.card);
    started(held.element);
  }, { signal });
  page.addEventListener("dragend", () => {
    ended(held.element);
    held.element = null;
  }, { signal });
  return held;
}

/* A list whose rows change places by drag, or by Alt and the arrows, which press the row's own buttons. */
const BUTTONS = { ArrowUp: "before", ArrowDown: "after" };

export function ranks(list, signal) {
  const rowOf = (element) => element.closest?.("[data-rank]");
  const half = (row, y) => (y < row.getBoundingClientRect().y + row.offsetHeight / 2 ? "before" : "after");
  const clear = () => list.querySelectorAll("[data-over]").forEach((row) => delete row.dataset.over);
  const held = hold(list, rowOf, { ended: clear }, signal);

  list.addEventListener("keydown", (event) => {
    const name = event.altKey && BUTTONS[event.key];
    const button = name && rowOf(event.target)?.querySelector(`button[name=${name}]`);
    if (!button) return;
    event.preventDefault();
    button.focus();
    button.click();
  }, { signal });
  list.addEventListener("dragover", (event) => {
    const row = held.element && rowOf(event.target);
    clear();
    if (!row) return;
    event.preventDefault();
    if (row !== held.element) row.dataset.over = half(row, event.clientY);
  }, { signal });
  list.addEventListener("drop", (event) => {
    const row = held.element && rowOf(event.target);
    if (!row || row === held.element) return;
    event.preventDefault();
    const values = { item: held.element.dataset.rank, [half(row, event.clientY)]: row.dataset.rank };
    htmx.ajax("POST", list.closest("form").action, { source: list, values, swap: "none" });
  }, { signal });
}

/* Cards that go from zone to zone. A zone names the form that takes a card in (data-zone) and may add values of its own
   (data-values). */
const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
const WALKS = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };

export function zones(page, signal) {
  const all = () => [...page.querySelectorAll("[data-zone]")];
  const zoneOf = (element) => element.closest("[data-zone]");
  const held = hold(page, (target) => target.closest("[data-card]"), {
    started: (card) => card.classList.add("is-dragged"),
    ended: (card) => {
      card?.classList.remove("is-dragged");
      for (const one of all()) one.classList.remove("is-over");
    },
  }, signal);

  function send(card, zone) {
    if (!zone || zone === zoneOf(card)) return;
    const form = document.getElementById(zone.dataset.zone);
    const values = { keys: card.dataset.card, ...JSON.parse(zone.dataset.values ?? "{}") };
    htmx.ajax("POST", form.action, { source: form, values, swap: "none" });
  }

  page.addEventListener("dragover", (event) => {
    const card = held.element;
    const zone = card && zoneOf(event.target);
    for (const one of all()) one.classList.toggle("is-over", one === zone && one !== zoneOf(card));
    if (zone) event.preventDefault();
  }, { signal });
  page.addEventListener("drop", (event) => {
    if (!held.element) return;
    event.preventDefault();
    send(held.element, zoneOf(event.target));
  }, { signal });

  page.addEventListener("keydown", (event) => {
    const card = event.target;
    if (!card.matches("[data-card]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const places = all();
    const here = places.indexOf(zoneOf(card));
    if (WALKS[event.key]) {
      const cards = [...places[here].querySelectorAll("[data-card]")];
      cards[cards.indexOf(card) + WALKS[event.key]]?.focus();
    } else if (STEPS[event.key]) send(card, places[here + STEPS[event.key]]);
    else if (event.key === " ") send(card, places[(here + 1) % places.length]);
    else return;
    event.preventDefault();
  }, { signal });
}
