/* The palette: find an item by key or words, go to a page, do something with what is selected. `?palette` opens it. */
import { choose, element, icon, node } from "../elements/order-list/parts.js";
import { KEYS, follow, keysHere } from "../keys.js";
import { closesOutside } from "./dialogs.js";

const ASK_AFTER_MS = 120;
const MOST_ITEMS = 8;
const KEY = /^[a-z][a-z0-9]{1,9}-\d{1,9}$/i;

export default function palette(dialog, signal) {
  const input = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const status = dialog.querySelector("[role=status]");
  const { searchUrl, itemUrl, product } = dialog.dataset;
  for (const cap of document.querySelectorAll(".nav-find kbd")) cap.textContent = KEYS.find(({ target }) => target === "palette").keys.join(" ");
  let options = [];
  let chosen = 0;
  let found = { text: "", hits: [] };
  let asking;
  let offered = [];

  function open() {
    if (dialog.open || document.querySelector("dialog[open]")) return;
    for (const menu of document.querySelectorAll("[popover]:popover-open")) menu.hidePopover();
    offered = offers();
    found = { text: "", hits: [] };
    input.value = "";
    dialog.showModal();
    draw();
  }

  function draw() {
    const isCommand = input.value.startsWith(">");
    const text = input.value.replace(/^>/, "").trim();
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const groups = [
      ...(isCommand ? [] : [{ title: "Items", entries: items(text) }]),
      ...offered.map(({ title, entries }) => ({ title, entries: entries.filter(fits(words)) })),
      ...(isCommand ? [] : [{ title: "Go to", entries: places().filter(fits(words)) }]),
      { title: "Here", entries: doings().filter(fits(words)) },
    ].filter(({ entries }) => entries.length);
    options = groups.flatMap(({ entries }) => entries);
    chosen = Math.max(0, Math.min(chosen, options.length - 1));
    let number = 0;
    list.replaceChildren(...groups.map(({ title, entries }) => {
      const group = element("div", "");
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", title);
      const head = element("h3", "", title);
      head.setAttribute("aria-hidden", "true");
      group.append(head, ...entries.map((entry) => option(entry, number++, words)));
      return group;
    }));
    if (!options.length) list.append(element("p", "soft", text ? "Nothing here is called that." : "Nothing to do here."));
    goTo(chosen);
    status.textContent = options.length === 1 ? "1 result" : `${options.length} results`;
  }

  function option(entry, number, words) {
    const made = element("div", "");
    made.id = `palette-${number}`;
    made.setAttribute("role", "option");
    if (entry.node) made.append(entry.node());
    else if (entry.icon) made.append(icon(entry.icon));
    if (entry.key) made.append(element("span", "key", ...marked(entry.key, words)));
    made.append(element("span", "what", ...marked(entry.text, words)));
    const side = element("span", "push", ...(entry.keys ?? []).map((key) => element("kbd", "", key)));
    if (entry.side) side.append(entry.side);
    made.append(side);
    made.addEventListener("click", (event) => run(entry, event.ctrlKey || event.metaKey));
    made.addEventListener("pointermove", () => goTo(number));
    return made;
  }

  function goTo(number) {
    chosen = number;
    choose(input, [...list.querySelectorAll("[role=option]")], number);
  }

  function run(entry, isFull) {
    dialog.close();
    entry.run(isFull);
  }

  /* What the parts of the page offer, such as commands for the selected items. */
  function offers() {
    const made = [];
    document.dispatchEvent(new CustomEvent("palette-open", { detail: { offer: (title, entries) => made.push({ title, entries }) } }));
    return made;
  }

  function items(text) {
    const hits = found.text === text ? found.hits : [];
    const isElsewhere = KEY.test(text) && !text.toUpperCase().startsWith(`${product}-`);
    const own = hits.slice(0, MOST_ITEMS).map((hit) => ({
      ...hit,
      text: hit.title,
      node: () => node(hit),
      side: hit.is_listed ? "" : hit.status.replace("_", " "),
      run: (isFull) => openItem(hit, isFull),
    }));
    const key = text.toUpperCase();
    return isElsewhere ? [{ text: `Open ${key}`, icon: "maximize-2", run: () => location.assign(urlOf(key)) }, ...own] : own;
  }

  const urlOf = (key) => itemUrl.replace("KEY-0", key);

  function openItem({ id, key, is_listed: isListed }, isFull) {
    const url = urlOf(key);
    const beside = !isFull && isListed && document.querySelector("order-list");
    const detail = { id, key, url };
    if (!beside || beside.dispatchEvent(new CustomEvent("item-open", { detail, bubbles: true, cancelable: true }))) location.assign(url);
  }

  function ask() {
    clearTimeout(asking?.timer);
    asking?.controller.abort();
    const text = input.value.trim();
    if (!searchUrl || !text || text.startsWith(">")) return;
    const controller = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const response = await fetch(`${searchUrl}?q=${encodeURIComponent(text)}`, { signal: controller.signal });
        if (!response.ok) return;
        found = { text, hits: (await response.json()).hits };
        chosen = 0;
        draw();
      } catch (error) {
        // A newer question, or no server: what is on the page can still be done.
        if (error.name !== "AbortError") status.textContent = "The search does not answer.";
      }
    }, ASK_AFTER_MS);
    asking = { timer, controller };
  }

  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  }, { signal });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-do=palette]")) return;
    event.preventDefault();
    open();
  }, { signal });
  input.addEventListener("input", () => {
    chosen = 0;
    draw();
    ask();
  }, { signal });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && options.length) goTo((chosen + step + options.length) % options.length);
    else if (event.key === "Enter" && options[chosen] && !event.isComposing) run(options[chosen], event.ctrlKey || event.metaKey);
    else if (!step) return;
    event.preventDefault();
  }, { signal });
  closesOutside(dialog, signal);
  dialog.addEventListener("close", () => clearTimeout(asking?.timer), { signal });
  if (new URLSearchParams(location.search).has("palette")) open();
}

