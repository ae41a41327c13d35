// What classes, bookings and the rules about them mean to the people whom they concern.

import { day, money, when } from "./format.js";

const BOOKING = {
  pending: ["Waiting for payment", "warn"],
  confirmed: ["Booked", "good"],
  waitlisted: ["On the waitlist", "warn"],
  offered: ["A seat is held", "good"],
  cancelled: ["Cancelled", "quiet"],
  late_cancelled: ["Cancelled late", "quiet"],
  attended: ["Attended", "good"],
  no_show: ["Did not come", "bad"],
  expired: ["Expired", "quiet"],
};

/** `{label, tone}` of a booking; tones are good, warn, bad and quiet. */
export function bookingWord({ bookingStatus }) {
  const [label, tone] = BOOKING[bookingStatus] ?? [String(bookingStatus), "quiet"];
  return { label, tone };
}

const PAYMENT = {
  free: ["Free", "quiet"],
  covered: ["Paid with a pass", "quiet"],
  paid: ["Paid", "good"],
  refund_due: ["Refund under way", "warn"],
  refunded: ["Refunded", "quiet"],
};

/** How a booking is paid, `{label, tone}`; null where nothing is to be said of it. */
export function paymentWord({ bookingStatus, paymentStatus, amountCents, currency }) {
  if (["waitlisted", "offered", "expired"].includes(bookingStatus)) return null;
  if (paymentStatus === "void") return null;
  if (paymentStatus === "pending") {
    const where = bookingStatus === "pending" ? "by card" : "at the studio";
    return { label: `${money(amountCents, currency)} to pay ${where}`, tone: "warn" };
  }
  const [label, tone] = PAYMENT[paymentStatus] ?? [String(paymentStatus), "quiet"];
  return { label, tone };
}

/** How full a class is, `{label, tone}`. */
export function classWord({ status, reason, free, capacity, waitlistCount, waitlistMax }) {
  if (status === "cancelled" || reason === "CLASS_CANCELLED") {
    return { label: "Cancelled", tone: "bad" };
  }
  if (status === "completed") return { label: "Over", tone: "quiet" };
  if (reason === "BOOKING_CLOSED") return { label: "Booking closed", tone: "quiet" };
  if (reason === "CLASS_FULL" || free < 1) return fullWord(waitlistCount, waitlistMax);
  const seats = free === 1 ? "1 seat free" : `${free} of ${capacity} seats free`;
  return { label: seats, tone: "good" };
}

function fullWord(waiting, waitlistMax) {
  if (waiting >= waitlistMax) {
    return { label: waitlistMax ? "Full, waitlist full" : "Full", tone: "quiet" };
  }
  return { label: waiting ? `Full, ${waiting} waiting` : "Full, waitlist open", tone: "warn" };
}

/** `US$15.00` or `Free`. */
export const priceWord = ({ priceCents, currency }) =>
  priceCents ? money(priceCents, currency) : "Free";

// In the words of the person whom it concerns; staff read the server's own.
const RULES = {
  CLASS_FULL: () => "The class is full.",
  CLASS_NOT_FULL: () => "A seat is free, so there is nothing to wait for: book it.",
  CLASS_CANCELLED: () => "The class was cancelled.",
  BOOKING_CLOSED: () => "Booking for this class is closed.",
  ALREADY_BOOKED: () => "You are in this class, or on its waitlist, already.",
  OVERLAP: () => "You are in another class at that time.",
  WAITLIST_FULL: () => "The waitlist of this class is full.",
  WAITLIST_CLOSED: () => "The waitlist is closed, since the class begins soon.",
  PREPAYMENT_REQUIRED: () => "The studio wants this class paid in advance: use a pass, or pay " +
    "by card.",
  PAID_IN_PERSON_ONLY: () => "By card pay only the customers themselves, signed in.",
  CUSTOMER_INACTIVE: () => "The studio has closed your account there. Please ask it.",
  OFFER_EXPIRED: () => "The time to take the seat is over, and it went to the next who waits.",
};
const PASS_RULES = {
  NO_REMAINING_USE: () => "no use is left",
  PASS_EXPIRED: ({ validUntil }) => validUntil
    ? `it ends before the class, on ${day(validUntil)}` : "it ends before the class",
  PASS_NOT_YET_VALID: ({ validFrom }) => validFrom
    ? `it begins after the class, on ${day(validFrom)}` : "it begins after the class",
  PASS_INACTIVE: ({ passStatus }) => passStatus === "frozen" ? "it is frozen"
    : passStatus === "cancelled" ? "it was cancelled" : "it is not active",
  PASS_NOT_FOR_CLASS: ({ classTypes }) => classTypes?.length
    ? `it is for other classes: ${classTypes.join(", ")}` : "it is not for classes of this type",
};

