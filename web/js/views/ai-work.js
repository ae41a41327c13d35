// What becomes of a generation: progress, the result, or why there is none.

import { cost, count, EXAM, serviceWords, took } from "../ai.js";
import { announce, fill, h } from "../dom.js";
import { number, when } from "../format.js";
import { everySecond } from "../polling.js";
import { copyText } from "./copy.js";
import { examSheet } from "./exam.js";
import { button, failure, notice } from "./parts.js";
import { opensIn } from "./quota.js";

const LONGEST_S = 30; // the server answers, one way or the other, within that

/** A panel that follows one generation after the other. `signal`: the view was left. */
export function workPanel({ signal }) {
  const node = h("div", { class: "work", tabindex: "-1" });
  let left = null;
  const draw = (generation, focus) => {
    left?.abort();
    left = new AbortController();
    fill(node, DRAWN[generation.state](generation, left.signal));
    if (focus) node.querySelector("h2, [role=alert]")?.scrollIntoView({ block: "start" });
  };
  signal.addEventListener("abort", () => left?.abort());
  return {
    node,
    /** Follow it; `focus`: the person has just asked for it. */
    follow(generation, { focus = true, onChange = () => {} } = {}) {
      const change = () => {
        draw(generation, true);
        node.querySelector("h2")?.focus({ preventScroll: true });
        onChange();
      };
      generation.addEventListener("change", change, { signal });
      draw(generation, focus);
      if (focus) node.querySelector("h2")?.focus({ preventScroll: true });
    },
  };
}

const titled = (title, ...children) => h("section", { class: "card stack", "aria-label": title },
  h("h2", { tabindex: "-1" }, title), children);

const DRAWN = {
  running: progress,
  cancelling: progress,
  cancelled: () => titled("Cancelled",
    h("p", {}, "Nothing was used up: the units are yours again.")),
  done: result,
  failed,
};

function progress(generation, signal) {
  const isExam = generation.body.serviceType === EXAM;
  const isCancelling = generation.state === "cancelling";
  const words = h("p", { class: "hint" });
  const line = h("progress", { max: LONGEST_S, "aria-label": "How long it has taken" });
  everySecond(() => {
    const seconds = Math.max(0, Math.round((Date.now() - generation.began) / 1000));
    line.value = Math.min(LONGEST_S, seconds);
    fill(words, seconds < LONGEST_S
      ? `${seconds} s. It takes up to ${LONGEST_S} s; you may look at other pages meanwhile.`
      : `${seconds} s. The answer is late; we go on asking for it.`);
  }, signal);
  const writing = isExam ? "Writing the exam…" : "Writing the answer…";
  const title = isCancelling ? "Cancelling…" : writing;
  announce(title);
  return titled(title, line, words,
    generation.problem && !isCancelling
      ? notice("warn", h("p", {}, `It could not be cancelled. ${generation.problem.message}`))
      : null,
    h("div", { class: "actions" },
      button("Cancel", () => generation.cancel(), { disabled: isCancelling })));
}

function result({ answer, logState, tenantName }) {
  const isExam = answer.serviceType === EXAM && Array.isArray(answer.output?.questions);
  const title = isExam ? "Your exam" : "Your answer";
  announce(`${title} is ready.`);
  return titled(title,
    h("div", { class: "unprinted" }, notice("ai", h("p", {}, h("strong", {}, "Written by an AI. "),
      "Read it before you use it."))),
    isExam ? examSheet(answer.output)
      : copyText("Answer", JSON.stringify(answer.output, null, 2)),
    usageLine(answer, { logState, tenantName }));
}

const LOGGED = {
  stored: "In the usage log",
  spilled: "Goes into the usage log a little later",
  lost: "Could not be written into the usage log; our team is told",
};

function usageLine({ usage, model, requestId, serviceType }, { logState, tenantName }) {
  const facts = [
    ["Paid by", tenantName],
    ["Service", serviceWords(serviceType)],
    ["Used", count(usage.units, "unit")],
    ["Tokens", `${count(usage.inputTokens, "token")} read, ` +
      `${count(usage.outputTokens, "token")} written`],
    ["Cost", usage.costMicros === null ? "unknown" : cost(usage.costMicros)],
    ["Took", took(usage.processingTimeMs)],
    ["Model", model],
    ["Log", LOGGED[logState] ?? "–"],
    ["Request", requestId],
  ];
  return h("details", { class: "details unprinted" }, h("summary", {}, "What it took"),
    h("dl", { class: "facts", "data-log": logState }, facts.map(([name, value]) =>
      [h("dt", {}, name), h("dd", {}, value ?? "–")])));
}

function failed(generation) {
  const { problem } = generation;
  if (problem.code === "QUOTA_EXCEEDED") return exceeded(problem, generation);
  if (problem.status === 422) {
    return titled("Please look at the form again", h("p", {}, problem.message));
  }
  return h("section", { class: "card", "aria-label": "Not written" },
    failure(problem, () => generation.retry(), "It could not be written"),
    problem.status === 0 || problem.status >= 500
      ? h("p", { class: "hint centred" },
        "Retry asks for the same again: it is used and paid once at most.") : null);
}

const WHOSE = {
  tenant: (name) => `${name} has used up what it has this month.`,
  user: () => "You have used up your own share of this month.",
  day: () => "You have used up what one person may use in a day.",
};

function exceeded({ facts, retryAfterS }, { tenantName }) {
  const opensAt = facts.resetAt ?? new Date(Date.now() + (retryAfterS ?? 0) * 1000).toISOString();
  const soon = opensIn(opensAt);
  const whose = WHOSE[facts.scope]?.(tenantName) ?? "The quota is used up.";
  announce("The quota is used up.");
  return h("section", { class: "card stack", role: "alert", "aria-label": "The quota is used up" },
    h("h2", { tabindex: "-1" }, "The quota is used up"),
    notice("warn", h("p", {}, whose),
      h("p", {}, `${number(facts.remaining ?? 0)} of ${count(facts.limit ?? 0, "unit")} ` +
        `left. It opens again on ${when(opensAt)}${soon ? ` (${soon})` : ""}.`)));
}
