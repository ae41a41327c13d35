// One person as admins see them: what they have, what they did, what went wrong.

import { adminPath, adminPlace } from "../admin.js";
import { codeWords, factsWords, nameWords, plainWords } from "../admin-words.js";
import { serviceWords } from "../ai.js";
import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { credits, day, money, when } from "../format.js";
import { purchaseWords } from "../purchase.js";
import { ledgerTable } from "./account.js";
import { adminPage } from "./admin.js";
import { timeline } from "./admin-audit.js";
import { creditsForm } from "./admin-credits.js";
import { card, empty, link, notice, pageHead } from "./parts.js";
import { paged } from "./paged.js";
import { quotaBar } from "./quota.js";
import { factList, tag } from "./schedule.js";

export const mountUser = adminPage("users", async ({ app, params: { id }, body, signal }) => {
  const load = async () => {
    try {
      const file = await get(adminPath(["users", id]));
      if (!signal.aborted) fill(body, drawn(app, file, { reload: load }));
    } catch (problem) {
      if (problem.code !== "NOT_FOUND") throw problem;
      if (!signal.aborted) fill(body, nobody());
    }
  };
  await load();
});

function nobody() {
  return [pageHead("There is nobody of this id"), h("section", { class: "card" },
    empty("Nobody is found", "Look for them in the list.",
      link("All users", adminPlace(["users"]))))];
}

function drawn(app, file, { reload }) {
  const { person } = file;
  document.title = `${person.name || person.email || "User"} · Greenroom`;
  const list = (title, name, draw, words) => card(title, file[name].items.length
    ? paged(file[name], draw,
      (cursor) => get(adminPath(["users", person.userId, name], { cursor })))
    : h("p", { class: "hint" }, words));
  return [
    pageHead(person.name || person.email || "Without a name", person.name ? person.email : null,
      link("What happened", adminPlace(["audit"], { ref: person.userId })),
      link("AI quota", adminPlace(["quotas"], { user: person.userId })),
      link("All users", adminPlace(["users"]), "quiet")),
    findings(file.findings),
    h("div", { class: "columns" },
      h("div", { class: "stack" },
        list("Ledger", "ledger", ledgerTable, "Nothing was given, bought or used yet."),
        list("Sessions", "sessions", sessionRows, "They have not started any session."),
        list("Purchases", "purchases", purchaseRows, "They have not bought anything."),
        list("Errors", "errors", timeline, file.errors.nextCursor
          ? "Nothing went wrong this month." : "Nothing went wrong.")),
      h("div", { class: "stack" }, whoCard(person), quotas(file.quotas),
        subscriptions(file.subscriptions),
        person.deletedAt ? null : creditsForm(person, { onDone: async () => {
          await reload();
          app.router.focusHeading();
        } }),
        acts(file.acts))),
  ];
}

function whoCard(person) {
  return h("section", { class: "card", "aria-label": "Who they are" }, factList([
    ["Balance", credits(person.credits)],
    ["Premium", person.isPremium
      ? person.premiumUntil ? `until ${when(person.premiumUntil)}` : "yes" : "no"],
    ["Joined", day(person.createdAt)],
    ...(person.deletedAt ? [["Deleted", tag({ label: when(person.deletedAt), tone: "bad" })]] : []),
    ["Id", person.userId], ["Clerk's id", person.clerkId],
  ]));
}

/** Rules of the books that do not hold, each with what it is about. */
export function findings(items) {
  if (!items.length) return notice("good", h("p", {}, "The books agree with each other."));
  return notice("warn",
    h("p", {}, h("strong", {},
      items.length === 1 ? "A rule does not hold." : `${items.length} rules do not hold.`)),
    h("ul", { class: "bullets" }, items.map(({ rule, subject, facts, repairable }) => h("li", {},
      `${codeWords(rule)}: ${subject}. ${factsWords(facts)}. `,
      repairable ? "The operators' reconciliation repairs it." : "Somebody has to decide."))));
}

function sessionRows(items) {
  return h("ul", { class: "list" }, items.map((each) => h("li", {},
    h("a", { class: "list-row", href: adminPlace(["audit"], { ref: each.sessionId }) },
      h("span", { class: "list-main" },
        h("strong", {}, each.jobTitle || codeWords(each.type)),
        h("span", { class: "hint" }, [when(each.startedAt), each.plan, each.paymentMethod]
          .filter(Boolean).join(" · "))),
      tag({ label: each.status, tone: "info" })))));
}

function purchaseRows(items) {
  return h("ul", { class: "list" }, items.map((each) => {
    const { label, tone } = purchaseWords(each);
    return h("li", {},
      h("a", { class: "list-row", href: adminPlace(["audit"], { ref: each.id }) },
        h("span", { class: "list-main" }, h("strong", {}, each.name),
          h("span", { class: "hint" }, `${when(each.paidAt ?? each.createdAt)} · ` +
            money(each.amountCents, each.currency))),
        tag({ label, tone })));
  }));
}

/** What they may use of the AI proxy alone, as far as they have used any. */
function quotas(items) {
  if (!items.length) return null;
  return h("section", { class: "card stack", "aria-label": "AI quota of this month" },
    h("h2", {}, "AI quota of this month"),
    items.map((each) => quotaBar(serviceWords(each.serviceType), each)));
}

function subscriptions(items) {
  if (!items.length) return null;
  return card("Subscriptions", items.map((each) => factList(Object.entries(each)
    .map(([name, value]) => [nameWords(name), plainWords(value)]))));
}

function acts(items) {
  if (!items.length) return null;
  return card("What admins did", h("ul", { class: "list" }, items.map((act) =>
    h("li", { class: "entry" }, h("strong", {}, codeWords(act.action)),
      h("span", {}, act.reason),
      h("span", { class: "hint" }, `${when(act.at)} · ${factsWords(act.before)} → ` +
        factsWords(act.after))))));
}
