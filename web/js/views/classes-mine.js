// The person's bookings in all their studios: what is to come, what was, and cancelling.

import { get } from "../api.js";
import { bookingWord, paymentWord } from "../booking-words.js";
import { fill, h } from "../dom.js";
import { money } from "../format.js";
import { customerOf, isOpenBooking, pathOf, placeOf, studioName } from "../studio.js";
import { thereWords, whenWords } from "../zone.js";
import { cancelBooking } from "./booking-acts.js";
import { waitingPanel } from "./classes-waiting.js";
import { paged } from "./paged.js";
import { button, card, empty, failure, link, loadInto, pageHead } from "./parts.js";
import { tag } from "./schedule.js";

const PAGE = 50;

export function mountBookings(app) {
  return (root) => {
    const left = new AbortController();
    const body = h("div", { class: "stack" });
    const waiting = waitingPanel({ signal: left.signal });
    fill(root, pageHead("Your bookings", "Classes that you have booked, and those before.",
      link("Classes", "#/classes")), waiting.node, body);
    const load = () => loadInto(body, "Loading your bookings…", () => loadAll(app), (found) => {
      waiting.show(openOf(found));
      return show(app, found, load);
    });
    load();
    return () => left.abort();
  };
}

/** One page of each studio; one that fails takes no other with it. */
async function loadAll(app) {
  const studios = (await app.places.studios()).filter(({ customer }) => customerOf(customer));
  return Promise.all(studios.map(async (each) => {
    try {
      const [studio, page] = await Promise.all([
        get(pathOf(each.organizationId)), get(pagePath(each)),
      ]);
      return { studio, page };
    } catch (problem) {
      return { studio: each, problem };
    }
  }));
}

const pagePath = (studio, cursor) => pathOf(studio.organizationId, ["bookings"],
  { ...customerOf(studio.customer), limit: PAGE, cursor });

function openOf(found) {
  return found.flatMap(({ studio, page }) =>
    (page?.items ?? []).map((booking) => ({ studio, booking })));
}

function show(app, found, reload) {
  const nothing = found.every(({ page }) => page?.items.length === 0);
  if (!found.length || nothing) {
    return card(null, empty("No bookings yet", "Classes that you book appear here.",
      link("See the classes", "#/classes", "primary")));
  }
  return found.map(({ studio, page, problem }) => {
    const title = studioName(studio);
    return problem ? card(title, failure(problem, reload)) : studioCard(app, { studio, page, reload });
  });
}

function studioCard(app, { studio, page, reload }) {
  const isToCome = (booking) => isOpenBooking(booking) && Date.parse(booking.endsAt) > Date.now();
  const toCome = page.items.filter(isToCome).reverse();
  const row = (booking) => bookingRow(app, { studio, booking, reload });
  const list = (items) => h("ul", { class: "list" }, items.map(row));
  const before = { ...page, items: page.items.filter((each) => !isToCome(each)) };
  return h("section", { class: "card stack", "aria-label": studioName(studio) },
    h("h2", {}, studioName(studio)),
    toCome.length ? list(toCome) : h("p", { class: "hint" }, "Nothing is to come."),
    before.items.length || page.nextCursor
      ? [h("h3", {}, "Before"),
        paged(before, list, (cursor) => get(pagePath(studio, cursor)))]
      : null);
}

function bookingRow(app, { studio, booking, reload }) {
  const paid = paymentWord(booking);
  const there = thereWords(booking, studio.studio?.timezone);
  const open = isOpenBooking(booking);
  const cancel = open && (booking.allowed ?? ["cancel"]).includes("cancel")
    ? button("Cancel", async () => {
      const outcome = await cancelBooking(studio, booking);
      if (outcome === "kept") return cancel.focus();
      await reload();
      return app.router.focusHeading();
    }, { kind: "small", "aria-label": `Cancel ${booking.className}, ${whenWords(booking)}` })
    : null;
  return h("li", { class: "entry", dataset: { status: booking.bookingStatus } },
    h("div", { class: "entry-head" },
      h("a", { href: placeOf("classes", studio.organizationId, booking.classSessionId) },
        h("strong", {}, booking.className)),
      h("span", { class: "tags" }, tag(bookingWord(booking)), paid ? tag(paid) : null)),
    h("div", { class: cancel ? "entry-head" : null },
      h("span", { class: "hint" }, whenWords(booking), there ? ` · ${there}` : null,
        booking.feeCents ? ` · fee ${money(booking.feeCents, booking.currency)}` : null),
      cancel));
}
