// Exams as the AI proxy answers them, in words and as text.

const TYPES = {
  multiple_choice: "Multiple choice",
  true_false: "True or false",
  short_answer: "Short answer",
  essay: "Essay",
  fill_in: "Fill in the gap",
};
export const QUESTION_TYPES = Object.keys(TYPES);
export const typeWords = (type) => TYPES[type] ?? String(type);

export const pointsWords = (points) => `${points} ${points === 1 ? "point" : "points"}`;

/** `0` -> `A`. */
export const letterOf = (place) => String.fromCharCode("A".charCodeAt(0) + place);

/** The letter of the option that is the answer, else "". */
export function answerLetter({ options, answer }) {
  const place = (options ?? []).indexOf(answer);
  return place < 0 ? "" : letterOf(place);
}

/** The whole exam as plain text; with the answers and the marking guide if wanted. */
export function examText(exam, { withAnswers }) {
  const blocks = [`${exam.title}\n${pointsWords(exam.totalPoints)} in all`];
  if (exam.instructions) blocks.push(exam.instructions);
  for (const each of exam.questions) {
    const lines = [`${each.number}. ${each.question} (${pointsWords(each.points)})`];
    (each.options ?? []).forEach((option, place) => lines.push(`   ${letterOf(place)}) ${option}`));
    if (withAnswers) {
      const letter = answerLetter(each);
      lines.push(`   Answer: ${letter ? `${letter}) ` : ""}${each.answer}`);
      if (each.markingGuide) lines.push(`   Marking: ${each.markingGuide}`);
    }
    blocks.push(lines.join("\n"));
  }
  return `${blocks.join("\n\n")}\n`;
}
