// Classes of the studios that a person is in: choosing one, and its month.

import { get } from "../api.js";
import { bookingWord } from "../booking-words.js";
import { fill, h } from "../dom.js";
import { lastStudio, rememberStudio } from "../places.js";
import {
  bookingOf, classesOf, isOpenBooking, ownBookings, pathOf, placeOf, studioName,
} from "../studio.js";
import { waitingPanel } from "./classes-waiting.js";
import { joinForm, notIn } from "./classes-join.js";
import { failure, link, loadInto, loading, pageHead } from "./parts.js";
import { dayList, monthBar, monthOf, zoneHint } from "./schedule.js";

const MARGIN_MS = 24 * 3600 * 1000; // a month of one zone may begin a day before that of another

/** Where to begin: the one studio, or that of the last time, or the choice. */
export function mountClasses(app) {
  return (root) => {
    const body = h("div", { class: "narrow" });
    fill(root, pageHead("Classes", "Book classes of the studios that you are in."), body);
    loadInto(body, "Looking for your studios…", () => app.places.studios({ renew: true }),
      (studios) => {
        const last = studios.find(({ organizationId }) => organizationId === lastStudio());
        const one = studios.length === 1 ? studios[0] : last;
        if (one) {
          // Back leads to where the person was before, not to this step.
          location.replace(placeOf("classes", one.organizationId));
          return loading("Opening the classes…");
        }
        return studios.length ? chooser(app, studios) : joinCard(app, "You are in no studio yet");
      });
    return null;
  };
}

function chooser(app, studios) {
  return h("div", { class: "stack" },
    h("section", { class: "card", "aria-labelledby": "choose-studio" },
      h("h2", { id: "choose-studio" }, "Choose a studio"),
      h("ul", { class: "list" }, studios.map((studio) => h("li", {},
        h("a", { class: "list-row", href: placeOf("classes", studio.organizationId) },
          h("strong", {}, studioName(studio))))))),
    joinCard(app, "Join another studio"));
}

function joinCard(app, title) {
  return h("section", { class: "card form", "aria-labelledby": "join-title" },
    h("h2", { id: "join-title" }, title),
    h("p", { class: "hint" }, "Your studio gives you a link or its id."),
    joinForm(app));
}

export function mountSchedule(app) {
  return (root, { org, query }) => {
    const left = new AbortController();
    openSchedule(app, root, { org, query, signal: left.signal });
    return () => left.abort();
  };
}

async function openSchedule(app, root, { org, query, signal }) {
  fill(root, loading("Opening the classes…"));
  try {
    const [studio, studios] = await Promise.all([
      get(pathOf(org)), app.places.studios().catch(() => []),
    ]);
    if (signal.aborted) return;
    rememberStudio(studio.organizationId);
    drawSchedule(app, root, { studio, studios, query, signal });
    app.router.headingCame();
  } catch (problem) {
    if (signal.aborted) return;
    if (problem.code === "NOT_FOUND") fill(root, notIn(org));
    else fill(root, failure(problem, () => openSchedule(app, root, { org, query, signal })));
  }
}

function drawSchedule(app, root, { studio, studios, query, signal }) {
  const { organizationId } = studio;
  const { timezone } = studio.studio;
  const month = monthOf(query);
  const list = h("section", { class: "card schedule", "aria-labelledby": "month" });
  const body = h("div", {});
  list.append(monthBar(month, (to) => `${placeOf("classes", organizationId)}?month=${to}`), body);
  const waiting = waitingPanel({ signal });
  fill(root,
    pageHead(studioName(studio), "Classes",
      link("My bookings", "#/classes/mine"),
      studios.length > 1 ? studioSelect(app, studios, organizationId) : null),
    waiting.node, zoneHint(timezone), list);
  loadInto(body, "Loading the month…", () => loadMonth(studio, month), ({ classes, bookings }) => {
    waiting.show(bookings.map((booking) => ({ studio, booking })));
    return dayList(classes, { zone: timezone, row: (each) => ({
      href: placeOf("classes", organizationId, each.classSessionId),
      tags: ownTags(bookings, each),
    }) });
  });
}

async function loadMonth(studio, month) {
  const since = new Date(Date.parse(`${month}-01T00:00Z`) - MARGIN_MS).toISOString();
  const now = new Date().toISOString();
  const [classes, bookings] = await Promise.all([
    classesOf(studio.organizationId, month),
    ownBookings(studio, { since: since < now ? since : now }),
  ]);
  return { classes, bookings };
}

function ownTags(bookings, { classSessionId }) {
  const own = bookingOf(bookings, classSessionId);
  if (!own) return [];
  const isWorthIt = isOpenBooking(own) || ["attended", "no_show"].includes(own.bookingStatus);
  return isWorthIt ? [bookingWord(own)] : [];
}

function studioSelect(app, studios, chosen) {
  const control = h("select", { id: "studio",
    onchange: () => app.router.go(`/classes/${encodeURIComponent(control.value)}`) },
  studios.map((each) => h("option", { value: each.organizationId }, studioName(each))));
  control.value = chosen;
  return [h("label", { class: "visually-hidden", for: "studio" }, "Studio"), control];
}
