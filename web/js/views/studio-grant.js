// Giving a customer a pass: a package of uses, or a membership.

import { fill, h } from "../dom.js";
import { intention } from "../intention.js";
import { postOnce } from "../requests.js";
import { pathOf } from "../studio.js";
import { momentOf } from "../zone.js";
import { checkbox, checkedField, choices, errorsByField, focusWrong, markWrong } from "./fields.js";

const giving = intention("greenroom_pass");

/** The first moment of a day at the studio, in ISO 8601. */
export const firstMoment = (date, zone) => momentOf(`${date}T00:00`, zone)
  ?? momentOf(`${date}T03:00`, zone);

/** The last moment of a day at the studio, to the second. */
export function lastMoment(date, zone) {
  const minute = momentOf(`${date}T23:59`, zone);
  return minute && new Date(Date.parse(minute) + 59_000).toISOString();
}

/** The form. `who`: `{clientId}` or `{customerId}`; `onGiven(pass)` hears of the new pass. */
export function grantForm({ studio }, { who, onGiven }) {
  const number = (name, value) => h("input", { name, type: "number", inputmode: "numeric", min: 1,
    max: 10_000, required: true, value });
  const control = {
    name: h("input", { name: "name", required: true, maxlength: 120, autocomplete: "off" }),
    uses: number("uses", 10), usesPerPeriod: number("usesPerPeriod", 2),
    period: h("select", { name: "period" }, h("option", { value: "week" }, "week"),
      h("option", { value: "month" }, "month")),
    validFrom: h("input", { name: "validFrom", type: "date" }),
    validUntil: h("input", { name: "validUntil", type: "date" }),
    classTypes: h("input", { name: "classTypes", maxlength: 500, autocapitalize: "none" }),
  };
  const unlimited = checkbox("unlimited", "As often as they like", {
    onchange: () => (control.usesPerPeriod.disabled = unlimited.control.checked) });
  const fields = {
    name: checkedField("Name of the pass", control.name),
    uses: checkedField("Uses", control.uses),
    usesPerPeriod: checkedField("Uses in each period", control.usesPerPeriod),
    period: checkedField("Period", control.period, { hint: "As the calendar has it." }),
    validFrom: checkedField("First day (optional)", control.validFrom),
    validUntil: checkedField("Last day (optional)", control.validUntil),
    classTypes: checkedField("Types of classes (optional)", control.classTypes, {
      hint: "Divided by commas. Empty: all." }),
  };
  const kind = choices("Kind", "passKind", [
    { value: "package", label: "Package", hint: "So many uses." },
    { value: "membership", label: "Membership", hint: "So many uses a week or a month." },
  ], { chosen: "package", onChange: () => show() });
  const isPackage = () => kind.querySelector("input:checked").value === "package";
  const own = h("div", { class: "form" });
  const show = () => fill(own, isPackage() ? fields.uses
    : [unlimited.node, h("div", { class: "row" }, fields.usesPerPeriod, fields.period)]);
  const wrong = h("p", { class: "field-error", role: "alert" });
  const give = h("button", { type: "submit", class: "primary" }, "Give the pass");
  const form = h("form", { class: "form after", onsubmit: async (event) => {
    event.preventDefault();
    if (give.disabled) return;
    give.disabled = true;
    fill(wrong);
    try {
      const given = { ...who, ...givenIn(control, { zone: studio.studio.timezone,
        isPackage: isPackage(), isUnlimited: unlimited.control.checked }) };
      const list = isPackage() ? "packages" : "memberships";
      const pass = await postOnce(pathOf(studio.organizationId, [list]),
        giving.keyFor({ list, ...given }), given);
      giving.done();
      form.reset();
      control.usesPerPeriod.disabled = false;
      show();
      onGiven(pass);
    } catch (problem) {
      told(form, { problem, control, fields, wrong });
    } finally {
      give.disabled = false;
    }
  } },
  kind, fields.name, own, h("div", { class: "row" }, fields.validFrom, fields.validUntil),
  fields.classTypes, wrong, h("div", { class: "form-end" }, give));
  show();
  return form;
}

function givenIn(control, { zone, isPackage, isUnlimited }) {
  const types = control.classTypes.value.split(",").map((part) => part.trim()).filter(Boolean);
  const { validFrom: { value: from }, validUntil: { value: until } } = control;
  return {
    name: control.name.value.trim(),
    ...(isPackage ? { uses: Number(control.uses.value) } : {
      usesPerPeriod: isUnlimited ? null : Number(control.usesPerPeriod.value),
      period: control.period.value,
    }),
    ...(from ? { validFrom: firstMoment(from, zone) } : {}),
    ...(until ? { validUntil: lastMoment(until, zone) } : {}),
    ...(types.length ? { classTypes: [...new Set(types)] } : {}),
  };
}

function told(form, { problem, control, fields, wrong }) {
  const errors = errorsByField(problem);
  const known = Object.keys(errors).filter((name) => fields[name]?.isConnected);
  known.forEach((name) => markWrong(fields[name], control[name], errors[name]));
  if (known.length) focusWrong(form);
  else fill(wrong, problem.message);
}
