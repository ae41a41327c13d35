// Step 1 of the intake: the plan, with its price in money and in credits.

import { h } from "../dom.js";
import { credits, money } from "../format.js";
import { change, draft } from "../intake-draft.js";
import { typeWord } from "../session-words.js";
import { choices } from "./fields.js";
import { empty } from "./parts.js";

export function planStep(app, { plans }, { goTo }) {
  if (!plans.length) return empty("No plans just now", "Please come back later.");
  const { plan, errors } = draft();
  const known = plans.some(({ sku }) => sku === plan);
  const submit = (event) => {
    event.preventDefault();
    const chosen = new FormData(event.target).get("plan");
    if (chosen !== draft().plan) change({ plan: chosen, errors: {} });
    goTo(2);
  };
  return h("form", { class: "card form", onsubmit: submit },
    choices("Plan", "plan", plans.map((each) => ({
      value: each.sku,
      label: planLabel(each, plans),
      hint: each.description,
      aside: [h("strong", {}, priceWords(each)),
        h("span", { class: "hint" }, creditWords(each) ?? typeWord(each.sessionType))],
    })), {
      chosen: known ? plan : null, error: errors.plan,
      onChange: () => change({ errors: { ...draft().errors, plan: undefined } }),
    }),
    h("div", { class: "form-end" },
      h("button", { type: "submit", class: "primary large" }, "Continue")));
}

/** A name that several plans share is told apart by the plan's own word. */
export function planLabel({ name, sku }, plans) {
  return plans.filter((each) => each.name === name).length > 1 ? `${name} (${sku})` : name;
}

export function priceWords({ amountCents, currency }) {
  return amountCents === 0 ? "Free" : money(amountCents, currency);
}

/** What it takes in credits, or null when it cannot be had for them. */
export function creditWords({ amountCents, priceCredits: amount }) {
  return amountCents > 0 && amount ? `or ${credits(amount)}` : null;
}
