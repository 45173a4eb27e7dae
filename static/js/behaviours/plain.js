/* Swaps titles between plain language and the team's at once and tells the profile; without scripts the form posts. */
export default function plain(form, signal) {
  const root = document.documentElement;
  const box = form.querySelector("input[name=plain]");
  form.querySelector("button")?.remove();
  document.addEventListener("plain", () => (box.checked = root.dataset.plain === "on"), { signal });
  box.addEventListener("change", () => {
    root.dataset.plain = box.checked ? "on" : "off";
    document.dispatchEvent(new CustomEvent("plain"));
    fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual", keepalive: true });
  }, { signal });
}
