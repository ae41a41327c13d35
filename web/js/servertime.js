// The server's clock, since a deadline counts there and not on this device.

// The Date header has whole seconds and has travelled: a smaller difference says nothing.
const NOTICED_MS = 2_000;

let aheadMs = 0;

/** Note what the clock of an answer says. */
export function noteServerTime(headers) {
  const at = Date.parse(headers.get("Date") ?? "");
  if (Number.isNaN(at)) return;
  const difference = at - Date.now();
  aheadMs = Math.abs(difference) > NOTICED_MS ? difference : 0;
}

/** Seconds until an ISO 8601 time, negative when it has passed; null when it is none. */
export function secondsUntil(time) {
  const at = Date.parse(time ?? "");
  return Number.isNaN(at) ? null : (at - Date.now() - aheadMs) / 1000;
}

/** Seconds since an ISO 8601 time, at least 0; null when it is none. */
export function secondsSince(time) {
  const until = secondsUntil(time);
  return until === null ? null : Math.max(0, -until);
}
