// Following an open session from the other pages: an expert who comes is not missed.

import { poll } from "./polling.js";
import { toast } from "./toast.js";

const LOOK_S = 10;

/** Look after the person's open session until `signal` is aborted, but on its own page. */
export function watchSession(app, sessionId, signal) {
  const place = `/sessions/${encodeURIComponent(sessionId)}`;
  poll(async () => {
    if (app.router?.path() === place) return;
    const before = app.user?.activeSession?.status;
    await app.refreshUser();
    const now = app.user?.activeSession;
    if (now?.sessionId !== sessionId || before !== "pending" || now.status !== "waiting") return;
    toast("An expert is here and waits for you.", {
      tone: "good", action: { label: "Go there", run: () => app.router.go(place) },
    });
  }, { everyS: LOOK_S, signal });
}
