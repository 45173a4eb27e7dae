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
