// The requests that must be exactly right: a start, an interview's save, a session's closing.

import { post, request } from "./api.js";
import * as backup from "./backup.js";

const IN_PROGRESS_TRIES = 10;
const IN_PROGRESS_PAUSE_S = 2;

/** Start a session. The same key answers with the same session and one debit. */
export const startSession = (key, body) => postOnce("/realtime-session", key, body);

/** POST under an Idempotency-Key: whatever is repeated, it happens once. */
export const postOnce = async (path, key, body) => (await sendOnce(path, key, body)).body;

/** As `postOnce`; answers `{status, body, headers}`. */
export async function sendOnce(path, key, body) {
  for (let tries = 1; ; tries += 1) {
    try {
      const headers = { "Idempotency-Key": key };
      return await request("POST", path, { body, headers });
    } catch (problem) {
      // The first request with this key is still on its way: its answer becomes ours.
      const busy = problem.code === "IDEMPOTENCY_IN_PROGRESS" && tries < IN_PROGRESS_TRIES;
      if (!busy) throw problem;
      const pauseS = problem.retryAfterS ?? IN_PROGRESS_PAUSE_S;
      await new Promise((next) => setTimeout(next, pauseS * 1000));
    }
  }
}

/**
 * Save an ended interview, in the original product's body.
 *
 * Outcomes: `saved` with the server's answer (the local copy is gone), `kept` with the problem
 * (the local copy stays), `empty` when nothing was said and the session was only ended.
 */
export async function save(record, { startedAt, endedAt, averageResponseTime }) {
  const { sessionId, messages } = record;
  try {
    if (messages.length === 0) {
      await post(`/sessions/${sessionId}/end`);
      return { outcome: "empty" };
    }
    const saved = await post("/interviews", {
      ...record,
      averageResponseTime,
      duration: Math.round((endedAt - startedAt) / 1000),
      status: "completed",
      startTime: new Date(startedAt).toISOString(),
      endTime: new Date(endedAt).toISOString(),
    });
    backup.discard(sessionId);
    return { outcome: "saved", ...saved, id: saved.id ?? sessionId };
  } catch (problem) {
    return { outcome: "kept", problem };
  }
}

/** Close a session by the first of `acts` that its state allows. Throws the last problem. */
export async function closeSession(sessionId, acts) {
  const [act, ...rest] = acts;
  try {
    await post(`/sessions/${sessionId}/${act}`);
  } catch (problem) {
    if (problem.code !== "INVALID_TRANSITION" || rest.length === 0) throw problem;
    await closeSession(sessionId, rest);
  }
}
