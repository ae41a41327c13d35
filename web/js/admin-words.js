// Codes, names and facts as admins read them.

import { when } from "./format.js";

/** `payment_intent`, `credits.adjusted` -> `Payment intent`, `Credits adjusted`. */
export function codeWords(kind) {
  const words = String(kind).replaceAll(/[._]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `liveAt`, `live_at` -> `Live at`. */
export const nameWords = (name) =>
  codeWords(name.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase());

/** Any fact as text: times are read as times. */
export function plainWords(value) {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "object") return JSON.stringify(value);
  return /^\d{4}-\d\d-\d\dT/.test(String(value)) ? when(value) : String(value);
}

/** `{credits: 3}` -> `credits 3`. */
export const factsWords = (facts) => Object.entries(facts ?? {})
  .map(([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`)
  .join(", ") || "–";
