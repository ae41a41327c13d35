// Who works in a studio. Clerk has the last word on that.

import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { pathOf } from "../studio.js";
import { empty, loadInto, pageHead } from "./parts.js";
import { studioPage } from "./studio.js";

const ROLES = { admin: "Admin", staff: "Staff" };

export const mountMembers = studioPage("members", ({ app, studio, body }) => {
  const list = h("section", { class: "card narrow", "aria-label": "Members" });
  fill(body, pageHead("Members", "Who works here. People are added and removed in the " +
    "organisation's own settings."), list);
  return loadInto(list, "Loading the members…",
    () => get(pathOf(studio.organizationId, ["members"])), ({ items }) => items.length
      ? h("ul", { class: "list" }, items.map((member) => memberRow(app, member)))
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
