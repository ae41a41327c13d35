// What waits for the person: a seat that is held for them, or a card payment, each with its time.

import { announce, fill, h } from "../dom.js";
import { secondsUntil } from "../servertime.js";
import { placeOf } from "../studio.js";
import { whenWords } from "../zone.js";
import { payHold } from "./booking-acts.js";
import { countdown } from "./countdown.js";
import { button, notice } from "./parts.js";

/** A panel that shows itself only while something waits. */
export function waitingPanel({ signal }) {
  const node = h("div", { class: "stack waiting-bookings" });
  let rows = new AbortController();
  let known = null;
  const show = (entries) => {
    const open = entries.filter(({ booking }) =>
      ["offered", "pending"].includes(booking.bookingStatus) &&
      secondsUntil(booking.expiresAt) > 0);
    rows.abort();
    rows = new AbortController();
    signal.addEventListener("abort", () => rows.abort());
    const after = () => show(open);
    fill(node, open.map((entry) => waitingRow(entry, { signal: rows.signal, after })));
    const ids = open.map(({ booking }) => booking.bookingId).join();
    if (open.length && ids !== known) announce(waitingWords(open));
    known = ids;
  };
  return { node, show };
}

function waitingWords(entries) {
  return entries.map(({ booking }) => booking.bookingStatus === "offered"
    ? `A seat in ${booking.className} is held for you.`
    : `${booking.className} waits for your payment.`).join(" ");
}

function waitingRow({ studio, booking }, { signal, after }) {
  const { className, bookingStatus, expiresAt, classSessionId } = booking;
  const offered = bookingStatus === "offered";
  const left = countdown(expiresAt, { signal, onEnd: after });
  const place = placeOf("classes", studio.organizationId, classSessionId);
  const pay = button("Pay now", () => payHold(studio, booking, pay),
    { kind: "primary small" });
  return notice(offered ? "good" : "warn",
    h("p", {}, h("strong", {}, offered ? `A seat is held for you: ${className}`
      : `Not paid yet: ${className}`), h("br"), whenWords(booking)),
    h("p", {}, offered ? "Take it within " : "Your seat is held for ", left,
      offered ? ", or it goes to the next who waits." : ". Then it is given to others."),
    h("div", { class: "actions" }, offered
      ? h("a", { class: "button primary small", href: place }, "Take the seat")
      : [pay, h("a", { class: "button secondary small", href: place }, "Look at it")]));
}
