// Giving and taking credits, with a reason that stands in the person's ledger.

import { adminPath } from "../admin.js";
import { fill, h } from "../dom.js";
import { credits, creditsWord } from "../format.js";
import { intention } from "../intention.js";
import { postOnce } from "../requests.js";
import { toast } from "../toast.js";
import { checkedField, errorsByField, focusWrong, markWrong } from "./fields.js";
import { ask } from "./parts.js";

const adjusting = intention("greenroom_adjustment");

/** The form. `onDone()` hears that the balance has moved. */
export function creditsForm(person, { onDone }) {
  const control = {
    credits: h("input", { name: "credits", type: "number", step: "0.01", required: true,
      inputmode: "decimal", placeholder: "1.00" }),
    reason: h("input", { name: "reason", required: true, minlength: 3, maxlength: 300,
      autocomplete: "off" }),
  };
  const fields = {
    credits: checkedField(`${creditsWord()} to give`, control.credits,
      { hint: "With a minus, to take. Never more than there is." }),
    reason: checkedField("Reason", control.reason, { hint: "The person reads it in their ledger." }),
  };
  const wrong = h("p", { class: "field-error", role: "alert" });
  const send = h("button", { type: "submit", class: "primary" }, "Adjust");
  const form = h("form", { class: "card form", "aria-label": "Adjust", onsubmit: async (event) => {
    event.preventDefault();
    if (send.disabled) return;
    fill(wrong);
    const body = { userId: person.userId, credits: Number(control.credits.value),
      reason: control.reason.value.trim() };
    if (!await isSure(person, body)) return;
    send.disabled = true;
    try {
      const done = await postOnce(adminPath(["credits"]), adjusting.keyFor(body), body);
      adjusting.done();
      form.reset();
      toast(`Done: ${credits(done.creditsBefore)} before, ${credits(done.credits)} now.`,
        { tone: "good" });
      onDone();
    } catch (problem) {
      const errors = errorsByField(problem);
      if (problem.code === "BALANCE_TOO_LOW") errors.credits = problem.message;
      const known = Object.keys(errors).filter((name) => name in fields);
      known.forEach((name) => markWrong(fields[name], control[name], errors[name]));
      if (known.length) focusWrong(form);
      else fill(wrong, problem.message);
    } finally {
      send.disabled = false;
    }
  } },
  h("h2", {}, "Adjust the balance"), Object.values(fields), wrong,
  h("div", { class: "form-end" }, send));
  return form;
}

async function isSure({ name, email, userId }, { credits: amount, reason }) {
  const act = amount < 0 ? "Take" : "Give";
  const answer = await ask(`${act} ${credits(Math.abs(amount))}?`,
    `${amount < 0 ? "From" : "To"} ${name || email || userId}: “${reason}”`, [
      { label: act, value: "yes", kind: amount < 0 ? "danger" : "primary" },
      { label: "Not now", value: "" },
    ]);
  return answer === "yes";
}
