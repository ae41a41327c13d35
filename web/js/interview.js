// The single source of truth of a running interview: one start, one call, one save.

import { Problem, post, request } from "./api.js";
import * as attempt from "./attempt.js";
import * as backup from "./backup.js";
import { closeStream, openMicrophone, openSilence } from "./microphone.js";
import { Call, CallFailed } from "./realtime.js";
import { Conversation } from "./conversation.js";
import { closeSession, save, startSession } from "./requests.js";

const TICK_MS = 1_000;
const SESSION_OVER = ["INVALID_TRANSITION", "NOT_FOUND"];

/**
 * Phases: idle, preparing, creating, exchanging, connecting, live, dropped, ending, ended, failed.
 * Emits `change` (phase, states), `transcript` (words) and `tick` (a second has passed).
 */
export class Interview extends EventTarget {
  constructor({ user }) {
    super();
    this.user = user;
    this.attempt = attempt.current();
    this.phase = "idle";
    this.error = null;
    this.session = null;
    this.muted = false;
    this.soundBlocked = false;
    this.saveState = null;
    this.hasAttemptedStart = false;
    this.cancelled = false;
    this.undone = false;
    this.release = () => {};
  }

  get running() {
    return !["idle", "ended", "failed"].includes(this.phase);
  }

  get jobTitle() {
    return this.attempt?.body?.jobTitle || "Software Engineer";
  }

  get remainingS() {
    if (!this.session || !this.attempt?.liveAt) return null;
    const end = this.attempt.liveAt + this.session.maxDurationSeconds * 1000;
    return Math.max(0, (end - Date.now()) / 1000);
  }

  /** Start once per intention: a second call does nothing until `retry()`. */
  async start() {
    if (this.hasAttemptedStart) return;
    this.hasAttemptedStart = true;
    try {
      for (const step of [this.#prepare, this.#create, this.#connect, this.#goLive]) {
        await step.call(this);
        if (this.cancelled) return await this.#undo();
      }
    } catch (error) {
      if (this.cancelled) await this.#undo();
      else await this.#fail(error);
    }
  }

  /** Try again on a person's click: with the same key, or the same session when there is one. */
  retry(change = {}) {
    this.attempt = attempt.update({ state: "new", ...change }) ?? this.attempt;
    this.hasAttemptedStart = false;
    this.error = null;
    return this.start();
  }

  async #prepare() {
    this.#enter("preparing");
    if (this.attempt.typedOnly) {
      this.stream = openSilence();
      return;
    }
    try {
      this.stream = await openMicrophone();
    } catch (error) {
      throw Object.assign(error, { kind: "microphone" });
    }
  }

