// Back from paying for a class: the payment is confirmed to us by its own message, so wait.

import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { lookUntil } from "../patience.js";
import { pathOf, placeOf } from "../studio.js";
import { whenWords } from "../zone.js";
import { button, empty, failure, link, pageHead } from "./parts.js";

const PAUSES_S = [1, 1, 1, 2, 2, 2, 3, 3, 5, 5, 10, 10, 15];

/** After paying. */
export const mountClassPaid = (app) => mount(app, { paid: true });

/** After the payment page was left without paying. */
export const mountClassUnpaid = (app) => mount(app, { paid: false });

function mount(app, { paid }) {
  return (root, { query }) => {
    const left = new AbortController();
    const bookingId = query.get("booking_id");
    const node = h("section", { class: "card returned narrow", "aria-label": "Your payment" });
    fill(root, pageHead("Your payment", null), node);
    if (bookingId) {
      const organizationId = query.get("organization_id");
      confirm(app, node, { bookingId, organizationId, paid, signal: left.signal });
    } else {
      fill(node, empty("Nothing to wait for", "This address names no booking of yours.",
        link("Your bookings", "#/classes/mine")));
    }
    return () => left.abort();
  };
}

async function confirm(app, node, given) {
  const again = () => confirm(app, node, given);
  const { paid, signal } = given;
  const bar = h("progress", { max: PAUSES_S.length, value: 0,
    "aria-label": "Waiting for the confirmation" });
  fill(node, h("div", { role: "status" },
    h("p", { class: "empty-title" }, paid ? "Your payment is being confirmed…"
      : "Looking up your booking…"),
    paid ? h("p", { class: "hint" }, "This takes a few seconds. You need not pay again.") : null),
  bar);
  try {
    const organizationId = await studioOf(app, given);
    if (signal.aborted) return;
    if (!organizationId) return fill(node, unknown());
    const path = pathOf(organizationId, ["bookings", given.bookingId]);
    const booking = await lookUntil(() => get(path), {
      until: (each) => !paid || isDecided(each),
      pausesS: PAUSES_S, signal, onTry: (tries) => (bar.value = tries),
    });
    if (signal.aborted) return;
    fill(node, settled({ booking, organizationId, paid, again }));
  } catch (problem) {
    if (!signal.aborted) {
      fill(node, failure(problem, again, "Your booking could not be looked up"));
    }
  }
}

/** A seat whose hold ran out may still be had when the news of the payment comes. */
function isDecided({ bookingStatus, paymentStatus }) {
  return !["pending", "expired"].includes(bookingStatus) ||
    ["refund_due", "refunded"].includes(paymentStatus);
}

/** A link may name the booking only: then its studio is looked for among the person's own. */
async function studioOf(app, { bookingId, organizationId }) {
  if (organizationId) return organizationId;
  for (const { organizationId: each } of await app.places.studios()) {
    try {
      await get(pathOf(each, ["bookings", bookingId]));
      return each;
    } catch (problem) {
      if (problem.code !== "NOT_FOUND" && problem.code !== "FORBIDDEN") throw problem;
    }
  }
  return null;
}

function settled({ booking, organizationId, paid, again }) {
  const { bookingStatus, paymentStatus, className } = booking;
  const place = placeOf("classes", organizationId, booking.classSessionId);
  const onward = (label, kind = "primary") => link(label, place, kind);
  const mine = link("Your bookings", "#/classes/mine");
  const say = (title, text, ...acts) => [
    h("div", { role: "status" }, h("p", { class: "empty-title" }, title), h("p", {}, text)),
    h("div", { class: "actions after" }, acts)];
  if (["confirmed", "attended"].includes(bookingStatus)) {
    return say("You are booked", `${className}, ${whenWords(booking)}. Thank you, your payment ` +
      "arrived.", onward("See your booking"), mine);
  }
  if (bookingStatus === "pending" && !paid) {
    return say("Nothing was paid", "You left the payment page without paying. Your seat is held " +
      "for a while, and you can still pay.", onward("Go on with your booking"), mine);
  }
  if (bookingStatus === "pending") {
    return say("Your payment is not confirmed yet", "Some ways to pay take minutes. You should " +
      "not pay again: you are booked as soon as the payment arrives, if your seat is still held.",
    button("Check again", again, { kind: "primary" }), mine);
  }
  const back = ["refund_due", "refunded", "paid"].includes(paymentStatus);
  return say("You are not booked", back
    ? "Your payment came after the seat was given to others. It is safe, and goes back the way " +
      "you paid. It stands under Purchases."
    : "The time to pay was over, and the seat was given to others. Nothing was taken. If you did " +
      "pay, it goes back to you and stands under Purchases.",
  onward("See the class"), link("Your purchases", "#/purchases"));
}

function unknown() {
  return empty("This booking is not among yours", "If you paid from another account, sign in " +
    "with that one.", link("Your bookings", "#/classes/mine"));
}
