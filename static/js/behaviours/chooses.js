/* A suggestion: a click takes it over into its field, and nothing is sent before the person sends it. */
export default function chooses(button, signal) {
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
