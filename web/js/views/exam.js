// An exam laid out as on paper: answers and marking guide only when they are wanted.

import { fill, h } from "../dom.js";
import { answerLetter, examText, letterOf, pointsWords, typeWords } from "../exam.js";
import { toast } from "../toast.js";
import { button } from "./parts.js";

const LINES = { short_answer: 2, fill_in: 1, essay: 8 }; // to write on, on paper

/** The exam with what can be done with it. */
export function examSheet(exam) {
  let withAnswers = false;
  const sheet = h("article", { class: "sheet", "aria-labelledby": "exam-title" },
    h("header", { class: "sheet-head" },
      h("h3", { id: "exam-title" }, exam.title),
      h("p", { class: "hint" }, `${exam.questions.length} questions · ` +
        `${pointsWords(exam.totalPoints)} in all`),
      h("p", { class: "sheet-name", "aria-hidden": "true" }, "Name"),
      exam.instructions ? h("p", { class: "sheet-words" }, exam.instructions) : null),
    h("ol", { class: "questions" }, exam.questions.map(questionItem)));
  const answers = button("Show answers", () => {
    withAnswers = !withAnswers;
    sheet.querySelectorAll(".solution").forEach((node) => (node.hidden = !withAnswers));
    answers.setAttribute("aria-pressed", String(withAnswers));
    fill(answers.lastChild, withAnswers ? "Hide answers" : "Show answers");
  }, { "aria-pressed": "false" });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(examText(exam, { withAnswers }));
      toast(withAnswers ? "Copied with the answers." : "Copied without the answers.",
        { tone: "good" });
    } catch {
      getSelection().selectAllChildren(sheet);
      toast("Copying is not allowed here. It is selected, so that you can copy it yourself.");
    }
  };
  return h("div", { class: "stack" },
    h("div", { class: "actions unprinted" }, answers, button("Copy as text", copy),
      button("Print", () => print())),
    sheet);
}

function questionItem(question) {
  const options = question.options ?? [];
  const lines = options.length ? 0 : LINES[question.type] ?? 2;
  return h("li", { class: "question-item", value: question.number },
    h("div", { class: "question-head" },
      h("p", { class: "question-words" }, question.question),
      h("span", { class: "question-points" }, pointsWords(question.points))),
    h("p", { class: "hint unprinted" }, typeWords(question.type)),
    options.length
      ? h("ul", { class: "options" }, options.map((option, place) =>
        h("li", {}, h("span", { class: "option-letter" }, `${letterOf(place)})`), ` ${option}`)))
      : null,
    lines ? h("div", { class: "writing", "aria-hidden": "true" },
      Array.from({ length: lines }, () => h("i", {}))) : null,
    solution(question));
}

function solution(question) {
  const letter = answerLetter(question);
  return h("dl", { class: "solution", hidden: true },
    h("div", {}, h("dt", {}, "Answer"),
      h("dd", {}, `${letter ? `${letter}) ` : ""}${question.answer}`)),
    question.markingGuide
      ? h("div", {}, h("dt", {}, "Marking"), h("dd", {}, question.markingGuide)) : null);
}
