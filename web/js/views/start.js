// The dashboard: what is asked before an interview starts, and what must be ready for it.

import { get } from "../api.js";
import * as attempt from "../attempt.js";
import * as backup from "../backup.js";
import { field, fill, h, icon } from "../dom.js";
import { credits, creditsWord, when } from "../format.js";
import { closeStream, openMicrophone, watchLevel } from "../microphone.js";
import { closeSession } from "../requests.js";
import { sessionSentence } from "../session-words.js";
import { send } from "../sync.js";
import { toast } from "../toast.js";
import { openSession } from "./active.js";
import { interviewList } from "./history.js";
import { keptPanel } from "./kept.js";
import { creditsButton } from "./shop.js";
import {
  ask, bar, button, card, empty, loadInto, notice, pageHead, practiceNotice,
} from "./parts.js";

const DEFAULT_JOB = "Software Engineer";
const TYPES = [
  ["mixed", "Mixed"],
  ["behavioural", "Behavioural"],
  ["technical", "Technical"],
  ["system-design", "System design"],
];
const DIFFICULTIES = [["easy", "Easy"], ["medium", "Medium"], ["hard", "Hard"]];

export function mountStart(app) {
  return (root) => {
    const { user } = app;
    const preflight = preflightPanel(app);
    const recent = h("div", {});
    fill(
      root,
      pageHead(`Hello${user.name ? `, ${user.name.split(" ")[0]}` : ""}`, "Ready to practise?"),
      openBanner(app),
      keptPanel(app),
      h(
        "div",
        { class: "columns" },
        startForm(app, preflight),
        h("div", { class: "stack" }, preflight.node, card("Recent interviews", recent)),
      ),
    );
    loadInto(recent, "Loading your interviews…", () => get("/interviews?limit=3"), ({ items }) =>
      items.length
        ? [interviewList(items), h("p", {}, h("a", { href: "#/interviews" }, "All interviews"))]
        : empty("No interviews yet", "Your finished interviews and their feedback appear here."),
    );
    return () => preflight.stop();
  };
}

function startForm(app, preflight) {
  const profile = app.user.profile ?? {};
  const kept = attempt.current()?.body ?? {};
  const control = {
    jobTitle: h("input", { name: "jobTitle", maxlength: 120, value: kept.jobTitle ?? DEFAULT_JOB }),
    company: h("input", { name: "company", maxlength: 120, value: kept.company ?? "" }),
    interviewType: select("interviewType", TYPES, kept.interviewType ?? "mixed"),
    difficulty: select("difficulty", DIFFICULTIES, kept.difficulty ?? "medium"),
    jobDescription: h("textarea", { name: "jobDescription", rows: 4, maxlength: 12000,
      value: kept.jobDescription ?? "" }),
    resumeText: h("textarea", { name: "resumeText", rows: 5, maxlength: 40000,
      value: kept.resumeText ?? profile.resumeText ?? "" }),
  };
  const typedOnly = h("input", { type: "checkbox", name: "typedOnly", id: "typed-only" });
  control.resumeText.addEventListener("input", () => preflight.setResume(control.resumeText.value));
  preflight.setResume(control.resumeText.value);
  typedOnly.addEventListener("change", () => preflight.setTypedOnly(typedOnly.checked));
  const submit = (event) => {
    event.preventDefault();
    const body = {};
    for (const [name, { value }] of Object.entries(control)) {
      if (value.trim()) body[name] = value.trim();
    }
    if (profile.resumeData) body.resumeData = profile.resumeData;
    preflight.stop();
    app.startInterview(attempt.begin(body, { typedOnly: typedOnly.checked }));
  };
  return h(
    "form",
    { class: "card form", onsubmit: submit, "aria-labelledby": "start-title" },
    h("h2", { id: "start-title" }, "Your interview"),
    practiceNotice(),
    h("div", { class: "row" },
      field("Job title", control.jobTitle),
      field("Company (optional)", control.company)),
    h("div", { class: "row" },
      field("Interview type", control.interviewType),
      field("Difficulty", control.difficulty)),
    field("Job description (optional)", control.jobDescription,
      "The interviewer asks about what stands in it."),
    field("Résumé as text (optional)", control.resumeText, "Taken from your profile at first."),
    h("div", { class: "check" }, typedOnly,
      h("label", { for: "typed-only" }, "Continue without a microphone: I will type my answers")),
    h("div", { class: "form-end" },
      h("button", { type: "submit", class: "primary large" }, icon("mic"), h("span", {},
        "Start interview")),
      h("p", { class: "hint" }, costWords(app.user))),
  );
}

function select(name, options, chosen) {
  const node = h("select", { name },
    options.map(([value, label]) => h("option", { value }, label)));
  node.value = chosen;
  return node;
}

