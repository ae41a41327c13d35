// One customer of a studio: who they are, their passes, their bookings, and becoming a client.

import { get, patch, post } from "../api.js";
import { bookingWord, paymentWord } from "../booking-words.js";
import { fill, h } from "../dom.js";
import { when } from "../format.js";
import { customerOf, pathOf } from "../studio.js";
import { toast } from "../toast.js";
import { whenWords } from "../zone.js";
import { customerForm } from "./studio-customer-form.js";
import { KINDS, kindOf, statusWord } from "./studio-customers.js";
import { passesCard } from "./studio-passes.js";
import { ask, button, card, empty, link, loadInto, notice, pageHead } from "./parts.js";
import { paged } from "./paged.js";
import { tag } from "./schedule.js";
import { studioPage } from "./studio.js";

const PAGE = 20;

export const mountCustomer = studioPage("customers", async (page) => {
  const { studio, params, body } = page;
  const kind = kindOf(params.kind);
  const path = pathOf(studio.organizationId, [KINDS[kind].list, params.id]);
  draw({ ...page, kind, path }, await get(path));
  return body;
});

function draw(page, customer) {
  const { place, kind, body, path } = page;
  const { one } = KINDS[kind];
  const open = customer.status === "active";
  const convert = kind === "lead" && open
    ? button("Make a client", () => converted(page, customer, convert), { kind: "primary" }) : null;
  document.title = `${customer.name} · Greenroom`;
  fill(body,
    pageHead(customer.name, [`${one[0].toUpperCase()}${one.slice(1)}`,
      open ? null : statusWord(customer.status), `since ${when(customer.createdAt)}`,
      customer.userId ? "signs in" : null].filter(Boolean).join(" · "),
    link("All customers", `${place("customers")}?kind=${kind}`, "quiet"),
    convert, openOrClosed(page, customer)),
    h("div", { class: "columns" },
      h("div", { class: "stack" }, passesCard(page, customer), bookingsCard(page, customer)),
      h("div", { class: "stack" },
        customer.convertedTo ? became(place, customer) : null,
        open ? customerForm(customer, { label: "Save", save: async (given) => {
          const saved = await patch(path, given);
          toast("Saved.", { tone: "good" });
          draw(page, saved);
          page.app.router.focusHeading();
        } }) : null,
        methodsCard(page, customer))));
}

/** Closing keeps what there is, and ends new bookings; it can be undone. */
function openOrClosed(page, customer) {
  const { name, status } = customer;
  const change = async (control, next, words) => {
    control.disabled = true;
    try {
      const saved = await patch(page.path, { status: next });
      toast(words, { tone: "good" });
      draw(page, saved);
      page.app.router.focusHeading();
    } catch (problem) {
      toast(problem.message, { tone: "bad" });
      control.disabled = false;
    }
  };
  if (status === "closed") {
    const reopen = button("Open again", () => change(reopen, "active", `${name} is open again.`));
    return reopen;
  }
  if (status !== "active") return null;
  const close = button("Close", async () => {
    const sure = await ask(`Close ${name}?`, "They cannot book any more. Bookings and passes that " +
      "they have stay, and you can open them again.", [
      { label: "Close the customer", value: "close", kind: "danger" },
      { label: "Not now", value: "" },
    ]);
    if (sure === "close") await change(close, "closed", `${name} is closed.`);
  });
  return close;
}

/** A lead that was made a client stays where links to it lead, and leads on. */
function became(place, { convertedTo }) {
  return notice("info", h("p", {}, "Bookings and passes are those of the client now."),
    h("div", { class: "actions" },
      link("Open the client", place("customers", "client", convertedTo), "primary")));
}

async function converted({ app, studio, place, path }, customer, control) {
  const sure = await ask(`Make ${customer.name} a client?`,
    "Their bookings and passes go with them.", [
      { label: "Make a client", value: "convert", kind: "primary" },
      { label: "Not now", value: "" },
    ]);
  if (sure !== "convert") return;
  control.disabled = true;
  try {
    const { client, moved } = await post(`${path}/convert`);
    toast(`${client.name} is a client of ${studio.name ?? "the studio"} now, with ` +
      `${count(moved.bookings, "booking")} and ${count(moved.passes, "pass", "passes")}.`,
    { tone: "good" });
    app.router.go(place("customers", "client", client.clientId).slice(1));
  } catch (problem) {
    toast(problem.message, { tone: "bad" });
    control.disabled = false;
  }
}

const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

function bookingsCard({ studio, place }, customer) {
  const body = h("div", {});
  const path = (cursor) => pathOf(studio.organizationId, ["bookings"],
    { ...customerOf(customer), limit: PAGE, cursor });
  loadInto(body, "Loading the bookings…", () => get(path()), (first) => first.items.length
    ? paged(first, (items) => h("ul", { class: "list" }, items.map((each) => bookingRow(each, place))),
      (cursor) => get(path(cursor)))
    : empty("No bookings yet", "What they book stands here."));
  return card("Bookings", body);
}

function bookingRow(booking, place) {
  const paid = paymentWord(booking);
  return h("li", { class: "entry" },
    h("div", { class: "entry-head" },
      h("a", { href: place("classes", booking.classSessionId) },
        h("strong", {}, booking.className)),
      h("span", { class: "tags" }, tag(bookingWord(booking)), paid ? tag(paid) : null)),
    h("span", { class: "hint" }, whenWords(booking)));
}

function methodsCard({ studio }, customer) {
  const body = h("div", {});
  loadInto(body, "Looking for cards…", () =>
    get(pathOf(studio.organizationId, ["payment-methods"], customerOf(customer))), ({ items }) =>
    items.length
      ? h("ul", { class: "list" }, items.map(({ brand, last4, expMonth, expYear }) =>
        h("li", { class: "list-row" },
          h("span", {}, `${brand} ending in ${last4}`),
          h("span", { class: "hint" }, `${String(expMonth).padStart(2, "0")}/${expYear}`))))
      : empty("No cards", "Cards that they have paid with stand here."));
  return card("Ways to pay", body);
}
