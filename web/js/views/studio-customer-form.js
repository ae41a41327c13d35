// Name, e-mail, phone and notes of a customer.

import { fill, h } from "../dom.js";
import { checkedField, errorsByField, focusWrong, markWrong } from "./fields.js";
import { link } from "./parts.js";

/** The form. `save(given)` sends; a refusal is shown at its field. */
export function customerForm(customer, { label, save, back }) {
  const text = (name, rest) => h("input", { name, value: customer[name] ?? "", autocomplete: "off",
    ...rest });
  const control = {
    name: text("name", { required: true, maxlength: 120 }),
    email: text("email", { type: "email", maxlength: 254 }),
    phone: text("phone", { type: "tel", maxlength: 40 }),
    notes: h("textarea", { name: "notes", rows: 3, maxlength: 2000, value: customer.notes ?? "" }),
  };
  const fields = {
    name: checkedField("Name", control.name),
    email: checkedField("E-mail (optional)", control.email, {
      hint: "Whoever signs in with it finds their passes and bookings." }),
    phone: checkedField("Phone (optional)", control.phone),
    notes: checkedField("Notes (optional)", control.notes, { hint: "Only staff read them." }),
  };
  const wrong = h("p", { class: "field-error", role: "alert" });
  const send = h("button", { type: "submit", class: "primary" }, label);
  const node = h("form", { class: "card form", onsubmit: async (event) => {
    event.preventDefault();
    if (send.disabled) return;
    send.disabled = true;
    fill(wrong);
    try {
      await save(givenIn(control, customer));
    } catch (problem) {
      const errors = errorsByField(problem);
      if (problem.code === "EMAIL_TAKEN") errors.email = problem.message;
      const known = Object.keys(errors).filter((name) => name in fields);
      known.forEach((name) => markWrong(fields[name], control[name], errors[name]));
      if (known.length) focusWrong(node);
      else fill(wrong, problem.message);
    } finally {
      send.disabled = false;
    }
  } },
  Object.values(fields), wrong,
  h("div", { class: "form-end" }, send, back ? link("Back", back, "quiet") : null));
  return node;
}

/** What is another than before; a cleared field is sent as null. */
function givenIn(control, before) {
  const given = {};
  for (const [name, { value }] of Object.entries(control)) {
    if (value.trim() !== (before[name] ?? "")) given[name] = value.trim() || null;
  }
  return given;
}
