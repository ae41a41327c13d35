// The subscription of a person: until when it runs, and the way to manage it.

import { get, post } from "../api.js";
import { fill, h } from "../dom.js";
import { creditsWord } from "../format.js";
import { leaveFor } from "../leave.js";
import { lookUntil } from "../patience.js";
import { subscriptionWords } from "../purchase.js";
import { toast } from "../toast.js";
import { button, card, inTurn, loadInto } from "./parts.js";

const BEFORE_PORTAL = "greenroom_before_portal";
// A change in the portal reaches us by a message of its own, mostly within a second or two.
const PAUSES_S = [1, 1, 2, 3, 5];

/** The panel. `openShop` shows what can be subscribed to; `signal` ends the waiting. */
export function subscriptionPanel(app, { openShop, signal }) {
  const body = h("div", {});
  const draw = (items, names) => fill(body, show(items, names, { app, openShop }));
  const load = async () => {
    const [{ items }, names] = await Promise.all([get("/subscriptions"), productNames()]);
    watchForChange(app, items, (changed) => draw(changed, names), signal);
    return { items, names };
  };
  const reload = inTurn(() => loadInto(body, "Loading your subscription…", load,
    ({ items, names }) => show(items, names, { app, openShop })));
  reload();
  return { node: card("Subscription", body), reload };
}

/** Names by sku. The panel is of use without them, too. */
async function productNames() {
  try {
    const { items } = await get("/products", { open: true });
    return new Map(items.map(({ sku, name }) => [sku, name]));
  } catch {
    return new Map();
  }
}

function show(items, names, { app, openShop }) {
  const live = items.filter((each) => each.live);
  const shown = live.length ? live : items.slice(0, 1);
  const offered = live.length || app.user.isPremium
    ? null
    : button("See subscriptions", openShop);
  return [
    shown.length
      ? h("ul", { class: "list" }, shown.map((each) => row(each, names)))
      : h("p", {}, "You have no subscription. With one, practice interviews with our AI " +
          `interviewer are unlimited and take no ${creditsWord()}.`),
    h("div", { class: "actions after" }, items.length ? portalButton({ items }) : null, offered),
  ];
}

function row(subscription, names) {
  const { label, tone, text } = subscriptionWords(subscription);
  return h("li", { class: "entry", dataset: { status: subscription.status } },
    h("div", { class: "entry-head" },
      h("strong", {}, names.get(subscription.sku) ?? "Subscription"),
      h("span", { class: "tag", dataset: { tone } }, label)),
    h("p", {}, text));
}

/**
 * The way to the provider's billing page. `items`: the subscriptions as they are shown now.
 * `tell` says what hindered it; a notice in the corner would stand behind a dialogue.
 */
export function portalButton({ items, tell = (text) => toast(text, { tone: "bad" }) } = {}) {
  const control = button("Manage subscription", async () => {
    control.disabled = true;
    try {
      const { url } = await post("/billing-portal");
      if (items) sessionStorage.setItem(BEFORE_PORTAL, JSON.stringify(items));
      leaveFor(url);
    } catch (problem) {
      control.disabled = false;
      tell(problem.code === "NO_CUSTOMER"
        ? "There is nothing to manage: you have not bought anything yet." : problem.message);
    }
  });
  return control;
}

/** Back from the portal, what was changed there is shown as soon as we have heard of it. */
async function watchForChange(app, items, draw, signal) {
  const before = sessionStorage.getItem(BEFORE_PORTAL);
  sessionStorage.removeItem(BEFORE_PORTAL);
  if (before === null || before !== JSON.stringify(items)) return;
  try {
    const answer = await lookUntil(() => get("/subscriptions"), {
      until: (value) => JSON.stringify(value.items) !== before, pausesS: PAUSES_S, signal,
    });
    if (!answer) return;
    await app.refreshUser();
    draw(answer.items);
  } catch {
    // What was known before the portal stays on the page, and a reload asks again.
  }
}
