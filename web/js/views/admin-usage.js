// What the platform used and what came in, by day, service, tenant or person.

import { adminPath, adminPlace, dayLabel, daysBetween, isDay } from "../admin.js";
import { get } from "../api.js";
import { cost, EXAM, kindWords, serviceWords, STRUCTURED } from "../ai.js";
import { field, fill, h } from "../dom.js";
import { number } from "../format.js";
import { adminPage } from "./admin.js";
import { columnChart, rankChart } from "./chart.js";
import { csvButton } from "./csv-button.js";
import { empty, inTurn, loadInto, pageHead } from "./parts.js";
import { paged } from "./paged.js";
import { dataTable } from "./table.js";

const PAGE = 100;
const BY = { day: "Day", service: "Service", tenant: "Tenant", user: "Person" };
const SERVICES = [EXAM, STRUCTURED, "interview_feedback"];
const tokens = ({ inputTokens, outputTokens }) => inputTokens + outputTokens;
const METRICS = {
  calls: { label: "Calls", of: ({ calls }) => calls, words: (value) => number(value, 1) },
  failed: { label: "Failed calls", of: ({ failed, crashed }) => failed + crashed,
    words: (value) => number(value, 1) },
  units: { label: "Units", of: ({ units }) => units, words: (value) => number(value, 1) },
  tokens: { label: "Tokens", of: tokens, words: (value) => compact(value) },
  cost: { label: "Cost", of: ({ costMicros }) => costMicros, words: cost },
};

const compact = (value) => new Intl.NumberFormat("en-GB",
  { notation: "compact", maximumFractionDigits: 1 }).format(value);

export const mountUsage = adminPage("usage", async ({ app, params: { query }, body }) => {
  const asked = askedIn(query);
  const report = h("div", { class: "stack" });
  const path = (cursor) => adminPath(["usage"], { ...asked, limit: PAGE, cursor });
  fill(body,
    pageHead("Usage", "Days are those of UTC.", csvButton("usage", path)),
    filters(app, asked), report);
  await inTurn(() => loadInto(report, "Adding up…", () => get(path()),
    (first) => drawn(first, (cursor) => get(path(cursor)))))();
});

function askedIn(query) {
  const by = query.get("by");
  const [from, to] = [query.get("from"), query.get("to")];
  return {
    from: isDay(from) ? from : null, to: isDay(to) ? to : null, by: by in BY ? by : "day",
    serviceType: query.get("serviceType") || null,
  };
}

function filters(app, asked) {
  const control = {
    from: h("input", { type: "date", name: "from", value: asked.from ?? "" }),
    to: h("input", { type: "date", name: "to", value: asked.to ?? "" }),
    by: select("by", Object.entries(BY), asked.by),
    serviceType: select("serviceType",
      [["", "All"], ...SERVICES.map((each) => [each, serviceWords(each)])],
      asked.serviceType ?? ""),
  };
  const submit = (event) => {
    event.preventDefault();
    const given = Object.fromEntries(
      Object.entries(control).map(([name, { value }]) => [name, value]));
    app.router.go(adminPlace(["usage"], given).slice(1));
  };
  return h("form", { class: "card filters pairs", "aria-label": "What to add up", onsubmit: submit },
    field("From", control.from, "Empty: this month."), field("To", control.to, "Empty: today."),
    field("By", control.by), field("Service", control.serviceType),
    h("button", { type: "submit", class: "primary" }, "Show"));
}

function select(name, options, value) {
  const node = h("select", { name }, options.map(([each, label]) =>
    h("option", { value: each }, label)));
  node.value = value;
  return node;
}

function drawn(first, next) {
  return [totals(first), chartCard(first),
    h("section", { class: "card", "aria-label": `By ${BY[first.by].toLowerCase()}` },
      h("h2", {}, `By ${BY[first.by].toLowerCase()}`),
      first.items.length
        ? paged(first, (items) => linesTable(first, items), next)
        : empty("Nothing was used", "There is nothing in these days."))];
}

