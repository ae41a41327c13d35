// Back from the payment page: the payment is confirmed to us by its own message, so wait for it.

import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { credits } from "../format.js";
import { lookUntil } from "../patience.js";
import { boughtWords, purchaseWords } from "../purchase.js";
import { button, failure, link, notice } from "./parts.js";
import { takeUnpaidIntake } from "./pay.js";

const PAUSES_S = [1, 1, 1, 2, 2, 2, 3, 3, 5, 5, 10, 10, 15];
const SEARCHED = 20; // the newest purchases; the one that was just paid is among them

/** What is said about a checkout that a person came back from; null when they did not. */
export function checkoutReturn(app, query, { onSettled, openShop, signal }) {
  const result = query.get("checkout");
  if (result === "cancelled") {
    settleAddress();
    return notice("info",
      h("p", {}, h("strong", {}, "Nothing was bought. "),
        "You left the payment page without paying. You can continue below, or choose again."),
      h("div", { class: "actions" }, button("Choose again", openShop, { kind: "small" })));
  }
  if (result !== "success") return null;
  const node = h("section", { class: "card returned", "aria-label": "Your payment" });
  confirm(app, node, { id: query.get("purchase"), onSettled, signal });
  return node;
}

async function confirm(app, node, { id, onSettled, signal }) {
  const again = () => confirm(app, node, { id, onSettled, signal });
  const bar = h("progress", { max: PAUSES_S.length, value: 0,
    "aria-label": "Waiting for the confirmation" });
  fill(node, h("div", { role: "status" },
    h("p", { class: "empty-title" }, "Your payment is being confirmed…"),
    h("p", { class: "hint" }, "This takes a few seconds. You need not pay again.")), bar);
  try {
    const found = await lookUntil(() => find(app, id), {
      until: isSettled, pausesS: PAUSES_S, signal, onTry: (tries) => (bar.value = tries),
    });
    if (signal.aborted) return;
    if (!found.purchase || found.purchase.status === "awaiting") {
      return fill(node, notConfirmed(found.purchase, again));
    }
    settleAddress();
    fill(node, settled(app, found.purchase));
    onSettled();
  } catch (problem) {
    fill(node, failure(problem, again, "Your payment could not be looked up"));
  }
}

async function find(app, id) {
  const { items } = await get(`/purchases?limit=${SEARCHED}`);
  const purchase = items.find((each) => each.id === id) ?? null;
  // The balance, or the subscription's effect, is part of what a person waits for.
  if (purchase && purchase.status !== "awaiting") await app.refreshUser();
  return { purchase, isPremium: app.user.isPremium };
}

/** A paid subscription opens interviews with a message of its own, which may come later. */
function isSettled({ purchase, isPremium }) {
  if (!purchase || purchase.status === "awaiting") return false;
  return purchase.kind !== "subscription" || purchase.status !== "fulfilled" || isPremium;
}

/** A reload does not tell the same again. */
function settleAddress() {
  history.replaceState(null, "", "#/purchases");
}

function settled(app, purchase) {
  if (purchase.status !== "fulfilled") {
    const { label, text } = purchaseWords(purchase);
    return h("div", { role: "status" }, h("p", { class: "empty-title" }, label), h("p", {}, text));
  }
  const late = purchase.kind === "subscription" && !app.user.isPremium;
  const text = late
    ? "Your subscription is paid and will be active in a moment."
    : boughtWords(purchase);
  const balance = purchase.kind === "credits" ? ` Your balance: ${credits(app.user.credits)}.` : "";
  return [
    h("div", { role: "status" },
      h("p", { class: "empty-title" }, "Thank you, your payment arrived"),
      h("p", {}, text, balance)),
    h("div", { class: "actions after" }, onward()),
  ];
}

/** Whoever bought credits for a session with an expert goes on to pay it. */
function onward() {
  const intakeId = takeUnpaidIntake();
  return intakeId
    ? link("Go on with your session", `#/intake/pay?intake_id=${encodeURIComponent(intakeId)}`,
      "primary")
    : link("Practise now", "#/", "primary");
}

function notConfirmed(purchase, again) {
  const text = purchase
    ? "Some ways to pay take minutes, a bank debit takes days. You need not wait here and should " +
      "not pay again: it is shown below as soon as it arrives."
    : "It is not among your purchases. If you paid from another account, sign in with that one.";
  return [
    h("div", { role: "status" },
      h("p", { class: "empty-title" }, "Your payment is not confirmed yet"), h("p", {}, text)),
    h("div", { class: "actions after" }, button("Check again", again)),
  ];
}
