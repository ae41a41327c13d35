// The last calls as the usage log keeps them.

import { get } from "../api.js";
import { aiPath, ALONE, cost, count, serviceWords, tenantName, took } from "../ai.js";
import { fill, h } from "../dom.js";
import { when } from "../format.js";
import { paged } from "./paged.js";
import { button, empty, failure, loading } from "./parts.js";
import { tag } from "./schedule.js";

const PAGE = 10;
const STATUS = {
  ok: ["Done", "good"],
  failed: ["Failed", "bad"],
  cancelled: ["Cancelled", "warn"],
  crashed: ["Broke off", "bad"],
};

/** The panel; `show(tenant)` draws the calls of that payer anew. */
export function logPanel({ signal }) {
  const body = h("div", {});
  const heading = h("h2", { id: "log-title" }, "Last calls");
  const whose = h("p", { class: "hint" });
  let turn = 0;
  let shown = ALONE;
  const again = button("Refresh", () => show(shown), { kind: "quiet small" });
  async function show(tenant) {
    shown = tenant;
    turn += 1;
    const mine = turn;
    const counts = () => mine === turn && !signal.aborted;
    // A tenant's admin sees what all of its members did; everybody else their own.
    const of = tenant.role === "admin" ? tenant : null;
    fill(heading, of ? "Calls today" : "Your last calls");
    fill(whose, of ? `Of everybody in ${tenantName(of)}.` : null);
    if (!body.firstChild) fill(body, loading("Loading the calls…"));
    const page = (cursor) => get(aiPath("logs", of, { limit: PAGE, cursor }));
    try {
      const first = await page();
      if (!counts()) return;
      fill(body, first.items.length ? paged(first, rows, page)
        : empty("No calls yet", "What is generated stands here, with what it took."));
    } catch (problem) {
      if (counts()) fill(body, failure(problem, () => show(tenant)));
    }
  }
  return {
    show,
    node: h("section", { class: "card stack ai-log", "aria-labelledby": "log-title" },
      h("div", { class: "entry-head" }, heading, again), whose, body),
  };
}

const rows = (items) => h("ul", { class: "list" }, items.map(logRow));

/** One row of the log. */
export function logRow(row) {
  const [words, tone] = STATUS[row.status] ?? [row.status ?? "Unknown", "info"];
  const tokens = row.inputTokens === null && row.outputTokens === null ? null
    : count((row.inputTokens ?? 0) + (row.outputTokens ?? 0), "token");
  return h("li", { class: "entry", dataset: { status: row.status } },
    h("div", { class: "entry-head" }, h("strong", {}, serviceWords(row.serviceType)),
      h("span", { class: "tags" }, tag({ label: words, tone }))),
    h("span", { class: "hint" }, [when(row.at), took(row.processingTimeMs), tokens,
      cost(row.costMicros)].filter((part) => part && part !== "–").join(" · ")),
    row.errorCode ? h("span", { class: "hint" }, row.errorCode) : null);
}
