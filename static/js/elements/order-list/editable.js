/* What the list edits in its rows, in the order in which Tab walks it. cell: where it stands; isClicked: by a click there. */
export const EDITABLE = [
  { name: "title", label: "Title", verb: "item.edit", command: "edit-title", keys: "F2", cell: ".row-title" },
  { name: "tags", label: "Tags", verb: "item.tag", command: "edit-tags", keys: "Shift T", cell: ".row-title" },
  { name: "type", label: "Type", verb: "item.classify", command: "edit-type", keys: "T", cell: ".word", isClicked: true },
  { name: "component", label: "Component", verb: "item.classify", command: "component", keys: "C", cell: ".comp", isClicked: true },
  { name: "points", label: "Points", verb: "item.estimate", command: "estimate", keys: "E", cell: ".pts", isClicked: true },
  { name: "value", label: "Cost of delay", verb: "item.value", command: "edit-value", keys: "V", cell: ".row-title" },
];

/* The fields of an item that its reader may change. */
export function editableOf(list, item) {
  return EDITABLE.filter(({ verb }) => list.rights.has(verb) || (verb === "item.edit" && list.refined.has(item.component)));
}

/* Offers to edit what its reader may change of some item at least. */
export function offerEdits(list) {
  const may = EDITABLE.filter(({ verb }) => list.rights.has(verb) || (verb === "item.edit" && list.refined.size));
  list.offer(list.cursor.onRow(Object.fromEntries(may.map((field) => [field.command, (id) => edit(list, id, field)]))));
  list.dataset.edits = may.filter(({ isClicked }) => isClicked).map(({ name }) => name).join(" ");
}

/* New items in the list itself, below the current row or the first one on the screen. */
export function offerEntry(list, signal) {
  if (!list.rights.has("item.propose")) return;
  const open = async () => {
    try {
      const { Entry } = await import("./entry.js");
      list.entry ??= new Entry(list);
    } catch {
      return list.tell("No answer from the server. Try it again in a moment.");
    }
    const { view, firstVisible, sight } = list.screen;
    const above = sight.now.top < 0 && firstVisible > 0 ? view[firstVisible - 1] : null;
    return list.entry.open(list.cursor.current ?? above);
  };
  // Before the page's own form opens, which is for who has no list yet.
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-do=new-item]")) return;
    event.preventDefault();
    event.stopPropagation();
    open();
  }, { signal, capture: true });
}

export async function edit(list, id, field) {
  const key = list.store.keyOf(id);
  const fieldsOf = (item) => editableOf(list, item);
  if (!fieldsOf(list.store.items.get(id)).some(({ name }) => name === field.name)) return list.tell(`Your role does not allow to change that of ${key}.`);
  try {
    const { Editing } = await import("./edit.js");
    list.editing ??= new Editing(list, fieldsOf, (other, same) => edit(list, other, same));
  } catch {
    return list.tell(`No answer from the server. ${key} can be changed again in a moment.`);
  }
  return list.editing.open(id, field);
}
