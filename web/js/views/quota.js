// How much of a quota is used: a bar with its words, for one person and for who pays.

import { count } from "../ai.js";
import { h } from "../dom.js";
import { day, number } from "../format.js";
import { secondsUntil } from "../servertime.js";
import { bar } from "./parts.js";

const NEAR = 80; // percent, as the server tells it

const DAY_S = 24 * 3600;

/** How full a quota is, in percent; 100 when nothing is left. */
export function fullness({ limit, used, remaining }) {
  if (remaining === 0 || limit <= 0) return 100;
  return Math.min(99, Math.floor((used / limit) * 100));
}

/** One bar. `whose`: how the quota is called. */
export function quotaBar(whose, quota) {
  const full = fullness(quota);
  const tone = full === 100 ? "bad" : full >= NEAR ? "warn" : "good";
  const meter = bar(`${whose}: units used`, { value: quota.used, max: Math.max(1, quota.limit),
    "aria-valuetext": `${number(quota.used)} of ${count(quota.limit, "unit")} used` });
  meter.node.dataset.tone = tone;
  return h("div", { class: "quota", dataset: { tone } },
    h("p", { class: "quota-head" }, h("strong", {}, whose),
      h("span", {}, `${number(quota.used)} of ${number(quota.limit)} used`)),
    meter.node,
    h("p", { class: "hint" }, quotaWords(quota, full)));
}

function quotaWords(quota, full) {
  const again = quota.resetAt ? ` It begins anew on ${day(quota.resetAt)}.` : "";
  if (full < NEAR) return `${count(quota.remaining, "unit")} left.${again}`;
  if (full < 100) return `Nearly used up: ${count(quota.remaining, "unit")} left.${again}`;
  if (quota.enforcement === "soft") return `Used up. You can go on; it is only counted.${again}`;
  return `Used up.${again}`;
}

/** In how long something opens again: `in 5 days`, `in 3 hours`; null when it has. */
export function opensIn(time) {
  const left = secondsUntil(time);
  if (left === null || left <= 0) return null;
  if (left >= 2 * DAY_S) return `in ${Math.ceil(left / DAY_S)} days`;
  if (left >= 2 * 3600) return `in ${Math.ceil(left / 3600)} hours`;
  return `in ${Math.max(1, Math.ceil(left / 60))} min`;
}
