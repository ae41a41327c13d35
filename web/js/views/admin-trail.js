// What admins did in a month: who, what, to whom, why.

import { adminPath, adminPlace } from "../admin.js";
import { codeWords, factsWords } from "../admin-words.js";
import { get } from "../api.js";
import { field, fill, h } from "../dom.js";
import { when } from "../format.js";
import { isMonth, monthKey } from "../zone.js";
import { adminPage } from "./admin.js";
import { csvButton } from "./csv-button.js";
import { empty, loadInto, pageHead } from "./parts.js";
import { paged } from "./paged.js";
import { dataTable } from "./table.js";

const PAGE = 50;

export const mountTrail = adminPage("trail", async ({ app, params: { query }, body }) => {
  const month = isMonth(query.get("month")) ? query.get("month") : monthKey(Date.now(), "UTC");
  const actor = query.get("actor");
  const path = (cursor) => adminPath(["trail"], { month, actor, limit: PAGE, cursor });
  const chosen = h("input", { type: "month", value: month, required: true });
  const by = h("input", { value: actor ?? "", maxlength: 64, autocomplete: "off" });
  const list = h("section", { class: "card", "aria-label": "Acts" });
  fill(body,
    pageHead("Trail", "What admins did, newest first. Nothing here is ever changed.",
      csvButton(`trail-${month}`, path)),
    h("form", { class: "card filters", "aria-label": "Which acts", onsubmit: (event) => {
      event.preventDefault();
      const given = { month: chosen.value, actor: by.value.trim() };
      app.router.go(adminPlace(["trail"], given).slice(1));
    } }, field("Month", chosen), field("By whom (optional)", by, "Our id or Clerk's."),
    h("button", { type: "submit", class: "primary" }, "Show")), list);
  await loadInto(list, "Loading the trail…", () => get(path()), (first) => first.items.length
    ? paged(first, actsTable, (cursor) => get(path(cursor)))
    : empty("Nothing was done", "What admins do in this month stands here."));
});

function actsTable(items) {
  return dataTable("Acts of admins", [
    { label: "When", cell: ({ at }) => when(at) },
    { label: "What", cell: ({ action }) => codeWords(action) },
    { label: "To", cell: ({ target }) => targetCell(target) },
    { label: "Why", cell: ({ reason }) => reason },
    { label: "Before", cell: ({ before }) => factsWords(before) },
    { label: "After", cell: ({ after }) => factsWords(after) },
    { label: "By", cell: ({ actorId }) =>
      h("a", { href: adminPlace(["users", actorId]) }, actorId) },
    { label: "Request", cell: ({ requestId }) =>
      h("a", { href: adminPlace(["audit"], { ref: requestId }) }, requestId) },
  ], items, { isTight: true });
}

function targetCell(target) {
  const [kind, id] = String(target).split(/:(.*)/);
  return kind === "user" ? h("a", { href: adminPlace(["users", id]) }, id) : target;
}
