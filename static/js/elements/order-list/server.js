/* Talks to the REST API for the list: the feed, the sprint lines, writes with their Idempotency-Key. */
export class Refusal extends Error {
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/* Not the server's no, but no answer at all: worth the same request again. */
export class NoAnswer extends Error {
  constructor(waitSeconds = 0) {
    super("no answer");
    this.waitSeconds = waitSeconds;
  }
}

const AGAIN = new Set([429, 500, 502, 503, 504]);

export class Server {
  #etag = "";

  constructor(product, token, signal) {
    this.root = `/api/v1/products/${product}`;
    this.token = token;
    this.signal = signal;
  }

  /* The whole order, or what changed since that version; null if nothing did. */
  async feed(since) {
    const headers = since && this.#etag ? { "If-None-Match": this.#etag } : {};
    const response = await this.#fetch(`feed${since ? `?since=${encodeURIComponent(since)}` : ""}`, { headers });
    if (response.status === 304) return null;
    this.#etag = response.headers.get("ETag");
    return response.json();
  }

  async get(path) {
    return (await this.#fetch(path, {})).json();
  }

  async getWithTag(path) {
    const response = await this.#fetch(path, {});
    return [await response.json(), response.headers.get("ETag")];
  }

  async write(method, path, body, headers = {}) {
    const sent = { "X-CSRFToken": this.token, "Content-Type": "application/json", ...headers };
    const response = await this.#fetch(path, { method, headers: sent, body: JSON.stringify(body ?? {}) });
    return response.status === 204 ? null : response.json();
  }

  async #fetch(path, options) {
    let response;
    try {
      response = await fetch(`${this.root}/${path}`, { ...options, signal: this.signal });
    } catch {
      throw new NoAnswer();
    }
    if (response.ok || response.status === 304) return response;
    if (AGAIN.has(response.status)) throw new NoAnswer(Number(response.headers.get("Retry-After")) || 0);
    const problem = await response.json().catch(() => ({ detail: "The server said no without a reason." }));
    if (problem.code === "still_running") throw new NoAnswer();
    throw new Refusal(problem);
  }
}

/* Sends changes one after the other, each until it has an answer: same intent, same Idempotency-Key. */
const RESTS_MS = [500, 1000, 2000, 4000, 8000, 15000];
// Steps of one key held down become one move.
const GATHER_MS = 350;

const sameItems = (a, b) => a.length === b.length && a.every((id, index) => id === b[index]);

export class MoveQueue {
  #queue = [];
  #running = false;
  #wake = () => {};

  /* on: done(move, answer), refused(move, problem), stuck(isStuck). */
  constructor(server, on, signal) {
    this.server = server;
    this.on = on;
    this.signal = signal;
    addEventListener("online", () => this.#wake(), { signal });
  }

  get isEmpty() {
    return this.#queue.length === 0;
  }

  /* change: {method, path, body, items, place, isStep}, or {send(), items, done, refused} of its own. Returns the change that it replaces, if any. */
  push(change) {
    change.key = crypto.randomUUID();
    const last = this.#queue.at(-1);
    const isLonger = change.isStep && last?.isStep && !last.isSent && sameItems(last.items, change.items);
    if (isLonger) this.#queue.pop();
    this.#queue.push(change);
    this.#run();
    return isLonger ? last : null;
  }

  async #run() {
    if (this.#running) return;
    this.#running = true;
    while (this.#queue.length && !this.signal.aborted) {
      if (this.#queue[0].isStep) await rest(GATHER_MS);
      const change = this.#queue[0];
      change.isSent = true;
      await this.#settle(change);
      this.#queue.shift();
    }
    this.#running = false;
  }

  #send({ send, method, path, body, key }) {
    const headers = { "Idempotency-Key": key };
    return send ? send(headers) : this.server.write(method, path, body, headers);
  }

  async #settle(change) {
    for (let tries = 0; !this.signal.aborted; tries++) {
      try {
        const answer = await this.#send(change);
        this.on.stuck(false);
        return (change.done ?? this.on.done)(change, answer);
      } catch (error) {
        if (!(error instanceof NoAnswer)) {
          this.on.stuck(false);
          return (change.refused ?? this.on.refused)(change, error.problem ?? { detail: error.message });
        }
        if (tries) this.on.stuck(true);
        const ms = error.waitSeconds * 1000 || RESTS_MS[Math.min(tries, RESTS_MS.length - 1)];
        await Promise.race([rest(ms), new Promise((wake) => (this.#wake = wake))]);
      }
    }
  }
}

const rest = (ms) => new Promise((done) => setTimeout(done, ms));
