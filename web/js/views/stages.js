// What the room shows before, between and after the call itself.

import { h, icon } from "../dom.js";
import { credits, creditsWord, feedbackWords } from "../format.js";
import { activeSessionDialog } from "./active.js";
import { button, link } from "./parts.js";
import { creditsButton, openShop } from "./shop.js";
import { endSession } from "./start.js";

const STEPS = ["preparing", "creating", "exchanging", "connecting", "live"];

export function progress(phase, app, interview) {
  const now = STEPS.indexOf(phase);
  const labels = ["Sound", "Session", "Exchange", "Connect"];
  return [
    h("ol", { class: "steps" }, labels.map((label, index) =>
      h("li", { dataset: { state: index < now ? "done" : index === now ? "now" : "next" } },
        index < now ? icon("check") : null, label))),
    h("div", { class: "actions centre" }, button("Cancel", async () => {
      await interview.cancel();
      app.leaveRoom();
    })),
  ];
}

export function failed(app, interview) {
  const { error } = interview;
  const retry = (change) => interview.retry(change);
  const leave = button("Back", async () => {
    await interview.cancel();
    app.leaveRoom();
  });
  // A dialogue waits until the stage is drawn, since it gives the focus back to what is there.
  if (error.code === "ACTIVE_SESSION_EXISTS") {
    queueMicrotask(() => otherSession(app, interview));
  }
  const first = { kind: "primary", "data-focus": true };
  let actions = [button("Retry", () => retry(), first), leave];
  if (error.kind === "microphone") {
    actions = [button("Try the microphone again", () => retry(), first),
      button("Continue without a microphone", () => retry({ typedOnly: true })), leave];
  } else if (error.code === "INSUFFICIENT_CREDITS") {
    queueMicrotask(() => openShop(app, { refusal: error }));
    actions = [creditsButton(app, { ...first, refusal: error }), button("Retry", () => retry()),
      leave];
  }
  return h("div", { class: "failure", role: "alert" },
    h("p", { class: "empty-title" }, failureTitle(error)),
    h("p", {}, error.detail),
    balanceLine(error),
    h("p", { class: "hint" }, chargeWords(interview)),
    error.requestId ? h("p", { class: "hint" }, `Request ${error.requestId}`) : null,
    h("div", { class: "actions centre" }, actions));
}

function failureTitle({ kind, code }) {
  if (kind === "microphone") return "No microphone";
  if (code === "INSUFFICIENT_CREDITS") return `Not enough ${creditsWord()}`;
  if (code === "ACTIVE_SESSION_EXISTS") return "Another session is open";
  return "The interview could not start";
}

function balanceLine({ facts }) {
  if (facts.currentCredits === undefined) return null;
  return h("p", {}, `Your balance: ${credits(facts.currentCredits)}. `,
    `An interview costs ${credits(facts.interviewCost)}.`);
}

function chargeWords({ attempt: intention, error }) {
  if (error.kind === "microphone" || error.code === "INSUFFICIENT_CREDITS" ||
      error.code === "ACTIVE_SESSION_EXISTS") return "Nothing was charged.";
  if (intention?.sessionId) return "Retry connects to the same session and is not charged again.";
  return "You are never charged twice for one attempt, and not for one that did not start.";
}

async function otherSession(app, interview) {
  const { facts } = interview.error;
  const choice = await activeSessionDialog(app, facts, { end: "End it and start this interview" });
  if (choice === "end" && (await endSession(facts.activeSessionId, facts.activeSessionStatus))) {
    interview.retry();
  }
}

export function dropped(interview) {
  return h("div", { class: "failure", role: "alert" },
    h("p", { class: "empty-title" }, "The call was closed"),
    h("p", {}, "Reconnect to go on with this interview, or end it and get your feedback. " +
      "What was said is kept."),
    h("div", { class: "actions centre" },
      button("Reconnect", () => interview.retry(), { kind: "primary", "data-focus": true }),
      button("End and save", () => interview.end("hang-up"))));
}

const ENDED_WORDS = {
  you: "You ended the interview.",
  time: "The time is up.",
  "hang-up": "The call is over.",
};

export function ended({ endedBy, saveState }) {
  const { outcome } = saveState;
  const text = {
    saved: `Saved. ${feedbackWords(saveState.feedbackStatus)}.`,
    kept: "It could not be saved just now, so it is kept on this device. " +
      "It is sent when you come back, or with Sync.",
    empty: "Nothing was said, so there is nothing to give feedback on.",
  }[outcome];
  const next = outcome === "saved"
    ? link("See your feedback", `#/interviews/${saveState.id}`, "primary")
    : link("Back to the start", "#/", "primary");
  next.dataset.focus = "";
  return h("div", { class: "empty" },
    h("p", { class: "empty-title" }, ENDED_WORDS[endedBy]), h("p", {}, text), next);
}
