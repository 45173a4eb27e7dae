/* What is proposed, dashed, where it is proposed to stand; whoever decides about it does so there. */
import { openMenu } from "./menu.js";
import { element, node } from "./parts.js";

/* As rules between the rows: proposals have no place in the order. */
export function proposedRows(list, view) {
  return list.store.proposed.map((item) => {
    const before = item.place === "top" ? 0 : view.indexOf(item.place);
    return { key: `proposed-${item.id}-${item.title}`, at: before < 0 ? view.length : before, make: () => rowOf(list, item) };
  });
}

function rowOf(list, item) {
  const shown = { key: `${list.dataset.product}-${item.number}`, url: list.itemUrl.replace("/0/", `/${item.number}/`) };
  const at = (field) => () => list.panel.open(shown, field);
  const link = element("a", "", item.title);
  link.href = shown.url;
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    at(null)();
  });
  const more = element("button", "btn small", "Decide", element("span", "vh", ` about ${shown.key}`));
  more.type = "button";
  const accept = () => htmx.ajax("POST", `${shown.url}accept-proposal/`, { swap: "none", headers: { "X-CSRFToken": list.token } });
  more.addEventListener("click", () => openMenu(more, `What may be done with ${shown.key}`, [
    { icon: "check", text: "Accept it here", run: accept },
    { icon: "sliders-horizontal", text: "Accept with a change", href: `${shown.url}accept-proposal/with-a-change/` },
    { icon: "x", text: "Decline…", run: at("decline") },
    { icon: "message-circle-question-mark", text: "Ask…", run: at("ask") },
  ]));
  const title = element("span", "row-title", link, element("span", "label", `proposed by ${item.by}`));
  const cells = [node(item), element("span", "key", shown.key), title, ...(list.rights.has("item.decide") ? [element("span", "", more)] : [])];
  const row = element("div", "offered", ...cells);
  row.setAttribute("role", "row");
  for (const cell of cells) cell.setAttribute("role", "gridcell");
  return row;
}
