// The page: opens the identity, knows the person, draws header and routes.

import { forgetAnswers, get, useIdentity } from "./api.js";
import * as attempt from "./attempt.js";
import { watchErrors } from "./client-errors.js";
import { fill } from "./dom.js";
import { feedbackWords, nameCredits } from "./format.js";
import { forget as forgetGeneration } from "./generation.js";
import { isLocal, openIdentity, takeReturnPlace } from "./identity.js";
import * as intakeDraft from "./intake-draft.js";
import { Interview } from "./interview.js";
import { Places } from "./places.js";
import { Router } from "./router.js";
import { sendAll } from "./sync.js";
import { toast } from "./toast.js";
import { watchSession } from "./watch.js";
import { openSession } from "./views/active.js";
import { header } from "./views/header.js";
import { deletedPanel } from "./views/own-data.js";
import { report } from "./views/kept.js";
import { failure } from "./views/parts.js";
import { takeUnpaidIntake } from "./views/pay.js";
import { interviewToResume } from "./views/room.js";
import { routesOf } from "./views/routes.js";

const DECORATION_MAX_AGE_S = 30;

class App {
  constructor() {
    this.main = document.getElementById("main");
    this.user = null;
    this.interview = null;
    this.generation = null;
    this.onSync = null;
    this.watched = null;
    this.drawn = null;
    this.places = new Places({ onChange: () => this.drawHeader() });
    document.querySelector("[data-skip]").addEventListener("click", (event) => {
      // The hash belongs to the router, so the skip link moves focus by hand.
      event.preventDefault();
      this.main.focus();
    });
    document.addEventListener("visibilitychange", () => this.#decorate());
  }

  /** Open the page; whatever hinders it is shown with Retry. */
  async open() {
    try {
      const config = await get("/config", { open: true });
      nameCredits(config.creditsName);
      this.isLocal = isLocal(config);
      this.identity = await openIdentity(config);
      useIdentity(this.identity);
      this.identity.whenExpired(() => this.#signedOut());
      if (await this.identity.token()) await this.refreshUser();
    } catch (problem) {
      if (problem.code === "ACCOUNT_DELETED") return fill(this.main, deletedPanel(this));
      if (problem.status !== 401) return fill(this.main, failure(problem, () => this.open(),
        "Greenroom could not be opened"));
    }
    this.#route();
    if (this.user) await this.sync();
    return null;
  }

  /** Ask who the person is and what they have. After money or a session moved, always anew. */
  async refreshUser({ maxAgeS } = {}) {
    const headers = maxAgeS ? { "Cache-Control": `max-age=${maxAgeS}` } : {};
    this.setUser(await get("/user", { headers }));
  }

  /** Another tab may have spent something meanwhile: the header may be half a minute behind. */
  #decorate() {
    if (document.visibilityState !== "visible" || !this.user || this.interview?.running) return;
    this.refreshUser({ maxAgeS: DECORATION_MAX_AGE_S }).catch(() => {});
  }

  setUser(user) {
    this.user = user;
    this.places.open(user);
    this.drawHeader();
    this.#watch();
  }

  /** Follow the session with an expert that is open, if there is one. */
  #watch() {
    const open = this.user && openSession(this);
    const sessionId = open && open.type !== "interview" ? open.sessionId : null;
    if (sessionId === (this.watched?.sessionId ?? null)) return;
    this.watched?.left.abort();
    this.watched = sessionId ? { sessionId, left: new AbortController() } : null;
    if (sessionId) watchSession(this, sessionId, this.watched.left.signal);
  }

  /** Begin an interview for a new intention and go to its room. */
  startInterview() {
    this.#openInterview();
    this.router.go("/interview");
  }

  /** Take up a session that is open on the server: an interview in its room, others in theirs. */
  async returnTo(sessionId, type = "interview") {
    if (type !== "interview") {
      this.router.go(`/sessions/${encodeURIComponent(sessionId)}`);
      return;
    }
    try {
      const { jobTitle, company, liveAt } = await get(`/sessions/${sessionId}`);
      const began = Date.parse(liveAt ?? "");
      attempt.resume(sessionId, {
        body: { ...(jobTitle && { jobTitle }), ...(company && { company }) },
        liveAt: Number.isNaN(began) ? null : began,
      });
    } catch (problem) {
      toast(problem.detail, { tone: "bad" });
      return;
    }
    this.#openInterview();
    this.router.go("/interview");
  }

  leaveRoom() {
    this.interview = null;
    this.refreshUser().catch(() => {});
    this.router.go("/");
  }

  /** Tell how the save went, and show the feedback. */
  #interviewEnded({ saveState: { outcome, id, feedbackStatus, problem } }) {
    this.interview = null;
    this.refreshUser().catch(() => {});
    if (outcome === "saved") {
      const open = () => this.router.go(`/interviews/${id}`);
      const inRoom = this.router.path() === "/interview";
      toast(`Interview saved. ${feedbackWords(feedbackStatus)}.`, {
        tone: "good",
        action: inRoom ? undefined : { label: "Open", run: open },
      });
      if (inRoom) open();
    } else if (outcome === "kept") {
      toast(`Kept on this device, not saved yet. ${problem.detail}`, {
        tone: "warn",
        action: { label: "Sync", run: () => this.sync() },
      });
    }
  }

  /** Send what was kept on this device. */
  async sync() {
    const results = await sendAll(this.user);
    results.filter(({ outcome }) => outcome !== "running").forEach(report);
    if (results.length) this.onSync?.();
    if (results.some(({ outcome }) => outcome === "synced")) {
      await this.refreshUser().catch(() => {});
      if (this.router.path() === "/interviews") this.router.show({ focus: false });
    }
  }

  drawHeader() {
    const path = this.router?.path() ?? "/";
    // What is the same is not drawn again: it would take the focus away.
    const { isExpert, worksInStudio } = this.places;
    const state = JSON.stringify([path, this.user, this.interview?.running ?? false, isExpert,
      worksInStudio]);
    if (state === this.drawn) return;
    this.drawn = state;
    fill(document.getElementById("top"), header(this, path));
  }

  #openInterview() {
    const interview = new Interview({ user: this.user });
    let { phase } = interview;
    this.interview = interview;
    interview.addEventListener("change", () => {
      if (phase === interview.phase) return;
      phase = interview.phase;
      this.drawHeader();
      if (phase === "live") this.refreshUser().catch(() => {});
      // The room may have been left meanwhile, so the page itself takes note of the end.
      if (phase === "ended") this.#interviewEnded(interview);
    });
  }

  #route() {
    this.router = new Router({
      root: this.main, onChange: () => this.drawHeader(), routes: routesOf(this),
    });
    const place = this.user ? takeReturnPlace() : null;
    if (place) history.replaceState(null, "", place);
    if (this.user && this.router.path() === "/interview" && interviewToResume()) {
      this.#openInterview();
    }
    this.router.show({ focus: false });
  }

  /** Sign out here and at the identity provider, and show the welcome page. */
  async signOut() {
    if (this.interview?.running) await this.interview.end("you");
    await Promise.resolve(this.identity.signOut()).catch(() => {});
    attempt.clear();
    intakeDraft.forget();
    takeUnpaidIntake();
    forgetGeneration();
    this.#signedOut();
    this.router?.go("/");
  }

  #signedOut() {
    this.identity.forget();
    this.places.forget();
    forgetAnswers();
    this.generation = null;
    if (!this.user) return;
    this.user = null;
    this.drawHeader();
    this.#watch();
    if (this.interview?.running) return;
    this.router?.show();
  }
}

watchErrors();
new App().open();
