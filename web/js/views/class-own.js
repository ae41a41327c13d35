// A person's booking of a class: its state, its time, and what they can do with it.

import { post } from "../api.js";
import { bookingWord, paymentWord } from "../booking-words.js";
import { announce, fill, h } from "../dom.js";
import { when } from "../format.js";
import { leaveFor } from "../leave.js";
import { toast } from "../toast.js";
import { bookingPath, cancelBooking, payHold } from "./booking-acts.js";
import { countdown } from "./countdown.js";
import { button, notice } from "./parts.js";
import { payChoice, useOf } from "./pay-choice.js";
import { tag } from "./schedule.js";
import { violations } from "./violations.js";

/** The panel. `page`: the class's page, which is loaded anew when something has changed. */
export function ownBooking(page, { booking, options, signal }) {
  const draw = DRAWN[booking.bookingStatus] ?? said;
  const paid = paymentWord(booking);
  return h("section", { class: "card form own-booking", "aria-labelledby": "own-title",
    dataset: { status: booking.bookingStatus } },
  h("h2", { id: "own-title", tabindex: "-1" }, TITLES[booking.bookingStatus] ?? "Your booking"),
  h("div", { class: "actions" }, tag(bookingWord(booking)), paid ? tag(paid) : null),
  draw(page, { booking, options, signal }));
}

const TITLES = {
  confirmed: "You are booked",
  waitlisted: "You are on the waitlist",
  offered: "A seat is held for you",
  pending: "Pay to keep your seat",
  attended: "You were there",
  no_show: "You did not come",
};

const DRAWN = {
  confirmed: (page, { booking }) => [
    booking.lateCancelAt && Date.parse(booking.lateCancelAt) > Date.now()
      ? h("p", { class: "hint" }, `You can cancel until ${when(booking.lateCancelAt)} and get ` +
          "everything back.") : null,
    cancelActions(page, booking, "Cancel my booking"),
  ],
  waitlisted: (page, { booking }) => {
    const { waitlistPosition: place } = booking;
    const words = place ? `You are number ${place}.` : "You have a place.";
    return [
      h("p", { class: "place" }, words),
      h("p", { class: "hint" }, "As soon as a seat is free for you it is held, and you are told " +
        "here. Nothing is paid until you take it."),
      cancelActions(page, booking, "Leave the waitlist"),
    ];
  },
  offered: offer,
  pending: (page, { booking, signal }) => {
    const pay = button("Pay now", () => payHold(page.studio, booking, pay),
      { kind: "primary" });
    return [
      h("p", {}, "Your seat is held for ", countdown(booking.expiresAt, { signal,
        onEnd: () => page.load().catch(() => {}) }), ". Then it is given to others."),
      cancelActions(page, booking, "Give the seat up", pay),
    ];
  },
};

function said(page, { booking }) {
  return booking.allowed?.includes("cancel") ? cancelActions(page, booking, "Cancel") : null;
}

/** A seat of the waitlist: how it is paid, the time that is left, and taking it. */
function offer(page, { booking, options, signal }) {
  const pay = payChoice(options);
  const wrong = h("div", { role: "alert" });
  const take = h("button", { type: "submit", class: "primary", disabled: !pay.any },
    "Take the seat");
  return h("form", { class: "form", onsubmit: async (event) => {
    event.preventDefault();
    if (take.disabled) return;
    take.disabled = true;
    fill(wrong);
    const use = useOf(pay.chosen());
    try {
      const taken = await post(bookingPath(page.studio, booking, "confirm"), use ? { use } : {});
      if (taken.checkoutUrl) return leaveFor(taken.checkoutUrl);
      await page.load({ focus: true });
      if (taken.bookingStatus === "confirmed") toast("You are booked.", { tone: "good" });
    } catch (problem) {
      take.disabled = false;
      fill(wrong, problem.status === 409 ? violations(problem, { title: "The seat cannot be " +
        "taken so." }) : notice("warn", h("p", {}, problem.message)));
    }
  } },
  h("p", {}, "Take it within ", countdown(booking.expiresAt, { signal, onEnd: () => {
    announce("The time to take the seat is over.");
    page.load().catch(() => {});
  } }), ", or it goes to the next who waits."),
  options.length ? pay.node : null, wrong,
  h("div", { class: "form-end" }, take, cancelControl(page, booking, "Give it up", "quiet")));
}

function cancelActions(page, booking, label, ...before) {
  return h("div", { class: "actions" }, before, cancelControl(page, booking, label));
}

function cancelControl(page, booking, label, kind = "secondary") {
  const control = button(label, async () => {
    control.disabled = true;
    const outcome = await cancelBooking(page.studio, booking);
    control.disabled = false;
    if (outcome === "kept") control.focus();
    else await page.load({ focus: true }).catch(() => {});
  }, { kind });
  return control;
}
