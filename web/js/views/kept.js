// Interviews that are only on this device so far: the notice with Sync.

import * as backup from "../backup.js";
import { fill, h } from "../dom.js";
import { isStillOpen, keptFor, send } from "../sync.js";
import { toast } from "../toast.js";
import { ask, button, notice } from "./parts.js";

/** A panel that shows itself only while something is kept locally. */
export function keptPanel(app) {
  const node = h("div", { class: "kept" });
  const show = () => {
    const copies = keptFor(app.user).filter((copy) => !isStillOpen(copy, app.user));
    fill(node, copies.map((copy) => keptRow(app, copy, show)));
  };
  app.onSync = show;
  show();
  return node;
}

function keptRow(app, copy, show) {
  const title = copy.metadata.jobTitle ?? "Interview";
  const sync = button("Sync", async () => {
    sync.disabled = true;
    report(await send(copy));
    await app.refreshUser().catch(() => {});
    app.router.show({ focus: false });
  }, { kind: "primary small", iconName: "upload" });
  const discard = button("Discard", async () => {
    const sure = await ask("Discard this interview?", "Its transcript is lost for ever.", [
      { label: "Discard", value: "yes", kind: "danger" },
      { label: "Keep", value: "" },
    ]);
    if (sure === "yes") {
      backup.discard(copy.sessionId);
      show();
    }
  }, { kind: "quiet small" });
  return notice(
    "warn",
    h("p", {}, h("strong", {}, `Kept on this device: ${title}. `),
      `${copy.messages.length} messages are not saved on the server yet.`),
    h("div", { class: "actions" }, sync, discard),
  );
}

/** Tell what became of a copy. */
export function report(result) {
  if (result.outcome === "synced") {
    const id = result.saved?.id ?? result.sessionId;
    toast("Interview data synced successfully! Feedback follows.", {
      tone: "good",
      action: { label: "Open", run: () => (location.hash = `#/interviews/${id}`) },
    });
  } else if (result.outcome === "running") {
    toast("This interview is still running in another tab.", { tone: "info" });
  } else {
    toast(`Still kept on this device. ${result.problem.detail}`, { tone: "warn" });
  }
}
