/* Draws who needs whom beside the rows: one lane for each source, short spans inside. */
import { svg } from "./parts.js";

const PITCH = 9;
const LANES = 5;
const TURN = 6;
// Drawn this far around the screen, and again only after scrolling half as far.
const REACH = 1200;
// What lies on top comes last.
const TONES = ["", "bad", "on", "on bad"];

export class Gutter {
  #spans = [];
  #drawn = "";
  #strokes = new Map();

  constructor(body) {
    this.element = svg("svg", { class: "gutter", "aria-hidden": "true", width: 1, height: 1 });
    for (const tone of TONES) {
      const made = [tone, `tip ${tone}`].map((name) => svg("path", { class: name }));
      this.#strokes.set(tone, made);
      this.element.append(...made);
    }
    body.append(this.element);
  }

  /* middles: by id, the middle of its row, in pixels from the top of the list. */
  arrange(needs, middles) {
    this.#spans = spansOf(needs, middles);
    this.#drawn = "";
  }

  /* x: middle of the markers; top: where in the list the screen begins. */
  draw(current, x, top) {
    const part = Math.floor(top / (REACH / 2)) * (REACH / 2);
    const state = [current, x, part].join();
    if (state === this.#drawn) return;
    this.#drawn = state;
    const low = part - REACH;
    const high = part + 2 * REACH;
    // Equal strokes, as those of all that only pass by in one lane, are drawn once.
    const drawn = new Map(TONES.map((tone) => [tone, [new Set(), new Set()]]));
    for (const span of this.#spans) {
      if (span.high < low || span.low > high) continue;
      const tone = [span.from === current || span.to === current ? "on" : "", span.start > span.end ? "bad" : ""].join(" ").trim();
      const [lines, tips] = drawn.get(tone);
      lines.add(line(span, x, low, high));
      if (span.end >= low && span.end <= high) tips.add(`M${x - 9} ${span.end}l-5.5 -3.5v7z`);
    }
    for (const [tone, paths] of this.#strokes) paths.forEach((path, index) => path.setAttribute("d", [...drawn.get(tone)[index]].join("")));
  }
}

function line({ start, end, lane }, x, low, high) {
  const across = x - 18 - lane * PITCH;
  const turn = end > start ? TURN : -TURN;
  const [a, b] = [start, end].map((y) => Math.max(low, Math.min(high, y)));
  const leaves = a === start ? `M${x - 9} ${a}H${across + TURN}Q${across} ${a} ${across} ${a + turn}` : `M${across} ${a}`;
  return leaves + (b === end ? `V${b - turn}Q${across} ${b} ${across + TURN} ${b}H${x - 13}` : `V${b}`);
}

/* One for each need whose both ends are shown. */
export function spansOf(needs, middles) {
  const sources = new Map();
  for (const [to, enablers] of needs) {
    const end = middles.get(to);
    if (end === undefined) continue;
    for (const from of enablers) {
      const start = middles.get(from);
      if (start === undefined) continue;
      const span = { from, to, start, end, low: Math.min(start, end), high: Math.max(start, end) };
      const source = sources.get(from);
      if (!source) sources.set(from, { low: span.low, high: span.high, spans: [span] });
      else {
        source.low = Math.min(source.low, span.low);
        source.high = Math.max(source.high, span.high);
        source.spans.push(span);
      }
    }
  }
  giveLanes([...sources.values()]);
  return [...sources.values()].flatMap(({ spans }) => spans);
}

/* The shortest first, each in the innermost lane with room for it; the outermost lane takes whatever is left. Each
   lane keeps what it holds from the top down, so that a look is a search by halves. */
function giveLanes(sources) {
  sources.sort((a, b) => a.high - a.low - (b.high - b.low));
  const lanes = Array.from({ length: LANES - 1 }, () => []);
  for (const source of sources) {
    let lane = 0;
    while (lane < lanes.length && !takes(lanes[lane], source)) lane++;
    for (const span of source.spans) span.lane = lane;
  }
}

function takes(lane, { low, high }) {
  let first = 0;
  let last = lane.length;
  while (first < last) {
    const middle = (first + last) >> 1;
    if (lane[middle].high <= low) first = middle + 1;
    else last = middle;
  }
  if (first < lane.length && lane[first].low < high) return false;
  lane.splice(first, 0, { low, high });
  return true;
}
