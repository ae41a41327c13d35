// Sessions that are offered to an expert, each with the time that is left to answer.

import { getIfChanged, post } from "../api.js";
import { announce, fill, h } from "../dom.js";
import { clock } from "../format.js";
import { everySecond } from "../polling.js";
import { secondsUntil } from "../servertime.js";
import { typeWord } from "../session-words.js";
import { toast } from "../toast.js";
import { button, empty, loading } from "./parts.js";

const SHORT_S = 10;

export function offersPanel(desk) {
  const list = h("ul", { class: "list" });
  const state = h("div", {});
  const rows = new Map();
  let items = [];
  let isOpen = null;
  const draw = () => {
    const open = items.filter(({ expiresAt }) => secondsUntil(expiresAt) > 0);
    const ids = new Set(open.map(({ id }) => id));
    for (const [id, row] of rows) {
      if (ids.has(id)) continue;
      keepFocus(row.node, state);
      row.node.remove();
      rows.delete(id);
    }
    for (const offer of open) {
      if (!rows.has(offer.id)) rows.set(offer.id, offerRow(desk, offer));
      const { node, tick } = rows.get(offer.id);
      tick();
      // Moving a row would take the focus from its buttons.
      if (!node.isConnected) list.append(node);
    }
    if (open.length) fill(state);
    else if (!state.querySelector(".empty")) {
      fill(state, empty("Nothing is offered to you just now",
        "New questions appear here by themselves."));
    }
  };
  everySecond(() => desk.isTaking && items.length && draw(), desk.signal);
  return {
    node: h("section", { class: "card", "aria-labelledby": "offers-title" },
      h("h2", { id: "offers-title", tabindex: "-1" }, "Offered to you"), list, state),
    setOpen(open) {
      if (open === isOpen) return null;
      isOpen = open;
      if (open) return fill(state, loading("Looking for offers…"));
      items = [];
      rows.clear();
      fill(list);
      return fill(state, empty("You are offline",
        "Go online, and new questions are offered to you here."));
    },
    async look(signal) {
      const { body } = await getIfChanged("/offers");
      if (signal.aborted) return;
      const fresh = body.items.filter(({ id }) => !items.some((known) => known.id === id));
      items = body.items;
      draw();
      if (fresh.length) announce(newWords(fresh));
    },
  };
}

function newWords(offers) {
  if (offers.length > 1) return `${offers.length} new offers.`;
  const [{ type, urgent, expiresAt }] = offers;
  return `New offer: ${urgent ? "urgent, " : ""}${typeWord(type)}. ` +
    `${Math.max(0, Math.round(secondsUntil(expiresAt)))} seconds to answer.`;
}

/** A row that goes takes no focus with it: the panel's heading gets it. */
function keepFocus(node, state) {
  if (!node.contains(document.activeElement)) return;
  state.closest("section").querySelector("h2").focus();
}

function offerRow(desk, offer) {
  const { id, type, plan, urgent, offeredAt, expiresAt } = offer;
  const name = `${urgent ? "urgent " : ""}${typeWord(type)}`;
  const left = h("span", { class: "time", role: "timer" });
  const totalS = Math.max(1, (Date.parse(expiresAt) - Date.parse(offeredAt)) / 1000);
  const gauge = h("progress", { max: totalS, "aria-hidden": "true" });
  const accept = button("Accept", () => taken(desk, `/offers/${encodeURIComponent(id)}/accept`,
    [accept, decline]), { kind: "primary small", "aria-label": `Accept: ${name}` });
  const decline = button("Decline", () => declined(desk, id, [accept, decline]),
    { kind: "small", "aria-label": `Decline: ${name}` });
  const node = h("li", { class: "entry", dataset: { offer: id } },
    h("div", { class: "entry-head" },
      h("strong", {}, typeWord(type), " ", urgentTag(urgent)),
      h("span", {}, left, h("span", { class: "hint" }, " left"))),
    gauge,
    h("div", { class: "entry-head" }, h("span", { class: "hint" }, `Plan ${plan}`),
      h("div", { class: "actions" }, accept, decline)));
  return {
    node,
    tick() {
      const leftS = Math.max(0, secondsUntil(expiresAt));
      left.textContent = clock(leftS);
      left.toggleAttribute("data-short", leftS <= SHORT_S);
      gauge.value = leftS;
    },
  };
}

export function urgentTag(urgent) {
  return urgent ? h("span", { class: "tag", dataset: { tone: "bad" } }, "Urgent") : null;
}

const KIND_WORDS = {
  ALREADY_TAKEN: "Another expert was a little faster. Thank you for being there.",
  OFFER_EXPIRED: "The time to answer was over. It may be offered to you again.",
  AT_CAPACITY: "You have as many sessions as you take at a time. End one, or raise the number " +
    "in your profile.",
  EXPERT_OFFLINE: "You are offline. Go online to take sessions.",
  NOT_FOUND: "This session is not on offer any more.",
  INVALID_TRANSITION: "This session is not on offer any more.",
};

/** Take a session by `path` and go to it. A lost race is told kindly, and the lists renewed. */
export async function taken(desk, path, controls) {
  await act(desk, controls, async () => {
    const { sessionId } = await post(path);
    desk.app.router.go(`/sessions/${sessionId}`);
  });
}

async function declined(desk, id, controls) {
  await act(desk, controls, async () => {
    await post(`/offers/${encodeURIComponent(id)}/decline`);
    announce("Declined.");
    await desk.refresh();
  });
}

async function act(desk, controls, run) {
  for (const control of controls) control.disabled = true;
  try {
    await run();
  } catch (problem) {
    toast(KIND_WORDS[problem.code] ?? problem.message,
      { tone: problem.code in KIND_WORDS ? "info" : "bad" });
    await desk.refresh().catch(() => {});
  } finally {
    for (const control of controls) control.disabled = false;
  }
}
