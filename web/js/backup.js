// The copy of an interview that stays in this browser until the server has it.
//
// The newest copy lives under the two keys of the original product, as one body each. An older
// unsent copy of another interview moves to the same keys with `:<sessionId>` appended, so that
// no interview ever overwrites another. What the server must not see (whose copy it is, whether
// the interview is still running) is kept beside it, in a note.

const MESSAGES = "vocahire_interview_messages";
const METADATA = "vocahire_interview_metadata";
const NOTES = "greenroom_interview_notes";

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    // Storage is full or forbidden: the interview goes on, only without a copy.
    return false;
  }
}

function setNote(sessionId, note) {
  const notes = read(NOTES) ?? {};
  if (note) notes[sessionId] = { ...notes[sessionId], ...note };
  else delete notes[sessionId];
  write(NOTES, notes);
}

function archiveOthers(sessionId) {
  const older = read(METADATA);
  if (!older || older.sessionId === sessionId) return;
  const messages = read(MESSAGES);
  if (messages?.length && older.sessionId) {
    write(`${METADATA}:${older.sessionId}`, older);
    write(`${MESSAGES}:${older.sessionId}`, messages);
  }
  localStorage.removeItem(MESSAGES);
  localStorage.removeItem(METADATA);
}

/** Keep the copy of a running or finished interview up to date. Answers whether it was stored. */
export function keep({ sessionId, messages, jobTitle, resumeData, owner, finished = false }) {
  archiveOthers(sessionId);
  setNote(sessionId, { owner, finished });
  return (
    write(METADATA, { sessionId, jobTitle, resumeData, timestamp: Date.now() }) &&
    write(MESSAGES, messages)
  );
}

/** All complete copies, newest first: `{sessionId, messages, metadata, owner, finished}`. */
export function list() {
  const suffixes = Object.keys(localStorage)
    .filter((key) => key.startsWith(`${METADATA}:`))
    .map((key) => key.slice(METADATA.length));
  const notes = read(NOTES) ?? {};
  return ["", ...suffixes].flatMap((suffix) => {
    const metadata = read(METADATA + suffix);
    const messages = read(MESSAGES + suffix);
    if (!metadata?.sessionId || !Array.isArray(messages) || messages.length === 0) return [];
    // A copy without a note was left by another page of the product: finished, anybody's.
    const { owner = null, finished = true } = notes[metadata.sessionId] ?? {};
    return [{ sessionId: metadata.sessionId, messages, metadata, owner, finished }];
  });
}

export function find(sessionId) {
  return list().find((copy) => copy.sessionId === sessionId) ?? null;
}

/** Forget the copy of one interview: the server has it, or the person threw it away. */
export function discard(sessionId) {
  for (const suffix of ["", `:${sessionId}`]) {
    if (read(METADATA + suffix)?.sessionId !== sessionId) continue;
    localStorage.removeItem(MESSAGES + suffix);
    localStorage.removeItem(METADATA + suffix);
  }
  setNote(sessionId, null);
}

/** The body of the original product's sync. */
export function syncBody(copy) {
  return { messages: copy.messages, ...copy.metadata, fromLocalStorage: true };
}

/** Hold a browser-wide lock while an interview runs, so that no other tab sends its copy. */
export function holdWhileRunning(sessionId) {
  let release = () => {};
  const held = new Promise((resolve) => (release = resolve));
  navigator.locks?.request(lockName(sessionId), () => held);
  return release;
}

/** Run `task` unless some tab is running this interview; answers null when one is. */
export async function unlessRunning(sessionId, task) {
  if (!navigator.locks) return task();
  return navigator.locks.request(lockName(sessionId), { ifAvailable: true }, (lock) =>
    lock ? task() : null,
  );
}

function lockName(sessionId) {
  return `greenroom-interview-${sessionId}`;
}
