// How numbers, times and states are worded for people.

let creditsName = "credits";

/** Set the brand's word for credits, from `GET /api/config`. */
export function nameCredits(name) {
  if (name) creditsName = name;
}

export function creditsWord() {
  return creditsName;
}

/** `3` -> `3.00 VocahireCredits`. */
export function credits(amount) {
  return amount === null || amount === undefined
    ? `– ${creditsName}`
    : `${Number(amount).toFixed(2)} ${creditsName}`;
}

/** Seconds as a running clock, `75` -> `1:15`. */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Seconds in words, `75` -> `1 min 15 s`. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  return whole % 60 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${whole / 60} min`;
}

/** A number with at most `digits` decimals, or a dash. */
export function number(value, digits = 0, unit = "") {
  if (value === null || value === undefined || Number.isNaN(Number(value))) return "–";
  const text = Number(value).toLocaleString("en-GB", { maximumFractionDigits: digits });
  return unit ? `${text} ${unit}` : text;
}

/** A ratio 0..1 as a percentage. */
export function percent(value) {
  return value === null || value === undefined ? "–" : `${Math.round(value * 100)} %`;
}

/** An ISO 8601 time or epoch milliseconds, in the reader's zone. */
export function when(value) {
  if (!value) return "–";
  const date = new Date(value);
  return Number.isNaN(date.getTime())
    ? "–"
    : date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}

/** Only the time of day of a message. */
export function timeOfDay(value) {
  const date = new Date(value);
  return Number.isNaN(date.getTime())
    ? ""
    : date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

const FEEDBACK_WORDS = {
  none: "No feedback",
  pending: "Feedback is on its way",
  generating: "Feedback is being written",
  completed: "Feedback ready",
  failed: "Feedback failed",
};

export function feedbackWords(status) {
  return FEEDBACK_WORDS[status] ?? "No feedback";
}

const LEDGER_WORDS = {
  grant: "Welcome gift",
  debit: "Interview started",
  void: "Given back: the interview did not take place",
  purchase: "Bought",
  refund: "Refunded",
  reversal: "Payment reversed",
  adjustment: "Adjusted by our team",
};

/** What a ledger entry means to its owner. */
export function ledgerWords(entry) {
  return LEDGER_WORDS[entry.kind] ?? entry.reason ?? entry.kind;
}
