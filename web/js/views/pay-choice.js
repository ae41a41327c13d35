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

/** A free class takes no use of anybody's pass unless they choose so; what is no way stands last. */
const rank = ({ kind, usable, amountCents }) =>
  (!usable ? 2 : kind === "at_studio" && !amountCents ? 0 : 1);

/** The ways to pay; `chosen()` is the one that is taken, the first at the beginning. */
export function payChoice(options, { legend = "How is it paid?", name = "pay" } = {}) {
  const sorted = [...options].sort((one, other) => rank(one) - rank(other));
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
