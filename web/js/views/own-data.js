// A person's own data: a copy of all of it, and the end of the account.

import { get, remove } from "../api.js";
import * as backup from "../backup.js";
import { field, fill, h } from "../dom.js";
import { saveFile } from "../download.js";
import { creditsWord } from "../format.js";
import { keptFor } from "../sync.js";
import { toast } from "../toast.js";
import { button, card } from "./parts.js";

const CONFIRMATION = "delete";

export function ownData(app) {
  return h("div", { class: "narrow after" }, card("Your data",
    exportPart(app),
    h("div", { class: "after" },
      h("p", {}, "Deleting your account removes your profile, interviews and feedback."),
      h("div", { class: "actions after" },
        button("Delete my account", () => openDeletion(app), { kind: "secondary" })))));
}

function exportPart(app) {
  const state = h("p", { class: "hint", role: "status" });
  let done = { items: [], cursor: null };
  const control = button("Export my data", async () => {
    control.disabled = true;
    try {
      done = await collect(done, (count) => fill(state, `Collecting: ${count} entries so far…`));
      download(app.user, done.items);
      fill(state, `Done: ${done.items.length} entries.`);
      done = { items: [], cursor: null };
    } catch (problem) {
      // What was collected is kept, and the next press goes on from there.
      done = problem.collected ?? done;
      fill(state, `${problem.message} Press again to go on.`);
    } finally {
      control.disabled = false;
    }
  }, { iconName: "download" });
  return h("div", {},
    h("p", {}, "Everything that we keep about you, as one file in JSON."),
    h("div", { class: "actions after" }, control), state);
}

/** Page after page from where `{items, cursor}` stands. A failure carries what was collected. */
async function collect({ items, cursor }, onPage) {
  let collected = { items: [...items], cursor };
  for (;;) {
    const from = collected.cursor;
    const query = from ? `?cursor=${encodeURIComponent(from)}` : "";
    let page;
    try {
      page = await get(`/user/export${query}`);
    } catch (problem) {
      throw Object.assign(problem, { collected });
    }
    collected = { items: [...collected.items, ...page.items], cursor: page.nextCursor ?? null };
    onPage(collected.items.length);
    if (!collected.cursor || collected.cursor === from) return collected;
  }
}

function download({ userId }, items) {
  const exportedAt = new Date().toISOString();
  const text = JSON.stringify({ exportedAt, userId, items }, null, 2);
  saveFile(`greenroom-${exportedAt.slice(0, 10)}.json`, text, "application/json");
}

function openDeletion(app) {
  if (app.interview?.running) {
    toast("Your interview is still running. End it first.", { tone: "warn" });
    return;
  }
  const before = document.activeElement;
  const typed = h("input", { autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  const sure = h("button", { type: "submit", class: "danger", disabled: true }, "Delete for ever");
  const wrong = h("p", { class: "field-error", role: "alert" });
  const matches = () => typed.value.trim().toLowerCase() === CONFIRMATION;
  typed.addEventListener("input", () => (sure.disabled = !matches()));
  const dialog = h("dialog", { "aria-labelledby": "deletion-title" },
    h("h2", { id: "deletion-title" }, "Delete your account?"),
    h("p", {}, "Your profile, interviews, transcripts and feedback are deleted, also those on " +
      `this device. Your ${creditsWord()} are lost and your subscription ends. This cannot be ` +
      "undone."),
    h("form", { class: "form", onsubmit: (event) => {
      event.preventDefault();
      if (matches()) erase(app, { dialog, sure, wrong });
    } },
    field(`Type “${CONFIRMATION}” to confirm`, typed), wrong,
    h("div", { class: "actions" }, sure,
      button("Keep my account", () => dialog.close()))));
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before?.isConnected) before.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
  typed.focus();
}

async function erase(app, { dialog, sure, wrong }) {
  sure.disabled = true;
  fill(wrong);
  const copies = keptFor(app.user);
  try {
    await remove("/user");
  } catch (problem) {
    sure.disabled = false;
    fill(wrong, problem.message);
    return;
  }
  copies.forEach(({ sessionId }) => backup.discard(sessionId));
  dialog.close();
  await app.signOut();
  toast("Your account was deleted.", { tone: "good" });
}

/** What somebody sees who is still signed in to an account that was deleted. */
export function deletedPanel(app) {
  return h("div", { class: "empty" },
    h("h1", {}, "This account was deleted"),
    h("p", {}, "Its data is gone and it cannot be used any more."),
    button("Sign out", async () => {
      await app.signOut();
      location.reload();
    }, { kind: "primary" }));
}
