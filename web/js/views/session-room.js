// The session while it is live: time, chat, the question, and the end.

import { fill, h, icon } from "../dom.js";
import { clock, timeOfDay } from "../format.js";
import { everySecond } from "../polling.js";
import { secondsSince } from "../servertime.js";
import { chatPanel } from "./chat.js";
import { ask, button, card, notice } from "./parts.js";
import { questionPanel } from "./question.js";

export function liveStage(view, detail, signal) {
  const time = h("span", { class: "time", role: "timer", "aria-label": "Time running" });
  const until = h("p", { class: "hint centred" });
  let now = detail;
  everySecond(() => {
    time.textContent = clock(secondsSince(now.liveAt ?? now.startedAt) ?? 0);
    fill(until, now.deadline ? `It ends by itself at ${timeOfDay(now.deadline)}.` : null);
  }, signal);
  const end = button("End session", () => ended(view, end), { kind: "danger", iconName: "stop" });
  const chat = chatPanel(view, { signal, canTalk: true, takesFocus: true });
  return {
    node: h("div", { class: "columns room-columns", dataset: { phase: "live" } },
      h("section", { class: "card stage-card", "aria-label": "Session" },
        h("p", { class: "time-line" }, icon("clock"), time, h("span", {}, "running")),
        until, callHint(detail.type),
        h("div", { class: "actions centre" }, end)),
      card("Chat", chat.node),
      questionPanel(detail)),
    update(next) {
      now = next;
    },
  };
}

/** No call runs through this page: both agree on one in the chat. */
function callHint(type) {
  if (type === "chat") return null;
  return notice("info", h("p", {}, "Agree in the chat on how you call each other. The call " +
    "itself does not run through this page."));
}

async function ended(view, control) {
  const sure = await ask("End this session?", "It ends for both of you. What was written stays " +
    "readable.", [
    { label: "End session", value: "end", kind: "danger" },
    { label: "Go on", value: "" },
  ]);
  if (sure === "end") await view.move("end", control);
}
