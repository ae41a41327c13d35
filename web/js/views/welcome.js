// What a visitor sees before signing in.

import { h, icon } from "../dom.js";
import { button, practiceNotice } from "./parts.js";

const STEPS = [
  ["Tell us the job", "Title, company, a job description, your résumé: as much as you like."],
  ["Talk it through", "An AI interviewer asks by voice. Answer by speaking or typing."],
  ["Read your feedback", "Scores, quotes of what you said, and what to practise next."],
];

export function mountWelcome(app) {
  return (root) => {
    root.append(
      h("section", { class: "hero" },
        h("p", { class: "eyebrow" }, icon("mic"), "AI interviewer, interview practice"),
        h("h1", {}, "Practise the interview before the interview"),
        h("p", { class: "lead" },
          "A calm room to warm up in: talk with an AI interviewer and read honest feedback."),
        h("div", { class: "actions" },
          button("Sign in", () => app.identity.signIn(), { kind: "primary large" }),
          button("Create an account", () => app.identity.signUp(), { kind: "secondary large" }))),
      h("ol", { class: "trio" }, STEPS.map(([title, text], index) =>
        h("li", { class: "card" }, h("span", { class: "trio-number", "aria-hidden": "true" },
          String(index + 1)), h("h2", {}, title), h("p", {}, text)))),
      practiceNotice("You talk with an AI, not a person, and feedback is written by an AI. This " +
        "is practice, not a real job interview."),
      h("p", { class: "hint after" },
        "Signed in, you can also talk with experts about your vehicle, who are people, and book " +
          "classes of your studio."),
    );
  };
}
