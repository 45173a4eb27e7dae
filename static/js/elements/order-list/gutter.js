/* Draws who needs whom beside the rows: one lane for each source, short spans inside. */
import { svg } from "./parts.js";

const PITCH = 9;
const LANES = 5;
const TURN = 6;
// Drawn this far around the screen, and again only after scrolling out of it.
const REACH = 1200;

export class Gutter {
  #drawn = "";

  constructor(body) {
    this.element = svg("svg", { class: "gutter", "aria-hidden": "true", width: 1, height: 1 });
    body.append(this.element);
  }

  /* places: id → middle of the row from the top; x: middle of the markers; around: what part of the list shows. */
  draw(store, current, heightOf, x, around, revision) {
    const part = Math.floor(around / (REACH / 2));
    const state = [revision, current, x, part].join();
    if (state === this.#drawn) return;
    this.#drawn = state;
    const low = around - REACH;
    const high = around + 2 * REACH;
    const clamp = (y) => Math.max(low, Math.min(high, y));
    const spans = [];
    for (const [to, enablers] of store.needs) {
      const end = heightOf(to);
      if (end === undefined) continue;
      for (const from of enablers) {
        const start = heightOf(from);
        if (start === undefined || Math.max(start, end) < low || Math.min(start, end) > high) continue;
        spans.push({ from, to, start, end, low: Math.min(start, end), high: Math.max(start, end) });
      }
    }
    spans.sort((a, b) => a.high - a.low - (b.high - b.low));
    giveLanes(spans);
    const isOn = ({ from, to }) => from === current || to === current;
    spans.sort((a, b) => isOn(a) - isOn(b));
    const drawn = spans.flatMap((span) => {
      const name = [isOn(span) && "on", span.start > span.end && "bad"].filter(Boolean).join(" ");
      const lane = x - 18 - span.lane * PITCH;
      const turn = span.end > span.start ? TURN : -TURN;
      const [a, b] = [clamp(span.start), clamp(span.end)];
      const leaves = a === span.start ? `M${x - 9} ${a}H${lane + TURN}Q${lane} ${a} ${lane} ${a + turn}` : `M${lane} ${a}`;
      const arrives = b === span.end ? `V${b - turn}Q${lane} ${b} ${lane + TURN} ${b}H${x - 13}` : `V${b}`;
      const tip = svg("path", { class: `tip ${name}`, d: `M${x - 9} ${b}l-5.5 -3.5v7z` });
      return [svg("path", { class: name, d: leaves + arrives }), ...(b === span.end ? [tip] : [])];
    });
    this.element.replaceChildren(...drawn);
  }
}

function giveLanes(spans) {
  const lanes = [];
  const isFree = (lane, span) => lane.every((other) => other.from === span.from || span.high <= other.low || span.low >= other.high);
  for (const span of spans) {
    let lane = lanes.findIndex((spans) => spans.some(({ from }) => from === span.from) && isFree(spans, span));
    if (lane < 0) lane = lanes.findIndex((spans) => isFree(spans, { ...span, from: null }));
    if (lane < 0) lane = lanes.push([]) - 1;
    lanes[lane].push(span);
    span.lane = Math.min(lane, LANES - 1);
  }
}
