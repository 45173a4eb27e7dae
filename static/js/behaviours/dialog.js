/* Opens the dialog that data-opens names. A click on the backdrop closes it. */
export default function dialog(button, signal) {
  const target = document.getElementById(button.dataset.opens);
  button.addEventListener("click", () => target.showModal(), { signal });
  target.addEventListener("click", (event) => event.target === target && target.close(), { signal });
}
