// What a person has bought: the subscription, every purchase, and what can be done with each.

import { get, post } from "../api.js";
import { fill, h } from "../dom.js";
import { creditsWord, money, when } from "../format.js";
import { reloadOnReturn, webAddress } from "../leave.js";
import { purchaseWords } from "../purchase.js";
import { toast } from "../toast.js";
import { activeSessionDialog } from "./active.js";
import { checkoutReturn } from "./checkout-return.js";
import { paged } from "./paged.js";
import { ask, button, card, empty, inTurn, loadInto, pageHead } from "./parts.js";
import { creditsButton, openShop } from "./shop.js";
import { subscriptionPanel } from "./subscription.js";

const PAGE = 20;

export function mountPurchases(app) {
  return (root, { query }) => {
    const left = new AbortController();
    const { signal } = left;
    const shop = () => openShop(app);
    const confirmingId = query.get("checkout") === "success" ? query.get("purchase") : null;
    const list = h("div", {});
    const load = inTurn(() => loadInto(list, "Loading your purchases…",
      () => get(`/purchases?limit=${PAGE}`), (page) => show(app, page, confirmingId)));
    const subscription = subscriptionPanel(app, { openShop: shop, signal });
    const onSettled = () => {
      load();
      subscription.reload();
    };
    fill(root,
      pageHead("Your purchases",
        "Practice with an AI interviewer, sessions with experts, who are people, and classes.",
        creditsButton(app, { kind: "primary" })),
      checkoutReturn(app, query, { onSettled, openShop: shop, signal }),
      h("div", { class: "stack" }, subscription.node, card("Purchases", list)));
    load();
    return () => left.abort();
  };
}

function show(app, page, confirmingId) {
  if (!page.items.length) {
    return empty("No purchases yet",
      `Packages of ${creditsWord()} and subscriptions that you buy appear here.`);
  }
  const draw = (items) => h("ul", { class: "list" }, items.map((each) =>
    row(app, each, { confirming: each.id === confirmingId && each.status === "awaiting" })));
  return paged(page, draw, (cursor) =>
    get(`/purchases?limit=${PAGE}&cursor=${encodeURIComponent(cursor)}`));
}

function row(app, purchase, { confirming = false } = {}) {
  const { label, tone, text } = purchaseWords(purchase, { confirming });
  const count = purchase.quantity > 1 ? `${purchase.quantity} × ` : "";
  const node = h("li", { class: "entry", dataset: { status: purchase.status } },
    h("div", { class: "entry-head" },
      h("strong", {}, count + purchase.name),
      h("span", { class: "amount" }, money(purchase.amountCents, purchase.currency))),
    h("div", { class: "entry-head" },
      h("span", { class: "hint" }, when(purchase.paidAt ?? purchase.createdAt)),
      h("span", { class: "tag", dataset: { tone } }, label)),
    h("p", {}, text));
  const replace = (changed) => {
    const next = row(app, changed);
    node.replaceWith(next);
    next.tabIndex = -1;
    next.focus();
  };
  const acts = confirming ? [] : actions(app, purchase, replace);
  if (acts.length) node.append(h("div", { class: "actions" }, acts));
  return node;
}

function actions(app, purchase, replace) {
  const found = [];
  const checkout = purchase.status === "awaiting" && webAddress(purchase.checkoutUrl);
  if (checkout) {
    found.push(h("a", { class: "button primary small", href: checkout, onclick: reloadOnReturn },
      "Continue paying"));
  }
  if (purchase.redeemable) {
    const redeem = button("Redeem", () => act(app, redeem, () => redeemed(app, purchase, replace)),
      { kind: "primary small" });
    found.push(redeem);
  }
  if (purchase.kind === "session" && purchase.status === "fulfilled" && purchase.sessionId) {
    const place = `#/sessions/${encodeURIComponent(purchase.sessionId)}`;
    found.push(h("a", { class: "button secondary small", href: place }, "Open the session"));
  }
  if (purchase.kind === "booking" && purchase.status === "fulfilled") {
    found.push(h("a", { class: "button secondary small", href: "#/classes/mine" },
      "Your bookings"));
  }
  if (purchase.refundable) {
    const refund = button("Refund", () => act(app, refund, () => refunded(purchase, replace)),
      { kind: "small" });
    found.push(refund);
  }
  return found;
}

/** Once a click; what hinders it is said in the server's words. */
async function act(app, control, run) {
  control.disabled = true;
  try {
    await run();
  } catch (problem) {
    // A dialogue gives the focus back to what can take it.
    control.disabled = false;
    if (problem.code === "ACTIVE_SESSION_EXISTS") await activeSessionDialog(app, problem.facts);
    else toast(problem.message, { tone: "bad" });
  } finally {
    control.disabled = false;
  }
}

async function redeemed(app, { id }, replace) {
  const answer = await post(`/purchases/${encodeURIComponent(id)}/redeem`);
  replace(answer.purchase);
  await app.refreshUser().catch(() => {});
  const sessionId = answer.sessionId ?? answer.purchase.sessionId;
  toast(answer.bookingId ? "Redeemed: your seat is confirmed." : "Redeemed: your session is open.",
    { tone: "good" });
  if (sessionId) app.router.go(`/sessions/${encodeURIComponent(sessionId)}`);
}

async function refunded({ id, name, amountCents, currency }, replace) {
  const sure = await ask("Get your money back?",
    `${name} is given up, and ${money(amountCents, currency)} go back the way you paid.`, [
      { label: "Refund", value: "refund", kind: "primary" },
      { label: "Keep it", value: "" },
    ]);
  if (sure !== "refund") return;
  const { purchase } = await post(`/purchases/${encodeURIComponent(id)}/refund`);
  replace(purchase);
  toast("The refund is on its way. It can take some days until your bank shows it.", {
    tone: "good",
  });
}