/** A violated rule, `{code, detail, …facts}`, in a sentence; `own`: to the person in question. */
export function ruleWords(rule, { own = true } = {}) {
  const pass = PASS_RULES[rule.code]?.(rule);
  if (pass) return own ? `Your pass: ${pass}.` : `The pass: ${pass}.`;
  return (own && RULES[rule.code]?.(rule)) || rule.detail || String(rule.code);
}

/** Every rule that a refusal names, the only one included. */
export function rulesOf(problem) {
  const { violations } = problem.facts ?? {};
  if (violations?.length) return violations;
  return [{ code: problem.code, detail: problem.message, ...problem.facts }];
}

/** Why a way to pay cannot be used for a class, in words. */
export function whyNot(option) {
  const reasons = (option.reasons?.length ? option.reasons : [option.reason]).filter(Boolean);
  const words = reasons.map((reason) => {
    const rule = typeof reason === "string" ? { ...option, code: reason, detail: null } : reason;
    return PASS_RULES[rule.code]?.(rule) ?? inSentence(ruleWords(rule));
  });
  return words.length ? `Cannot be used: ${words.join("; ")}.` : "Cannot be used for this class.";
}

function inSentence(words) {
  const plain = words.replace(/\.$/, "");
  return /^[A-Z][a-z ]/.test(plain) ? plain[0].toLowerCase() + plain.slice(1) : plain;
}

/** What is left of a pass: `3 uses left · until 31 December 2026`. */
export function leftWords({ remaining, validUntil }) {
  const uses = remaining === null || remaining === undefined ? null
    : remaining === 1 ? "1 use left" : `${remaining} uses left`;
  return [uses, validUntil ? `until ${day(validUntil)}` : null].filter(Boolean).join(" · ");
}

/** Whether cancelling now is late; a place on the waitlist or an unpaid hold never is. */
export function isLate({ bookingStatus, lateCancelAt }, now = Date.now()) {
  return bookingStatus === "confirmed" && Boolean(lateCancelAt) && now >= Date.parse(lateCancelAt);
}

/** What is said before a booking is cancelled: `{title, text, late}`; `own` as above. */
export function cancelWords(booking, { own = true, now = Date.now() } = {}) {
  const late = isLate(booking, now);
  if (booking.bookingStatus === "waitlisted") {
    return { title: "Leave the waitlist?", late,
      text: `${own ? "You give up your place" : "The place is given up"}. Nothing was paid.` };
  }
  if (booking.bookingStatus === "offered") {
    return { title: own ? "Give the seat up?" : "Take the offer back?", late,
      text: "The seat goes to the next who waits. Nothing was paid." };
  }
  const title = own ? "Cancel your booking?" : "Cancel this booking?";
  if (!late) return { title, late, text: [inTime(booking), givenBack(booking)].join(" ") };
  return { title: own ? "Cancel late?" : "Cancel this booking late?", late,
    text: [`It is late: cancelling was free until ${when(booking.lateCancelAt)}.`,
      kept(booking)].join(" ") };
}

function inTime({ bookingStatus, lateCancelAt }) {
  if (bookingStatus !== "confirmed" || !lateCancelAt) return "The seat becomes free.";
  return `This is in time, which it is until ${when(lateCancelAt)}.`;
}

function givenBack({ paymentStatus, consumed, purchaseId, amountCents, currency }) {
  if (consumed) return `The use of the ${consumed.kind} is given back.`;
  if (paymentStatus !== "paid") return "Nothing was paid, and nothing is owed.";
  const price = money(amountCents, currency);
  return purchaseId ? `${price} go back the way they were paid.`
    : `${price} were paid at the studio, which gives them back.`;
}

function kept({ paymentStatus, consumed, amountCents, currency, lateCancelFeeCents: fee }) {
  const price = money(amountCents, currency);
  const words = consumed ? `The use of the ${consumed.kind} is not given back.`
    : paymentStatus === "paid" ? "What was paid is not given back."
      : paymentStatus === "pending" ? `The price, ${price}, stays to pay.` : "";
  return [words, fee ? `A fee of ${money(fee, currency)} is noted.` : ""].filter(Boolean).join(" ");
}
