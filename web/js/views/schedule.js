// A month of classes, day by day: the same for those who book and those who teach.

import { h } from "../dom.js";
import { classWord, priceWord } from "../booking-words.js";
import {
  addMonths, dayKey, dayWords, isMonth, monthKey, monthWords, ownZone, placeOf, spanWords,
  thereWords, wallTime,
} from "../zone.js";
import { empty } from "./parts.js";

/** The month that an address asks for, else the present one. */
export function monthOf(query) {
  const asked = query.get("month");
  return isMonth(asked) ? asked : monthKey(Date.now());
}

/** The month with the ways to those beside it. `place(month)`: the address of a month. */
export function monthBar(month, place) {
  const way = (count, words) => {
    const to = addMonths(month, count);
    return h("a", { class: "button secondary small", href: place(to), rel: count < 0 ? "prev"
      : "next", "aria-label": `${words} month, ${monthWords(to)}` }, words);
  };
  const now = monthKey(Date.now());
  return h("nav", { class: "month-bar", "aria-label": "Month" },
    h("h2", { id: "month", tabindex: "-1" }, monthWords(month)),
    h("div", { class: "actions" }, way(-1, "Previous"),
      month === now ? null
        : h("a", { class: "button quiet small", href: place(now) }, "This month"),
      way(1, "Next")));
}

/** Says whose clock is shown where the studio's shows another. */
export function zoneHint(zone) {
  const now = Date.now();
  if (wallTime(now) === wallTime(now, zone)) return null;
  return h("p", { class: "hint zone-hint" }, `Times are yours (${placeOf(ownZone())}). The studio's clock, in `
    + `${placeOf(zone)}, stands beside them.`);
}

/**
 * The days of a month. `row(each)` makes a class's line of `{href, tags, facts}`; what is over is
 * folded away, unless all is.
 */
export function dayList(classes, { zone, row, now = Date.now() }) {
  const sorted = [...classes].sort((one, other) => one.startsAt.localeCompare(other.startsAt));
  const over = sorted.filter(({ endsAt }) => Date.parse(endsAt) <= now);
  const open = sorted.slice(over.length);
  const days = (some) => h("ol", { class: "days" }, byDay(some).map(([key, items]) =>
    oneDay(key, items, { zone, row, today: dayKey(now) })));
  if (!sorted.length) {
    return empty("No classes this month", "Look at the months before and after.");
  }
  if (!open.length) return days(over);
  return [
    over.length ? h("details", { class: "details earlier" },
      h("summary", {}, `Earlier this month (${over.length})`), days(over)) : null,
    days(open),
  ];
}

function byDay(classes) {
  const found = new Map();
  for (const each of classes) {
    const key = dayKey(each.startsAt);
    found.set(key, [...(found.get(key) ?? []), each]);
  }
  return [...found];
}

function oneDay(key, items, { zone, row, today }) {
  return h("li", { class: "day" },
    h("h3", {}, dayWords(key), key === today
      ? [" ", h("span", { class: "tag", dataset: { tone: "good" } }, "Today")] : null),
    h("ul", { class: "list" }, items.map((each) => h("li", {}, classRow(each, row(each), zone)))));
}

function classRow(each, { href, tags = [] }, zone) {
  const there = thereWords(each, zone);
  const facts = [each.type, each.instructor, each.location].filter(Boolean).join(" · ");
  return h("a", { class: "class-row", href, dataset: { status: each.status } },
    h("span", { class: "class-time" }, h("strong", {}, spanWords(each)),
      there ? h("span", { class: "hint" }, there) : null),
    h("span", { class: "list-main" }, h("strong", {}, each.name),
      facts ? h("span", { class: "hint" }, facts) : null),
    h("span", { class: "tags" }, tags.map(tag), tag(classWord(each))),
    h("span", { class: "class-price" }, priceWord(each)));
}

/** A small sign of `{label, tone}`. */
export function tag({ label, tone }) {
  return h("span", { class: "tag", dataset: { tone } }, label);
}

/** When and where a class is, as facts: `[[name, value]]`. */
export function classFacts(each, zone) {
  const there = thereWords(each, zone);
  return [
    ["When", [spanDay(each), there ? h("span", { class: "hint there" }, there) : null]],
    ...(each.instructor ? [["With", each.instructor]] : []),
    ...(each.location ? [["Where", each.location]] : []),
    ["Price", priceWord(each)],
  ];
}

function spanDay(each) {
  return [`${dayWords(dayKey(each.startsAt))}, `, h("span", { class: "nowrap" }, spanWords(each))];
}

/** A definition list of `[[name, value]]`. */
export function factList(facts, kind = "facts") {
  return h("dl", { class: kind }, facts.map(([name, value]) =>
    [h("dt", {}, name), h("dd", {}, value)]));
}
