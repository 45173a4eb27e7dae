/* Copies what its data-copy says; without scripts the button is not shown. */
export default function copies(button, signal) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const url = new URL(button.dataset.copy, location.href);
    const text = button.dataset.copy.startsWith("/") ? url.href : button.dataset.copy;
    let told = `Copied: ${text}`;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      told = `Your browser keeps the clipboard shut. Here it is to select: ${text}`;
    }
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: told } }));
  }, { signal });
}
