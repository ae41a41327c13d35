// All interviews of a person, newest first, page by page.

import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { duration, feedbackWords, when } from "../format.js";
import { toast } from "../toast.js";
import { keptPanel } from "./kept.js";
import { button, empty, link, loadInto, pageHead } from "./parts.js";

const PAGE = 20;

export function mountHistory(app) {
  return (root) => {
    const body = h("section", { class: "card", "aria-label": "Interviews" });
    root.append(pageHead("Your interviews", "Transcripts and feedback of your practice."),
      keptPanel(app), body);
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

/** A list that grows with “Load more”. `draw(items)` makes one page's node. */
export function paged(first, draw, next) {
  const node = h("div", { class: "stack" }, draw(first.items));
  const more = h("div", { class: "more" });
  const offer = (cursor) => {
    if (!cursor) return fill(more);
    const control = button("Load more", async () => {
      control.disabled = true;
      try {
        const page = await next(cursor);
        const added = draw(page.items);
        more.before(added);
        offer(page.nextCursor);
        added.querySelector("a, button")?.focus();
      } catch (problem) {
        control.disabled = false;
        toast(problem.detail, { tone: "bad" });
      }
    });
    return fill(more, control);
  };
  node.append(more);
  offer(first.nextCursor);
  return node;
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