function costWords(user) {
  if (user.isPremium) return "Included in your subscription.";
  return `Costs ${credits(user.interviewCost)}. Given back if the call does not connect.`;
}

/** The list of what is ready. Everything but signing in may be missing; the server decides. */
function preflightPanel(app) {
  const { user } = app;
  const rows = {
    signedIn: row("Signed in"), credits: row("Balance"), microphone: row("Microphone"),
    resume: row("Résumé"),
  };
  rows.signedIn.set("good", user.email ?? user.name ?? "You are signed in.");
  if (user.isPremium) {
    const until = user.premiumUntil ? ` until ${when(user.premiumUntil)}` : "";
    rows.credits.set("good", `Unlimited interviews${until}.`);
  } else if (user.canStartInterview) {
    rows.credits.set("good", `${credits(user.credits)}: enough to start.`);
  } else {
    rows.credits.set("bad", `${credits(user.credits)}. An interview costs ` +
      `${credits(user.interviewCost)}; you need more ${creditsWord()} to start.`);
  }
  if (!user.isPremium) {
    const kind = user.canStartInterview ? "small" : "primary small";
    rows.credits.node.append(h("div", { class: "preflight-extra" }, creditsButton(app, { kind })));
  }
  const level = bar("Microphone level", { max: 1, hidden: true });
  let stream = null;
  let stopLevel = null;
  const stop = () => {
    stopLevel?.();
    closeStream(stream);
    stream = stopLevel = null;
    level.node.hidden = true;
  };
  const check = button("Check microphone", async () => {
    stop();
    try {
      stream = await openMicrophone();
      stopLevel = watchLevel(stream, level.set);
      level.node.hidden = false;
      rows.microphone.set("good", "Working. Say something and watch the level.");
    } catch (error) {
      rows.microphone.set("bad", `${error.message} You can type your answers instead.`);
    }
  }, { kind: "small", iconName: "mic" });
  const asked = () => rows.microphone.set("todo", "Not checked yet. The browser will ask you.");
  asked();
  rows.microphone.node.append(h("div", { class: "preflight-extra" }, check, level.node));
  return {
    node: h("section", { class: "card" }, h("h2", {}, "Before you start"),
      h("ul", { class: "preflight" }, Object.values(rows).map(({ node }) => node))),
    stop,
    setTypedOnly(typed) {
      stop();
      check.hidden = typed;
      if (typed) rows.microphone.set("good", "Not needed: you will type your answers.");
      else asked();
    },
    setResume(text) {
      if (text.trim()) rows.resume.set("good", "Given: the interviewer can ask about it.");
      else rows.resume.set("todo", "Optional. With it the questions fit you better.");
    },
  };
}

const STATE_WORDS = { good: "Ready", bad: "Needs attention", todo: "Open" };

function row(title) {
  const sign = h("span", { class: "preflight-sign" });
  const text = h("span", { class: "preflight-text" });
  const node = h("li", {}, sign, h("div", {}, h("strong", {}, title), text));
  return {
    node,
    set(tone, words) {
      node.dataset.tone = tone;
      fill(sign, tone === "todo" ? null : icon(tone === "good" ? "check" : "warn"),
        h("span", { class: "visually-hidden" }, STATE_WORDS[tone]));
      text.textContent = words;
    },
  };
}

/** A session of this person that is still open: go back to it, or end it. */
function openBanner(app) {
  const open = openSession(app);
  if (!open) return null;
  const { sessionId, type, status } = open;
  return notice(
    "warn",
    h("p", {}, h("strong", {}, "You already have an active session. "),
      `It is ${sessionSentence(type, status)}, and stays open until you return to it or end it.`),
    h("div", { class: "actions" },
      button("Return to active session", () => app.returnTo(sessionId, type), { kind: "primary" }),
      button("End it", () => endOpen(app, open))),
  );
}

async function endOpen(app, { sessionId, type, status }) {
  const text = type === "interview" ? "What was said so far is saved."
    : "It ends for both of you. If it has not begun, what you paid comes back to you.";
  const sure = await ask("End this session?", text, [
    { label: "End it", value: "end", kind: "primary" },
    { label: "Keep it", value: "" },
  ]);
  if (sure !== "end") return;
  await endSession(sessionId, status);
  await app.refreshUser();
  app.router.show();
}

/** Close an open session: its kept words are saved, an unanswered one is given back. */
export async function endSession(sessionId, status) {
  const copy = backup.find(sessionId);
  if (copy && (await send(copy)).outcome === "synced") return true;
  try {
    await closeSession(sessionId, status === "live" ? ["end", "cancel"] : ["cancel", "end"]);
  } catch (problem) {
    // One that is over already is what was wanted.
    if (problem.code === "INVALID_TRANSITION") return true;
    toast(problem.detail, { tone: "bad" });
    return false;
  }
  return true;
}
