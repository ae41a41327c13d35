// Sends the interviews that are still only in this browser.

import { post } from "./api.js";
import * as backup from "./backup.js";

/** The id of the person's open session, or null. */
export function activeSessionId(user) {
  const active = user?.activeSession;
  return active?.sessionId ?? active?.id ?? active?.activeSessionId ?? null;
}

/** Copies that this person may send; those of somebody else on this computer stay untouched. */
export function keptFor(user) {
  return backup.list().filter((copy) => !copy.owner || copy.owner === user?.userId);
}

/** An interview that broke off but is still open on the server: returned to, not sent. */
export function isStillOpen(copy, user) {
  return !copy.finished && copy.sessionId === activeSessionId(user);
}

/**
 * Send one copy. Outcomes: `synced` (the copy is gone), `running` (another tab has it),
 * `kept` with the problem that hindered it.
 */
export async function send(copy) {
  const answer = await backup.unlessRunning(copy.sessionId, async () => {
    try {
      const saved = await post("/interviews", backup.syncBody(copy));
      backup.discard(copy.sessionId);
      return { outcome: "synced", saved };
    } catch (problem) {
      return { outcome: "kept", problem };
    }
  });
  return { sessionId: copy.sessionId, ...(answer ?? { outcome: "running" }) };
}

/** Send everything that is not running any more. */
export async function sendAll(user) {
  const results = [];
  for (const copy of keptFor(user)) {
    if (!isStillOpen(copy, user)) results.push(await send(copy));
  }
  return results;
}
