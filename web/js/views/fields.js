// Form pieces that name what is wrong beside the field that it concerns.

import { field, h } from "../dom.js";

/** A field with a place for its error; `error` is shown until the person changes the value. */
export function checkedField(label, control, { hint, error } = {}) {
  const node = field(label, control, hint);
  if (error) markWrong(node, control, error);
  return node;
}

/** Show an error at a control inside `node`, and tie both together for screen readers. */
export function markWrong(node, control, error) {
  const own = control.id || control.name;
  const words = h("span", { class: "field-error", id: `${own}-error`, dataset: { for: own } },
    error);
  const described = control.getAttribute("aria-describedby");
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", [words.id, described].filter(Boolean).join(" "));
  node.append(words);
  control.addEventListener("input", () => {
    words.remove();
    control.removeAttribute("aria-invalid");
    if (described) control.setAttribute("aria-describedby", described);
    else control.removeAttribute("aria-describedby");
  }, { once: true });
}

/** A box to tick, with its words and an optional hint under them. */
export function checkbox(name, label, { checked = false, hint, ...rest } = {}) {
  const id = `check-${name}`;
  const control = h("input", { type: "checkbox", name, id, checked,
    "aria-describedby": hint ? `${id}-hint` : null, ...rest });
  const node = h("div", { class: "check" }, control,
    h("div", {}, h("label", { for: id }, label),
      hint ? h("span", { class: "hint", id: `${id}-hint` }, hint) : null));
  return { node, control };
}

/** Choices of which one is taken. `options`: `[{value, label, hint, aside, disabled}]`. */
export function choices(legend, name, options, { chosen, onChange, error } = {}) {
  const wrong = error ? h("span", { class: "field-error", id: `${name}-error` }, error) : null;
  const rows = options.map(({ value, label, hint, aside, disabled }, index) => {
    const id = `${name}-${index}`;
    const control = h("input", { type: "radio", name, id, value, checked: value === chosen,
      required: true, disabled, "aria-describedby": hint ? `${id}-hint` : null,
      onchange: () => {
        wrong?.remove();
        onChange?.(value);
      } });
    return h("label", { class: "choice", for: id }, control,
      h("span", { class: "choice-words" }, h("strong", {}, label),
        hint ? h("span", { class: "hint", id: `${id}-hint` }, hint) : null),
      aside ? h("span", { class: "choice-aside" }, aside) : null);
  });
  return h("fieldset", { class: "choices", id: `choices-${name}`,
    "aria-describedby": wrong ? wrong.id : null },
    h("legend", {}, legend), rows, wrong);
}

/** The errors of a 422 by the first part of their field's name: `vehicle.make` -> `vehicle`. */
export function errorsByField({ facts }) {
  const found = {};
  for (const { field: name, message } of facts?.errors ?? []) {
    const [first] = String(name).replace(/^body\./, "").split(".");
    found[first] ??= message;
  }
  return found;
}

/** Give the focus to the first control that is marked wrong. */
export function focusWrong(root) {
  root.querySelector("[aria-invalid], fieldset[aria-describedby] input")?.focus();
}
