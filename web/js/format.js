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

/** An amount in the currency's smallest unit: `1500`, `usd` -> `US$15.00`, `jpy` -> `JP¥1,500`. */
export function money(amount, currency) {
  if (amount === null || amount === undefined) return "–";
  const code = String(currency ?? "").toUpperCase();
  try {
    const style = new Intl.NumberFormat("en-GB", { style: "currency", currency: code });
    const { maximumFractionDigits: digits } = style.resolvedOptions();
    return style.format(amount / 10 ** digits);
  } catch {
    // Not a currency that the browser knows: cents are the usual case.
    return `${(amount / 100).toFixed(2)} ${code}`.trim();
  }
}

/** How many decimals a currency has: 2 where the browser does not know it. */
function decimalsOf(currency) {
  try {
    const code = String(currency ?? "").toUpperCase();
    return new Intl.NumberFormat("en-GB", { style: "currency", currency: code })
      .resolvedOptions().maximumFractionDigits;
  } catch {
    return 2;
  }
}

/** An amount for a form field: `1500`, `usd` -> `15.00`; "" for none. */
export function plainAmount(amount, currency) {
  if (amount === null || amount === undefined) return "";
  const digits = decimalsOf(currency);
  return (amount / 10 ** digits).toFixed(digits);
}

/** What a person typed, in the currency's smallest unit: `15` -> `1500`; null when it is none. */
export function amountIn(text, currency) {
  const digits = decimalsOf(currency);
  const found = /^(\d{1,9})(?:[.,](\d+))?$/.exec(text.trim());
  if (!found || (found[2]?.length ?? 0) > digits) return null;
  return Number(found[1]) * 10 ** digits + Number((found[2] ?? "").padEnd(digits, "0"));
}

/** Seconds as a running clock, `75` -> `1:15`. */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** A span in words, `5` -> `less than a minute`, `150` -> `2 min`, `4000` -> `1 h 6 min`. */
export function roughly(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const minutes = Math.floor(seconds / 60);
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
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

/** Only the day of a time, in the reader's zone. */
export function day(value) {
  const date = new Date(value ?? "");
  return Number.isNaN(date.getTime())
    ? "–"
    : date.toLocaleDateString("en-GB", { dateStyle: "long" });
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
  void: "Given back: the session did not take place",
  purchase: "Bought",
  refund: "Refunded",
  reversal: "Taken back: the payment was refunded or disputed",
  adjustment: "Adjusted by our team",
};

/** What a ledger entry means to its owner. */
export function ledgerWords(entry) {
  // A refund that failed, or a dispute that was won, gives back what was taken.
  if (entry.kind === "reversal" && entry.amount > 0) return "Restored: the payment stands";
  if (entry.kind === "debit" && entry.reason === "session") return "Session with an expert";
  return LEDGER_WORDS[entry.kind] ?? entry.reason ?? entry.kind;
}

const CORRECTIONS = {
  reconciliation: "Our daily check put your balance right.",
  welcome_grant_of_another_account: "You had your welcome gift under another account.",
};

/** Why a correction was made, in our words or in those of the person who made it; else null. */
export function ledgerReason({ kind, reason }) {
  if (kind !== "adjustment" || !reason) return null;
  // Words are for people, codes are not.
  return CORRECTIONS[reason] ?? (reason.includes(" ") ? reason : null);
}
