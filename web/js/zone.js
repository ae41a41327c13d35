// Times of classes: in the reader's zone, with the studio's named where its clock shows another.

const MINUTE_MS = 60_000;
const PARTS = { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit",
  minute: "2-digit", hourCycle: "h23" };

/** The reader's own zone. */
export function ownZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The zone if this browser knows it, else UTC. */
export function knownZone(zone) {
  try {
    Intl.DateTimeFormat("en-GB", { timeZone: zone });
    return zone ?? "UTC";
  } catch {
    return "UTC";
  }
}

/** What a clock and a calendar show there: `2026-12-03T18:00`; "" for what is no time. */
export function wallTime(time, zone = ownZone()) {
  const date = new Date(time ?? "");
  if (Number.isNaN(date.getTime())) return "";
  const found = Object.fromEntries(
    new Intl.DateTimeFormat("en-GB", { ...PARTS, timeZone: knownZone(zone) })
      .formatToParts(date).map(({ type, value }) => [type, value]));
  return `${found.year.padStart(4, "0")}-${found.month}-${found.day}T${found.hour}:${found.minute}`;
}

/** The day there: `2026-12-03`. */
export const dayKey = (time, zone) => wallTime(time, zone).slice(0, 10);

/** The month there: `2026-12`. */
export const monthKey = (time, zone) => wallTime(time, zone).slice(0, 7);

/**
 * The moment at which a clock there shows `wall` (`2026-12-03T18:00`), in ISO 8601; null when it
 * is no time, or one that the clock skips when it is put forward. Of two, the first.
 */
export function momentOf(wall, zone) {
  const asUtc = Date.parse(`${wall}Z`);
  if (Number.isNaN(asUtc)) return null;
  const offset = (at) => Date.parse(`${wallTime(at, zone)}Z`) - at;
  // The offsets around a change of the clock; before the change the clock shows the time first.
  const offsets = [offset(asUtc - 24 * 60 * MINUTE_MS), offset(asUtc + 24 * 60 * MINUTE_MS)];
  const found = offsets.map((each) => asUtc - each)
    .filter((at) => wallTime(at, zone) === wall.slice(0, 16));
  return found.length ? new Date(Math.min(...found)).toISOString() : null;
}

/** `2026-12` moved by so many months. */
export function addMonths(month, count) {
  const [year, number] = month.split("-").map(Number);
  const moved = new Date(Date.UTC(year, number - 1 + count, 1));
  return moved.toISOString().slice(0, 7);
}

export const isMonth = (text) => /^\d{4}-(0[1-9]|1[0-2])$/.test(text ?? "");

/** `2026-12` -> `December 2026`. */
export function monthWords(month) {
  return new Date(`${month}-01T00:00Z`).toLocaleDateString("en-GB",
    { month: "long", year: "numeric", timeZone: "UTC" });
}

/** A day's key -> `Thursday 3 December`, with the year where it is not this one. */
export function dayWords(key) {
  const words = { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" };
  const year = key.slice(0, 4) === dayKey(Date.now()).slice(0, 4) ? {} : { year: "numeric" };
  return new Date(`${key}T00:00Z`).toLocaleDateString("en-GB", { ...words, ...year })
    .replace(",", "");
}

/** `America/New_York` -> `New York`. */
export function placeOf(zone) {
  return knownZone(zone).split("/").at(-1).replaceAll("_", " ");
}

/** `18:00–19:00` on the reader's clock. */
export function spanWords({ startsAt, endsAt }, zone = ownZone()) {
  const [from, to] = [startsAt, endsAt].map((time) => wallTime(time, zone).slice(11));
  return [from, to].filter(Boolean).join("–");
}

/**
 * What the studio's clock shows where it differs from the reader's, with the day where that
 * differs, too: `12:00–13:00 in New York`; else null.
 */
export function thereWords(span, zone) {
  const [here, there] = [wallTime(span.startsAt), wallTime(span.startsAt, zone)];
  if (!there || here === there) return null;
  const day = here.slice(0, 10) === there.slice(0, 10) ? "" : `${shortDay(there)}, `;
  return `${day}${spanWords(span, zone)} in ${placeOf(zone)}`;
}

/** Day and span on the reader's clock: `Thu 3 Dec, 18:00–19:00`. */
export function whenWords(span) {
  const here = wallTime(span.startsAt);
  return here ? `${shortDay(here)}, ${spanWords(span)}` : "–";
}

function shortDay(wall) {
  const year = wall.slice(0, 4) === dayKey(Date.now()).slice(0, 4) ? {} : { year: "numeric" };
  return new Date(`${wall.slice(0, 10)}T00:00Z`).toLocaleDateString("en-GB",
    { weekday: "short", day: "numeric", month: "short", timeZone: "UTC", ...year })
    .replace(",", "");
}
