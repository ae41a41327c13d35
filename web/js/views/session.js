// A session with an expert, for both of its people: the stage that fits its state.

import { get, post } from "../api.js";
import { announce, fill, h } from "../dom.js";
import { poll } from "../polling.js";
import { isOver, sideOf, statusWord, typeWord, waiverPlace } from "../session-words.js";
import { toast } from "../toast.js";
import { failure, link, loading, notice, pageHead } from "./parts.js";
import { liveStage } from "./session-room.js";
import { overStage } from "./session-summary.js";
import { readyStage, waitingStage } from "./waiting.js";

const LOOK_S = 3;
const STAGES = { pending: waitingStage, waiting: readyStage, live: liveStage };
const TROUBLE_WORDS = "The connection is lost. Trying again…";

export function mountSession(app) {
  return (root, { id }) => {
    const left = new AbortController();
    const view = new SessionView(app, root, id, left.signal);
    view.open();
    return () => left.abort();
  };
}

class SessionView {
  constructor(app, root, id, signal) {
    Object.assign(this, { app, root, signal, path: `/sessions/${encodeURIComponent(id)}` });
    this.detail = null;
    this.stage = null;
    this.state = h("p", { class: "session-state", role: "status" });
    this.trouble = h("p", { class: "hint", role: "status" });
    this.wrong = h("div", { role: "alert" });
    this.body = h("div", {});
  }

  /** Load it for the first time; what hinders that is shown with Retry. */
  async open() {
    fill(this.root, pageHead("Your session"), loading("Loading your session…"));
    try {
      const detail = await get(this.path);
      if (this.signal.aborted) return;
      if (detail.type === "interview") return this.#toInterview(detail);
      this.side = sideOf(detail, this.app.user.userId);
      const isExpert = this.side === "expert";
      const title = `${typeWord(detail.type)} ${isExpert ? "session" : "with an expert"}`;
      fill(this.root,
        pageHead(title, null, ...(isExpert ? [link("Expert desk", "#/desk", "quiet")] : [])),
        this.state, this.trouble, this.wrong, this.body);
      // The heading that had the focus was replaced.
      if (document.activeElement === document.body) this.app.router.focusHeading();
      this.show(detail);
      this.#follow();
    } catch (problem) {
      if (!this.signal.aborted) this.#failed(problem);
    }
  }

  /** Show the session as it is now; a new state draws a new stage and is told. */
  show(detail) {
    const known = this.detail;
    this.detail = detail;
    const { label, tone } = statusWord(detail.status);
    if (known?.status === detail.status) return this.stage.update?.(detail);
    this.state.dataset.tone = tone;
    fill(this.state, h("span", { class: "tag", dataset: { tone } }, label));
    this.stage?.stop();
    this.stage = this.#draw(detail);
    fill(this.wrong);
    fill(this.body, this.stage.node);
    this.stage.update?.(detail);
    if (known) {
      announce(label);
      this.body.querySelector("[data-focus]")?.focus();
      if (isOver(detail.status)) this.looking?.abort();
    }
    this.app.refreshUser().catch(() => {});
    return null;
  }

  /** Ask the server for a move: `start`, `end`, `cancel`. Once a click; refusals are told. */
  async move(act, control) {
    control.disabled = true;
    fill(this.wrong);
    try {
      const detail = await post(`${this.path}/${act}`);
      if (!this.signal.aborted) this.show(detail);
    } catch (problem) {
      if (!this.signal.aborted) await this.#refused(problem);
    } finally {
      control.disabled = false;
    }
  }

  /** Give a session back before it is live: an expert's way out. */
  async release(control) {
    control.disabled = true;
    try {
      await post(`${this.path}/release`);
      toast("You gave the session back. Other experts are asked now.", { tone: "good" });
      this.app.router.go("/desk");
    } catch (problem) {
      control.disabled = false;
      await this.#refused(problem);
    }
  }

  #draw(detail) {
    const left = new AbortController();
    this.signal.addEventListener("abort", () => left.abort());
    const draw = STAGES[detail.status] ?? overStage;
    return { ...draw(this, detail, left.signal), stop: () => left.abort() };
  }

  /** See what the other side does, until the session is over. */
  #follow() {
    if (isOver(this.detail.status)) return;
    this.looking = new AbortController();
    this.signal.addEventListener("abort", () => this.looking.abort());
    poll(async () => {
      const detail = await get(this.path);
      if (!this.looking.signal.aborted) this.show(detail);
    }, {
      everyS: LOOK_S, signal: this.looking.signal,
      onTrouble: (problem) => this.#troubled(problem),
    });
  }

  #troubled(problem) {
    // An expert who gave it back, or whose time to begin is over, is not in it any more.
    if (problem?.status === 404) return this.#failed(problem);
    return fill(this.trouble, problem ? TROUBLE_WORDS : null);
  }

  async #refused(problem) {
    if (problem.code === "WAIVER_REQUIRED") return fill(this.wrong, this.#waiverNotice());
    fill(this.wrong, notice("warn", h("p", {}, problem.message)));
    // The state is another one than was shown.
    if (problem.code === "INVALID_TRANSITION") {
      const detail = await get(this.path).catch(() => null);
      if (detail && !this.signal.aborted) this.show(detail);
    }
    return null;
  }

  #waiverNotice() {
    if (this.side === "expert") {
      return notice("warn", h("p", {}, "The customer has not signed the waiver yet. It can begin " +
        "as soon as they have; you may remind them in the chat."));
    }
    return notice("warn", h("p", {}, "Please sign the waiver first, then begin."),
      h("div", { class: "actions" },
        link("Read and sign the waiver", waiverPlace(this.detail), "primary")));
  }

  #failed(problem) {
    this.looking?.abort();
    this.stage?.stop();
    const gone = problem.status === 404;
    const away = h("div", { class: "actions centre" }, link("Back to the experts", "#/experts"));
    fill(this.root, pageHead("Session"),
      failure(problem, gone ? null : () => this.open(),
        gone ? "This session is not yours, or not any more" : "This session could not be loaded"),
      gone ? away : null);
    this.app.refreshUser().catch(() => {});
  }

  #toInterview({ sessionId, status }) {
    if (isOver(status)) return location.replace(`#/interviews/${sessionId}`);
    return this.app.returnTo(sessionId, "interview");
  }
}
