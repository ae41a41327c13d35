// The box for typed answers: Enter sends.

import { field, h, icon } from "../dom.js";
import { toast } from "../toast.js";

export function answerForm(interview) {
  const input = h("textarea", { rows: 2, name: "answer", maxlength: 4000,
    placeholder: "Type an answer instead of speaking" });
  const send = h("button", { type: "submit", class: "primary" }, icon("send"),
    h("span", {}, "Send"));
  const submit = (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    if (interview.type(text)) input.value = "";
    else toast("The connection is not open: your answer was not sent.", { tone: "warn" });
    input.focus();
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  });
  return {
    node: h("form", { class: "answer", onsubmit: submit },
      field("Typed answer", input, "Enter sends, Shift and Enter makes a new line."), send),
    focus() {
      input.disabled = false;
      input.focus();
    },
    setOpen(open) {
      input.disabled = send.disabled = !open;
    },
  };
}
