/* What forms do besides being sent. */

/* Sends its form as soon as a choice changes; the form's own button stays for the keyboard without scripts. */
export function autosubmit(form, signal) {
  form.addEventListener("change", () => form.requestSubmit(), { signal });
}

/* A suggestion: a click takes it over into its field, and nothing is sent before the person sends it. */
export function chooses(button, signal) {
  button.addEventListener("click", () => {
    const { field: name, value } = button.dataset;
    const field = document.querySelector(`#new-item [name=${name}], .it [name=${name}], .refine [name=${name}]`);
    if (!field) return;
    field.closest("details")?.setAttribute("open", "");
    field.value = name === "tags" && field.value ? `${field.value}, ${value}` : value;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
    button.remove();
  }, { signal });
}

/* Empties its form once the server has taken what was in it. */
export function clears(form, signal) {
  form.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.elt === form && detail.xhr.status === 204) form.reset();
  }, { signal });
}

/* A link to a field in a closed <details> opens it and puts the cursor there; without scripts browsers open it too. */
export function opens(link, signal) {
  link.addEventListener("click", (event) => {
    const field = document.querySelector(link.getAttribute("href"));
    if (!field) return;
    event.preventDefault();
    field.closest("details").open = true;
    field.focus();
  }, { signal });
}
