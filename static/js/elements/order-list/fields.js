/* How the values of each editable field are shown, read and told. */
import { TYPES } from "./row.js";
import { choices } from "./store.js";
import { number } from "./words.js";

const byName = (a, b) => (a < b ? -1 : 1);
const oneLine = (text) => text.trim().replaceAll(/\s+/g, " ");
const LONGEST_TITLE = 300;

function title(text) {
  const read = oneLine(text);
  if (read.length > LONGEST_TITLE) throw new Error(`At most ${LONGEST_TITLE} characters; these are ${read.length}.`);
  return read;
}

function figure(text, most, name) {
  const read = Number(text.trim().replace(",", "."));
  if (text.trim() === "") return null;
  if (!(read >= 0 && read <= most)) throw new Error(`${name}: a number from 0 to ${most}, or nothing.`);
  return read;
}

const PARTS = [
  { name: "business_value", label: "Business value", most: 1000 },
  { name: "time_criticality", label: "Time criticality", most: 20 },
  { name: "risk_reduction", label: "Risk reduction", most: 1000 },
  { name: "due_on", label: "Due on", input: { type: "date" } },
  { name: "penalty_per_week", label: "Penalty a week", most: 99_999_999 },
].map((part) => ({ input: { inputMode: "decimal" }, ...part }));

/* One that has the same name everywhere. */
const same = (name) => ({
  shown: (item) => item[name],
  told: (item) => item[name],
  text: (value) => value,
  spoken: (value) => value || "none",
  patch: (value) => ({ [name]: value }),
  changes: (value) => ({ [name]: value }),
});

/* shown: the value as the row has it; told: as the server tells it; read: from what is written; patch: what the row
   shows of it; changes: what the server is sent. */
const HOW = {
  title: {
    ...same("title"),
    read: (text) => {
      const read = title(text);
      if (!read) throw new Error("A title can't be empty.");
      return read;
    },
  },
  plain: {
    ...same("plain"),
    label: "Title in plain language",
    told: (item) => item.plain_title,
    read: title,
    changes: (value) => ({ plain_title: value }),
  },
  tags: {
    input: { placeholder: "tags, with commas between", autocapitalize: "none" },
    shown: (item, legend) => item.tags.map((id) => legend.tags[id]).sort(byName),
    told: (item) => [...item.tags].sort(byName),
    text: (value) => value.join(", "),
    spoken: (value) => value.join(", ") || "none",
    read: (text) => [...new Map(text.split(",").map(oneLine).filter(Boolean).map((name) => [name.toLowerCase(), name])).values()].sort(byName),
    patch: (value, legend) => ({ tags: choices(legend.tags).filter(([name]) => value.includes(name)).map(([, id]) => id) }),
    changes: (value) => ({ tags: value }),
    suggest: (text, legend) => {
      const [, before, begun] = /^(.*,\s*)?(.*)$/.exec(text);
      const known = choices(legend.tags).map(([name]) => name);
      return known.filter((name) => name.toLowerCase().startsWith(begun.toLowerCase()) && name !== begun).map((name) => `${before ?? ""}${name}`);
    },
  },
  type: {
    shown: ({ kind, type }) => [kind, type],
    told: ({ kind, type }) => [kind, type],
    options: () => TYPES.map(({ kind, type, text }) => [text, [kind, type], type === "story" ? undefined : `type-${type}`]),
    spoken: ([, chosen]) => TYPES.find(({ type }) => type === chosen).text,
    patch: ([kind, type]) => ({ kind, type }),
    changes: ([kind, type]) => ({ kind, type }),
  },
  component: {
    ...same("component"),
    told: (item) => item.component?.id ?? null,
    options: ({ components }) => [...choices(components), ["No component", null]],
    spoken: (value, { components }) => components[value] ?? "none",
  },
  points: {
    ...same("points"),
    isNarrow: true,
    input: { inputMode: "decimal" },
    text: (value) => (value === null ? "" : number(value)),
    spoken: (value) => (value === null ? "none" : number(value)),
    read: (text) => figure(text, 9999, "Points"),
  },
  value: {
    parts: PARTS,
    told: (item) => PARTS.map(({ name }) => item[name]),
    spoken: (value) => PARTS.flatMap(({ label }, index) => (value[index] === null ? [] : [`${label.toLowerCase()} ${value[index]}`])).join(", ") || "none",
    read: (texts) => PARTS.map(({ most, label }, index) => (most ? figure(texts[index], most, label) : texts[index] || null)),
    changes: (value) => Object.fromEntries(PARTS.map(({ name }, index) => [name, value[index]])),
  },
};

/* One of the editable fields with the way to edit it; a row that shows the title in plain language edits that one. */
export const asEdited = (field, isPlain) => ({ ...field, ...HOW[isPlain && field.name === "title" ? "plain" : field.name] });