function totals({ totals: sums }) {
  const { takings } = sums;
  const tiles = [
    ["Calls", number(sums.calls), `${number(sums.ok)} done, ` +
      `${number(sums.failed + sums.crashed)} failed, ${number(sums.cancelled)} cancelled`],
    ["Units", number(sums.units), "of calls that were done"],
    ["Tokens", compact(tokens(sums)), `${compact(sums.inputTokens)} read, ` +
      `${compact(sums.outputTokens)} written`],
    ["Cost", cost(sums.costMicros), "charged by the provider"],
    ["Interviews", number(takings.interviewsStarted), "started"],
    ["Credits", amount(takings.creditsBought),
      `bought; ${amount(takings.creditsDebited)} debited, ${amount(takings.creditsGivenBack)} given back`],
  ];
  return h("dl", { class: "tiles", "aria-label": "In all" }, tiles.map(([name, value, words]) =>
    h("div", { class: "card tile" }, h("dt", {}, name), h("dd", {}, h("strong", {}, value),
      h("span", { class: "hint" }, words)))));
}

const amount = (credits) => number(credits, 2);

function chartCard(report) {
  const chart = h("div", {});
  const metric = select("metric", Object.entries(METRICS).map(([name, { label }]) => [name, label]),
    "calls");
  metric.id = "metric";
  const draw = () => {
    const { label, of, words } = METRICS[metric.value];
    const title = `${label} by ${BY[report.by].toLowerCase()}`;
    if (report.by !== "day") {
      return fill(chart, rankChart(title, report.items.map((line) =>
        ({ label: keyWords(report.by, line), value: of(line) })), words));
    }
    const known = new Map(report.items.map((line) => [line.day, of(line)]));
    return fill(chart, columnChart(title, daysBetween(report.firstDay, report.lastDay)
      .map((day) => ({ label: dayLabel(day), value: known.get(day) ?? 0 })), words));
  };
  metric.addEventListener("change", draw);
  draw();
  return h("section", { class: "card", "aria-label": "Chart" },
    h("div", { class: "chart-head" },
      h("h2", {}, `${dayLabel(report.firstDay)} to ${dayLabel(report.lastDay)}`),
      h("label", { class: "visually-hidden", for: "metric" }, "What the chart shows"), metric),
    chart);
}

/** What a line is about, in words. */
export function keyWords(by, line) {
  if (by === "day") return dayLabel(line.day);
  if (by === "service") return serviceWords(line.serviceType);
  if (by === "tenant") return `${kindWords(line.tenantKind)} ${line.tenantId}`;
  return line.userId;
}

function keyCell(by) {
  return (line) => {
    const words = keyWords(by, line);
    if (by === "user") return h("a", { href: adminPlace(["users", line.userId]) }, words);
    if (by !== "tenant") return words;
    return h("a", { href: adminPlace(["quotas"], { kind: line.tenantKind, id: line.tenantId }) },
      words);
  };
}

function linesTable({ by }, items) {
  const takings = (name) => ({ takings: sums }) => (sums ? amount(sums[name]) : "–");
  const column = (label, cell) => ({ label, cell, number: true });
  return dataTable(`Usage by ${BY[by].toLowerCase()}`, [
    { label: BY[by], cell: keyCell(by) },
    column("Calls", ({ calls }) => number(calls)),
    column("Done", ({ ok }) => number(ok)),
    column("Failed", ({ failed, crashed }) => number(failed + crashed)),
    column("Cancelled", ({ cancelled }) => number(cancelled)),
    column("Units", ({ units }) => number(units)),
    column("Tokens", (line) => number(tokens(line))),
    column("Cost", ({ costMicros }) => cost(costMicros)),
    column("Average", ({ calls, processingMs }) =>
      (calls ? `${number(processingMs / calls / 1000, 1)} s` : "–")),
    ...(by === "day" ? [
      column("Interviews", takings("interviewsStarted")),
      column("Bought", takings("creditsBought")),
      column("Debited", takings("creditsDebited")),
      column("Given back", takings("creditsGivenBack")),
    ] : []),
  ], items, { isTight: by === "day" || by === "service" });
}
