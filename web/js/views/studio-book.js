// Booking a class for a customer: finding them, choosing how it is paid, checking, booking.

import { get, post } from "../api.js";
import { bookingWord, paymentWord } from "../booking-words.js";
import { announce, fill, h } from "../dom.js";
import { intention } from "../intention.js";
import { postOnce } from "../requests.js";
import { customerOf, pathOf } from "../studio.js";
import { toast } from "../toast.js";
import { button, failure, loading, notice } from "./parts.js";
import { payChoice, useOf } from "./pay-choice.js";
import { customerSearch } from "./studio-search.js";
import { violations } from "./violations.js";

/** The card. `view`: the class's page, which is loaded anew after a booking. */
export function bookFor(view) {
  const found = h("div", { class: "form", "aria-live": "polite" });
  const search = customerSearch(view.studio, {
    label: "Find a customer", signal: view.signal,
    onChosen: (customer) => choose(view, found, { customer, search }),
  });
  return { node: h("section", { class: "card form", "aria-labelledby": "book-for" },
    h("h2", { id: "book-for", tabindex: "-1" }, "Book for a customer"), search.node, found) };
}

async function choose(view, found, { customer, search }) {
  const { studio, each } = view;
  const close = () => {
    fill(found);
    search.open();
  };
  fill(found, loading("Looking how it can be paid…"));
  try {
    const { items } = await get(pathOf(studio.organizationId, ["bookings", "payment-options"],
      { classSessionId: each.classSessionId, ...customerOf(customer) }));
    fill(found, bookForm(view, { customer, options: items, close }));
    found.querySelector("input:checked, button")?.focus();
  } catch (problem) {
    fill(found, failure(problem, () => choose(view, found, { customer, search })));
  }
}

function bookForm(view, { customer, options, close }) {
  const pay = payChoice(options, { name: "pay-for" });
  const result = h("div", { role: "status" });
  const full = view.each.reason === "CLASS_FULL";
  const given = () => {
    const use = useOf(pay.chosen());
    return { classSessionId: view.each.classSessionId, ...customerOf(customer),
      ...(use ? { use } : {}) };
  };
  const controls = [];
  const once = (run, own) => async () => {
    for (const control of controls) control.disabled = true;
    fill(result);
    try {
      await run();
    } catch (problem) {
      fill(result, problem.status === 409 ? violations(problem, { own: false, ...own })
        : notice("warn", h("p", {}, problem.message)));
    } finally {
      for (const control of controls) control.disabled = false;
    }
  };
  const booked = (body) => async () => {
    const sending = intention("greenroom_booking_for");
    const booking = await postOnce(pathOf(view.studio.organizationId, ["bookings"]),
      sending.keyFor(body), body);
    sending.done();
    const { label } = bookingWord(booking);
    toast(`${customer.name}: ${label.toLowerCase()}.`, { tone: "good" });
    close();
    await view.load();
  };
  const book = button("Book", () => once(booked(given()))(), { kind: "primary" });
  const check = button("Check only", once(async () => {
    fill(result, checked(await post("/test-booking", testOf(view, customer, given()))));
  }));
  const wait = full ? button("Join the waitlist", once(booked({
    classSessionId: view.each.classSessionId, ...customerOf(customer), joinWaitlist: true,
  }), { title: "They cannot join the waitlist." })) : null;
  controls.push(book, check, ...(wait ? [wait] : []));
  return [
    h("p", {}, "For ", h("strong", {}, customer.name), ` (${customer.kind})`),
    options.length ? pay.node : null, result,
    h("div", { class: "actions" }, book, wait, check,
      button("Somebody else", close, { kind: "quiet" })),
  ];
}

function testOf({ studio, each }, customer, { use }) {
  return {
    customerId: customer.clientId ?? customer.customerId, customerType: customer.kind,
    classSessionId: each.classSessionId, organizationId: studio.organizationId,
    ...(use ? { use } : {}),
  };
}

/** What the booking would be; the row is that which would be written. */
function checked({ row, booking }) {
  const paid = paymentWord(booking);
  const words = [bookingWord(booking).label, paid?.label].filter(Boolean).join(", ");
  announce(`It would work: ${words}.`);
  return notice("good",
    h("p", {}, h("strong", {}, "It would work. "), `${words}. Nothing was booked.`),
    h("details", { class: "details" }, h("summary", {}, "What would be written"),
      h("pre", { class: "code", tabindex: "0" }, JSON.stringify(row, null, 2))));
}
