// The admins' part of the API: paths, places, and lists as CSV.

import { request } from "./api.js";

const CSV_PAGES_MAX = 50;

/** `/admin/…`, every part as it is, with a query. */
export function adminPath(parts, query = {}) {
  const path = ["admin", ...parts].map(encodeURIComponent).join("/");
  const given = Object.entries(query).filter(([, value]) => value ?? false);
  return `/${path}${given.length ? `?${new URLSearchParams(given)}` : ""}`;
}

/** A place of the page: `#/admin/users/{userId}`. */
export function adminPlace(parts, query = {}) {
  return `#${adminPath(parts, Object.fromEntries(
    Object.entries(query).filter(([, value]) => value)))}`;
}

/**
 * A list as CSV, all its pages in one text. `page(cursor)` is the path of one. `more` says that
 * there is still more than so many pages.
 */
export async function csvOf(page) {
  const texts = [];
  let cursor = null;
  do {
    const { body, headers } = await request("GET", page(cursor),
      { headers: { Accept: "text/csv" }, asText: true });
    // Every page begins with the names of its columns.
    texts.push(texts.length ? body.replace(/^.*?\r?\n/, "") : body);
    const next = headers.get("X-Next-Cursor");
    cursor = next === cursor ? null : next;
  } while (cursor && texts.length < CSV_PAGES_MAX);
  return { text: texts.join(""), more: Boolean(cursor) };
}

const MONTHS_DAY = /^\d{4}-\d{2}-\d{2}$/;
export const isDay = (text) => MONTHS_DAY.test(text ?? "");

/** Every day from the first to the last (UTC, both `2026-11-21`), both included. */
export function daysBetween(first, last) {
  const days = [];
  for (let at = Date.parse(`${first}T00:00Z`); at <= Date.parse(`${last}T00:00Z`);
    at += 24 * 3600 * 1000) days.push(new Date(at).toISOString().slice(0, 10));
  return days;
}

/** `2026-11-21` -> `21 Nov`. */
export const dayLabel = (day) => new Date(`${day}T00:00Z`).toLocaleDateString("en-GB",
  { day: "numeric", month: "short", timeZone: "UTC" });
