// What is configured, never to what where that is a secret, and what is wrong with it.

import { h } from "../dom.js";
import { number } from "../format.js";
import { notice } from "./parts.js";
import { factList, tag } from "./schedule.js";

/** The report as nodes. */
export function configReport(report) {
  const { warnings } = report;
  return [
    warnings.length
      ? warnings.map(({ code, message }) =>
        notice("warn", h("p", {}, message), h("p", { class: "hint" }, code)))
      : notice("good", h("p", {}, "No warnings.")),
    factList([
      ["Voice model", modelWords(report.model, report.modelListed, report.modelEndsOn)],
      ["Text model", modelWords(report.textModel, report.textModelListed, report.textModelEndsOn)],
      ["Transcription", report.transcriptionModel], ["Voice", report.voice],
      ["Dialect", report.dialect], ["Exchange", report.exchange],
    ]),
    folded("Settings", isSet(report.settings)),
    folded("Secrets", isSet(report.secrets)),
    folded("Limits", Object.entries(report.limits).map(([name, value]) => [name, number(value)])),
  ];
}

const isSet = (names) => Object.entries(names).map(([name, value]) =>
  [name, tag(value ? { label: "set", tone: "good" } : { label: "default", tone: "info" })]);

function modelWords(name, listed, endsOn) {
  return [name, listed === false
    ? h("span", { class: "hint there" }, "not in the provider's list")
    : endsOn ? h("span", { class: "hint there" }, `ends on ${endsOn}`) : null];
}

function folded(title, facts) {
  return h("details", { class: "details" }, h("summary", {}, `${title} (${facts.length})`),
    factList(facts));
}
