// What a customer asked: for the expert who has the session, and for the customer to see again.

import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { routingWords, vehicleWords } from "../session-words.js";
import { card } from "./parts.js";

/** The panel; it comes when the intake is there, and the session works without it. */
export function questionPanel({ intakeId }) {
  const body = h("div", {}, h("p", { class: "hint" }, "Loading…"));
  const node = card("The question", body);
  if (!intakeId) {
    node.hidden = true;
    return node;
  }
  get(`/intake/${encodeURIComponent(intakeId)}`)
    .then((intake) => fill(body, facts(intake)))
    .catch((problem) => fill(body, h("p", { class: "hint" }, problem.message)));
  return node;
}

function facts(intake) {
  const { vehicle, concern, answers, urgent, isSpecialist, planName, routingType } = intake;
  const rows = [
    ["Plan", planName],
    ["Vehicle", vehicleWords(vehicle)],
    ["Needs", [urgent && "urgent", isSpecialist && "a specialist"].filter(Boolean).join(", ")],
    ["Asked", routingWords(routingType)],
    ...answerRows(answers),
  ].filter(([, value]) => value);
  return [
    concern ? h("p", { class: "concern" }, concern)
      : h("p", { class: "hint" }, "No question was written down."),
    h("dl", { class: "facts answers after" },
      rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
  ];
}

/** Answers that another front end has asked for: short ones by name, the others as they are. */
function answerRows(answers) {
  return Object.entries(answers ?? {}).map(([name, value]) =>
    [name, typeof value === "object" ? JSON.stringify(value) : String(value)]);
}
