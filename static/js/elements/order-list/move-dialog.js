/* Asks where to: a position, a key, the top, the bottom, a sprint. */
import { template } from "./parts.js";

const blank = template(() => `<dialog class="move-dialog" aria-labelledby="move-title">
  <form method="dialog">
    <div class="dialog-head"><h2 id="move-title"></h2></div>
    <div class="dialog-body">
      <div class="field"><label for="move-where">Position or key</label><input class="input" id="move-where" name="where" autocomplete="off" autocapitalize="characters" aria-describedby="move-hint move-error">
      <p class="soft" id="move-hint"></p><p class="errors" id="move-error" role="alert"></p></div>
      <fieldset class="seg"><legend class="vh">Side of the key</legend><label><input type="radio" name="side" value="before" checked>Above the key</label><label><input type="radio" name="side" value="after">Below the key</label></fieldset>
      <div class="field sprints"><label for="move-sprint">Or to the end of</label><select class="input" id="move-sprint" name="sprint"><option value="">no sprint</option></select></div>
      <div class="actions"><button class="btn primary" value="where">Move there</button><button class="btn" value="top" formnovalidate>To the top</button><button class="btn" value="bottom">To the bottom</button><button class="btn quiet" value="cancel">Cancel</button></div>
    </div>
  </form>
</dialog>`);

/* title: what moves. lines: sprint boundaries with `last`, the id of the item that closes each. find(key): its id as anchor, or why not. */
export function askWhere({ title, count, product, lines, find, move }) {
  const dialog = blank();
  const form = dialog.querySelector("form");
  const say = (text) => {
    dialog.querySelector("#move-error").textContent = text;
    form.elements.where.setAttribute("aria-invalid", "true");
    form.elements.where.focus();
  };
  dialog.querySelector("h2").textContent = `Move ${title}`;
  dialog.querySelector("#move-hint").textContent = `1 to ${count}, or a key like ${product}-12`;
  dialog.querySelector(".sprints").hidden = lines.length === 0;
  form.elements.sprint.append(...lines.map((line, index) => new Option(line.label, index)));
  form.addEventListener("submit", (event) => {
    const place = read(form, event.submitter?.value ?? "where", { lines, find, count, say });
    if (!place) event.preventDefault();
    else if (place !== "cancel") move(place);
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  form.elements.where.focus();
}

function read(form, button, { lines, find, count, say }) {
  const { where, side, sprint } = form.elements;
  const text = where.value.trim();
  if (button === "cancel") return "cancel";
  if (button !== "where") return { [button]: true };
  if (!text && sprint.value) return { after: lines[sprint.value].last };
  if (/^\d+$/.test(text)) {
    const position = Number(text);
    return position >= 1 ? { position: Math.min(position, count) } : say("The first position is 1.");
  }
  if (!text) return say("Say a position, a key, or choose a sprint.");
  const { anchor, why } = find(text);
  return anchor ? { [side.value]: anchor } : say(why);
}
