// What an exam is to be about.

import { EXAM } from "../ai.js";
import { h } from "../dom.js";
import { QUESTION_TYPES, typeWords } from "../exam.js";
import { checkbox, checkedField } from "./fields.js";

const QUESTIONS_MAX = 50;
const QUESTIONS_DEFAULT = 10;
const CHOSEN = ["multiple_choice", "short_answer"];
const DIFFICULTIES = [["easy", "Easy"], ["medium", "Medium"], ["hard", "Hard"],
  ["mixed", "From easy to hard"]];
const LANGUAGES = ["Afrikaans", "English", "French", "German", "isiXhosa", "isiZulu",
  "Portuguese", "Spanish"];

/** The parts of the form. `before`: the input of the last time, if it was an exam. */
export function examForm(before = {}) {
  const line = (name, rest) => h("input", { name, maxlength: 200, autocomplete: "off",
    value: before[name] ?? "", ...rest });
  const control = {
    subject: line("subject", { placeholder: "Mathematics" }),
    topic: line("topic", { placeholder: "Fractions" }),
    grade: line("grade", { placeholder: "5" }),
    questionCount: h("input", { name: "questionCount", type: "number", inputmode: "numeric",
      min: 1, max: QUESTIONS_MAX, required: true,
      value: before.questionCount ?? QUESTIONS_DEFAULT }),
    difficulty: h("select", { name: "difficulty" },
      DIFFICULTIES.map(([value, label]) => h("option", { value }, label))),
    language: line("language", { list: "languages", placeholder: "English" }),
    instructions: h("textarea", { name: "instructions", rows: 3, maxlength: 4000,
      value: before.instructions ?? "" }),
  };
  control.difficulty.value = before.difficulty ?? "medium";
  const boxes = QUESTION_TYPES.map((type) => checkbox(`type-${type}`, typeWords(type),
    { checked: (before.questionTypes ?? CHOSEN).includes(type), value: type }));
  control.questionTypes = boxes[0].control;
  const types = h("fieldset", { class: "choices types" }, h("legend", {}, "Kinds of questions"),
    boxes.map(({ node }) => node));
  const fields = {
    subject: checkedField("Subject", control.subject),
    topic: checkedField("Topic", control.topic),
    grade: checkedField("Grade or age (optional)", control.grade),
    questionCount: checkedField("Questions", control.questionCount),
    questionTypes: types,
    difficulty: checkedField("Difficulty", control.difficulty),
    language: checkedField("Language (optional)", control.language,
      { hint: "Empty: that of what you write here." }),
    instructions: checkedField("What to mind (optional)", control.instructions),
  };
  return {
    service: EXAM, label: "Generate the exam", control, fields,
    nodes: [
      h("div", { class: "row" }, fields.subject, fields.topic),
      h("div", { class: "row" }, fields.grade, fields.questionCount),
      types,
      h("div", { class: "row" }, fields.difficulty, fields.language),
      h("datalist", { id: "languages" }, LANGUAGES.map((value) => h("option", { value }))),
      fields.instructions,
    ],
    /** `{input}`, or `{errors}` by field. */
    given() {
      const text = (name) => control[name].value.trim();
      const questionTypes = boxes.filter((box) => box.control.checked)
        .map((box) => box.control.value);
      const errors = {};
      if (!text("subject") && !text("topic")) {
        errors.subject = "Say what the exam is about: a subject or a topic.";
      }
      if (!questionTypes.length) errors.questionTypes = "Choose at least one kind.";
      if (Object.keys(errors).length) return { errors };
      const words = ["subject", "topic", "grade", "language", "instructions"]
        .filter(text).map((name) => [name, text(name)]);
      return { input: { ...Object.fromEntries(words), questionTypes,
        questionCount: Number(control.questionCount.value),
        difficulty: control.difficulty.value } };
    },
  };
}
