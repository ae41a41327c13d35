// How a class is paid: every pass with what is left or why it cannot be used, card, at the studio.

import { leftWords, whyNot } from "../booking-words.js";
import { h } from "../dom.js";
import { money } from "../format.js";
import { choices } from "./fields.js";

/** `use` of a booking's body; null where nothing was chosen. */
export function useOf(option) {
  if (option?.kind === "package") return { packageId: option.id };
  if (option?.kind === "membership") return { membershipId: option.id };
  return option?.kind ?? null;
}

/** The ways to pay; `chosen()` is the one that is taken. What cannot be used stands last. */
export function payChoice(options, { legend = "How is it paid?", name = "pay" } = {}) {
  const sorted = [...options.filter(({ usable }) => usable),
    ...options.filter(({ usable }) => !usable)];
  const first = sorted.findIndex(({ usable }) => usable);
  const node = choices(legend, name, sorted.map((option, index) => ({
    value: String(index), label: labelOf(option), disabled: !option.usable,
    hint: option.usable ? hintOf(option) : whyNot(option),
    aside: asideOf(option),
  })), { chosen: String(first) });
  return {
    node,
    any: first >= 0,
    chosen: () => sorted[Number(node.querySelector("input:checked")?.value ?? -1)] ?? null,
  };
}

function labelOf({ kind, name, amountCents }) {
  if (kind === "drop_in") return "By card, now";
  if (kind === "at_studio") return amountCents ? "At the studio" : "Free";
  return name || (kind === "package" ? "Package" : "Membership");
}

function hintOf(option) {
  const { kind, amountCents } = option;
  if (kind === "drop_in") return "On the page of our payment provider. We never see your card.";
  if (kind === "at_studio") return amountCents ? "You pay when you come." : null;
  return leftWords(option) || (kind === "membership" ? "As often as you like" : null);
}

function asideOf({ kind, amountCents, currency }) {
  const paid = ["drop_in", "at_studio"].includes(kind) && amountCents;
  return paid ? h("strong", {}, money(amountCents, currency)) : null;
}
