// The sessions that an expert took: those that are open, and those that are over.

import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { isOver } from "../session-words.js";
import { sessionList } from "./expert-sessions.js";
import { card, empty, failure, loading } from "./parts.js";
import { paged } from "./paged.js";

const PAGE = 20;
const path = (cursor) =>
  `/experts/me/sessions?limit=${PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`;

export function mySessions(desk) {
  const open = h("div", {}, loading("Loading your sessions…"));
  const over = h("div", {}, loading("Loading what you have done…"));
  const overOf = (page) => ({ ...page, items: page.items.filter(({ status }) => isOver(status)) });
  let drawn = null;
  const draw = (page) => {
    const active = page.items.filter(({ status }) => ["waiting", "live"].includes(status));
    fill(open, active.length ? sessionList(active)
      : empty("No open sessions", "What you accept or claim stands here until it is over."));
    const done = overOf(page);
    fill(over, done.items.length || page.nextCursor
      ? paged(done, sessionList, async (cursor) => overOf(await get(path(cursor))))
      : empty("Nothing yet", "Sessions that are over stand here."));
  };
  return {
    open: card("Your open sessions", open),
    over: card("Your past sessions", over),
    async look(signal) {
      try {
        const page = await get(path());
        const state = JSON.stringify(page);
        // A list that is the same keeps its place, its focus and what was loaded more.
        if (!signal.aborted && state !== drawn) draw(page);
        drawn = state;
      } catch (problem) {
        if (!signal.aborted && drawn === null) {
          fill(open, failure(problem, () => desk.refresh()));
          fill(over);
        }
        throw problem;
      }
    },
  };
}
