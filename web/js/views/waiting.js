// Before a session is live: the wait for an expert, and the moment when one has come.

import { get } from "../api.js";
import { announce, fill, h } from "../dom.js";
import { clock, roughly, timeOfDay } from "../format.js";
import { everySecond, poll } from "../polling.js";
import { secondsSince, secondsUntil } from "../servertime.js";
import { ifNobodyComes, waiverPlace } from "../session-words.js";
import { chatPanel } from "./chat.js";
import { ask, button, card, link, notice } from "./parts.js";
import { questionPanel } from "./question.js";

const PLACE_S = 3;
const LAST_MINUTES_S = 300;

/** The waiting room: place in the queue, time, deadline, money, cancel. */
export function waitingStage(view, detail, signal) {
  const place = h("p", { class: "place" }, "Finding your place in the queue…");
  const online = h("dd", {}, "–");
  const waited = h("dd", { role: "timer" });
  const left = h("dd", { role: "timer" });
  const asked = h("p", { class: "hint", role: "status" });
  let now = detail;
  poll(async () => {
    const answer = await get(`${view.path}/position`);
    if (signal.aborted) return;
    showPlace(place, answer);
    fill(online, expertsWords(answer.expertsOnline));
  }, { everyS: PLACE_S, signal });
  everySecond(() => {
    fill(waited, roughly(secondsSince(now.queuedAt)));
    fill(left, deadlineWords(now.deadline));
  }, signal);
  const cancel = button("Cancel", () => cancelled(view, cancel, now));
  return {
    node: h("div", { class: "columns" },
      h("div", { class: "stack" },
        h("section", { class: "card stage-card", "aria-label": "Waiting room" },
          h("div", { class: "spinner", "aria-hidden": "true" }), place, asked,
          h("dl", { class: "facts" },
            h("dt", {}, "Experts online"), online,
            h("dt", {}, "You have waited"), waited,
            h("dt", {}, "We look for one until"), left),
          h("p", { class: "hint" }, h("strong", {}, "If nobody comes: "), ifNobodyComes(detail)),
          h("div", { class: "actions centre" }, cancel)),
        waiverReminder(detail)),
      questionPanel(detail)),
    update(next) {
      now = next;
      const isAsked = next.offers?.some(({ status }) => status === "pending");
      const words = isAsked ? "Experts are being asked right now." : "";
      if (asked.textContent !== words) fill(asked, words);
    },
  };
}

function showPlace(node, { position, waiting }) {
  const words = position === null || position === undefined
    ? "Finding your place in the queue…"
    : `You are number ${position} of ${Math.max(position, waiting ?? 0)}`;
  if (node.textContent === words) return;
  fill(node, words);
  announce(words);
}

function expertsWords(count) {
  if (count === 0) return "none just now";
  return count === 1 ? "one" : String(count);
}

function deadlineWords(deadline) {
  const leftS = secondsUntil(deadline);
  if (leftS === null) return "–";
  return leftS < LAST_MINUTES_S
    ? `${timeOfDay(deadline)} (${clock(leftS)} left)` : timeOfDay(deadline);
}

function waiverReminder(detail) {
  if (detail.waiverSignedAt) return null;
  return notice("warn",
    h("p", {}, "The waiver is not signed yet. You keep your place meanwhile, but the session " +
      "can only begin once it is."),
    h("div", { class: "actions" },
      link("Read and sign the waiver", waiverPlace(detail), "primary")));
}

async function cancelled(view, control, detail) {
  const text = detail.paymentMethod === "free" ? "Your question leaves the queue."
    : "Your question leaves the queue, and what you paid comes back to you.";
  const sure = await ask("Cancel this session?", text, [
    { label: "Cancel the session", value: "cancel", kind: "danger" },
    { label: "Keep waiting", value: "" },
  ]);
  if (sure === "cancel") await view.move("cancel", control);
}

/** An expert has taken it: either side may begin, both may talk already. */
export function readyStage(view, detail, signal) {
  const isExpert = view.side === "expert";
  const title = h("p", { class: "place" }, isExpert ? "You have taken this session"
    : "An expert is here");
  if (!isExpert) nameExpert(title, detail.expertId, signal);
  const left = h("p", { class: "hint" });
  let now = detail;
  everySecond(() => {
    const at = timeOfDay(now.deadline);
    fill(left, at ? `If it has not begun by ${at}, it ends. ${isExpert
      ? "The customer's money goes back then." : ifNobodyComes(now)}` : null);
  }, signal);
  const reminder = h("div", {});
  const begin = button("Begin", () => view.move("start", begin), {
    kind: "primary large", "data-focus": true });
  const leave = isExpert
    ? button("Give it back", () => released(view, leave))
    : button("Cancel", () => cancelled(view, leave, now));
  const chat = chatPanel(view, { signal, canTalk: true });
  return {
    node: h("div", { class: "columns room-columns" },
      h("section", { class: "card stage-card", "aria-label": "Ready to begin" },
        title, left, reminder, h("div", { class: "actions centre" }, begin, leave)),
      card("Chat", chat.node),
      questionPanel(detail)),
    update(next) {
      now = next;
      const signed = Boolean(next.waiverSignedAt);
      if (signed && reminder.firstChild) fill(reminder);
      if (!signed && !reminder.firstChild) fill(reminder, readyReminder(isExpert, next));
    },
  };
}

function readyReminder(isExpert, detail) {
  if (!isExpert) return waiverReminder(detail);
  return notice("info", h("p", {}, "The customer has not signed the waiver yet. It can begin " +
    "as soon as they have."));
}

/** The expert's name, if they are among those who are online. */
async function nameExpert(node, expertId, signal) {
  const { items } = await get("/experts").catch(() => ({ items: [] }));
  const found = items.find((each) => each.expertId === expertId);
  if (found && !signal.aborted) fill(node, `${found.name} is here`);
}

async function released(view, control) {
  const sure = await ask("Give this session back?", "Another expert can take it, and the " +
    "customer keeps their place in the queue.", [
    { label: "Give it back", value: "release", kind: "danger" },
    { label: "Keep it", value: "" },
  ]);
  if (sure === "release") await view.release(control);
}
