// Paying for a session with an expert: by card at the payment provider, or with credits.

import { get, post } from "../api.js";
import { fill, h } from "../dom.js";
import { credits, creditsWord, money } from "../format.js";
import { leaveFor } from "../leave.js";
import { typeWord } from "../session-words.js";
import { activeSessionDialog } from "./active.js";
import { button, empty, link, loadInto, notice, pageHead } from "./parts.js";
import { openShop } from "./shop.js";

const SEARCHED = 50; // the newest purchases; one that came back stays redeemable for a day
const AFTER_SHOP = "greenroom_unpaid_intake";

export function mountPay(app) {
  return (root, { query }) => {
    const intakeId = query.get("intake_id");
    const body = h("div", { class: "narrow stack" });
    fill(root, pageHead("Pay for your session", "You pay for time with an expert, who is a " +
      "person."), body);
    if (!intakeId) {
      fill(body, empty("Nothing to pay", "This address names no question of yours.",
        link("Ask an expert", "#/intake", "primary")));
      return;
    }
    const load = () => Promise.all([
      get(`/intake/${encodeURIComponent(intakeId)}`), earlierPayment(intakeId),
    ]);
    const open = () => loadInto(body, "Loading your session…", load, ([intake, earlier]) => [
      query.get("checkout") === "cancelled" && !earlier ? leftWithoutPaying() : null,
      show(app, intake, { earlier, reload: open }),
    ]);
    open();
  };
}

/** The way back to a session that waits for its payment, after credits were bought; read once. */
export function takeUnpaidIntake() {
  const intakeId = sessionStorage.getItem(AFTER_SHOP);
  sessionStorage.removeItem(AFTER_SHOP);
  return intakeId;
}

/** The payment of this question that came back and can be redeemed, if there is one. */
async function earlierPayment(intakeId) {
  try {
    const { items } = await get(`/purchases?limit=${SEARCHED}`);
    return items.find((each) => each.redeemable && each.intakeId === intakeId) ?? null;
  } catch (problem) {
    if (problem.status === 401) throw problem;
    return null; // the question itself can be paid without the list
  }
}

function leftWithoutPaying() {
  return notice("info", h("p", {}, h("strong", {}, "Nothing was paid. "),
    "You left the payment page without paying. Your question is kept, and you can pay now."));
}

function show(app, intake, { earlier, reload }) {
  const { status, sessionId, waiver, next } = intake;
  if (status === "expired") {
    return empty("This question has expired", "It was not paid in time, and nothing was taken.",
      link("Ask again", "#/intake", "primary"));
  }
  if (intake.isFree) {
    return empty("Nothing to pay", "This plan is free.", link("Go on", `#${next}`, "primary"));
  }
  if (sessionId || status === "consumed") {
    return empty("This is paid already", "Your session is open.",
      link("Go to your session", `#${next}`, "primary"));
  }
  if (earlier) return redeemFirst(app, earlier, reload);
  if (waiver.required && !waiver.signedAt) return waiverFirst(next);
  return choose(app, intake, reload);
}

function waiverFirst(next) {
  return notice("warn", h("p", {}, "Please sign the waiver first."),
    h("div", { class: "actions" }, link("Read and sign", `#${next}`, "primary")));
}

/** Nobody pays twice for one question: what was paid before is used first. */
function redeemFirst(app, purchase, reload) {
  const wrong = h("div", { role: "alert" });
  const price = money(purchase.amountCents, purchase.currency);
  const redeem = button("Use that payment", async () => {
    redeem.disabled = true;
    fill(wrong);
    try {
      const answer = await post(`/purchases/${encodeURIComponent(purchase.id)}/redeem`);
      await app.refreshUser().catch(() => {});
      app.router.go(`/sessions/${encodeURIComponent(answer.sessionId)}`);
    } catch (problem) {
      redeem.disabled = false;
      await told(app, problem, { wrong, reload });
    }
  }, { kind: "primary large" });
  return h("section", { class: "card form", "aria-labelledby": "earlier" },
    h("h2", { id: "earlier" }, "You have paid for this already"),
    h("p", {}, `Your payment of ${price} came back to you and was not used. Use it now, and you ` +
      "pay nothing again."),
    wrong,
    h("div", { class: "form-end" }, redeem,
      link("Get the money back instead", "#/purchases", "quiet")));
}

function choose(app, intake, reload) {
  const wrong = h("div", { role: "alert" });
  const inCredits = intake.credits !== null && intake.credits !== undefined;
  const buttons = [];
  const pay = (label, kind, run) => {
    const control = button(label, async () => {
      for (const each of buttons) each.disabled = true;
      fill(wrong);
      fill(control, "Opening…");
      try {
        await run();
      } catch (problem) {
        for (const each of buttons) each.disabled = false;
        fill(control, label);
        await told(app, problem, { wrong, reload });
      }
    }, { kind });
    buttons.push(control);
    return control;
  };
  const price = money(intake.amountCents, intake.currency);
  return [
    h("section", { class: "card", "aria-labelledby": "bill" },
      h("h2", { id: "bill" }, intake.planName),
      h("dl", { class: "facts" },
        h("dt", {}, "Kind"), h("dd", {}, typeWord(intake.sessionType)),
        h("dt", {}, "Price"), h("dd", {}, price),
        inCredits ? [h("dt", {}, "Or"), h("dd", {}, credits(intake.credits))] : null),
      h("p", { class: "hint after" },
        "If no expert comes, your money comes back to you.")),
    wrong,
    h("div", { class: "pair" },
      h("section", { class: "card form", "aria-labelledby": "by-card" },
        h("h2", { id: "by-card" }, "By card"),
        h("p", { class: "hint" }, "On the page of our payment provider. We never see your card."),
        pay(`Pay ${price}`, "primary", () => byCard(intake))),
      inCredits ? h("section", { class: "card form", "aria-labelledby": "by-credits" },
        h("h2", { id: "by-credits" }, `With ${creditsWord()}`),
        h("p", { class: "hint" }, `Your balance: ${credits(app.user.credits)}.`),
        app.user.credits >= intake.credits
          ? pay(`Use ${credits(intake.credits)}`, "secondary", () => byCredits(app, intake))
          : button(`Get ${creditsWord()}`, () => shop(app, intake))) : null),
  ];
}

async function byCard({ intakeId }) {
  const { checkoutUrl } = await post("/checkout", { intakeId });
  leaveFor(checkoutUrl);
}

async function byCredits(app, intake) {
  try {
    const path = `/intake/${encodeURIComponent(intake.intakeId)}/credits`;
    const { sessionId, redirect } = await post(path);
    await app.refreshUser().catch(() => {});
    app.router.go(redirect ?? `/sessions/${sessionId}`);
  } catch (problem) {
    if (problem.code !== "INSUFFICIENT_CREDITS") throw problem;
    await app.refreshUser().catch(() => {});
    shop(app, intake, problem);
    throw problem;
  }
}

function shop(app, { intakeId, credits: cost }, refusal) {
  sessionStorage.setItem(AFTER_SHOP, intakeId);
  openShop(app, { refusal, sessionCost: cost });
}

async function told(app, problem, { wrong, reload }) {
  const { code, facts } = problem;
  if (code === "ACTIVE_SESSION_EXISTS") return activeSessionDialog(app, facts);
  if (["INTAKE_USED", "WAIVER_REQUIRED", "PURCHASE_NOT_REDEEMABLE"].includes(code)) return reload();
  return fill(wrong, notice("warn", h("p", {}, problem.message)));
}
