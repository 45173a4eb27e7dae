/* Empties its form once the server has taken what was in it. */
export default function clears(form, signal) {
  form.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.elt === form && detail.xhr.status === 204) form.reset();
  }, { signal });
}
