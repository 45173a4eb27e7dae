/* Builds the elements of the list. Fixed markup comes from templates; whatever people wrote is set as text. */
const SVG = "http://www.w3.org/2000/svg";
let found;
const sprite = () => (found ??= document.querySelector("[data-sprite]").dataset.sprite);

export const markup = (name) => `<svg class="icon" aria-hidden="true"><use href="${sprite()}#i-${name}"></use></svg>`;

export function svg(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

export function icon(name) {
  const element = svg("svg", { class: "icon", "aria-hidden": "true" });
  element.append(svg("use", { href: `${sprite()}#i-${name}` }));
  return element;
}

export function element(tag, className, ...content) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...content);
  return made;
}

export function button(className, pressed, ...content) {
  const made = element("button", className, ...content);
  made.type = "button";
  made.addEventListener("click", pressed);
  return made;
}

/* Text that is there already stays: written again, it would be laid out again. */
export function write(element, text) {
  if (element.textContent !== String(text)) element.textContent = text;
}

/* Options of a field that keeps the focus: that one is chosen, none if there is no such one. */
export function choose(field, options, at) {
  options.forEach((option, index) => option.setAttribute("aria-selected", index === at));
  if (options[at]) field.setAttribute("aria-activedescendant", options[at].id);
  else field.removeAttribute("aria-activedescendant");
  options[at]?.scrollIntoView({ block: "nearest" });
}

/* The mark of an item: its kind by shape, its type by icon. */
export function node({ kind, type }) {
  const made = element("span", kind === "technical" ? "node tech" : "node", ...(type === "story" ? [] : [icon(`type-${type}`)]));
  made.setAttribute("aria-hidden", "true");
  return made;
}

/* A template that is read when first used; returns a maker of copies. */
export function template(html) {
  let made;
  return () => {
    if (!made) {
      made = document.createElement("template");
      made.innerHTML = html();
    }
    return made.content.firstElementChild.cloneNode(true);
  };
}
