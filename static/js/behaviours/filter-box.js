/* The filter box: conditions join the list where it stands, completed while one types. Without scripts, and before the
   list has taken over, it is a form. The server reads the language; here only the word at the cursor is looked at. */
import { button, choose, element, icon } from "../elements/order-list/parts.js";

const MOST_OFFERED = 12;
/* Fields that items out of the list have too: the server tells those that fit. */
const OUTSIDE = /status|sprint|key/;
const NAME = /(?:^|[\s(])-?([a-z-]*)$/i;
const VALUE = /(?:^|[\s(])-?([a-z-]+)(?::(?:[<>]=?|=)?|[<>]=?|=)(?:[^\s"(),]*,|"[^"]*",)*("[^"]*|[^\s"(),]*)$/i;

export default function filterBox(form, signal) {
  const input = form.querySelector("input[name=add]");
  const present = form.querySelector("input[name=filter]");
  const chips = form.querySelector(".chips");
  const fitting = form.querySelector(".fitting");
  const offers = form.querySelector("[role=listbox]");
  const mistake = document.getElementById("mistake");
  const { api } = form.dataset;
  let words;
  let active = -1;
  let asked = 0;

  const list = () => document.querySelector("order-list[data-commands]");
  const addressOf = (filter) => (filter ? `?${new URLSearchParams({ filter })}` : location.pathname);

  /* Applying */

  async function apply(filter, added = "", { isStep = true } = {}) {
    if (!list()) return location.assign(`${location.pathname}?${new URLSearchParams(added ? { filter, add: added } : { filter })}`);
    close();
    const mine = ++asked;
    const response = await fetch(`${api}/filter?${new URLSearchParams({ filter, add: added })}`).catch(() => null);
    if (mine !== asked) return;
    if (response?.status === 422) return refuse(await response.json(), added);
    if (!response?.ok) return document.dispatchEvent(new CustomEvent("toast", { detail: { text: "The server did not answer. The list is as it was. Try again in a moment." } }));
    take(await response.json(), isStep);
  }

  function take(answer, isStep) {
    clear();
    input.value = "";
    input.placeholder = answer.conditions.length ? "and…" : "kind, tag, ready, needs, words…";
    present.value = answer.filter;
    if (isStep) history.pushState(null, "", addressOf(answer.filter));
    chips.replaceChildren(...answer.conditions.map(chip));
    document.dispatchEvent(new CustomEvent("filter-changed", { detail: answer }));
    showViews(answer.filter);
    const outside = document.getElementById("outside");
    if (outside.children.length || answer.conditions.some(({ name }) => !name || OUTSIDE.test(name)))
      htmx.ajax("GET", location.href, { select: "#outside", target: outside, swap: "outerHTML" });
  }

  /* What else goes by the filter. The menu of views stays as it is, whatever is being written in it. */
  function showViews(filter) {
    const views = document.getElementById("views");
    for (const link of views.querySelectorAll("[data-filter]"))
      if (link.dataset.filter === filter) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    for (const link of document.querySelectorAll("[data-with-filter]")) link.search = filter && new URLSearchParams({ filter });
    for (const sent of views.querySelectorAll("[name=filter]")) sent.value = filter;
    for (const kept of views.querySelectorAll(".of-filter")) kept.hidden = !filter;
  }

  function chip({ name, value, text, without }) {
    const made = element("span", "chip");
    if (name) made.append(element("em", "", name), " ");
    const lift = element("a", "", icon("x"));
    lift.href = addressOf(without);
    lift.setAttribute("aria-label", `Lift the filter ${text}`);
    made.append(value, lift);
    made.dataset.text = text;
    made.dataset.without = without;
    return made;
  }

  function refuse({ detail, position, length, nearest }, text) {
    const place = element("code", "", text.slice(0, position), element("mark", "", text.slice(position, position + length)), text.slice(position + length));
    const said = element("p", "", place, ` ${detail} `);
    if (nearest) {
      const instead = /[\s(),"]/.test(nearest) ? `"${nearest}"` : nearest;
      said.append(button("link", () => apply(present.value, text.slice(0, position) + instead + text.slice(position + length)), `Take ${nearest}`));
    }
    mistake.replaceChildren(icon("triangle-alert"), said);
    input.setAttribute("aria-invalid", "true");
    input.setAttribute("aria-describedby", "mistake");
    input.focus();
    input.setSelectionRange(position, position + length);
    say(detail);
  }

  function clear() {
    mistake.replaceChildren();
    input.removeAttribute("aria-invalid");
    input.removeAttribute("aria-describedby");
  }

  const say = (text) => document.dispatchEvent(new CustomEvent("announce", { detail: text }));

  /* Completing */

  async function load() {
    words ??= fetch(`${api}/filter-words`).then((response) => (response.ok ? response.json() : { fields: [] })).catch(() => ({ fields: [] }));
    return (await words).fields;
  }

  async function complete() {
    const fields = await load();
    const before = input.value.slice(0, input.selectionStart);
    const ofValue = VALUE.exec(before);
    const ofName = ofValue ? null : NAME.exec(before);
    const made = ofValue ? values(fields, ofValue) : ofName ? names(fields, ofName[1]) : [];
    active = -1;
    offers.replaceChildren(...made.map(option));
    choose(input, [...offers.children], active);
    show(made.length > 0 && document.activeElement === input);
  }

  function names(fields, begun) {
    const fitting = fields.filter(({ name }) => name.startsWith(begun.toLowerCase()));
    return fitting.map(({ name, says }) => ({ text: name, says, put: `${name}:`, length: begun.length }));
  }

  function values(fields, [, name, begun]) {
    const typed = begun.replace(/^"/, "").toLowerCase();
    const known = fields.find((field) => field.name === name.toLowerCase())?.values ?? [];
    const rank = (value) => (value.toLowerCase().startsWith(typed) ? 0 : 1);
    const fitting = known.filter((value) => value.toLowerCase().includes(typed)).sort((a, b) => rank(a) - rank(b));
    return fitting.slice(0, MOST_OFFERED).map((value) => ({ text: value, put: /[\s(),"]/.test(value) ? `"${value}" ` : `${value} `, length: begun.length }));
  }

  function option({ text, says, put, length }, number) {
    const made = element("div", "", element("b", "", text), ...(says ? [element("small", "", says)] : []));
    made.id = `offer-${number}`;
    made.setAttribute("role", "option");
    made.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      accept(put, length);
    });
    made.accept = () => accept(put, length);
    return made;
  }

  function accept(put, length) {
    const at = input.selectionStart;
    input.setRangeText(put, at - length, at, "end");
    input.focus();
    complete();
  }

  function goTo(number) {
    const made = [...offers.children];
    active = (number + made.length) % made.length;
    choose(input, made, active);
  }

  function show(isOpen) {
    offers.hidden = !isOpen;
    input.setAttribute("aria-expanded", isOpen);
    if (!isOpen || active < 0) input.removeAttribute("aria-activedescendant");
  }

  const close = () => {
    active = -1;
    show(false);
  };

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", offers.id);
  input.setAttribute("aria-expanded", "false");

  input.addEventListener("input", () => {
    clear();
    complete();
  }, { signal });
  input.addEventListener("focus", () => load(), { signal });
  input.addEventListener("click", complete, { signal });
  input.addEventListener("blur", close, { signal });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const last = chips.lastElementChild;
    if (event.isComposing) return;
    if (step && offers.hidden) complete();
    else if (step) goTo(active < 0 && step < 0 ? -1 : active + step);
    else if (event.key === "Enter" && active >= 0 && !offers.hidden) offers.children[active].accept();
    else if (event.key === "Escape" && !offers.hidden) close();
    else if (event.key === "Backspace" && !input.value && last?.dataset.text) takeBack(last);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, { signal });

  /* The last condition comes back into the box, to be written anew. */
  async function takeBack({ dataset: { text, without } }) {
    await apply(without);
    input.value = text;
  }

  form.addEventListener("submit", (event) => {
    if (!list()) return;
    event.preventDefault();
    apply(present.value, input.value);
  }, { signal });

  /* Links and the menu of fields say the same in the page's address. */
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".bl-top a[href]");
    if (!link || link.pathname !== location.pathname || link.hash || event.ctrlKey || event.metaKey || event.shiftKey || !list()) return;
    event.preventDefault();
    const asked = new URL(link.href).searchParams;
    link.closest("[popover]")?.hidePopover();
    apply(asked.get("filter") ?? "", asked.get("add") ?? "");
  }, { signal });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "filters" || !list()) return;
    event.preventDefault();
    const added = new FormData(event.target).getAll("add").filter(Boolean).join(" ");
    event.target.hidePopover();
    event.target.reset();
    if (added) apply(present.value, added);
  }, { signal });
  // The server drew it for the filter of then.
  document.addEventListener("htmx:load", ({ detail }) => detail.elt.id === "views" && showViews(present.value), { signal });
  addEventListener("popstate", () => apply(new URLSearchParams(location.search).get("filter") ?? "", "", { isStep: false }), { signal });
  document.addEventListener("filter-shown", ({ detail: { count, isWhole } }) => {
    fitting.textContent = isWhole ? "" : `${count} fit${count === 1 ? "s" : ""}`;
    form.querySelector("#clear-filter").hidden = isWhole;
    if (!isWhole && !count) mistake.replaceChildren(element("p", "soft", "No item of the list fits all of this. Lift a part of it."));
  }, { signal });
}
