// Booking a class, or joining its waitlist, with every rule shown that speaks against it.

import { announce, fill, h } from "../dom.js";
import { intention } from "../intention.js";
import { leaveFor } from "../leave.js";
import { postOnce } from "../requests.js";
import { customerOf, pathOf } from "../studio.js";
import { toast } from "../toast.js";
import { empty, notice } from "./parts.js";
import { payChoice, useOf } from "./pay-choice.js";
import { violations } from "./violations.js";
import { when } from "../format.js";
import { rulesOf } from "../booking-words.js";

/** The form. `page`: the class's page, which is loaded anew after it. */
export function bookingForm(page, { each, options }) {
  const pay = payChoice(options);
  const wrong = h("div", { role: "alert" });
  const book = h("button", { type: "submit", class: "primary large", disabled: !pay.any },
    labelOf(pay.chosen()));
  pay.node.addEventListener("change", () => fill(book, labelOf(pay.chosen())));
  return h("form", { class: "card form", "aria-labelledby": "book-title",
    onsubmit: async (event) => {
      event.preventDefault();
      if (book.disabled) return;
      book.disabled = true;
      fill(wrong);
      const use = useOf(pay.chosen());
      try {
        await sendBooking(page, { classSessionId: each.classSessionId, ...(use ? { use } : {}) });
      } catch (problem) {
        book.disabled = false;
        fill(wrong, refused(page, problem, each));
      }
    } },
  h("h2", { id: "book-title", tabindex: "-1" }, "Book"),
  pay.any ? null : notice("warn", h("p", {}, "There is no way to pay for this class yet. " +
    "Please ask your studio for a pass.")),
  options.length ? pay.node : null,
  h("p", { class: "hint" }, cancelHint(each)), wrong,
  h("div", { class: "form-end" }, book));
}

function labelOf(option) {
  return option?.kind === "drop_in" ? "Book and pay" : "Book";
}

function cancelHint({ startsAt, lateCancelMinutes }) {
  if (!lateCancelMinutes) return "You can cancel until it begins.";
  const until = new Date(Date.parse(startsAt) - lateCancelMinutes * 60_000).toISOString();
  return Date.parse(until) > Date.now()
    ? `You can cancel until ${when(until)} and get everything back.`
    : "It begins soon: a booking cannot be cancelled in time any more.";
}

/** Send a booking once, whatever is clicked; a card payment leads away, the rest is shown. */
async function sendBooking(page, body) {
  const { studio } = page;
  const sending = intention(`greenroom_booking_${body.classSessionId}`);
  const whole = { ...body, ...customerOf(studio.customer) };
  const booking = await postOnce(pathOf(studio.organizationId, ["bookings"]),
    sending.keyFor(whole), whole);
  sending.done();
  if (booking.checkoutUrl) return leaveFor(booking.checkoutUrl);
  await page.load({ focus: true });
  const words = { confirmed: "You are booked.", waitlisted: "You are on the waitlist." };
  // The payment page could not be opened: the panel of the held seat offers it again.
  if (!words[booking.bookingStatus]) return null;
  return toast(words[booking.bookingStatus], { tone: "good" });
}

/** What speaks against it, and the waitlist where that is the way. */
function refused(page, problem, each) {
  if (problem.status !== 409) return notice("warn", h("p", {}, problem.message));
  const rules = rulesOf(problem);
  const onlyFull = rules.every(({ code }) => code === "CLASS_FULL") && each.waitlistMax > 0;
  const join = h("button", { type: "button", class: "primary small", onclick: () =>
    joinWaitlist(page, each, join) }, "Join the waitlist");
  return violations(problem, { action: onlyFull ? join : null });
}

/** A full class: the waitlist, if there is room. */
export function waitlistPart(page, { each }) {
  const { waitlistCount: waiting, waitlistMax } = each;
  if (waiting >= waitlistMax) {
    return card(empty("This class is full", waitlistMax ? "Its waitlist is full, too."
      : "It has no waitlist."));
  }
  const wrong = h("div", { role: "alert" });
  const join = h("button", { type: "button", class: "primary large", onclick: () =>
    joinWaitlist(page, each, join, wrong) }, "Join the waitlist");
  return h("section", { class: "card form", "aria-labelledby": "book-title" },
    h("h2", { id: "book-title", tabindex: "-1" }, "This class is full"),
    h("p", {}, waitingWords(waiting)),
    h("p", { class: "hint" }, "If a seat becomes free, it is held for whoever has waited longest, " +
      "and you are told here. You pay only when you take it."),
    wrong, h("div", { class: "form-end" }, join));
}

function waitingWords(waiting) {
  if (!waiting) return "Nobody waits yet: you would be the first.";
  return waiting === 1 ? "One person waits: you would be the second."
    : `${waiting} people wait: you would be number ${waiting + 1}.`;
}

async function joinWaitlist(page, { classSessionId }, control, wrong) {
  control.disabled = true;
  if (wrong) fill(wrong);
  try {
    await sendBooking(page, { classSessionId, joinWaitlist: true });
  } catch (problem) {
    control.disabled = false;
    const box = wrong ?? control.closest("[role=alert]");
    fill(box, violations(problem, { title: "You cannot join the waitlist." }));
    announce(problem.message);
  }
}

const REASONS = {
  BOOKING_CLOSED: ["Booking is closed", "This class has begun, or begins too soon."],
  CLASS_CANCELLED: ["This class was cancelled", "Whoever had booked got everything back."],
};

/** A class that cannot be booked, and why. */
export function notBookable({ reason, status }) {
  const over = ["This class is over", "Look at the schedule for the next one."];
  const [title, text] = REASONS[reason] ?? (status === "completed" ? over
    : ["This class cannot be booked", "Please ask your studio."]);
  return card(empty(title, text));
}

function card(...children) {
  return h("section", { class: "card" }, children);
}
