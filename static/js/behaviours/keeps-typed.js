/* What is typed or chosen and not sent yet stays when htmx draws the form around it again, with its focus. */
const isTicked = (field) => field.matches("[type=radio], [type=checkbox]");
const isLike = (old) => (field) =>
  field.name === old.name && field.type === old.type && (!isTicked(old) || field.value === old.value);

function successor(old, action) {
  const forms = [...document.forms].filter((form) => form.getAttribute("action") === action);
  return forms.flatMap((form) => [...form.elements]).find(isLike(old));
}

function take(field, old) {
  if (old.type === "file") field.files = old.files;
  else if (isTicked(old)) field.checked = old.checked;
  else field.value = old.value;
  for (let around = field.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
}

export default function keepsTyped(main, signal) {
  const unsent = new Map();
  let focused;

  // Runs as soon as the page is drawn, before the next key; what was taken away still holds its value.
  const observer = new MutationObserver(() => {
    for (const [old, action] of unsent) {
      if (old.isConnected) continue;
      unsent.delete(old);
      const field = successor(old, action);
      if (!field) continue;
      take(field, old);
      if (old === focused) {
        field.focus({ preventScroll: true });
        if (old.selectionStart != null) field.setSelectionRange(old.selectionStart, old.selectionEnd);
      }
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    rest();
  });
  const rest = () => unsent.size || observer.disconnect();
  const touch = ({ target }) => {
    if (!target.name || target.form?.method !== "post") return;
    if (!unsent.size) observer.observe(main, { childList: true, subtree: true });
    unsent.set(target, target.form.getAttribute("action"));
  };

  for (const name of ["input", "change"]) main.addEventListener(name, touch, { signal });
  main.addEventListener("focusin", ({ target }) => (focused = target), { signal });
  main.addEventListener("htmx:afterRequest", ({ detail }) => {
    const form = detail.elt.closest("form");
    if (!form || !detail.successful) return;
    for (const field of form.elements) unsent.delete(field);
    rest();
  }, { signal });
  signal.addEventListener("abort", () => observer.disconnect());
}
