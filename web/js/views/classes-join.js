// Joining a studio by the link or the id that it gives.

import { post } from "../api.js";
import { fill, h } from "../dom.js";
import { pathOf, placeOf } from "../studio.js";
import { toast } from "../toast.js";
import { checkedField, focusWrong, markWrong } from "./fields.js";
import { card, link, pageHead } from "./parts.js";

export function mountJoin(app) {
  return (root, { query }) => {
    fill(root,
      pageHead("Join a studio", "Then you can see its classes and book them."),
      h("div", { class: "narrow" }, card(null, joinForm(app, query.get("studio") ?? ""))));
    return null;
  };
}

/** The id in what a person pasted: a link of ours, or the id itself. */
export function studioIn(text) {
  const named = /[?&]studio=([^&#\s]+)/.exec(text);
  return named ? decodeURIComponent(named[1]) : text.trim();
}

/** The form; `given`: the studio that a link has named, which is not asked for again. */
export function joinForm(app, given = "") {
  const studio = h("input", { name: "studio", required: true, maxlength: 500, value: given,
    autocomplete: "off", autocapitalize: "none", spellcheck: "false" });
  const asked = checkedField("Link or id of the studio", studio);
  const name = h("input", { name: "name", maxlength: 120, autocomplete: "name", required: true,
    value: app.user.name ?? "" });
  const join = h("button", { type: "submit", class: "primary" }, "Join");
  const wrong = h("p", { class: "field-error", role: "alert" });
  const form = h("form", { class: "form", onsubmit: async (event) => {
    event.preventDefault();
    if (join.disabled) return;
    join.disabled = true;
    fill(wrong);
    try {
      const id = studioIn(studio.value);
      const { organizationId } = await post(pathOf(id, ["me"]), { name: name.value.trim() });
      await app.places.studios({ renew: true }).catch(() => {});
      toast("Welcome: you can book its classes now.", { tone: "good" });
      app.router.go(placeOf("classes", organizationId ?? id).slice(1));
    } catch (problem) {
      join.disabled = false;
      if (problem.code !== "NOT_FOUND") return fill(wrong, problem.message);
      markWrong(asked, studio, "There is no such studio. Please look at the link again: its short " +
        "name is not enough.");
      focusWrong(form);
    }
  } },
  asked,
  checkedField("Your name", name, { hint: "As the studio sees it. If it knows your e-mail " +
    "already, you find your passes and bookings there." }),
  wrong, h("div", { class: "form-end" }, join));
  return form;
}

/** A stranger is told no more than that of a studio that does not exist. */
export function notIn(org) {
  return h("div", { class: "narrow" }, pageHead("You are not in this studio"),
    h("section", { class: "card" },
      h("p", {}, "The link may be wrong, or you have not joined yet."),
      h("div", { class: "actions after" },
        link("Join this studio", `#/classes/join?studio=${encodeURIComponent(org)}`, "primary"),
        link("Your studios", "#/classes"))));
}
