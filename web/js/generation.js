// One intention to have something written: sent once, however often it is asked for.
//
// The key goes out again with every Retry and after a reload until the server has answered, so
// that nobody pays twice and nothing that was written is lost.

import { post, Problem } from "./api.js";
import { sendOnce } from "./requests.js";

const KEPT = "greenroom_generation";

/** States: running, cancelling, done, failed, cancelled. `change` is told of each. */
export class Generation extends EventTarget {
  constructor({ userId, key, body, tenantName, began, state = "running", answer = null,
    logState = null }) {
    super();
    Object.assign(this, { userId, key, body, tenantName, began, state, answer, logState });
    this.problem = null;
  }

  /** Begin with a body of `POST /ai/generate`. */
  static begin({ userId, body, tenantName }) {
    const before = kept();
    // What was not answered yet is the same intention, if it is the same request.
    const same = before?.userId === userId && !before.answer
      && JSON.stringify(before.body) === JSON.stringify(body);
    return new Generation({ userId, body, tenantName, began: Date.now(),
      key: same ? before.key : crypto.randomUUID() }).#run();
  }

  /** That of before a reload: with its answer, or asked for again under its key. */
  static resume({ userId }) {
    const before = kept();
    if (before?.userId !== userId) return null;
    const generation = new Generation({ ...before, state: before.answer ? "done" : "running" });
    return before.answer ? generation : generation.#run();
  }

  get isOpen() {
    return this.state === "running" || this.state === "cancelling";
  }

  /** Ask again under the same key. */
  retry() {
    this.began = Date.now();
    this.#run();
  }

  /** Give it up: what is not used is given back. */
  async cancel() {
    if (this.state !== "running") return;
    this.#to("cancelling");
    try {
      const { status } = await post("/ai/generate/cancel", {},
        { headers: { "Idempotency-Key": this.key } });
      // What was answered before is there to be shown, and is on its way.
      if (status === "answered") throw new Error("It is written already.");
      forget();
      if (this.isOpen) this.#to("cancelled");
    } catch (problem) {
      if (this.state === "cancelling") this.#to("running", { problem });
    }
  }

  #run() {
    this.#keep();
    this.#to("running", { problem: null });
    this.#ask();
    return this;
  }

  async #ask() {
    try {
      const { body, headers } = await sendOnce("/ai/generate", this.key, this.body);
      if (!this.isOpen) return;
      this.answer = body;
      this.logState = headers.get("X-Usage-Log");
      this.#keep();
      this.#to("done");
    } catch (problem) {
      if (!this.isOpen) return;
      if (!(problem instanceof Problem)) console.error(problem);
      if (isFinal(problem)) forget();
      this.#to("failed", { problem });
    }
  }

  #keep() {
    const { userId, key, body, tenantName, began, answer, logState } = this;
    try {
      sessionStorage.setItem(KEPT,
        JSON.stringify({ userId, key, body, tenantName, began, answer, logState }));
    } catch {
      // A store that is full keeps nothing: the page itself still has it.
    }
  }

  #to(state, change = {}) {
    Object.assign(this, { state, ...change });
    this.dispatchEvent(new Event("change"));
  }
}

/** Nothing of one person is left to the next. */
export const forget = () => sessionStorage.removeItem(KEPT);

/** Refused for good: the same request again would be a new one. */
const isFinal = ({ status, code }) =>
  status >= 400 && status < 500 && status !== 408 && code !== "IDEMPOTENCY_IN_PROGRESS";

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT));
  } catch {
    return null;
  }
}
