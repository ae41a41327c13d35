// A refusal with every rule that it names, so that nobody finds them out one by one.

import { ruleWords, rulesOf } from "../booking-words.js";
import { h } from "../dom.js";
import { notice } from "./parts.js";

/** All violated rules. `own`: they are told to the person in question, not to staff. */
export function violations(problem, { own = true, title, action } = {}) {
  const rules = rulesOf(problem);
  const many = rules.length > 1;
  return notice("warn",
    h("p", {}, h("strong", {}, title ?? (many ? "This cannot be booked, for these reasons:"
      : "This cannot be booked."))),
    h("ul", { class: "bullets" }, rules.map((rule) =>
      h("li", { dataset: { rule: rule.code } }, ruleWords(rule, { own })))),
    action ? h("div", { class: "actions" }, action) : null);
}
