// Passes of a customer: what is left of them, giving one, freezing it, letting it run longer.

import { get, patch } from "../api.js";
import { fill, h } from "../dom.js";
import { day } from "../format.js";
import { customerOf, pathOf } from "../studio.js";
import { toast } from "../toast.js";
import { checkedField } from "./fields.js";
import { ask, button, empty, inTurn, loadInto } from "./parts.js";
import { tag } from "./schedule.js";
import { grantForm, lastMoment } from "./studio-grant.js";

const PASSES_MAX = 100; // of one customer, by the server's rule

/** The card with all passes and the form for another. */
export function passesCard(page, customer) {
  const who = customerOf(customer);
  const list = h("div", {});
  const heading = h("h2", { id: "passes", tabindex: "-1" }, "Passes");
  const load = inTurn(() => loadInto(list, "Loading the passes…", () => loadPasses(page, who),
    (passes) => passes.length
      ? h("ul", { class: "list" }, passes.map((pass) => passRow({ ...page, who, load, heading },
        pass)))
      : empty("No passes", "Give a package of uses, or a membership.")));
  const more = h("details", { class: "details" }, h("summary", {}, "Give a pass"));
  more.append(grantForm(page, { who, onGiven: async (pass) => {
    more.open = false;
    toast(`${pass.name} is given.`, { tone: "good" });
    await load();
    heading.focus();
  } }));
  load();
  return h("section", { class: "card stack", "aria-labelledby": "passes" }, heading, list,
    customer.status === "active" ? more : null);
}

async function loadPasses({ studio }, who) {
  const [packages, memberships] = await Promise.all(["packages", "memberships"].map((kind) =>
    get(pathOf(studio.organizationId, [kind], { ...who, limit: PASSES_MAX }))));
  const good = (pass) => (pass.status === "active" ? 0 : pass.status === "frozen" ? 1 : 2);
  return [...packages.items, ...memberships.items].sort((one, other) =>
    good(one) - good(other) || (one.createdAt < other.createdAt ? 1 : -1));
}

const STATUS = {
  active: { label: "Active", tone: "good" }, frozen: { label: "Frozen", tone: "warn" },
  cancelled: { label: "Cancelled", tone: "quiet" },
};

function statusOf({ status, validUntil }) {
  if (status === "active" && validUntil && Date.parse(validUntil) < Date.now()) {
    return { label: "Ended", tone: "quiet" };
  }
  return STATUS[status] ?? { label: String(status), tone: "quiet" };
}

function passRow(card, pass) {
  const { passId, name, status } = pass;
  const node = h("li", { class: "entry", dataset: { pass: passId } });
  const control = (label, run, kind = "small") => button(label, () => run(card, pass, node),
    { kind, "aria-label": `${label}: ${name}` });
  const acts = status === "cancelled" ? [] : [
    status === "frozen" ? control("Unfreeze", moved({ status: "active" }))
      : control("Freeze", moved({ status: "frozen" })),
    control("Last day", extend), control("Cancel", cancelled, "quiet small"),
  ];
  return fill(node,
    h("div", { class: "entry-head" }, h("strong", {}, name), tag(statusOf(pass))),
    h("p", {}, usesWords(pass)),
    h("p", { class: "hint" }, daysWords(pass)),
    acts.length ? h("div", { class: "actions" }, acts) : null);
}

function usesWords({ kind, uses, remaining, usesPerPeriod, period, usedInPeriod }) {
  if (kind === "package") return `${remaining} of ${uses} uses left`;
  if (usesPerPeriod === null) return "As often as they like";
  return `${usesPerPeriod} a ${period}, ${usedInPeriod ?? 0} used this ${period}`;
}

function daysWords({ validFrom, validUntil, classTypes }) {
  const days = [validFrom ? `from ${day(validFrom)}` : null,
    validUntil ? `until ${day(validUntil)}` : "without an end"].filter(Boolean).join(" ");
  return classTypes?.length ? `${days}, for ${classTypes.join(", ")}` : `${days}, for all classes`;
}

const moved = (change) => (card, pass, node) => send(card, pass, change, node);

async function send({ studio, who, load, heading }, { kind, passId, name }, change, node) {
  for (const control of node.querySelectorAll("button")) control.disabled = true;
  try {
    await patch(pathOf(studio.organizationId, [`${kind}s`, passId]), { ...who, ...change });
    toast(`${name} is changed.`, { tone: "good" });
  } catch (problem) {
    toast(problem.message, { tone: "bad" });
  }
  await load();
  heading.focus();
}

async function cancelled(card, pass, node) {
  const sure = await ask(`Cancel ${pass.name}?`,
    "It cannot be used any more. Bookings made with it stay.", [
      { label: "Cancel the pass", value: "cancel", kind: "danger" },
      { label: "Keep it", value: "" },
    ]);
  if (sure === "cancel") await send(card, pass, { status: "cancelled" }, node);
}

/** Ask for the last day in the row itself. */
function extend(card, pass, node) {
  if (node.querySelector("form")) return;
  const zone = card.studio.studio.timezone;
  const control = h("input", { type: "date", name: "until" });
  const form = h("form", { class: "inline-form", onsubmit: (event) => {
    event.preventDefault();
    send(card, pass, { validUntil: control.value ? lastMoment(control.value, zone) : null }, node);
  } }, checkedField("Last day", control, { hint: "Empty: without an end." }),
  h("button", { type: "submit", class: "small" }, "Change"),
  button("Back", () => form.remove(), { kind: "quiet small" }));
  node.append(form);
  control.focus();
}
