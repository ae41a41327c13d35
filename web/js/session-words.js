// What a session with an expert, its states and its events mean to the people in it.

import { credits } from "./format.js";

const TYPES = {
  interview: "Interview", chat: "Chat", video: "Video call", diagnostic: "Diagnosis",
};

/** `chat` -> `Chat`; a type that this page does not know is told as it is. */
export function typeWord(type) {
  return TYPES[type] ?? (type ? String(type) : "Session");
}

const STATUSES = {
  reserved: ["Being prepared", "warn"],
  pending: ["Looking for an expert", "warn"],
  waiting: ["Ready to begin", "good"],
  live: ["Live", "good"],
  completed: ["Completed", "quiet"],
  cancelled: ["Cancelled", "quiet"],
  expired: ["Expired", "quiet"],
  failed: ["Not started", "bad"],
};

/** `{label, tone}` of a status; tones are good, warn, bad and quiet. */
export function statusWord(status) {
  const [label, tone] = STATUSES[status] ?? [String(status), "quiet"];
  return { label, tone };
}

/** What a session is called in a sentence: `a chat, looking for an expert`. */
export function sessionSentence(type, status) {
  const article = /^[aeiou]/i.test(typeWord(type)) ? "an" : "a";
  const state = type === "interview" && status === "pending"
    ? "not connected yet" : statusWord(status).label.toLowerCase();
  return `${article} ${typeWord(type).toLowerCase()}, ${state}`;
}

export const isOver = (status) => !["reserved", "pending", "waiting", "live"].includes(status);

/** `customer` or `expert`: which side of the session the person is on. */
export function sideOf(detail, userId) {
  return detail.customerUserId === userId ? "customer" : "expert";
}

const EVENTS = {
  created: (who) => `${who} asked for an expert`,
  offered: () => "Experts were asked",
  declined: (who) => `${who} could not take it`,
  accepted: (who) => `${who} took the session`,
  released: (who) => `${who} gave it back, so that another expert can take it`,
  waiver_signed: (who) => `${who} signed the waiver`,
  live: () => "The session began",
  completed: (who) => who ? `${who} ended the session` : "The session ended",
  cancelled: (who) => who ? `${who} cancelled the session` : "The session was cancelled",
  not_connected: () => "It did not begin in time",
  maximum_reached: () => "The longest time of a session was reached",
  cancelled_by_admin: () => "Our team cancelled the session",
};

const NEEDS_SOMEBODY = { created: "The customer", declined: "An expert", accepted: "An expert",
  released: "The expert", waiver_signed: "The customer" };

/** An event in words for `userId`, one of the session's people. */
export function eventWords({ eventType, userId: actor }, detail, userId) {
  const who = actorWord(actor, detail, userId) ?? NEEDS_SOMEBODY[eventType] ?? null;
  return EVENTS[eventType]?.(who) ?? String(eventType).replaceAll("_", " ");
}

function actorWord(actor, { customerUserId, expertId }, userId) {
  if (!actor) return null;
  if (actor === userId) return "You";
  if (actor === customerUserId) return "The customer";
  return actor === expertId ? "The expert" : null;
}

/** What becomes of the customer's money when nobody comes. */
export function ifNobodyComes({ paymentMethod, cost }) {
  if (paymentMethod === "free") return "It is free, so nothing can be lost.";
  if (paymentMethod === "credits") return `${credits(cost)} go back to your balance.`;
  return "Your payment comes back to you: it is kept for you under Purchases, where you can " +
    "redeem it for another session. If you do not, it is refunded by itself.";
}

/** What became of the customer's money, or null when there is nothing to say. */
export function givenBackWords({ paymentMethod, givenBack, cost }) {
  if (!givenBack || paymentMethod === "free") return null;
  if (paymentMethod === "credits") return `${credits(cost)} were given back to your balance.`;
  return "Your payment came back to you. Under Purchases you can redeem it for another session, " +
    "or see its refund.";
}

/** A vehicle as a person writes it; the server takes text or an object. */
export function vehicleWords(vehicle) {
  if (!vehicle || typeof vehicle === "string") return vehicle || null;
  const { make, model, year, mileageKm, vin } = vehicle;
  return [
    [make, model, year].filter(Boolean).join(" "),
    mileageKm === undefined || mileageKm === null ? null : `${mileageKm} km`,
    vin ? `VIN ${vin}` : null,
  ].filter(Boolean).join(" · ") || null;
}

const ROUTINGS = {
  broadcast: "Any expert who is free",
  workshop_only: "Experts of one workshop only",
  hybrid: "A workshop first, then any expert",
  priority_broadcast: "A preferred expert first, then any expert",
};

export function routingWords(routingType) {
  return ROUTINGS[routingType] ?? String(routingType);
}

/** Where the customer signs the waiver of a session. */
export function waiverPlace({ sessionId, plan, intakeId }) {
  const query = new URLSearchParams({ session: sessionId, plan, intake_id: intakeId ?? "" });
  return `#/intake/waiver?${query}`;
}