  async #create() {
    this.#enter("creating");
    const { sessionId, key, body } = this.attempt;
    this.session = sessionId
      ? await this.#freshToken(sessionId)
      : await startSession(key, body);
    this.attempt =
      attempt.update({ sessionId: this.session.sessionId, state: "started" }) ?? this.attempt;
    this.release();
    this.release = backup.holdWhileRunning(this.session.sessionId);
    this.#openConversation();
  }

  async #freshToken(sessionId) {
    try {
      return await post(`/realtime-session/${sessionId}/token`);
    } catch (problem) {
      if (SESSION_OVER.includes(problem.code)) this.#newIntention();
      throw problem;
    }
  }

  #openConversation() {
    const kept = backup.find(this.session.sessionId)?.messages ?? [];
    const saved = this.conversation?.messages() ?? kept;
    this.conversation = new Conversation({ session: this.session, restored: saved });
    this.conversation.addEventListener("words", () => this.#keep());
    this.conversation.addEventListener("change", () => this.#changed());
  }

  async #connect() {
    this.#enter("exchanging");
    const call = new Call({ iceServers: this.session.iceServers, stream: this.stream });
    this.call = call;
    call.addEventListener("change", () => this.#changed());
    call.addEventListener("sound", async () => {
      this.soundBlocked = !(await call.play());
      this.#changed();
    });
    call.addEventListener("event", ({ detail }) => this.conversation.receive(detail));
    this.exchanged = false;
    await call.connect(async (sdp) => {
      const answer = await this.#exchange(sdp);
      this.exchanged = true;
      this.#enter("connecting");
      return answer;
    });
    call.addEventListener("closed", () => this.#dropped());
    this.conversation.greet((event) => call.send(event));
  }

  async #exchange(sdp, renewed = false) {
    const { sessionId, token } = this.session;
    try {
      const path = new URL(this.session.exchangeUrl, location.href).pathname;
      return (await post(path.replace(/^\/api/, ""), { sessionId, token, sdp })).sdp;
    } catch (problem) {
      if (problem.code !== "TOKEN_EXPIRED" || renewed) throw problem;
      this.session = await this.#freshToken(sessionId);
      return this.#exchange(sdp, true);
    }
  }

  #goLive() {
    this.attempt = attempt.update({ liveAt: this.attempt.liveAt ?? Date.now() }) ?? this.attempt;
    this.call.setMuted(this.muted);
    this.#enter("live");
    // Only what people see depends on this beacon, so its failure changes nothing.
    post(`/sessions/${this.session.sessionId}/connected`).catch(() => {});
    this.timer = setInterval(() => this.#tick(), TICK_MS);
  }

  #tick() {
    if (this.phase === "live" && this.remainingS <= 0) this.end("time");
    else this.dispatchEvent(new Event("tick"));
  }

  async #fail(error) {
    const sessionId = this.session?.sessionId;
    this.#stopCall();
    if (error instanceof CallFailed && this.exchanged && sessionId) {
      await this.#reportConnectFailed(sessionId);
    }
    if (!(error instanceof Problem) && !(error instanceof CallFailed) && !error.kind) {
      console.error(error);
    }
    this.attempt = attempt.update({ state: "failed" }) ?? this.attempt;
    this.error = {
      kind: error.kind ?? (error instanceof Problem ? "problem" : "call"),
      code: error.code ?? null,
      detail: error.message || "Something went wrong while connecting.",
      facts: error.facts ?? {},
      requestId: error.requestId ?? null,
    };
    this.#enter("failed");
  }

  /** The call never came up: the server hangs up, gives the credit back, the session is over. */
  async #reportConnectFailed(sessionId) {
    try {
      await post(`/sessions/${sessionId}/connect-failed`);
      this.#newIntention();
    } catch {
      // Not accepted (too often today, or unreachable): the session stays and can be retried.
    }
  }

  #newIntention() {
    if (!this.attempt) return;
    this.session = null;
    const { body, typedOnly } = this.attempt;
    this.attempt = attempt.begin(body, { typedOnly });
  }

  /** The other side hung up or the network broke: over if the server says so, else a choice. */
  async #dropped() {
    if (this.phase !== "live") return;
    this.#stopCall();
    this.#enter("dropped");
    try {
      const answer = await request("GET", `/sessions/${this.session.sessionId}`);
      const over = !["reserved", "pending", "live"].includes(answer.body.status);
      if (over && this.phase === "dropped") await this.end("hang-up");
    } catch {
      // Unknown: the person decides.
    }
  }

  /** Give up before the call was up: nothing is charged for it. */
  async cancel() {
    this.cancelled = true;
    attempt.clear();
    // A start that is still on its way undoes itself when its answer is there.
    const onItsWay = this.phase === "preparing" || this.phase === "creating";
    this.#enter("idle");
    if (!onItsWay) await this.#undo();
  }

  /** A start that was given up on may have made a session meanwhile: it is given back too. */
  async #undo() {
    if (this.undone) return;
    this.undone = true;
    const sessionId = this.session?.sessionId ?? this.attempt?.sessionId;
    this.#stopCall();
    this.release();
    attempt.clear();
    this.phase = "idle";
    // A call that was up before is left as it is: going back from a failed return ends nothing.
    if (!sessionId || this.attempt?.liveAt) return;
    await closeSession(sessionId, ["cancel", "connect-failed", "end"]).catch(() => {});
  }

  /** End and save. Why: `you`, `time` or `hang-up`. */
  async end(why) {
    if (!["live", "dropped"].includes(this.phase)) return;
    this.endedBy = why;
    this.#enter("ending");
    const endedAt = Date.now();
    this.#stopCall();
    this.conversation.finish();
    this.#keep(true);
    this.saveState = await save(this.#record(), {
      startedAt: this.attempt.liveAt,
      endedAt,
      averageResponseTime: this.conversation.averageResponseS(),
    });
    attempt.clear();
    this.release();
    this.#enter("ended");
  }

  #keep(finished = false) {
    const record = this.#record();
    if (record.messages.length) backup.keep({ ...record, owner: this.user.userId, finished });
    this.dispatchEvent(new Event("transcript"));
  }

  /** What both the save and the local copy hold of this interview. */
  #record() {
    return {
      sessionId: this.session.sessionId,
      messages: this.conversation.messages(),
      jobTitle: this.jobTitle,
      resumeData: this.attempt?.body?.resumeData ?? this.user.profile?.resumeData ?? undefined,
    };
  }

  setMuted(muted) {
    this.muted = muted;
    this.call?.setMuted(muted);
    this.#changed();
  }

  /** Answer in writing. False when the channel is not open. */
  type(text) {
    if (this.phase !== "live") return false;
    return this.conversation.type(text, (event) => this.call.send(event));
  }

  async playSound() {
    this.soundBlocked = !(await this.call.play());
    this.#changed();
  }

  #stopCall() {
    clearInterval(this.timer);
    this.call?.hangUp();
    closeStream(this.stream);
    this.stream = null;
  }

  #enter(phase) {
    this.phase = phase;
    this.#changed();
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }
}
