/* A link to a field in a closed <details> opens it and puts the cursor there; without scripts browsers open it too. */
export default function opens(link, signal) {
  link.addEventListener("click", (event) => {
    const field = document.querySelector(link.getAttribute("href"));
    if (!field) return;
    event.preventDefault();
    field.closest("details").open = true;
    field.focus();
  }, { signal });
}
