// One interview: its feedback while it is written and when it is ready, figures, transcript.

import { get, post, remove } from "../api.js";
import { announce, fill, h } from "../dom.js";
import { duration, feedbackWords, number, percent, when } from "../format.js";
import { toast } from "../toast.js";
import { paged } from "./paged.js";
import { keptPanel } from "./kept.js";
import {
  ask, bar, button, card, empty, link, loadInto, notice, pageHead, practiceNotice,
} from "./parts.js";
import { messageList } from "./words.js";

const POLL_FIRST_MS = 1_500;
const POLL_LONGEST_MS = 10_000;
const POLL_GROWTH = 1.4;
const POLL_FOR_MS = 5 * 60_000;

export function mountFeedback(app) {
  return (root, { id }) => {
    const body = h("div", {});
    let left = false;
    root.append(body);
    const stopped = () => left;
    const open = () =>
      loadInto(body, "Loading the interview…", () => get(`/interviews/${id}`), (interview) =>
        page(app, interview, { stopped, reload: open }));
    open().then(() => !left && app.router.focusHeading());
    return () => (left = true);
  };
}

function page(app, interview, { stopped, reload }) {
  const feedback = h("div", { class: "stack", "aria-live": "polite" });
  const follow = (current) => {
    fill(feedback, feedbackPart(app, current, follow, reload));
    if (["pending", "generating"].includes(current.feedbackStatus)) {
      poll(current, { stopped, follow });
    }
  };
  follow(interview);
  return h("div", { class: "feedback" },
    pageHead(
      interview.jobTitle ?? "Interview",
      [interview.company, when(interview.startedAt), duration(interview.durationSeconds)]
        .filter((part) => part && part !== "–").join(" · "),
      button("Delete", () => removeInterview(interview), { kind: "small" }),
    ),
    keptPanel(app),
    practiceNotice("You practised with an AI interviewer, and an AI wrote this feedback. Take it " +
      "as coaching, not as a judgement of your chances in a real job interview."),
    h("div", { class: "columns feedback-columns" },
      feedback,
      h("div", { class: "stack" }, figures(interview.metrics), transcript(interview))),
  );
}

async function poll(interview, { stopped, follow }) {
  const until = Date.now() + POLL_FOR_MS;
  let pause = POLL_FIRST_MS;
  let current = interview;
  while (Date.now() < until) {
    await new Promise((next) => setTimeout(next, pause));
    pause = Math.min(POLL_LONGEST_MS, pause * POLL_GROWTH);
    if (stopped()) return;
    try {
      current = await get(`/interviews/${interview.id}`);
    } catch (problem) {
      // Anything but an unreachable server is final for this round of asking.
      if (problem.status && problem.status < 500) break;
      continue;
    }
    if (stopped()) return;
    if (current.feedbackStatus !== interview.feedbackStatus) {
      announce(feedbackWords(current.feedbackStatus));
      follow(current);
      return;
    }
  }
  if (!stopped()) follow({ ...current, feedbackStatus: "late" });
}

function feedbackPart(app, interview, follow, reload) {
  const { feedbackStatus: status, feedback } = interview;
  if (status === "completed" && feedback) return completed(interview);
  if (status === "pending" || status === "generating") {
    return card("Feedback", h("div", { class: "waiting" }, h("div", { class: "spinner" }),
      h("p", { role: "status" }, status === "pending"
        ? "Your interview is saved. The AI will write your feedback in a moment."
        : "The AI is writing your feedback…")));
  }
  if (status === "late") {
    return card("Feedback", empty("This takes longer than usual",
      "You can leave this page; the feedback will be here.", button("Check again", reload)));
  }
  if (status === "failed") {
    return card("Feedback", h("div", { class: "failure", role: "alert" },
      h("p", { class: "empty-title" }, "The feedback could not be written"),
      h("p", {}, "Your transcript is safe. You can ask for the feedback again."),
      button("Retry", () => askAgain(interview, follow), { kind: "primary" })));
  }
  return card("Feedback", empty("No feedback yet",
    "Feedback is written when the interview has been saved.", link("Back", "#/interviews")));
}

async function askAgain(interview, follow) {
  try {
    const { feedbackStatus } = await post("/generate-feedback", { sessionId: interview.sessionId });
    follow({ ...interview, feedbackStatus });
  } catch (problem) {
    toast(problem.detail, { tone: "bad" });
  }
}

