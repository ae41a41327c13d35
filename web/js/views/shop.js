// The purchase dialogue: packages or a subscription, and what a person gets for the money.

import { get, post } from "../api.js";
import { fill, h } from "../dom.js";
import { credits, creditsWord, money } from "../format.js";
import { leaveFor } from "../leave.js";
import { button, empty, loadInto, notice, practiceNotice } from "./parts.js";
import { portalButton } from "./subscription.js";

/** The button that opens the dialogue. */
export function creditsButton(app, { refusal, ...rest } = {}) {
  return button(`Get ${creditsWord()}`, () => openShop(app, { refusal }), rest);
}

/**
 * Open the dialogue. `refusal`: the start that was refused, with the balance it was refused at;
 * `sessionCost`: what the session with an expert takes that the credits are wanted for.
 */
export function openShop(app, { refusal, sessionCost } = {}) {
  const before = document.activeElement;
  const wrong = h("p", { class: "field-error", role: "alert" });
  const offers = h("div", { class: "stack" });
  const close = () => dialog.close();
  const dialog = h("dialog", { class: "shop", "aria-labelledby": "shop-title" },
    h("div", { class: "shop-head" },
      h("h2", { id: "shop-title", tabindex: "-1", autofocus: true },
        refusal ? `Not enough ${creditsWord()}` : `Get ${creditsWord()}`),
      h("button", { type: "button", class: "quiet small", "aria-label": "Close",
        onclick: close }, "×")),
    h("p", {}, balanceWords(app.user, { sessionCost, ...refusal?.facts })),
    sessionCost
      ? notice("info", h("p", {}, `${creditsWord()} are for sessions with experts, who are ` +
          "people, and for practice interviews with an AI."))
      : practiceNotice("You pay to practise with an AI, not a person, and for feedback that an " +
          "AI writes."),
    app.interview?.running
      ? notice("warn", "Your interview is still running, and paying leaves this page. " +
          "Finish it first.")
      : null,
    offers, wrong,
    h("p", { class: "hint" },
      "You pay on the page of our payment provider. We never see your card."));
  const buy = buyer(dialog, wrong);
  loadInto(offers, "Loading what is on offer…", () => get("/products", { open: true }),
    ({ items }) => showOffers(app, items, { buy, tell: (text) => fill(wrong, text) }));
  // The dialogue belongs to the view that it was opened from.
  addEventListener("hashchange", close);
  dialog.addEventListener("close", () => {
    removeEventListener("hashchange", close);
    dialog.remove();
    if (before?.isConnected) before.focus();
  });
  document.body.append(dialog);
  dialog.showModal();
}

function balanceWords(user, { currentCredits, interviewCost, sessionCost }) {
  const balance = `Your balance: ${credits(currentCredits ?? user.credits)}. `;
  if (sessionCost) return `${balance}This session takes ${credits(sessionCost)}.`;
  if (user.isPremium) return `${balance}Your subscription makes interviews unlimited.`;
  return `${balance}An interview takes ${credits(interviewCost ?? user.interviewCost)}.`;
}

/** One purchase at a time: all buttons wait until the payment page is there. */
function buyer(dialog, wrong) {
  const setBusy = (busy) => dialog.querySelectorAll("[data-buy]").forEach((control) => {
    control.disabled = busy;
  });
  return async (product, control) => {
    const words = [...control.childNodes];
    fill(wrong);
    setBusy(true);
    fill(control, "Opening…");
    try {
      const { checkoutUrl } = await post("/checkout", { sku: product.sku });
      leaveFor(checkoutUrl);
    } catch (problem) {
      setBusy(false);
      fill(control, words);
      fill(wrong, problem.message);
      control.focus();
    }
  };
}

function showOffers(app, items, { buy, tell }) {
  const of = (kind) => items.filter((product) => product.kind === kind);
  const packages = of("credits");
  const plans = of("subscription");
  if (!packages.length && !plans.length) {
    return empty("Nothing is on offer just now", "Please come back later.");
  }
  return [
    packages.length
      ? offer("Packages", `Pay once. Each interview takes ${credits(app.user.interviewCost)}, ` +
          "given back when the call does not connect. Best for a few interviews.",
        packages.map((product) => productRow(app, product, buy)))
      : null,
    plans.length ? subscriptionOffer(app, plans, { buy, tell }) : null,
  ];
}

function subscriptionOffer(app, plans, { buy, tell }) {
  const title = "Subscription";
  if (app.user.isPremium) {
    return offer(title, "You have one: interviews are unlimited and take no " +
      `${creditsWord()}. Change or cancel it at any time.`, null, portalButton({ tell }));
  }
  return offer(title, `Unlimited interviews while it runs, and none takes ${creditsWord()}: what ` +
    "you have stays yours. It renews by itself until you cancel, at any time.",
    plans.map((product) => productRow(app, product, buy)));
}

function offer(title, text, rows, ...more) {
  const id = `offer-${title.toLowerCase()}`;
  return h("section", { class: "offer", "aria-labelledby": id },
    h("h3", { id }, title), h("p", { class: "hint" }, text),
    rows ? h("ul", { class: "products" }, rows) : null, more);
}

function productRow(app, product, buy) {
  const price = money(product.amountCents, product.currency);
  const [act, name] = product.kind === "subscription"
    ? ["Subscribe", `Subscribe to ${product.name} for ${price} ${everyWords(product.months)}`]
    : ["Buy", `Buy ${product.name} for ${price}`];
  const control = h("button", { type: "button", class: "primary small", "aria-label": name,
    "data-buy": product.sku, disabled: app.interview?.running ?? false,
    onclick: () => buy(product, control) }, act);
  return h("li", {},
    h("div", { class: "product" }, h("strong", {}, product.name),
      h("span", { class: "hint" }, product.description)),
    h("div", { class: "price" }, h("strong", {}, price),
      priceWords(product).map((words) => h("span", { class: "hint" }, words))),
    control);
}

/** What makes prices comparable: a package's price of one, a subscription's price a month. */
function priceWords({ kind, credits: amount, months, amountCents, currency }) {
  if (kind === "credits" && amount > 1) return [`${money(amountCents / amount, currency)} each`];
  if (kind === "credits") return [];
  if (!(months > 1)) return [everyWords(months)];
  return [everyWords(months), `${money(amountCents / months, currency)} a month`];
}

function everyWords(months) {
  if (months === 1) return "a month";
  if (months === 12) return "a year";
  return months ? `every ${months} months` : "";
}
