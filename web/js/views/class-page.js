// One class, as whoever books it sees it: what it is, their booking of it, or the way to one.

import { get } from "../api.js";
import { bookingWord, classWord, paymentWord } from "../booking-words.js";
import { announce, fill, h } from "../dom.js";
import { poll } from "../polling.js";
import { rememberStudio } from "../places.js";
import {
  bookingOf, customerOf, isOpenBooking, isStaff, ownBookings, pathOf, placeOf, studioName,
} from "../studio.js";
import { monthKey } from "../zone.js";
import { bookingForm, notBookable, waitlistPart } from "./class-booking.js";
import { bookingPath } from "./booking-acts.js";
import { ownBooking } from "./class-own.js";
import { notIn } from "./classes-join.js";
import { failure, link, loading, notice, pageHead } from "./parts.js";
import { classFacts, factList, tag } from "./schedule.js";

const LOOK_S = 10;

export function mountClass(app) {
  return (root, { org, id }) => {
    const left = new AbortController();
    const page = new ClassPage(app, root, { org, id, signal: left.signal });
    page.open();
    return () => left.abort();
  };
}

class ClassPage {
  constructor(app, root, { org, id, signal }) {
    Object.assign(this, { app, root, org, id, signal });
    this.booking = null;
    this.parts = new AbortController();
  }

  async open() {
    fill(this.root, loading("Opening the class…"));
    try {
      this.studio = await get(pathOf(this.org));
      rememberStudio(this.studio.organizationId);
      await this.load();
    } catch (problem) {
      if (this.signal.aborted) return;
      this.parts.abort();
      fill(this.root, problem.code === "NOT_FOUND" ? this.#missing()
        : failure(problem, () => this.open()));
      return;
    }
    if (this.signal.aborted) return;
    this.app.router.headingCame();
    poll(() => this.#look(), { everyS: LOOK_S, signal: this.signal });
  }

  /** Load and draw anew; `focus`: what is drawn then gets the focus. */
  async load({ focus = false } = {}) {
    const found = await this.#fetch();
    if (this.signal.aborted) return;
    const hadFocus = this.root.contains(document.activeElement);
    this.#draw(found);
    if (!focus && !hadFocus) return;
    const heading = this.root.querySelector("#own-title, #book-title");
    if (heading) heading.focus();
    else this.app.router.focusHeading();
  }

  /** What the person waits for is looked at again; the same is not drawn again. */
  async #look() {
    const { booking } = this;
    if (!["waitlisted", "offered", "pending"].includes(booking?.bookingStatus)) return;
    const now = await get(bookingPath(this.studio, booking));
    if (this.signal.aborted || JSON.stringify(now) === JSON.stringify(booking)) return;
    if (now.bookingStatus !== booking.bookingStatus) announce(bookingWord(now).label);
    await this.load();
  }

  async #fetch() {
    const each = await get(pathOf(this.org, ["classes", this.id]));
    const bookings = await ownBookings(this.studio, { since: each.startsAt });
    const own = bookingOf(bookings, each.classSessionId);
    const booking = own && await get(bookingPath(this.studio, own));
    const isOpen = booking && isOpenBooking(booking);
    const who = customerOf(this.studio.customer);
    const chooses = booking?.bookingStatus === "offered" || (!isOpen && each.bookable);
    const options = who && chooses ? (await get(pathOf(this.org, ["bookings", "payment-options"],
      { classSessionId: each.classSessionId, ...who }))).items : [];
    return { each, booking, options };
  }

  #missing() {
    if (!this.studio) return notIn(this.org);
    return h("div", { class: "narrow" }, pageHead("There is no such class"),
      link("All classes", placeOf("classes", this.org)));
  }

  #draw({ each, booking, options }) {
    this.booking = booking;
    this.parts.abort();
    this.parts = new AbortController();
    this.signal.addEventListener("abort", () => this.parts.abort());
    const { timezone } = this.studio.studio;
    const isOpen = booking && isOpenBooking(booking);
    const part = isOpen || ["attended", "no_show"].includes(booking?.bookingStatus)
      ? ownBooking(this, { booking, options, signal: this.parts.signal })
      : [lastBooking(booking), this.#way(each, options)];
    document.title = `${each.name} · Greenroom`;
    fill(this.root,
      pageHead(each.name, [studioName(this.studio), each.type].filter(Boolean).join(" · "),
        link("All classes", `${placeOf("classes", this.org)}?month=${monthKey(each.startsAt)}`),
        isStaff(this.studio)
          ? link("Roster", placeOf("studio", this.org, "classes", each.classSessionId)) : null),
      h("div", { class: "columns" },
        h("section", { class: "card stack", "aria-labelledby": "about" },
          h("div", { class: "entry-head" }, h("h2", { id: "about" }, "About this class"),
            tag(classWord(each))),
          factList(classFacts(each, timezone)),
          each.description ? h("p", { class: "concern" }, each.description) : null),
        h("div", { class: "stack" }, part)));
  }

  /** The way to a booking that there is for this person and this class. */
  #way(each, options) {
    if (!customerOf(this.studio.customer)) return this.#staffOnly();
    if (each.bookable) return bookingForm(this, { each, options });
    if (each.reason === "CLASS_FULL") return waitlistPart(this, { each });
    return notBookable(each);
  }

  #staffOnly() {
    const join = `#/classes/join?studio=${encodeURIComponent(this.org)}`;
    return notice("info",
      h("p", {}, "You work here and are no customer yet, so there is nothing to book with."),
      h("div", { class: "actions" }, link("Become a customer, too", join)));
  }
}

/** A booking that is over does not hinder another. */
function lastBooking(booking) {
  if (!booking) return null;
  const word = bookingWord(booking);
  const paid = paymentWord(booking);
  return h("p", { class: "hint" }, "Your last booking of this class: ", tag(word),
    paid ? [" ", tag(paid)] : null);
}
