// Who comes to a class, and who waits for a seat, with what staff note of them.

import { post } from "../api.js";
import { bookingWord, paymentWord } from "../booking-words.js";
import { fill, h } from "../dom.js";
import { when } from "../format.js";
import { toast } from "../toast.js";
import { bookingPath, cancelBooking } from "./booking-acts.js";
import { button, empty } from "./parts.js";
import { tag } from "./schedule.js";

const SEATED = ["confirmed", "attended", "no_show", "pending", "offered"];

/** Everybody with a seat, or who had one. */
export function rosterPanel(view) {
  return listPanel("roster", "Roster", (items) => {
    const seated = items.filter(({ bookingStatus }) => SEATED.includes(bookingStatus));
    const gone = items.filter(({ bookingStatus }) => ["late_cancelled", "cancelled", "expired"]
      .includes(bookingStatus));
    const here = items.filter(({ bookingStatus }) => bookingStatus === "attended").length;
    return {
      count: seated.length ? `${here} of ${seated.length} here` : "",
      nodes: [
        seated.length ? h("ul", { class: "list" }, seated.map((each) => rosterRow(view, each)))
          : empty("Nobody has booked yet", "Whoever books stands here."),
        gone.length ? h("details", { class: "details" },
          h("summary", {}, `Cancelled (${gone.length})`),
          h("ul", { class: "list" }, gone.map((each) => rosterRow(view, each)))) : null,
      ],
    };
  });
}

/** Those who wait, in their order; whom a seat is offered stands in the roster. */
export function waitlistPanel(view) {
  return listPanel("waitlist", "Waitlist", (items) => ({
    count: items.length ? `${items.length} waiting` : "",
    nodes: items.length
      ? h("ol", { class: "list" }, items.map((each, index) => waitingRow(view, each, index + 1)))
      : empty("Nobody waits", "Once the class is full, people can wait here."),
  }));
}

/** A card whose list is drawn again only when it has changed, and which keeps the focus. */
function listPanel(id, title, draw) {
  const heading = h("h2", { id, tabindex: "-1" }, title);
  const count = h("span", { class: "hint", role: "status" });
  const body = h("div", {});
  let drawn = null;
  return {
    node: h("section", { class: "card", "aria-labelledby": id },
      h("div", { class: "entry-head" }, heading, count), body),
    show(items) {
      const state = JSON.stringify(items);
      if (state === drawn) return;
      drawn = state;
      const focused = document.activeElement?.closest?.("[data-booking]");
      const had = body.contains(focused) ? focused.dataset.booking : null;
      const next = draw(items);
      fill(count, next.count);
      fill(body, next.nodes);
      if (!had) return;
      const same = [...body.querySelectorAll("[data-booking]")]
        .find(({ dataset }) => dataset.booking === had);
      (same?.querySelector("button") ?? heading).focus();
    },
  };
}

function rosterRow(view, entry) {
  const { customerName, bookingStatus, bookingId } = entry;
  const paid = paymentWord(entry);
  const node = h("li", { class: "entry", dataset: { booking: bookingId, status: bookingStatus } });
  const acts = actsOf(entry).map(({ label, kind, path }) => button(label, () =>
    act(view, node, () => done(view, entry, path)), { kind: `${kind ?? ""} small`.trim(),
    "aria-label": `${label}: ${customerName}` }));
  return fill(node,
    h("div", { class: "entry-head" }, customerLink(view, entry),
      h("span", { class: "tags" },
        bookingStatus === "confirmed" ? null : tag(bookingWord(entry)), paid ? tag(paid) : null)),
    acts.length ? h("div", { class: "actions" }, acts) : null);
}

function customerLink({ place }, { clientId, customerId, customerName: name }) {
  const where = clientId ? place("customers", "client", clientId)
    : place("customers", "lead", customerId);
  return h("a", { href: where }, h("strong", {}, name || "Without a name"));
}

const ACTS = {
  attend: { label: "Check in", kind: "primary", path: "attend" },
  "no-show": { label: "No-show", path: "no-show" },
  paid: { label: "Mark paid", path: "paid" },
};

/** What staff may do with a booking now; to confirm an offer is its customer's business. */
function actsOf({ allowed }) {
  return [
    ...Object.entries(ACTS).filter(([name]) => allowed.includes(name)).map(([, act]) => act),
    ...(allowed.includes("cancel") ? [{ label: "Cancel", path: null }] : []),
  ];
}

function done(view, booking, path) {
  return path ? post(bookingPath(view.studio, booking, path))
    : cancelBooking(view.studio, booking, { own: false });
}

/** Once a click; what hinders it is told, and what is true now is shown. */
async function act(view, node, run) {
  const controls = [...node.querySelectorAll("button")];
  for (const control of controls) control.disabled = true;
  try {
    await run();
  } catch (problem) {
    toast(problem.message, { tone: "bad" });
  }
  for (const control of controls) control.disabled = false;
  if (node.isConnected && !node.contains(document.activeElement)) controls[0]?.focus();
  await view.load().catch((problem) => toast(problem.message, { tone: "bad" }));
}

function waitingRow(view, entry, number) {
  const { bookingId, createdAt, customerName } = entry;
  const node = h("li", { class: "list-row", dataset: { booking: bookingId } });
  const leave = button("Remove", () => act(view, node, () => done(view, entry, null)),
    { kind: "small", "aria-label": `Remove: ${customerName}` });
  return fill(node,
    h("span", { class: "list-main" },
      h("span", {}, `${number}. `, customerLink(view, entry)),
      h("span", { class: "hint" }, `Since ${when(createdAt)}`)),
    leave);
}
