// All interviews and sessions with experts of a person, newest first, page by page.

import { get } from "../api.js";
import { h } from "../dom.js";
import { duration, feedbackWords, when } from "../format.js";
import { showExpertSessions } from "./expert-sessions.js";
import { keptPanel } from "./kept.js";
import { paged } from "./paged.js";
import { card, empty, link, loadInto, pageHead } from "./parts.js";

const PAGE = 20;

export function mountHistory(app) {
  return (root) => {
    const body = h("div", {});
    const sessions = h("div", {});
    root.append(
      pageHead("Your history",
        "Practice interviews with their feedback, and sessions with experts."),
      keptPanel(app),
      h("div", { class: "columns" }, card("Interviews", body),
        card("Sessions with experts", sessions)));
    showExpertSessions(sessions);
    loadInto(body, "Loading your interviews…", () => get(`/interviews?limit=${PAGE}`), (page) => {
      if (!page.items.length) {
        return empty("No interviews yet", "Finish one and it appears here with its feedback.",
          link("Start an interview", "#/", "primary"));
      }
      return paged(page, interviewList, (cursor) =>
        get(`/interviews?limit=${PAGE}&cursor=${encodeURIComponent(cursor)}`));
    });
  };
}

export function interviewList(items) {
  return h("ul", { class: "list" }, items.map((item) =>
    h("li", {}, h("a", { class: "list-row", href: `#/interviews/${item.id}` },
      h("span", { class: "list-main" },
        h("strong", {}, item.jobTitle ?? "Interview"),
        h("span", { class: "hint" },
          [item.company, when(item.startedAt), duration(item.durationSeconds)]
            .filter((part) => part && part !== "–").join(" · "))),
      badge(item)))));
}

function badge({ overallScore, feedbackStatus }) {
  if (feedbackStatus === "completed" && overallScore !== null && overallScore !== undefined) {
    return h("span", { class: "score-chip" }, String(Math.round(overallScore)),
      h("span", { class: "visually-hidden" }, " out of 100"));
  }
  return h("span", { class: "badge", dataset: { status: feedbackStatus ?? "none" } },
    feedbackWords(feedbackStatus));
}
