/* Builds the elements of the list. Fixed markup comes from templates; whatever people wrote is set as text. */
const SVG = "http://www.w3.org/2000/svg";
let sprite = "";

export const useSprite = (url) => (sprite = url);

export const markup = (name) => `<svg class="icon" aria-hidden="true"><use href="${sprite}#i-${name}"></use></svg>`;

export function svg(name, attributes) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

export function icon(name) {
  const element = svg("svg", { class: "icon", "aria-hidden": "true" });
  element.append(svg("use", { href: `${sprite}#i-${name}` }));
  return element;
}

export function element(tag, className, ...content) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...content);
  return made;
}

/* Text that is there already stays: written again, it would be laid out again. */
export function write(element, text) {
  if (element.textContent !== String(text)) element.textContent = text;
}

/* The mark of an item: its kind by shape, its type by icon. */
export function node({ kind, type }) {
  const made = element("span", kind === "technical" ? "node tech" : "node", ...(type === "story" ? [] : [icon(`type-${type}`)]));
  made.setAttribute("aria-hidden", "true");
  return made;
}

/* A template that is read when first used, after the sprite is known; returns a maker of copies. */
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
