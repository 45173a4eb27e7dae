/* A markdown field: preview as the server renders it, files pasted or dropped into the text, people completed after @.
   Without it the field is a plain one. data-preview, data-upload, data-people: addresses. */
import { choose, element, template } from "../elements/order-list/parts.js";

const NAME = /(?:^|[\s(])@([\p{L}\p{N}][\p{L}\p{N} .'-]{0,40})?$/u;
const WAIT_MS = 150;
let count = 0;

const tokenOf = () => JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];

const blank = template(() => `<div class="editor-tabs" role="group" aria-label="Write or preview"><button type="button" aria-pressed="true">Write</button><button type="button" aria-pressed="false">Preview</button><span></span></div>`);

const post = (url, body) =>
  fetch(url, { method: "POST", body, headers: { "X-CSRFToken": tokenOf(), Accept: "application/json" } });

const tell = (text) => document.dispatchEvent(new CustomEvent("toast", { detail: { text } }));

export default function editor(area, signal) {
  const { preview: previewUrl, upload: uploadUrl, people: peopleUrl } = area.dataset;
  const id = `editor-${++count}`;
  const tabs = blank();
  const [write, look, hint] = tabs.children;
  const shown = Object.assign(element("div", "prose editor-preview"), { hidden: true, tabIndex: -1, ariaLive: "polite" });
  const list = Object.assign(element("ul", "editor-people"), { id, hidden: true, role: "listbox", ariaLabel: "People" });
  hint.textContent = uploadUrl ? "Paste or drop files; @ mentions" : "@ mentions";
  area.before(tabs);
  area.after(shown, list);

  function turn(isPreview) {
    shown.hidden = !isPreview;
    area.hidden = isPreview;
    write.setAttribute("aria-pressed", !isPreview);
    look.setAttribute("aria-pressed", isPreview);
  }

  write.addEventListener("click", () => (turn(false), area.focus()), { signal });
  look.addEventListener("click", async () => {
    const data = new FormData();
    data.set("text", area.value);
    try {
      const answer = await post(previewUrl, data);
      if (!answer.ok) throw new Error(answer.status);
      shown.innerHTML = await answer.text();
      turn(true);
    } catch {
      tell("The preview can't be shown at the moment. Your text is still here.");
    }
  }, { signal });
  area.form?.addEventListener("reset", () => turn(false), { signal });
  // A required field must be seen to say so.
  area.addEventListener("invalid", () => turn(false), { signal });

  function replace(from, to, text) {
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async function send(file) {
    const waiting = `[${file.name} is being sent …]`;
    replace(area.selectionStart, area.selectionEnd, waiting);
    const data = new FormData();
    data.set("file", file);
    let link = "";
    try {
      const answer = await post(uploadUrl, data);
      const told = await answer.json();
      if (answer.ok) htmx.trigger(document.body, "backlog-changed");
      if (answer.ok) link = `[${told.name.replaceAll(/[[\]]/g, "")}](${told.url})`;
      else tell(told.detail);
    } catch {
      tell(`${file.name} could not be sent. Try again once the connection is back.`);
    }
    const at = area.value.indexOf(waiting);
    if (at >= 0) replace(at, at + waiting.length, link);
  }

  async function take(event, files) {
    if (!uploadUrl || !files?.length) return;
    event.preventDefault();
    for (const file of files) await send(file);
  }

  area.addEventListener("paste", (event) => take(event, [...event.clipboardData.files]), { signal });
  area.addEventListener("dragover", (event) => {
    if (uploadUrl && event.dataTransfer.types.includes("Files")) event.preventDefault();
  }, { signal });
  area.addEventListener("drop", (event) => take(event, [...event.dataTransfer.files]), { signal });

  /* Mentions: the names that go on from what stands after @. No role for it: a field of many lines is no combobox. */
  let timer;
  const options = () => [...list.children];
  const chosen = () => list.querySelector("[aria-selected=true]");
  const begun = () => NAME.exec(area.value.slice(0, area.selectionStart));

  function close() {
    clearTimeout(timer);
    list.hidden = true;
    area.removeAttribute("aria-activedescendant");
  }

  function mention(name) {
    const at = area.selectionStart;
    replace(at - (begun()?.[1]?.length ?? 0), at, `${name} `);
    close();
    area.focus();
  }

  async function offer() {
    const found = begun();
    if (!found) return close();
    try {
      const answer = await fetch(`${peopleUrl}?start=${encodeURIComponent(found[1] ?? "")}`);
      const { people } = await answer.json();
      if (!people.length || begun()?.[1] !== found[1]) return close();
      list.replaceChildren(...people.map(({ name }, n) =>
        Object.assign(element("li", "", name), { id: `${id}-${n}`, role: "option" })));
      list.hidden = false;
      choose(area, options(), 0);
    } catch {
      close();
    }
  }

  if (!peopleUrl) return;
  for (const [name, value] of Object.entries({ "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-controls": id }))
    area.setAttribute(name, value);
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(offer, WAIT_MS);
  }, { signal });
  area.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) choose(area, options(), (options().indexOf(chosen()) + step + list.children.length) % list.children.length);
    else if (event.key === "Enter" || event.key === "Tab") mention(chosen().textContent);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, { signal });
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) mention(option.textContent);
  }, { signal });
  area.addEventListener("blur", close, { signal });
}
