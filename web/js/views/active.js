// A person has at most one open session: the way back to it, wherever they are.

import * as backup from "../backup.js";
import { h } from "../dom.js";
import { sessionSentence, statusWord, typeWord } from "../session-words.js";
import { activeSessionId } from "../sync.js";
import { ask } from "./parts.js";

/**
 * Tell that another session is open, with the way to it. `end`: the label of a choice to end it.
 * Answers `return` (the way is taken), `end` or null.
 */
export async function activeSessionDialog(app, facts, { end } = {}) {
  const { activeSessionId: id, activeSessionStatus: status } = facts;
  const type = facts.activeSessionType ?? "interview";
  const choice = await ask("You already have an active session",
    `It is ${sessionSentence(type, status)}. You can have one session at a time.`, [
      ...(id ? [{ label: "Return to active session", value: "return", kind: "primary" }] : []),
      ...(end && id ? [{ label: end, value: "end" }] : []),
      { label: "Not now", value: "" },
    ]);
  if (choice === "return") await app.returnTo(id, type);
  return choice;
}

/** The open session that a person may go back to, or null: `{sessionId, type, status}`. */
export function openSession(app) {
  const sessionId = activeSessionId(app.user);
  // One that has ended here only waits to be sent, and sending it ends it on the server.
  const waits = sessionId && backup.find(sessionId)?.finished;
  if (!sessionId || waits || app.interview?.running) return null;
  const { type = "interview", status } = app.user.activeSession;
  return { sessionId, type, status };
}

// These pages have a notice of their own about it.
const TOLD_THERE = ["/", "/experts", "/interview"];

/** The way back in the header; nothing where the person is there already, or told about it. */
export function activeChip(app, path) {
  const open = openSession(app);
  if (!open || path === `/sessions/${open.sessionId}` || TOLD_THERE.includes(path)) return null;
  if (open.type === "interview") {
    return h("button", { type: "button", class: "live-chip",
      onclick: () => app.returnTo(open.sessionId, open.type) }, "Interview open: return");
  }
  return h("a", { class: "live-chip", href: `#/sessions/${encodeURIComponent(open.sessionId)}` },
    `${typeWord(open.type)}: ${statusWord(open.status).label.toLowerCase()}`,
    " · Return to it");
}
