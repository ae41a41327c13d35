// Who works in a studio. Clerk has the last word on that.

import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { pathOf } from "../studio.js";
import { paged } from "./paged.js";
import { empty, loadInto, pageHead } from "./parts.js";
import { studioPage } from "./studio.js";

const PAGE = 50;
const ROLES = { admin: "Admin", staff: "Staff" };

export const mountMembers = studioPage("members", ({ app, studio, body }) => {
  const list = h("section", { class: "card narrow", "aria-label": "Members" });
  fill(body, pageHead("Members", "Who works here. People are added and removed in the " +
    "organisation's own settings."), list);
  const page = (cursor) => get(pathOf(studio.organizationId, ["members"], { limit: PAGE, cursor }));
  const rows = (items) => h("ul", { class: "list" }, items.map((one) => memberRow(app, one)));
  return loadInto(list, "Loading the members…", () => page(), (first) => first.items.length
    ? paged(first, rows, page)
    : empty("Nobody is known yet", "News of members takes a moment to come."));
});

function memberRow(app, { userId, name, email, role }) {
  const own = userId === app.user.userId;
  return h("li", { class: "list-row" },
    h("span", { class: "list-main" },
      h("strong", {}, name || (own ? app.user.name : null) || "Without a name",
        own ? " (you)" : null),
      email ? h("span", { class: "hint" }, email) : null),
    h("span", { class: "tag" }, ROLES[role] ?? String(role)));
}
