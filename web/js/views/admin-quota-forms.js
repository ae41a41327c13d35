// Changing a quota: units of this month, once, or what there is each month from now on.

import { adminPath } from "../admin.js";
import { put } from "../api.js";
import { count, EXAM, serviceWords, STRUCTURED } from "../ai.js";
import { fill, h } from "../dom.js";
import { intention } from "../intention.js";
import { postOnce } from "../requests.js";
import { toast } from "../toast.js";
import { checkbox, checkedField, errorsByField, focusWrong, markWrong } from "./fields.js";

const REASON_MAX = 300;
const granting = intention("greenroom_units");

/** The form that gives or takes units. `owner`: `{tenant}` or `{userId}`. */
export function unitsForm(owner, report, { onDone }) {
  const control = {
    serviceType: serviceSelect(report),
    units: h("input", { name: "units", type: "number", step: 1, required: true,
      inputmode: "numeric", placeholder: "50" }),
    reason: reasonInput(),
  };
  const fields = {
    serviceType: checkedField("Service of the units", control.serviceType),
    units: checkedField("Units to give", control.units, { hint: "With a minus, to take." }),
    reason: checkedField("Reason of the units", control.reason),
  };
  return changeForm("Give or take units", "Post", { control, fields, send: async () => {
    const body = { ...owner, serviceType: control.serviceType.value,
      units: Number(control.units.value), reason: control.reason.value.trim() };
    const { quota } = await postOnce(adminPath(["ai", "adjustments"]), granting.keyFor(body), body);
    granting.done();
    toast(`Done: ${count(quota.remaining, "unit")} of ${serviceWords(quota.serviceType)} left.`,
      { tone: "good" });
    await onDone();
  } });
}

/** The form that sets what a tenant has each month. */
export function limitForm(tenant, report, { onDone }) {
  const control = {
    serviceType: serviceSelect(report),
    limit: h("input", { name: "limit", type: "number", min: 0, step: 1, required: true,
      inputmode: "numeric" }),
    reason: reasonInput(),
  };
  const soft = checkbox("soft", "Only counted", { hint: "Nobody is refused beyond the limit." });
  const fields = {
    serviceType: checkedField("Service of the limit", control.serviceType),
    limit: checkedField("Units each month", control.limit, { hint: "From this month on, without adjustments." }),
    reason: checkedField("Reason of the limit", control.reason),
  };
  const show = () => {
    const now = report.items.find(({ serviceType }) => serviceType === control.serviceType.value);
    control.limit.placeholder = now ? String(now.limit) : "";
    soft.control.checked = now?.enforcement === "soft";
  };
  control.serviceType.addEventListener("change", show);
  show();
  return changeForm("Set the limit", "Set", { control, fields, more: soft.node, send: async () => {
    const quota = await put(adminPath(["ai", "quota"]), {
      tenant, serviceType: control.serviceType.value, limit: Number(control.limit.value),
      enforcement: soft.control.checked ? "soft" : "hard", reason: control.reason.value.trim() });
    toast(`Done: ${count(quota.limit, "unit")} this month, adjustments included.`,
      { tone: "good" });
    await onDone();
  } });
}

function serviceSelect({ items }) {
  const services = new Set([...items.map(({ serviceType }) => serviceType), EXAM, STRUCTURED]);
  return h("select", { name: "serviceType" }, [...services].map((each) =>
    h("option", { value: each }, serviceWords(each))));
}

const reasonInput = () => h("input", { name: "reason", required: true, minlength: 3,
  maxlength: REASON_MAX, autocomplete: "off" });

function changeForm(title, label, { control, fields, more, send }) {
  const wrong = h("p", { class: "field-error", role: "alert" });
  const submit = h("button", { type: "submit", class: "primary" }, label);
  const form = h("form", { class: "card form", "aria-label": title, onsubmit: async (event) => {
    event.preventDefault();
    if (submit.disabled) return;
    submit.disabled = true;
    fill(wrong);
    try {
      await send();
    } catch (problem) {
      const errors = errorsByField(problem);
      const known = Object.keys(errors).filter((name) => name in fields);
      known.forEach((name) => markWrong(fields[name], control[name], errors[name]));
      if (known.length) focusWrong(form);
      else fill(wrong, problem.message);
    } finally {
      submit.disabled = false;
    }
  } },
  h("h2", {}, title), Object.values(fields), more ?? null, wrong,
  h("div", { class: "form-end" }, submit));
  return form;
}
