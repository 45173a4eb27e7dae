/* Refining together: the item itself is written here, so what others change waits while something is unsent: nobody sends
   a text over another that they have not seen. */
const differs = (field) =>
  field.matches("select") || field.value !== field.defaultValue || field.checked !== field.defaultChecked;

export default function refines(page, signal) {
  const held = page.querySelector("[data-refine-held]");
  const touched = new Set();
  const isWriting = () => [...touched].some((field) => field.isConnected && differs(field));

  // Both: an answer may arrive when the question was asked before the first key.
  for (const name of ["htmx:beforeRequest", "htmx:beforeSwap"]) page.addEventListener(name, (event) => {
    if (event.target.id !== "refine" || !isWriting()) return;
    event.preventDefault();
    held.hidden = false;
  }, { signal });
  const release = () => {
    if (held.hidden || isWriting()) return;
    held.hidden = true;
    document.body.dispatchEvent(new CustomEvent("backlog-changed"));
  };
  page.addEventListener("htmx:afterRequest", ({ detail }) => {
    const form = detail.elt.closest("form");
    if (form && detail.xhr.status === 204) for (const field of form.elements) touched.delete(field);
    release();
  }, { signal });
  // A suggestion that is chosen comes as a change.
  for (const name of ["input", "change"]) page.addEventListener(name, ({ target }) => {
    touched.add(target);
    release();
  }, { signal });
}