function places() {
  const links = [...document.querySelectorAll(".nav a[href], .page-menu a")].filter((link) => !link.matches(".nav-find, .nav-head"));
  return links.map((link) => ({
    text: labelOf(link),
    icon: link.querySelector("use")?.getAttribute("href").split("#i-")[1] ?? "package",
    keys: KEYS.find(({ target }) => target && target === link.dataset.do)?.keys,
    side: link.querySelector("small")?.textContent,
    run: () => location.assign(link.href),
  }));
}

function labelOf(link) {
  const words = link.querySelector("span") ? [link.querySelector("span")] : [...link.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE);
  return words.map(({ textContent }) => textContent.trim()).join(" ");
}

function doings() {
  const keyed = keysHere().filter(({ scope, target }) => !scope && !target.startsWith("go-") && target !== "palette");
  const theme = document.querySelector("[data-behaviour=theme-toggle]");
  return [
    ...keyed.map((entry) => ({ text: entry.text, keys: entry.keys, icon: entry.icon, run: () => follow(entry) })),
    ...(theme ? [{ text: "Switch light and dark", icon: "sun-moon", run: () => theme.requestSubmit() }] : []),
  ];
}

const fits = (words) => ({ text }) => {
  const parts = text.toLowerCase().split(/[\s,-]+/);
  return words.every((word) => parts.some((part) => part.startsWith(word)));
};

/* The text with the beginnings of its words marked that were asked for. */
function marked(text, words) {
  if (!words.length) return [text];
  const asked = words.flatMap((word) => word.split("-")).filter(Boolean).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const pattern = new RegExp(`(?<![\\p{L}\\d])(${asked.join("|")})|(?<=-)(${asked.join("|")})`, "giu");
  const parts = [];
  let last = 0;
  for (const match of text.matchAll(pattern)) {
    parts.push(text.slice(last, match.index), Object.assign(document.createElement("mark"), { textContent: match[0] }));
    last = match.index + match[0].length;
  }
  return [...parts, text.slice(last)];
}
