// Step 3 of the intake: what will be sent, and sending it once.

import { h } from "../dom.js";
import {
  bodyOf, change, draft, forget, needsExpert, needsWorkshop, place,
} from "../intake-draft.js";
import { intention } from "../intention.js";
import { postOnce } from "../requests.js";
import { routingWords } from "../session-words.js";
import { activeSessionDialog } from "./active.js";
import { errorsByField } from "./fields.js";
import { creditWords, planLabel, priceWords } from "./intake-plan.js";
import { button, notice } from "./parts.js";

const sending = intention("greenroom_intake");

export function checkStep(app, { plans, experts }, { goTo }) {
  const given = draft();
  const plan = plans.find(({ sku }) => sku === given.plan);
  const wrong = h("div", { role: "alert" });
  const send = h("button", { type: "submit", class: "primary large" }, "Send to our experts");
  const submit = async (event) => {
    event.preventDefault();
    if (send.disabled) return;
    send.disabled = true;
    wrong.replaceChildren();
    try {
      await start(app);
    } catch (problem) {
      send.disabled = false;
      await told(app, problem, { wrong, goTo });
    }
  };
  if (!plan) {
    return notice("warn", h("p", {}, "This plan is not on offer any more."),
      h("div", { class: "actions" }, button("Choose a plan", () => goTo(1), { kind: "primary" })));
  }
  return h("form", { class: "card form", onsubmit: submit },
    h("dl", { class: "facts answers" }, factsOf(given, { plan, plans, experts })
      .map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    h("p", { class: "hint" }, plan.amountCents === 0
      ? "Next you read and sign a waiver. Your question is in the queue as soon as you send it."
      : "Next you read and sign a waiver, then you pay. Your question is in the queue as soon as " +
        "it is paid. If no expert comes, your money comes back to you."),
    wrong,
    h("div", { class: "form-end" }, send,
      button("Change", () => goTo(2), { kind: "quiet" })));
}

function factsOf(given, { plan, plans, experts }) {
  const price = [priceWords(plan), creditWords(plan)].filter(Boolean).join(", ");
  const expert = experts.find(({ expertId }) => expertId === given.preferredMechanicId);
  const need = [given.urgent && "urgent", given.isSpecialist && "a specialist"].filter(Boolean);
  return [
    ["Plan", planLabel(plan, plans)],
    ["Price", price],
    ["Vehicle", given.vehicle.trim() || "–"],
    ["Question", given.concern.trim() || "–"],
    ...(need.length ? [["Needs", need.join(", ")]] : []),
    ["Asked", routingWords(given.routingType)],
    ...(needsWorkshop(given) ? [["Workshop", given.workshopId.trim() || "–"]] : []),
    ...(needsExpert(given) ? [["Preferred expert", expert?.name ?? "–"]] : []),
  ];
}

async function start(app) {
  const body = bodyOf(draft());
  const { redirect } = await postOnce("/intake/start", sending.keyFor(body), body);
  sending.done();
  forget();
  await app.refreshUser().catch(() => {});
  app.router.go(redirect);
}

/** Say what hinders it, where it can be mended. */
async function told(app, problem, { wrong, goTo }) {
  if (problem.code === "ACTIVE_SESSION_EXISTS") return activeSessionDialog(app, problem.facts);
  const errors = errorsByField(problem);
  const { step, others } = place(errors);
  if (step !== null) {
    change({ errors });
    return goTo(step);
  }
  const choose = problem.code === "PLAN_USED"
    ? h("div", { class: "actions" }, button("Choose another plan", () => goTo(1))) : null;
  return wrong.replaceChildren(notice("warn",
    h("p", {}, [problem.message, ...others].join(" ")), choose ?? ""));
}
