/* Cards that go from zone to zone, by drag or by keys. A zone names the form that takes a card in (data-zone) and may
   add values of its own (data-values); the server answers with what becomes of it. */
const STEPS = { ArrowLeft: -1, ArrowRight: 1 };
const WALKS = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };

export default function zones(page, signal) {
  const all = () => [...page.querySelectorAll("[data-zone]")];
  const zoneOf = (element) => element.closest("[data-zone]");
  let dragged;

  function send(card, zone) {
    if (!zone || zone === zoneOf(card)) return;
    const form = document.getElementById(zone.dataset.zone);
    const values = { keys: card.dataset.card, ...JSON.parse(zone.dataset.values ?? "{}") };
    htmx.ajax("POST", form.action, { source: form, values, swap: "none" });
  }

  page.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-card]");
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.card);
    dragged.classList.add("is-dragged");
  }, { signal });
  page.addEventListener("dragover", (event) => {
    const zone = dragged && zoneOf(event.target);
    for (const one of all()) one.classList.toggle("is-over", one === zone && one !== zoneOf(dragged));
    if (zone) event.preventDefault();
  }, { signal });
  page.addEventListener("drop", (event) => {
    if (!dragged) return;
    event.preventDefault();
    send(dragged, zoneOf(event.target));
  }, { signal });
  page.addEventListener("dragend", () => {
    dragged?.classList.remove("is-dragged");
    for (const one of all()) one.classList.remove("is-over");
    dragged = undefined;
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
