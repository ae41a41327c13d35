// An expert's profile, and the switch with which they go online.

import { put } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { toast } from "../toast.js";
import { checkbox, checkedField, errorsByField, focusWrong, markWrong } from "./fields.js";
import { notice } from "./parts.js";

const ACTIVE_MAX = 20;
const ACTIVE_DEFAULT = 3;
const SKILLS_MAX = 30;

/**
 * The form. `me`: the profile, or what is known before there is one; `status()`: whether they are
 * online when it is sent, which is not the form's business.
 */
export function profileForm(me, { title, label, status, onSaved }) {
  const control = {
    name: h("input", { name: "name", required: true, maxlength: 80, autocomplete: "name",
      value: me.name ?? "" }),
    skills: h("input", { name: "skills", maxlength: 1000, value: (me.skills ?? []).join(", ") }),
    workshopId: h("input", { name: "workshopId", maxlength: 64, autocapitalize: "none",
      spellcheck: "false", pattern: "[a-z0-9][a-z0-9\\-]{0,63}",
      title: "Small letters, digits and hyphens", value: me.workshopId ?? "" }),
    maxActive: h("input", { name: "maxActive", type: "number", min: 1, max: ACTIVE_MAX,
      required: true, inputmode: "numeric", value: me.maxActive ?? ACTIVE_DEFAULT }),
  };
  const fields = {
    name: checkedField("Name that customers see", control.name),
    skills: checkedField("Skills (optional)", control.skills, {
      hint: `Divided by commas, at most ${SKILLS_MAX}: brakes, electrics, hybrids.` }),
    workshopId: checkedField("Workshop (optional)", control.workshopId, {
      hint: "Its short name: small letters, digits and hyphens." }),
    maxActive: checkedField("Sessions at a time", control.maxActive),
  };
  const specialist = checkbox("isSpecialist", "I am a specialist", {
    checked: me.isSpecialist ?? false, hint: "You are asked where a customer needs one." });
  const wrong = h("p", { class: "field-error", role: "alert" });
  const save = h("button", { type: "submit", class: "primary" }, icon("check"),
    h("span", {}, label));
  const node = h("form", { class: "card form", onsubmit: async (event) => {
    event.preventDefault();
    save.disabled = true;
    fill(wrong);
    try {
      const saved = await put("/experts/me", {
        status: status(), name: control.name.value.trim(),
        maxActive: Number(control.maxActive.value), isSpecialist: specialist.control.checked,
        skills: skillsOf(control.skills.value),
        workshopId: control.workshopId.value.trim() || null,
      });
      toast("Profile saved.", { tone: "good" });
      onSaved(saved);
    } catch (problem) {
      const errors = errorsByField(problem);
      const known = Object.keys(errors).filter((name) => name in fields);
      known.forEach((name) => markWrong(fields[name], control[name], errors[name]));
      if (known.length) focusWrong(node);
      else fill(wrong, problem.message);
    } finally {
      save.disabled = false;
    }
  } },
  h("h2", { tabindex: "-1" }, title), Object.values(fields), specialist.node, wrong,
  h("div", { class: "form-end" }, save));
  return node;
}

function skillsOf(text) {
  return [...new Set(text.split(",").map((part) => part.trim()).filter(Boolean))];
}

/** Online or offline, how many sessions are taken, and whether the profile is approved. */
export function presencePanel(desk) {
  const control = h("button", { type: "button", role: "switch", class: "switch",
    "aria-labelledby": "presence-title",
    onclick: () => toggle(desk, control) }, h("span", { "aria-hidden": "true" }));
  const words = h("p", { class: "hint", role: "status" });
  const approval = h("div", {});
  return {
    node: h("section", { class: "card form", "aria-labelledby": "presence-title" },
      h("div", { class: "switch-row" },
        h("h2", { id: "presence-title", tabindex: "-1" }, "Online"), control),
      words, approval),
    show(me) {
      const online = me.status === "online";
      control.setAttribute("aria-checked", String(online));
      control.disabled = !me.approved && !online;
      const next = presenceWords(me);
      if (words.textContent !== next) fill(words, next);
      if (me.approved) fill(approval);
      else if (!approval.firstChild) {
        fill(approval, notice("warn", h("p", {}, h("strong", {}, "Not approved yet. "),
          "Our team looks at your profile. You can go online as soon as they have approved it.")));
      }
    },
  };
}

function presenceWords({ status, activeCount, maxActive }) {
  const taken = `You have ${activeCount} of at most ${maxActive} sessions.`;
  if (status !== "online") return `You are offline: nothing is offered to you. ${taken}`;
  if (activeCount >= maxActive) {
    return `You are online, but nothing more is offered until one ends. ${taken}`;
  }
  return `You are online: new questions are offered to you here. ${taken}`;
}

async function toggle(desk, control) {
  control.disabled = true;
  const status = desk.me.status === "online" ? "offline" : "online";
  try {
    desk.setMe(await put("/experts/me", { status }));
  } catch (problem) {
    toast(problem.message, { tone: "bad" });
    control.disabled = false;
  }
  control.focus();
}
