// What tenants and people may use of the AI proxy each month, and how it is changed.

import { adminPath, adminPlace } from "../admin.js";
import { get } from "../api.js";
import { kindWords, serviceWords } from "../ai.js";
import { field, fill, h } from "../dom.js";
import { day, number, when } from "../format.js";
import { adminPage } from "./admin.js";
import { limitForm, unitsForm } from "./admin-quota-forms.js";
import { csvButton } from "./csv-button.js";
import { empty, link, loadInto, pageHead } from "./parts.js";
import { paged } from "./paged.js";
import { quotaBar } from "./quota.js";
import { tag } from "./schedule.js";
import { dataTable } from "./table.js";

const PAGE = 50;
// Names that a list has told; an address tells none, since anybody can write one.
const names = new Map();

export const mountQuotas = adminPage("quotas", async (page) => {
  const { params: { query } } = page;
  const [kind, id, userId] = ["kind", "id", "user"].map((name) => query.get(name));
  if (kind && id) await drawOwner(page, { tenant: { kind, id } });
  else if (userId) await drawOwner(page, { userId });
  else await drawTenants(page);
});

async function drawTenants({ app, body }) {
  const path = (cursor) => adminPath(["tenants"], { limit: PAGE, cursor });
  const list = h("section", { class: "card", "aria-label": "Tenants" });
  fill(body,
    pageHead("Quotas", "Tenants of the AI proxy. Whoever is in none uses it alone.",
      csvButton("tenants", path)),
    findForm(app), list);
  await loadInto(list, "Loading tenants…", () => get(path()), (first) => first.items.length
    ? paged(first, tenantRows, (cursor) => get(path(cursor)))
    : empty("No tenants yet", "Operators make preschools; organisations come from Clerk."));
}

function findForm(app) {
  const kind = h("select", { name: "kind" },
    [["preschool", "Preschool"], ["organization", "Organisation"], ["user", "Person alone"]]
      .map(([value, label]) => h("option", { value }, label)));
  const id = h("input", { name: "id", required: true, maxlength: 128, autocomplete: "off",
    autocapitalize: "none", spellcheck: "false" });
  return h("form", { class: "card filters", "aria-label": "Find one", onsubmit: (event) => {
    event.preventDefault();
    const given = id.value.trim();
    const asked = kind.value === "user" ? { user: given } : { kind: kind.value, id: given };
    app.router.go(adminPlace(["quotas"], asked).slice(1));
  } }, field("Kind", kind), field("Id", id),
  h("button", { type: "submit", class: "primary" }, "Open"));
}

function tenantRows(items) {
  return h("ul", { class: "list" }, items.map(({ kind, id, name, createdAt }) => {
    if (name) names.set(`${kind} ${id}`, name);
    return h("li", {}, h("a", { class: "list-row", href: adminPlace(["quotas"], { kind, id }) },
      h("span", { class: "list-main" }, h("strong", {}, name ?? id),
        h("span", { class: "hint" },
          [name ? id : null, `since ${day(createdAt)}`].filter(Boolean).join(" · "))),
      tag({ label: kindWords(kind), tone: "info" })));
  }));
}

async function drawOwner(page, owner) {
  const { body, signal } = page;
  const { tenant, userId } = owner;
  const asked = tenant ? { tenantKind: tenant.kind, tenantId: tenant.id } : { userId };
  const title = tenant ? names.get(`${tenant.kind} ${tenant.id}`) ?? kindWords(tenant.kind)
    : "A person alone";
  const load = async () => {
    try {
      const report = await get(adminPath(["ai", "quota"], asked));
      if (signal.aborted) return;
      fill(body,
        pageHead(title, tenant ? tenant.id : userId,
          userId ? link("The person", adminPlace(["users", userId])) : null,
          link("All tenants", adminPlace(["quotas"]), "quiet")),
        h("div", { class: "columns" },
          h("div", { class: "stack" }, barsCard(report), adjustmentsCard(report)),
          h("div", { class: "stack" }, unitsForm(owner, report, { onDone: changed }),
            tenant ? limitForm(tenant, report, { onDone: changed }) : null)));
    } catch (problem) {
      if (problem.code !== "NOT_FOUND") throw problem;
      if (!signal.aborted) fill(body, pageHead("This could not be found", null,
        link("All tenants", adminPlace(["quotas"]))));
    }
  };
  const changed = async () => {
    await load();
    page.app.router.focusHeading();
  };
  await load();
}

function barsCard({ items }) {
  return h("section", { class: "card stack", "aria-label": "This month" },
    h("h2", {}, "This month"), items.map((each) => quotaBar(serviceWords(each.serviceType), each)));
}

function adjustmentsCard({ adjustments }) {
  return h("section", { class: "card", "aria-label": "Adjustments" },
    h("h2", {}, "Adjustments of this month"),
    adjustments.length ? dataTable("Adjustments", [
      { label: "When", cell: ({ at }) => when(at) },
      { label: "Service", cell: ({ serviceType }) => serviceWords(serviceType) },
      { label: "Units", cell: ({ units }) => `${units > 0 ? "+" : "−"}${number(Math.abs(units))}`,
        number: true },
      { label: "Why", cell: ({ reason }) => reason },
      { label: "By", cell: ({ actor }) => actor },
    ], adjustments, { isTight: true })
      : h("p", { class: "hint" }, "Nothing was given or taken."));
}
