// What the status of a purchase and of a subscription means to the person who pays.

import { credits, creditsWord, day } from "./format.js";

/**
 * `{label, tone, text}` of a purchase; tones are good, warn, bad and quiet. `confirming`: the
 * person has just come from paying for it, and we have not heard of the money yet.
 */
export function purchaseWords(purchase, { confirming = false } = {}) {
  if (confirming) {
    return { label: "Being confirmed", tone: "warn", text: "You need not pay again." };
  }
  const [label, tone, text] = PURCHASE_WORDS[purchase.status]?.(purchase) ?? LOOKED_AT;
  return { label, tone, text };
}

const LOOKED_AT = ["We are looking at it", "warn",
  "Your payment needs a look by our team. Nothing is lost."];

const PURCHASE_WORDS = {
  awaiting: ({ checkoutUrl }) => checkoutUrl
    ? ["Waiting for payment", "warn", "Not paid yet. You can still pay."]
    : ["Payment under way", "warn", "Your bank is still being asked, which can take some days. " +
        "You need not do anything."],
  fulfilled: (purchase) => ["Paid", "good", boughtWords(purchase)],
  banked: bankedWords,
  failed: () => ["Payment failed", "bad", "The payment did not go through. Nothing was taken."],
  expired: () => ["Expired", "quiet", "It was not paid in time. Nothing was taken."],
  partially_refunded: () => ["Partly refunded", "quiet", "Part of the money went back to you."],
  refunded: () => ["Refunded", "quiet",
    "The money went back to you. It can take some days until your bank shows it."],
  disputed: () => ["Disputed", "bad",
    "This payment is disputed at your bank. What you bought is on hold until it decides."],
  unmatched: () => [LOOKED_AT[0], "warn",
    "Your payment arrived, but something about it does not fit. Our team looks at it, and " +
      "nothing is lost."],
};

/** What was had for a payment. */
export function boughtWords({ kind, credits: amount }) {
  if (kind === "credits") return `${credits(amount)} were added to your balance.`;
  if (kind === "subscription") return "Your subscription to unlimited practice interviews began.";
  if (kind === "booking") return "Your seat in the class is confirmed.";
  return "Your session was opened.";
}

function bankedWords({ kind, reason, redeemable, refundable }) {
  // Only a refund that was asked for keeps what was banked from being redeemed.
  if (!redeemable) {
    return ["Refund under way", "warn", "Your money is on its way back. It can take some days." +
      (refundable ? " If you were told that it failed, ask again." : "")];
  }
  if (kind === "booking") {
    return ["Goes back", "warn", "The seat could not be had any more, or was given up. Your money " +
      "goes back by itself within minutes; if you were told that it failed, ask again."];
  }
  const why = reason === "active_session"
    ? "Another session of yours was open when you paid. " : "";
  const way = refundable ? ", or get your money back" : "";
  return ["Paid, kept for you", "warn",
    `${why}Your payment is safe and was not used yet. Redeem it when you are ready${way}.`];
}

/** `{label, tone, text}` of a subscription. */
export function subscriptionWords(subscription) {
  const { status, live, inDunning, withheld, periodEnd, endsAt } = subscription;
  const say = (label, tone, text) => ({ label, tone, text });
  if (!live && LIVING.includes(status) && WITHHELD[withheld]) return say(...WITHHELD[withheld]);
  if (!live) return say(...(NOT_LIVE[status] ?? endedWords(endsAt)));
  if (inDunning) {
    return say("Payment failed", "bad", "The last payment failed. Please check how you pay under " +
      "“Manage subscription”, so that your interviews stay unlimited.");
  }
  if (endsAt) {
    return say("Cancelled", "warn", `Ends on ${day(endsAt)}. Until then your interviews are ` +
      `unlimited; afterwards each takes ${creditsWord()} again.`);
  }
  const trial = status === "trialing";
  const next = trial ? "The first payment is" : "Renews";
  return say(trial ? "Trial" : "Active", "good",
    `${periodEnd ? `${next} on ${day(periodEnd)}. ` : ""}It renews by itself until you cancel. ` +
      "Your practice interviews are unlimited.");
}

const LIVING = ["active", "trialing", "past_due"];
const WITHHELD = {
  dispute: ["Suspended", "warn", "The payment of this period is disputed with your bank. " +
    "Until that is settled, interviews are not unlimited."],
  refund: ["Refunded", "warn", "The payment of this period went back, so interviews are not " +
    "unlimited until the next payment."],
};
const NOT_LIVE = {
  incomplete: ["Waiting for payment", "warn", "The first payment is not confirmed yet."],
  past_due: ["Payment failed", "bad", "It was not paid, so interviews are not unlimited."],
  unpaid: ["Payment failed", "bad", "It was not paid, so interviews are not unlimited."],
  paused: ["Paused", "warn", "Interviews are not unlimited while it is paused."],
};

function endedWords(endsAt) {
  return ["Ended", "quiet", endsAt ? `It ended on ${day(endsAt)}.` : "It has ended."];
}
