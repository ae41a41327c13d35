// How this deployment is: each look is made when it is wanted, since each of them costs a little.

import { get } from "../api.js";
import { field, fill, h } from "../dom.js";
import { duration, number, when } from "../format.js";
import { adminPage } from "./admin.js";
import { configReport } from "./admin-config.js";
import { columnChart } from "./chart.js";
import { button, failure, loading, notice, pageHead } from "./parts.js";
import { factList, tag } from "./schedule.js";
import { dataTable } from "./table.js";

const ROUNDS = 10;
const ROUNDS_MAX = 50;
const ms = (value) => (value === null ? "–" : `${number(value, 1)} ms`);
const yes = (value) => (value ? "yes" : "no");

export const mountDiagnostics = adminPage("diagnostics", ({ signal, body }) => {
  const look = (given) => lookCard({ ...given, signal });
  const rounds = h("input", { type: "number", min: 1, max: ROUNDS_MAX, value: ROUNDS,
    required: true, inputmode: "numeric" });
  const kind = h("select", {}, h("option", { value: "error" }, "Error"),
    h("option", { value: "warning" }, "Warning"));
  fill(body, pageHead("Diagnostics", "Nothing here is a secret, and no look changes anything."),
    h("div", { class: "looks" },
      h("div", { class: "stack" },
        look({ title: "Configuration", path: () => "config", show: configReport, atOnce: true }),
        look({ title: "Webhooks", path: () => "webhooks", show: webhooks }),
        look({ title: "Deliberate error", path: () => `error-test?kind=${kind.value}`,
          show: deliberate, before: field("Kind", kind), label: "Raise it" })),
      h("div", { class: "stack" },
        look({ title: "Connections", path: () => "connection-test", show: connections }),
        look({ title: "Runtime", path: () => "runtime-db-test", show: runtime }),
        look({ title: "Connection pool", path: () => "connection-pool", show: pool }))),
    look({ title: "Speed of the table", path: () => `db-performance?n=${rounds.value}`,
      show: performanceReport, before: field("Rounds", rounds, `1 to ${ROUNDS_MAX}`),
      isReady: () => rounds.reportValidity() }));
});

/** A card with a button; what the look found stands under it. */
function lookCard({ title, path, show, signal, before, label = "Look", atOnce = false,
  isReady = () => true }) {
  const found = h("div", { class: "stack", "aria-live": "polite" });
  const control = button(label, () => look(), { kind: "secondary small",
    "aria-label": `${label}: ${title}` });
  async function look() {
    if (control.disabled || !isReady()) return;
    control.disabled = true;
    fill(found, loading("Looking…"));
    try {
      const report = await get(`/diagnostic/${path()}`);
      if (!signal.aborted) fill(found, show(report));
    } catch (problem) {
      if (!signal.aborted) fill(found, failure(problem, null, "This look did not work"));
    } finally {
      control.disabled = false;
    }
  }
  if (atOnce) look();
  return h("section", { class: "card stack look", "aria-label": title },
    h("div", { class: "look-head" }, h("h2", {}, title), before ?? null, control), found);
}

function state(ok, words = ["answers", "does not answer", "not used here"]) {
  if (ok === null) return tag({ label: words[2], tone: "info" });
  return tag(ok ? { label: words[0], tone: "good" } : { label: words[1], tone: "bad" });
}

function connections({ ok, elapsedMs, checks }) {
  return [
    notice(ok ? "good" : "warn", h("p", {},
      ok ? "Everything answers." : "Something does not answer.", ` Looked at in ${ms(elapsedMs)}.`)),
    dataTable("Connections", [
      { label: "What", cell: ({ name }) => name },
      { label: "State", cell: (check) => [state(check.ok),
        check.reason ? h("span", { class: "hint there" }, check.reason) : null] },
      { label: "Took", cell: (check) => ms(check.ms), number: true },
    ], checks),
  ];
}

function performanceReport({ rounds, operations }) {
  const rows = Object.entries(operations).map(([name, timing]) => ({ name, ...timing }));
  const column = (label, key) => ({ label, cell: (row) => ms(row[key]), number: true });
  return [
    h("p", { class: "hint" }, `${rounds} rounds. The bars are medians.`),
    columnChart("Median by operation", rows.map(({ name, p50Ms }) =>
      ({ label: name, value: p50Ms ?? 0 })), ms),
    dataTable("Speed of the table", [
      { label: "Operation", cell: ({ name }) => name },
      { label: "Times", number: true, cell: ({ count, failed }) =>
        (failed ? `${count} (${failed} failed)` : count) },
      column("Least", "minMs"), column("p50", "p50Ms"), column("p90", "p90Ms"),
      column("p99", "p99Ms"), column("Most", "maxMs"),
    ], rows),
  ];
}

function pool(report) {
  return factList([
    ["Connections at most", report.maxConnections], ["In use", report.inUse],
    ["Ready", report.idle], ["Opened so far", report.opened], ["Requests so far", report.requests],
    ["Container's age", duration(report.containerAgeS)],
    ["Calls of the container", report.invocations], ["Cold start", yes(report.coldStart)],
  ]);
}

function runtime(report) {
  const pattern = (title, { firstMs, laterP50Ms, laterMaxMs, allMs }) => [
    h("h3", {}, title),
    h("p", { class: "hint" }, `First ${ms(firstMs)}, later ones ${ms(laterP50Ms)} (median), ` +
      `${ms(laterMaxMs)} (most).`),
    columnChart(title, allMs.map((value, place) => ({ label: String(place + 1), value })), ms),
  ];
  return [
    factList([
      ["Region", report.region ?? "–"], ["Runtime", report.runtime ?? "–"],
      ["Memory", report.memoryMb === null ? "–" : `${number(report.memoryMb)} MB`],
      ["Cold start", yes(report.coldStart)], ["Container's age", duration(report.containerAgeS)],
      ["Calls of the container", report.invocations],
    ]),
    pattern("Reads on the kept connection", report.keptConnection),
    pattern("Reads on a new connection", report.newConnection),
  ];
}

function webhooks({ sources, stripeEndpoints }) {
  const { ok, reason, endpoints } = stripeEndpoints;
  return [
    dataTable("Webhooks by source", [
      { label: "From", cell: ({ source }) => source },
      { label: "Last accepted", cell: ({ lastAcceptedAt }) => when(lastAcceptedAt) },
      { label: "Lag", cell: ({ lagSeconds }) => duration(lagSeconds), number: true },
      { label: "Last rejected", cell: ({ lastRejectedAt, lastRejectedCode }) =>
        [when(lastRejectedAt), lastRejectedCode
          ? h("span", { class: "hint there" }, lastRejectedCode) : null] },
    ], sources),
    h("p", {}, "Stripe's address of ours: ",
      state(ok, ["enabled for all our events", "not enabled for all our events", "not known"]),
      reason ? ` ${reason}` : null),
    endpoints.length ? h("ul", { class: "list" }, endpoints.map(endpointRow)) : null,
  ];
}

function endpointRow({ host, enabled, missingEvents }) {
  return h("li", { class: "entry" },
    h("div", { class: "entry-head" }, h("strong", {}, host),
      state(enabled, ["enabled", "disabled", "–"])),
    missingEvents.length
      ? h("span", { class: "hint" }, `Missing: ${missingEvents.join(", ")}`) : null);
}

function deliberate(report) {
  return [
    h("p", {}, report.message),
    factList([["Kind", report.kind], ["In the log under", report.requestId],
      ["At the error monitor", report.eventId ?? "none is configured"]]),
  ];
}
