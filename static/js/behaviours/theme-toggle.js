/* Switches light and dark at once and tells the profile; without scripts the form posts and reloads. */
export default function themeToggle(form, signal) {
  const root = document.documentElement;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const now = root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    const data = new FormData(form);
    data.set("theme", root.dataset.theme);
    fetch(form.action, { method: "POST", body: data, redirect: "manual", keepalive: true });
  }, { signal });
}
