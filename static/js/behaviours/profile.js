/* What a switch changes at once and the profile keeps; without scripts its form posts and the page comes again. */
const root = document.documentElement;

const tell = (form, data) => fetch(form.action, { method: "POST", body: data, redirect: "manual", keepalive: true });

export function themeToggle(form, signal) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const now = root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
    const data = new FormData(form);
    data.set("theme", root.dataset.theme);
    tell(form, data);
  }, { signal });
}

/* Titles in plain language, or as the team has them. */
export function plain(form, signal) {
  const box = form.querySelector("input[name=plain]");
  form.querySelector("button")?.remove();
  document.addEventListener("plain", () => (box.checked = root.dataset.plain === "on"), { signal });
  box.addEventListener("change", () => {
    root.dataset.plain = box.checked ? "on" : "off";
    document.dispatchEvent(new CustomEvent("plain"));
    tell(form, new FormData(form));
  }, { signal });
}
