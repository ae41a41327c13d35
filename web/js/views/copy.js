// Text to copy: shown whole, with a button, and selected where copying is not allowed.

import { h } from "../dom.js";
import { toast } from "../toast.js";
import { button } from "./parts.js";

export function copyText(label, text) {
  const shown = h("pre", { class: "code", tabindex: "0", "aria-label": label }, text);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast("Copied.", { tone: "good" });
    } catch {
      getSelection().selectAllChildren(shown);
      toast("Copying is not allowed here. It is selected, so that you can copy it yourself.");
    }
  };
  return h("div", { class: "copy" }, shown,
    button("Copy", copy, { kind: "small", "aria-label": `Copy: ${label}` }));
}
