// Lists of sessions with experts, for customers and for experts.

import { get } from "../api.js";
import { h } from "../dom.js";
import { when } from "../format.js";
import { statusWord, typeWord } from "../session-words.js";
import { empty, link, loadInto } from "./parts.js";
import { paged } from "./paged.js";

const PAGE = 20;
const PAGES_MAX = 5; // read for one that is shown: interviews stand between the others

/**
 * A page of the person's sessions with experts, newest first; the server lists interviews among
 * them, which are left out here.
 */
export async function expertSessionPage(cursor = null) {
  let next = cursor;
  for (let pages = 1; ; pages += 1) {
    const from = next ? `&cursor=${encodeURIComponent(next)}` : "";
    const page = await get(`/sessions?limit=${PAGE}${from}`);
    const items = page.items.filter(({ type }) => type !== "interview");
    if (items.length || !page.nextCursor || pages === PAGES_MAX) return { ...page, items };
    next = page.nextCursor;
  }
}

export function sessionList(items) {
  return h("ul", { class: "list" }, items.map((item) => {
    const { label, tone } = statusWord(item.status);
    return h("li", {}, h("a", { class: "list-row",
      href: `#/sessions/${encodeURIComponent(item.sessionId)}` },
    h("span", { class: "list-main" },
      h("strong", {}, typeWord(item.type)),
      h("span", { class: "hint" },
        [item.plan, when(item.liveAt ?? item.startedAt)].filter((part) => part && part !== "–")
          .join(" · "))),
    h("span", { class: "tag", dataset: { tone } }, label)));
  }));
}

/** All sessions with experts of a customer, page by page. */
export function showExpertSessions(root) {
  return loadInto(root, "Loading your sessions…", () => expertSessionPage(), (page) =>
    page.items.length || page.nextCursor
      ? paged(page, sessionList, expertSessionPage)
      : empty("No sessions yet", "Your sessions with experts appear here.",
        link("Ask an expert", "#/intake")));
}
