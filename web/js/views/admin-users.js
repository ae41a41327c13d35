// Everybody who has joined, newest first, or whom a search means.

import { adminPath, adminPlace } from "../admin.js";
import { get } from "../api.js";
import { announce, fill, h } from "../dom.js";
import { credits, day } from "../format.js";
import { settled } from "../settled.js";
import { adminPage } from "./admin.js";
import { csvButton } from "./csv-button.js";
import { checkedField } from "./fields.js";
import { empty, failure, loading, pageHead } from "./parts.js";
import { paged } from "./paged.js";
import { tag } from "./schedule.js";

const PAGE = 50;
const SHORT_PAGES_MAX = 5; // pages in which nobody is found, before the person is asked

export const mountUsers = adminPage("users", ({ app, params: { query }, signal, body }) => {
  const list = h("div", {}, loading("Loading people…"));
  let asked = query.get("q") ?? "";
  const path = (cursor) => adminPath(["users"], { q: asked || null, limit: PAGE, cursor });
  const page = (cursor) => found(path, cursor);
  const load = async (counts = () => !signal.aborted) => {
    try {
      const first = await page();
      if (!counts()) return;
      if (asked) announce(first.items.length ? `${first.items.length} found.` : "Nobody found.");
      fill(list, first.items.length || first.nextCursor ? paged(first, rows, page)
        : empty(asked ? "Nobody is found" : "Nobody has joined yet",
          "Search for an id, an e-mail, or a part of a name."));
    } catch (problem) {
      if (counts()) fill(list, failure(problem, () => load()));
    }
  };
  const later = settled(load, signal);
  const search = h("input", { type: "search", maxlength: 254, autocomplete: "off", value: asked,
    oninput: () => {
      asked = search.value.trim();
      history.replaceState(null, "", adminPlace(["users"], { q: asked }));
      later();
    } });
  fill(body,
    pageHead("Users", "Everybody who has joined, newest first.", csvButton("users", path)),
    h("section", { class: "card stack", "aria-label": "People" },
      checkedField("Search", search, { hint: "Our id or Clerk's, an e-mail, or a part of a name." }),
      list));
  return load();
});

/** A page of a search may be empty and go on all the same: a few of those are looked through. */
async function found(path, from) {
  let cursor = from;
  let page;
  for (let pages = 0; pages < SHORT_PAGES_MAX; pages += 1) {
    page = await get(path(cursor));
    if (page.items.length || !page.nextCursor) break;
    cursor = page.nextCursor;
  }
  return page;
}

function rows(items) {
  return h("ul", { class: "list" }, items.map((each) => h("li", {},
    h("a", { class: "list-row", href: adminPlace(["users", each.userId]) },
      h("span", { class: "list-main" }, h("strong", {}, each.name || each.email || each.userId),
        h("span", { class: "hint" },
          [each.name ? each.email : null, `joined ${day(each.createdAt)}`].filter(Boolean)
            .join(" · "))),
      h("span", { class: "tags" }, each.deletedAt ? tag({ label: "Deleted", tone: "bad" }) : null,
        each.isPremium ? tag({ label: "Premium", tone: "good" }) : null,
        h("span", { class: "amount" }, credits(each.credits)))))));
}
