// Short notices in the corner. Screen readers hear them; they stay long enough to be read.

import { h, icon } from "./dom.js";

const SHOWN_MS = 7_000;
const SHOWN_MAX = 4;
const ICON_OF = { good: "check", warn: "warn", bad: "warn", info: "info" };

/** Show a notice. `tone`: good, info, warn, bad. `action`: `{label, run}`. */
export function toast(text, { tone = "info", action } = {}) {
  const box = document.getElementById("toasts");
  const node = h(
    "div",
    { class: "toast", dataset: { tone }, role: tone === "bad" ? "alert" : "status" },
    icon(ICON_OF[tone]),
    h("p", {}, text),
  );
  const close = () => node.remove();
  if (action) {
    const run = () => {
      close();
      action.run();
    };
    node.append(h("button", { type: "button", class: "quiet", onclick: run }, action.label));
  }
  node.append(
    h("button", { type: "button", class: "close", "aria-label": "Dismiss", onclick: close }, "×"),
  );
  box.append(node);
  while (box.children.length > SHOWN_MAX) box.firstElementChild.remove();
  let timer = setTimeout(close, SHOWN_MS);
  // A person who reads or tabs to it keeps it.
  for (const name of ["pointerenter", "focusin"]) {
    node.addEventListener(name, () => clearTimeout(timer));
  }
  for (const name of ["pointerleave", "focusout"]) {
    node.addEventListener(name, () => (timer = setTimeout(close, SHOWN_MS)));
  }
}
