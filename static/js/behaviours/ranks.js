/* A list whose rows change places by drag, or by Alt and the arrows, which press the row's own buttons. */
const BUTTONS = { ArrowUp: "before", ArrowDown: "after" };

export default function ranks(list, signal) {
  const rowOf = (element) => element.closest?.("[data-rank]");
  let dragged;

  const half = (row, y) => (y < row.getBoundingClientRect().y + row.offsetHeight / 2 ? "before" : "after");
  const clear = () => list.querySelectorAll("[data-over]").forEach((row) => delete row.dataset.over);

  list.addEventListener("keydown", (event) => {
    const name = event.altKey && BUTTONS[event.key];
    const button = name && rowOf(event.target)?.querySelector(`button[name=${name}]`);
    if (!button) return;
    event.preventDefault();
    button.focus();
    button.click();
  }, { signal });
  list.addEventListener("dragstart", (event) => {
    dragged = rowOf(event.target);
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.rank);
  }, { signal });
  list.addEventListener("dragover", (event) => {
    const row = dragged && rowOf(event.target);
    clear();
    if (!row) return;
    event.preventDefault();
    if (row !== dragged) row.dataset.over = half(row, event.clientY);
  }, { signal });
  list.addEventListener("drop", (event) => {
    const row = dragged && rowOf(event.target);
    if (!row || row === dragged) return;
    event.preventDefault();
    const form = dragged.querySelector("form");
    const values = { item: dragged.dataset.rank, [half(row, event.clientY)]: row.dataset.rank };
    htmx.ajax("POST", form.action, { source: list, values, swap: "none" });
  }, { signal });
  list.addEventListener("dragend", () => {
    clear();
    dragged = undefined;
  }, { signal });
}
