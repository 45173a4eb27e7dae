/* Says the text of "announce" events to screen readers. */
export default function announcer(element, signal) {
  document.addEventListener("announce", (event) => (element.textContent = event.detail.value ?? event.detail), { signal });
}
