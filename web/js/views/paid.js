// Back from paying for a session: the payment is confirmed to us by its own message, so wait.

import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { lookUntil } from "../patience.js";
import { purchaseWords } from "../purchase.js";
import { button, empty, failure, link, pageHead } from "./parts.js";

const PAUSES_S = [1, 1, 1, 2, 2, 2, 3, 3, 5, 5, 10, 10, 15];
const SEARCHED = 20; // the newest purchases; the one that was just paid is among them

export function mountPaid(app) {
  return (root, { query }) => {
    const left = new AbortController();
    const intakeId = query.get("intake_id");
    const node = h("section", { class: "card returned narrow", "aria-label": "Your payment" });
    fill(root, pageHead("Your payment", null), node);
    if (intakeId) {
      confirm(app, node, { intakeId, purchaseId: query.get("purchase"), signal: left.signal });
    } else {
      fill(node, empty("Nothing to wait for", "This address names no question of yours.",
        link("Your purchases", "#/purchases")));
    }
    return () => left.abort();
  };
}

async function confirm(app, node, given) {
  const again = () => confirm(app, node, given);
  const bar = h("progress", { max: PAUSES_S.length, value: 0,
    "aria-label": "Waiting for the confirmation" });
  fill(node, h("div", { role: "status" },
    h("p", { class: "empty-title" }, "Your payment is being confirmed…"),
    h("p", { class: "hint" }, "This takes a few seconds. You need not pay again.")), bar);
  try {
    const found = await lookUntil(() => look(given), {
      until: isSettled, pausesS: PAUSES_S, signal: given.signal,
      onTry: (tries) => (bar.value = tries),
    });
    if (given.signal.aborted) return;
    if (found.intake.sessionId) return await toSession(app, found.intake.sessionId);
    fill(node, isSettled(found) ? settled(found.purchase) : notYet(again));
  } catch (problem) {
    if (!given.signal.aborted) fill(node, failure(problem, again, "Your payment could not be " +
      "looked up"));
  }
}

async function look({ intakeId, purchaseId }) {
  const intake = await get(`/intake/${encodeURIComponent(intakeId)}`);
  if (intake.sessionId || !purchaseId) return { intake, purchase: null };
  const { items } = await get(`/purchases?limit=${SEARCHED}`);
  return { intake, purchase: items.find(({ id }) => id === purchaseId) ?? null };
}

/** A paid purchase that opened its session is known by that session; the others end the wait. */
function isSettled({ intake, purchase }) {
  return Boolean(intake.sessionId) ||
    (purchase !== null && !["awaiting", "fulfilled"].includes(purchase.status));
}

async function toSession(app, sessionId) {
  await app.refreshUser().catch(() => {});
  // Back leads to where the person was before paying, not to this wait.
  location.replace(`#/sessions/${encodeURIComponent(sessionId)}`);
}

function settled(purchase) {
  const { label, text } = purchaseWords(purchase);
  return [
    h("div", { role: "status" },
      h("p", { class: "empty-title" }, label), h("p", {}, text)),
    h("div", { class: "actions after" }, link("See your purchases", "#/purchases", "primary")),
  ];
}

function notYet(again) {
  return [
    h("div", { role: "status" },
      h("p", { class: "empty-title" }, "Your payment is not confirmed yet"),
      h("p", {}, "Some ways to pay take minutes, a bank debit takes days. You should not pay " +
        "again: your session opens as soon as the payment arrives, and stands under Purchases.")),
    h("div", { class: "actions after" }, button("Check again", again, { kind: "primary" }),
      link("See your purchases", "#/purchases")),
  ];
}
