/* Clicks on rows, and the focus that comes by Tab. */
import { edit, editableOf } from "./editable.js";
import { openRowMenu } from "./row-menu.js";

export function listenToPointer(list, signal) {
  const { cursor, selection, ordering, screen } = list;

  list.grid.addEventListener("click", (event) => {
    const row = event.target.closest(".row");
    if (!row) return;
    const { id } = row.item;
    const at = (selector) => event.target.closest(selector);
    if (at(".check")) return event.shiftKey ? selection.pickTo(id) : selection.pick(id, event.target.checked);
    if (at(".more")) return openRowMenu(list, at(".more"), id);
    if (at(".mend")) return ordering.mend(id);
    if (at(".why-btn")) return list.why.toggle(id);
    if (event.shiftKey) {
      event.preventDefault();
      return selection.pickTo(id);
    }
    cursor.goTo(id);
    const isPlain = !event.ctrlKey && !event.metaKey;
    const field = isPlain && editableOf(list, row.item).find(({ cell, isClicked }) => isClicked && at(cell));
    if (field) return edit(list, id, field);
    if (at(".row-title > a") && isPlain) {
      event.preventDefault();
      list.open(id, true);
    }
  }, { signal });

  list.grid.addEventListener("focus", () => cursor.current ?? cursor.go(screen.rows.range[0] ? screen.firstVisible : 0), { signal });
}
