// The queue: what an expert may claim now, urgent questions first, then the oldest.

import { getIfChanged } from "../api.js";
import { fill, h } from "../dom.js";
import { roughly } from "../format.js";
import { everySecond } from "../polling.js";
import { secondsSince } from "../servertime.js";
import { routingWords, typeWord } from "../session-words.js";
import { taken, urgentTag } from "./desk-offers.js";
import { button, empty, loading } from "./parts.js";

export function queuePanel(desk) {
  const count = h("span", { class: "hint", role: "status" });
  const body = h("div", {});
  let shown = [];
  let isOpen = null;
  everySecond(() => shown.forEach(({ tick }) => tick()), desk.signal);
  const draw = ({ items, waiting }) => {
    // The answer is drawn only when it has changed, and the focus goes on to the same session.
    const focused = document.activeElement?.closest?.("[data-queued]")?.dataset.queued;
    shown = items.map((item) => queueRow(desk, item));
    fill(count, countWords(items.length, waiting));
    fill(body, shown.length
      ? h("ul", { class: "list" }, shown.map(({ node }) => node))
      : empty("Nothing for you to claim", waiting
        ? "Those who wait are being offered to others first."
        : "Nobody waits. New questions appear here by themselves."));
    if (!focused) return;
    const same = shown.find(({ node }) => node.dataset.queued === focused);
    (same?.node.querySelector("button") ?? title).focus();
  };
  const title = h("h2", { id: "queue-title", tabindex: "-1" }, "Queue");
  return {
    node: h("section", { class: "card", "aria-labelledby": "queue-title" },
      h("div", { class: "entry-head" }, title, count), body),
    setOpen(open) {
      if (open === isOpen) return null;
      isOpen = open;
      if (open) return fill(body, loading("Looking into the queue…"));
      shown = [];
      fill(count);
      return fill(body, empty("You are offline", "Go online to see who waits."));
    },
    async look(signal) {
      const { body: page, changed } = await getIfChanged("/queue");
      if (signal.aborted || (!changed && !body.querySelector(".loading"))) return;
      draw(page);
    },
  };
}

function countWords(mine, waiting) {
  if (!waiting) return "";
  return mine === waiting ? `${waiting} waiting` : `${mine} for you, ${waiting} waiting in all`;
}

function queueRow(desk, item) {
  const { sessionId, type, plan, urgent, isSpecialist, routingType, workshopId, queuedAt } = item;
  const waited = h("span", { class: "hint" });
  const claim = button("Claim", () => taken(desk,
    `/sessions/${encodeURIComponent(sessionId)}/claim`, [claim]), { kind: "primary small",
    "aria-label": `Claim: ${urgent ? "urgent " : ""}${typeWord(type)}` });
  const node = h("li", { class: "list-row", dataset: { queued: sessionId } },
    h("span", { class: "list-main" },
      h("strong", {}, typeWord(type), " ", urgentTag(urgent),
        isSpecialist ? [" ", h("span", { class: "tag" }, "Specialist")] : null),
      h("span", { class: "hint" }, [`Plan ${plan}`, routingWords(routingType), workshopId]
        .filter(Boolean).join(" · ")),
      waited),
    claim);
  const tick = () => {
    const words = `Waits ${roughly(secondsSince(queuedAt))}`;
    if (waited.textContent !== words) waited.textContent = words;
  };
  tick();
  return { node, tick };
}
