// The expert desk: going online, what is offered, the queue, and the sessions that were taken.

import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { poll } from "../polling.js";
import { mySessions } from "./desk-mine.js";
import { offersPanel } from "./desk-offers.js";
import { presencePanel, profileForm } from "./desk-profile.js";
import { queuePanel } from "./desk-queue.js";
import { failure, loading, notice, pageHead } from "./parts.js";

const LOOK_S = 3;
// Sessions end without this desk: how many are taken, and which, is looked at more slowly.
const MINE_S = 15;

export function mountDesk(app) {
  return (root) => {
    const left = new AbortController();
    const body = h("div", {});
    fill(root, pageHead("Expert desk", "Answer people's questions in sessions of chat or call."),
      body);
    openDesk(app, body, left.signal);
    return () => left.abort();
  };
}

async function openDesk(app, body, signal) {
  fill(body, loading("Opening your desk…"));
  try {
    const me = await get("/experts/me");
    if (signal.aborted) return;
    app.places.noteExpert(true);
    drawDesk(app, body, me, signal);
  } catch (problem) {
    if (signal.aborted) return;
    if (problem.code === "NOT_AN_EXPERT") {
      app.places.noteExpert(false);
      fill(body, beginning(app, body, signal));
    }
    else fill(body, failure(problem, () => openDesk(app, body, signal)));
  }
}

function beginning(app, body, signal) {
  return h("div", { class: "stack narrow" },
    notice("info", h("p", {}, h("strong", {}, "You are not an expert here yet. "),
      "Say who you are and what you know. You go online when you are ready.")),
    profileForm({ name: app.user.name ?? "" }, {
      title: "Become an expert", label: "Make my profile", status: () => "offline",
      onSaved: (me) => {
        app.places.noteExpert(true);
        drawDesk(app, body, me, signal);
        body.querySelector("h2")?.focus();
      },
    }));
}

function drawDesk(app, body, first, signal) {
  const desk = new Desk(app, first, signal);
  fill(body, desk.node);
}

class Desk {
  constructor(app, me, signal) {
    Object.assign(this, { app, me, signal });
    this.looking = null;
    this.presence = presencePanel(this);
    this.offers = offersPanel(this);
    this.queue = queuePanel(this);
    this.mine = mySessions(this);
    this.trouble = h("p", { class: "hint", role: "status" });
    const profile = profileForm(me, {
      title: "Your profile", label: "Save profile", status: () => this.me.status,
      onSaved: (saved) => this.setMe(saved),
    });
    this.node = h("div", { class: "stack" }, this.presence.node, this.trouble,
      h("div", { class: "columns" },
        h("div", { class: "stack" }, this.offers.node, this.queue.node, this.mine.open),
        h("div", { class: "stack" }, this.mine.over, profile)));
    this.setMe(me);
    poll(() => this.#lookAtMine(), { everyS: MINE_S, signal });
  }

  get isTaking() {
    return this.me.approved && this.me.status === "online";
  }

  setMe(me) {
    this.me = me;
    this.presence.show(me);
    this.offers.setOpen(this.isTaking);
    this.queue.setOpen(this.isTaking);
    if (this.isTaking && !this.looking) this.#begin();
    if (!this.isTaking) this.#stop();
  }

  /** What a move has changed is looked at again at once. */
  async refresh() {
    await Promise.all([this.looking?.poll.now(), this.#lookAtMine().catch(() => {})]);
  }

  #begin() {
    const left = new AbortController();
    this.signal.addEventListener("abort", () => left.abort());
    const look = async () => {
      await Promise.all([this.offers.look(left.signal), this.queue.look(left.signal)]);
    };
    this.looking = { left, poll: poll(look, { everyS: LOOK_S, signal: left.signal,
      onTrouble: (problem) => this.#troubled(problem) }) };
  }

  #stop() {
    this.looking?.left.abort();
    this.looking = null;
    fill(this.trouble);
  }

  #troubled(problem) {
    // The approval was taken back meanwhile.
    if (problem?.code === "NOT_AN_EXPERT") this.#lookAtMine().catch(() => {});
    fill(this.trouble, problem
      ? `Offers cannot be loaded just now. ${problem.message} Trying again…` : null);
  }

  async #lookAtMine() {
    const [me] = await Promise.all([get("/experts/me"), this.mine.look(this.signal)]);
    if (!this.signal.aborted) this.setMe(me);
  }
}
