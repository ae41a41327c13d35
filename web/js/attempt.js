// One intention to start an interview: its idempotency key survives retries and reloads.
//
// The server answers the same key and body with the same session and one debit, so a person who
// presses Retry or reloads the page is never charged twice.

const KEY = "greenroom_start_attempt";

/** Begin a new intention. `body` is what `POST /api/realtime-session` gets. */
export function begin(body, { typedOnly = false } = {}) {
  return store({ key: crypto.randomUUID(), body, typedOnly, state: "new", sessionId: null });
}

/** Take up a session that is already open (another tab, or before a reload). */
export function resume(sessionId, { body = {}, liveAt = null } = {}) {
  const kept = current();
  if (kept?.sessionId === sessionId) return update({ state: "started" });
  return store({ key: null, body, typedOnly: false, state: "started", sessionId, liveAt });
}

/** The intention of this tab, or null. States: new, failed, started. */
export function current() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

export function update(change) {
  const kept = current();
  return kept ? store({ ...kept, ...change }) : null;
}

export function clear() {
  sessionStorage.removeItem(KEY);
}

function store(value) {
  sessionStorage.setItem(KEY, JSON.stringify(value));
  return value;
}
