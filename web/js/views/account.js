// Who the person is, what the interviewer may know of them, and their balance with its ledger.

import { get, patch } from "../api.js";
import { field, fill, h, icon } from "../dom.js";
import { credits, creditsWord, ledgerReason, ledgerWords, when } from "../format.js";
import { toast } from "../toast.js";
import { paged } from "./paged.js";
import { ownData } from "./own-data.js";
import { card, empty, link, loadInto, pageHead } from "./parts.js";
import { creditsButton } from "./shop.js";

const PAGE = 20;

export function mountProfile(app) {
  return (root) => {
    fill(root,
      pageHead("Your profile", app.user.email ?? "Signed in without an e-mail address."),
      profileForm(app),
      app.identity.profileUrl
        ? h("p", { class: "after" },
            h("a", { href: app.identity.profileUrl }, "Sign-in and security settings"))
        : null,
      ownData(app),
    );
  };
}

function profileForm(app) {
  const profile = app.user.profile ?? {};
  const name = h("input", { name: "name", maxlength: 200, autocomplete: "name",
    value: app.user.name ?? "" });
  const own = {
    headline: h("input", { name: "headline", maxlength: 200, value: profile.headline ?? "" }),
    bio: h("textarea", { name: "bio", rows: 3, maxlength: 4000, value: profile.bio ?? "" }),
    imageUrl: h("input", { name: "imageUrl", type: "url", maxlength: 2048,
      value: profile.imageUrl ?? "" }),
    resumeText: h("textarea", { name: "resumeText", rows: 10, maxlength: 40000,
      value: profile.resumeText ?? "" }),
  };
  const save = h("button", { type: "submit", class: "primary" }, icon("check"),
    h("span", {}, "Save profile"));
  const wrong = h("p", { class: "field-error", role: "alert" });
  const submit = async (event) => {
    event.preventDefault();
    save.disabled = true;
    fill(wrong);
    try {
      app.setUser(await patch("/user", profileChange(app.user, name.value, own)));
      toast("Profile saved.", { tone: "good" });
    } catch (problem) {
      fill(wrong, problem.detail);
    } finally {
      save.disabled = false;
    }
  };
  return h("form", { class: "card form narrow", onsubmit: submit },
    field("Name", name), field("Headline", own.headline), field("About you", own.bio),
    field("Picture address", own.imageUrl), field("Résumé as text", own.resumeText,
      "The AI interviewer asks about it. It is filled in when you start an interview."),
    wrong, h("div", { class: "form-end" }, save));
}

/** Only what changed is sent; a cleared field is sent as null. */
function profileChange(user, name, own) {
  const change = {};
  if (name.trim() !== (user.name ?? "")) change.name = name.trim() || null;
  const profile = {};
  for (const [key, { value }] of Object.entries(own)) {
    if (value.trim() !== (user.profile?.[key] ?? "")) profile[key] = value.trim() || null;
  }
  if (Object.keys(profile).length) change.profile = profile;
  return change;
}

export function mountBalance(app) {
  return (root) => {
    const list = h("div", {});
    root.append(pageHead("Your balance", `Every change of your ${creditsWord()}.`), summary(app),
      card("Ledger", list));
    loadInto(list, "Loading the ledger…", () => get(`/user/ledger?limit=${PAGE}`), (page) =>
      page.items.length
        ? paged(page, ledgerTable, (cursor) =>
            get(`/user/ledger?limit=${PAGE}&cursor=${encodeURIComponent(cursor)}`))
        : empty("Nothing yet", "Your first entry appears when you are given or use credits."));
  };
}

function summary(app) {
  const { user } = app;
  const text = user.isPremium
    ? `Unlimited interviews${user.premiumUntil ? ` until ${when(user.premiumUntil)}` : ""}.`
    : `An interview costs ${credits(user.interviewCost)}. It is given back when the call does ` +
      "not connect.";
  return h("section", { class: "card balance" },
    h("p", { class: "balance-figure" }, credits(user.credits)),
    h("p", {}, text),
    user.credits < 0
      ? h("p", {}, "A payment that you had spent from was taken back, so your balance is below " +
          "zero. What you buy next fills it up first.")
      : null,
    h("div", { class: "actions" }, link("Practise now", "#/", "primary"), creditsButton(app),
      link("Purchases and subscription", "#/purchases", "quiet")));
}

/** Entries of a ledger, as their owner reads them. */
export function ledgerTable(items) {
  return h("ul", { class: "list" }, items.map((entry) => {
    const amount = Number(entry.amount);
    return h("li", { class: "list-row", dataset: { kind: entry.kind } },
      h("span", { class: "list-main" },
        h("strong", {}, ledgerWords(entry)),
        h("span", { class: "hint" },
          [when(entry.at), ledgerReason(entry)].filter(Boolean).join(" · "))),
      h("span", { class: "amount", dataset: { sign: amount < 0 ? "minus" : "plus" } },
        `${amount < 0 ? "−" : "+"}${Math.abs(amount).toFixed(2)}`));
  }));
}
