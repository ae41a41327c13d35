// How a studio runs its classes, and the link by which customers join.

import { patch } from "../api.js";
import { fill, h } from "../dom.js";
import { pathOf } from "../studio.js";
import { toast } from "../toast.js";
import { checkbox, checkedField, errorsByField, focusWrong, markWrong } from "./fields.js";
import { copyText } from "./copy.js";
import { notice, pageHead } from "./parts.js";
import { studioPage } from "./studio.js";
import { widgetCard } from "./studio-widget.js";

export const mountSettings = studioPage("settings", (page) => {
  const { app, studio, body } = page;
  const isAdmin = studio.role === "admin";
  const view = { app, isAdmin, path: pathOf(studio.organizationId) };
  fill(body, pageHead("Settings", null),
    isAdmin ? null : notice("info", h("p", {}, "Only admins of the studio change these.")),
    h("div", { class: "columns" },
      h("div", { class: "stack" }, runForm(view, studio)),
      h("div", { class: "stack" }, joinLink(studio), widgetCard(view, studio))));
});

function joinLink({ organizationId }) {
  const address = new URL(location.href);
  address.hash = `/classes/join?studio=${encodeURIComponent(organizationId)}`;
  return h("section", { class: "card form", "aria-labelledby": "join-link" },
    h("h2", { id: "join-link" }, "Link for customers"),
    h("p", { class: "hint" }, "Whoever opens it can sign in, see the classes and book. Whose " +
      "e-mail you know already is the same customer then."),
    copyText("Link for customers", address.href));
}

function zones() {
  const known = Intl.supportedValuesOf?.("timeZone") ?? [];
  return h("datalist", { id: "zones" }, ["UTC", ...known].map((value) => h("option", { value })));
}

function runForm({ isAdmin, path }, organization) {
  const { studio } = organization;
  const number = (name, max) => h("input", { name, type: "number", inputmode: "numeric", min: 0,
    max, required: true, value: studio[name], disabled: !isAdmin });
  const control = {
    timezone: h("input", { name: "timezone", required: true, list: "zones", maxlength: 64,
      autocapitalize: "none", spellcheck: "false", value: studio.timezone, disabled: !isAdmin }),
    currency: h("input", { name: "currency", required: true, pattern: "[A-Za-z]{3}",
      title: "Three letters", maxlength: 3, autocapitalize: "characters", spellcheck: "false",
      value: studio.currency.toUpperCase(), disabled: !isAdmin }),
    lateCancelMinutes: number("lateCancelMinutes", 43_200),
    noticeMinutes: number("noticeMinutes", 43_200),
    waitlistMax: number("waitlistMax", 500),
  };
  const prepaid = checkbox("requiresPrepayment", "Classes are paid in advance", {
    checked: studio.requiresPrepayment, disabled: !isAdmin,
    hint: "With a pass or by card. Otherwise people may pay at the studio." });
  const fields = {
    timezone: checkedField("Time zone", control.timezone, { hint: "Such as Europe/Berlin." }),
    currency: checkedField("Currency", control.currency),
    lateCancelMinutes: checkedField("Late cancel, minutes before", control.lateCancelMinutes),
    noticeMinutes: checkedField("Booking closes, minutes before", control.noticeMinutes),
    waitlistMax: checkedField("Places on a waitlist", control.waitlistMax),
  };
  const wrong = h("p", { class: "field-error", role: "alert" });
  const save = h("button", { type: "submit", class: "primary", disabled: !isAdmin }, "Save");
  const form = h("form", { class: "card form", "aria-labelledby": "run", onsubmit: async (event) => {
    event.preventDefault();
    if (save.disabled) return;
    save.disabled = true;
    fill(wrong);
    try {
      await patch(path, {
        timezone: control.timezone.value.trim(),
        currency: control.currency.value.trim().toLowerCase(),
        requiresPrepayment: prepaid.control.checked,
        ...Object.fromEntries(["lateCancelMinutes", "noticeMinutes", "waitlistMax"]
          .map((name) => [name, Number(control[name].value)])),
      });
      toast("Saved.", { tone: "good" });
    } catch (problem) {
      const errors = errorsByField(problem);
      const known = Object.keys(errors).filter((name) => name in fields);
      known.forEach((name) => markWrong(fields[name], control[name], errors[name]));
      if (known.length) focusWrong(form);
      else fill(wrong, problem.message);
    } finally {
      save.disabled = false;
    }
  } },
  h("h2", { id: "run" }, "How classes run"), zones(),
  h("div", { class: "row" }, fields.timezone, fields.currency), prepaid.node,
  h("h3", {}, "What new classes begin with"),
  h("div", { class: "row" }, fields.lateCancelMinutes, fields.noticeMinutes), fields.waitlistMax,
  wrong, isAdmin ? h("div", { class: "form-end" }, save) : null);
  return form;
}
