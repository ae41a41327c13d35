// A session that is over: what came of it, what happened when, and what was written.

import { h } from "../dom.js";
import { duration, when } from "../format.js";
import { eventWords, givenBackWords } from "../session-words.js";
import { chatPanel } from "./chat.js";
import { card, link, notice } from "./parts.js";
import { questionPanel } from "./question.js";

const TITLES = {
  completed: "The session is over",
  cancelled: "The session was cancelled",
  expired: "The session did not take place in time",
  failed: "The session could not be opened",
};

export function overStage(view, detail, signal) {
  const { app, side } = view;
  const isExpert = side === "expert";
  const givenBack = isExpert ? null : givenBackWords(detail);
  const title = h("h2", { tabindex: "-1", "data-focus": true },
    TITLES[detail.status] ?? "The session is over");
  const wasOpen = detail.events.some(({ eventType }) => eventType === "accepted");
  return {
    node: h("div", { class: "columns" },
      h("div", { class: "stack" },
        h("section", { class: "card stack", "aria-label": "Summary" },
          title,
          givenBack ? notice("good", h("p", {}, givenBack)) : null,
          h("dl", { class: "facts" }, factsOf(detail)
            .map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
          h("div", { class: "actions" }, isExpert
            ? link("Back to the desk", "#/desk", "primary")
            : [givenBack && detail.paymentMethod !== "credits"
                ? link("Your purchases", "#/purchases", "primary") : null,
              link("Your history", "#/interviews"),
              link("Ask an expert again", "#/intake")])),
        wasOpen ? card("What was written",
          chatPanel(view, { signal, canTalk: false }).node) : null),
      h("div", { class: "stack" },
        card("What happened", h("ol", { class: "timeline" }, detail.events.map((event) =>
          h("li", {}, h("span", {}, eventWords(event, detail, app.user.userId)),
            h("span", { class: "hint" }, when(event.at)))))),
        questionPanel(detail))),
  };
}

function factsOf({ liveAt, endedAt, completedAt, queuedAt }) {
  const end = Date.parse(endedAt ?? completedAt ?? "");
  const begin = Date.parse(liveAt ?? "");
  const lasted = Number.isNaN(end) || Number.isNaN(begin) ? null : (end - begin) / 1000;
  return [
    ["Asked", when(queuedAt)],
    ["Began", when(liveAt)],
    ["Ended", when(endedAt ?? completedAt)],
    ["Lasted", lasted === null ? "–" : duration(lasted)],
  ].filter(([, value]) => value !== "–");
}
