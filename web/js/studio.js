// A studio's part of the API, and who somebody is there.

import { get } from "./api.js";
import { addMonths, momentOf, monthKey } from "./zone.js";

const PAGES_MAX = 5; // of own bookings, so many that nobody has more in the months to come
const PAGE = 100;

/** `/organizations/{organizationId}/…`, every part as it is, with a query. */
export function pathOf(organizationId, parts = [], query = {}) {
  const path = ["organizations", organizationId, ...parts].map(encodeURIComponent).join("/");
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  return `/${path}${given.length ? `?${new URLSearchParams(given)}` : ""}`;
}

/** A place of the page: `#/classes/{organizationId}/{classSessionId}`. */
export const placeOf = (...parts) => `#/${parts.map(encodeURIComponent).join("/")}`;

export const isStaff = ({ role }) => role === "admin" || role === "staff";

/** What to call a studio whose name Clerk has not told yet. */
export const studioName = ({ name, slug }) => name || slug || "Your studio";

/** `{clientId}` or `{customerId}` of a customer in any of the API's shapes; null for none. */
export function customerOf(customer) {
  if (!customer) return null;
  if (customer.clientId) return { clientId: customer.clientId };
  if (customer.customerId) return { customerId: customer.customerId };
  if (!customer.id) return null;
  return customer.kind === "client" ? { clientId: customer.id } : { customerId: customer.id };
}

/** The classes of a month as the reader's calendar has it; the API's months are those of UTC. */
export async function classesOf(organizationId, month) {
  const edges = [month, addMonths(month, 1)].map((each) => momentOf(`${each}-01T00:00`)
    ?? `${each}-01T00:00Z`);
  const [first, last] = [Date.parse(edges[0]), Date.parse(edges[1]) - 1]
    .map((at) => monthKey(at, "UTC"));
  const pages = await Promise.all([...new Set([first, last])].map((each) =>
    get(pathOf(organizationId, ["classes"], { month: each }))));
  return pages.flatMap(({ items }) => items)
    .filter(({ startsAt }) => monthKey(startsAt) === month);
}

/**
 * The person's own bookings there, newest class first, back to those of `since` (ISO 8601).
 * Somebody who works there and is no customer has none.
 */
export async function ownBookings(studio, { since }) {
  const who = customerOf(studio.customer);
  if (!who) return [];
  const found = [];
  let cursor = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const answer = await get(pathOf(studio.organizationId, ["bookings"],
      { ...who, limit: PAGE, cursor }));
    found.push(...answer.items);
    cursor = answer.nextCursor;
    if (!cursor || found.at(-1).startsAt < since) break;
  }
  return found;
}

const SEATED = ["pending", "confirmed", "offered"];
export const isOpenBooking = ({ bookingStatus }) =>
  SEATED.includes(bookingStatus) || bookingStatus === "waitlisted";

/** The booking of a class that counts: an open one, else the newest. */
export function bookingOf(bookings, classSessionId) {
  const own = bookings.filter((each) => each.classSessionId === classSessionId);
  const newest = (one, other) => (one.createdAt < other.createdAt ? 1 : -1);
  return own.find(isOpenBooking) ?? own.sort(newest)[0] ?? null;
}
