// The interview room: states, voices, transcript, typed answers, time, ending.

import * as attempt from "../attempt.js";
import { announce, fill, h, icon } from "../dom.js";
import { clock } from "../format.js";
import { answerForm } from "./answer.js";
import { diagnosticsPanel } from "./diagnostics.js";
import { button, card, pageHead, practiceNotice } from "./parts.js";
import { dropped, ended, failed, progress } from "./stages.js";
import { transcriptPanel } from "./words.js";

const PHASE_WORDS = {
  idle: "Not started",
  preparing: "Preparing: opening the microphone…",
  creating: "Creating your session…",
  exchanging: "Exchanging connection details…",
  connecting: "Connecting to the AI interviewer…",
  live: "Live",
  dropped: "The connection was lost",
  ending: "Ending and saving…",
  ended: "Ended",
  failed: "Not connected",
};
const LAST_MINUTE_S = 60;

export function mountRoom(app) {
  return (root) => {
    const { interview } = app;
    if (!interview) {
      location.replace("#/");
      return null;
    }
    const room = new Room(app, interview);
    root.append(room.node);
    room.show();
    // Once per mount: the interview itself refuses a second start of the same intention.
    interview.start();
    return () => room.leave();
  };
}

class Room {
  constructor(app, interview) {
    this.app = app;
    this.interview = interview;
    this.status = h("p", { class: "room-status", role: "status" });
    this.stage = h("div", { class: "stage" });
    this.words = transcriptPanel();
    this.diagnostics = diagnosticsPanel(interview);
    this.answer = answerForm(interview);
    this.time = h("span", { class: "time", role: "timer", "aria-label": "Time left" });
    this.node = h(
      "div",
      { class: "room" },
      pageHead(`Interview: ${interview.jobTitle}`, null),
      practiceNotice("You are talking with an AI, not a person. This is practice."),
      h("div", { class: "columns room-columns" },
        h("section", { class: "card stage-card", "aria-label": "Call" }, this.status, this.stage),
        card("Live transcript", this.words.node, this.answer.node),
        this.diagnostics.node),
    );
    this.listeners = [
      ["change", () => this.show()],
      ["transcript", () => this.words.show(interview.conversation.turns())],
      ["tick", () => this.#tick()],
    ];
    for (const [name, listener] of this.listeners) interview.addEventListener(name, listener);
  }

  leave() {
    for (const [name, listener] of this.listeners) {
      this.interview.removeEventListener(name, listener);
    }
    this.diagnostics.stop();
  }

  show() {
    const { interview } = this;
    const words = statusWords(interview);
    if (this.status.textContent !== words) this.status.textContent = words;
    this.node.dataset.phase = interview.phase;
    if (this.drawn !== interview.phase) this.#draw();
    this.#voices();
    this.answer.setOpen(interview.phase === "live");
    this.answer.node.hidden = interview.phase === "ended";
    this.diagnostics.show();
    if (interview.conversation) this.words.show(interview.conversation.turns());
  }

  #draw() {
    const { phase } = this.interview;
    this.drawn = phase;
    if (phase === "live") fill(this.stage, this.#live());
    else if (phase === "failed") fill(this.stage, failed(this.app, this.interview));
    else if (phase === "dropped") fill(this.stage, dropped(this.interview));
    else if (phase === "ended") fill(this.stage, ended(this.interview));
    else if (phase === "ending") fill(this.stage, h("div", { class: "spinner" }));
    else fill(this.stage, progress(phase, this.app, this.interview));
    if (phase === "live" && this.interview.attempt.typedOnly) this.answer.focus();
    else this.stage.querySelector("[data-focus]")?.focus();
  }

  #live() {
    const { interview } = this;
    this.interviewerVoice = voice("AI interviewer");
    this.personVoice = voice("You");
    // Focus goes where a stray key press does no harm.
    this.mute = button("Mute", () => interview.setMuted(!interview.muted), {
      iconName: "mic", "data-focus": true,
    });
    this.sound = button("Play the interviewer's voice", () => interview.playSound(), {
      kind: "primary",
    });
    const end = button("End interview", () => interview.end("you"), {
      kind: "danger", iconName: "stop",
    });
    return [
      h("div", { class: "voices" }, this.interviewerVoice.node, this.personVoice.node),
      h("p", { class: "time-line" }, icon("clock"), this.time, h("span", {}, "left")),
      this.sound,
      h("div", { class: "actions centre" }, interview.attempt.typedOnly ? null : this.mute, end),
    ];
  }

  #voices() {
    const { interview } = this;
    if (interview.phase !== "live") return;
    this.interviewerVoice.set(interview.conversation.interviewerSpeaks);
    this.personVoice.set(interview.conversation.personSpeaks && !interview.muted);
    fill(this.mute, icon(interview.muted ? "muted" : "mic"),
      h("span", {}, interview.muted ? "Unmute" : "Mute"));
    this.mute.setAttribute("aria-pressed", String(interview.muted));
    this.sound.hidden = !interview.soundBlocked;
    this.#tick();
  }

  #tick() {
    const left = this.interview.remainingS;
    if (left === null) return;
    this.time.textContent = clock(left);
    this.time.toggleAttribute("data-short", left <= LAST_MINUTE_S);
    if (left <= LAST_MINUTE_S && !this.warned) {
      this.warned = true;
      announce("One minute left.");
    }
  }
}

function statusWords(interview) {
  if (interview.phase !== "live") return PHASE_WORDS[interview.phase];
  const { interviewerSpeaks, personSpeaks } = interview.conversation;
  if (interviewerSpeaks) return "Live: the AI interviewer is speaking";
  if (personSpeaks && !interview.muted) return "Live: you are speaking";
  return interview.muted ? "Live: you are muted" : "Live: your turn, speak or type";
}

function voice(name) {
  const words = h("span", { class: "hint" }, "listening");
  const node = h("div", { class: "voice" },
    h("div", { class: "orb", "aria-hidden": "true" }, h("i"), h("i"), h("i"), h("i"), h("i")),
    h("strong", {}, name), words);
  return {
    node,
    set(speaking) {
      node.toggleAttribute("data-speaking", speaking);
      words.textContent = speaking ? "speaking" : "listening";
    },
  };
}

/** Whether this tab was in an interview before it was reloaded. */
export function interviewToResume() {
  const kept = attempt.current();
  return kept && kept.state !== "failed" ? kept : null;
}
