/* Sends changes one after the other, each until it has an answer: same intent, same Idempotency-Key. */
import { NoAnswer } from "./server.js";

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