function completed({ feedback }) {
  if (feedback.tooShort) {
    return card("Feedback", notice("info", h("p", {}, feedback.summary),
      h("p", {}, "With at least three answers you get scores and advice.")),
      h("div", { class: "actions" }, link("Practise again", "#/", "primary")));
  }
  return [
    card("Feedback", h("div", { class: "overall" }, dial(feedback.overallScore),
      h("p", { class: "summary" }, feedback.summary))),
    card("Scores", feedback.categories.map(category)),
    h("div", { class: "pair" },
      card("Strengths", bullets(feedback.strengths, "good")),
      card("To improve", bullets(feedback.improvements, "todo"))),
    feedback.questions.length
      ? card("Question by question", feedback.questions.map(question))
      : null,
    feedback.nextSteps.length
      ? card("Next steps", h("ol", { class: "next" },
          feedback.nextSteps.map((step) => h("li", {}, step))))
      : null,
    h("p", { class: "hint" }, `Written by an AI${feedback.model ? ` (${feedback.model})` : ""}, ` +
      `${when(feedback.generatedAt)}.`),
  ];
}

function dial(score) {
  const value = score ?? 0;
  const node = h("div", { class: "dial", role: "img",
    "aria-label": score === null ? "No overall score" : `Overall score ${score} out of 100` },
    h("strong", {}, number(score)), h("span", {}, "of 100"));
  node.style.setProperty("--score", value);
  return node;
}

function category({ name, score, comment, evidence }) {
  return h("div", { class: "category" },
    h("div", { class: "category-head" }, h("h3", {}, name),
      h("span", { class: "category-score" }, number(score))),
    bar(`${name}, out of 100`, { value: score ?? 0 }).node,
    h("p", {}, comment),
    (evidence ?? []).map((quote) => h("blockquote", {}, quote)));
}

function bullets(texts, tone) {
  return h("ul", { class: "bullets", dataset: { tone } }, texts.map((text) => h("li", {}, text)));
}

function question({ question: asked, answerSummary, feedback, score }) {
  return h("details", { class: "question" },
    h("summary", {}, h("span", {}, asked), h("span", { class: "category-score" }, number(score))),
    h("p", {}, h("strong", {}, "Your answer: "), answerSummary),
    h("p", {}, h("strong", {}, "Feedback: "), feedback));
}

function figures(metrics) {
  if (!metrics) return null;
  const rows = [
    ["Length", duration(metrics.durationSeconds)],
    ["Your words", number(metrics.personWords)],
    ["Interviewer's words", number(metrics.interviewerWords)],
    ["Your pace", number(metrics.wordsPerMinute, 0, "words a minute")],
    ["Filler words", metrics.fillerPerHundredWords === null
      ? number(metrics.fillerWords)
      : `${number(metrics.fillerWords)} (${number(metrics.fillerPerHundredWords, 1)} per 100)`],
    ["Your share of the talk", percent(metrics.talkRatio)],
    ["Pause before answering", number(metrics.averageResponseSeconds, 1, "s")],
    ["Longest answer", duration(metrics.longestMonologueSeconds)],
    ["Questions asked", number(metrics.questionsAsked)],
    ["Your turns", number(metrics.personTurns)],
  ];
  return card("In figures", h("dl", { class: "facts" },
    rows.map(([label, value]) => [h("dt", {}, label), h("dd", {}, value)])),
    h("p", { class: "hint" }, "Measured from the transcript, without an AI."));
}

function transcript(interview) {
  if (!interview.messages.length) {
    return card("Transcript", empty("No words", "Nothing was said in this interview."));
  }
  const first = { items: interview.messages, nextCursor: interview.messagesCursor };
  return card("Transcript", paged(first, messageList, (cursor) =>
    get(`/interviews/${interview.id}/messages?cursor=${encodeURIComponent(cursor)}`)));
}

async function removeInterview(interview) {
  const sure = await ask("Delete this interview?",
    "Its transcript and feedback disappear from your history.", [
      { label: "Delete", value: "yes", kind: "danger" },
      { label: "Keep", value: "" },
    ]);
  if (sure !== "yes") return;
  try {
    await remove(`/interviews/${interview.id}`);
    toast("Interview deleted.", { tone: "good" });
    location.hash = "#/interviews";
  } catch (problem) {
    toast(problem.detail, { tone: "bad" });
  }
}
