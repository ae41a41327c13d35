// The booking widget for a studio's own site: its key, the sites that may show it, what to paste.

import { patch, post } from "../api.js";
import { fill, h } from "../dom.js";
import { toast } from "../toast.js";
import { checkbox, checkedField, errorsByField, focusWrong, markWrong } from "./fields.js";
import { copyText } from "./copy.js";
import { ask, button } from "./parts.js";

const THIRD_PARTY_PORTS_ABOVE = 4; // where the laptop cloud serves a site of somebody else

/** The card; it is drawn anew with what the server answers. */
export function widgetCard({ app, isAdmin, path }, organization) {
  const node = h("section", { class: "card form", "aria-labelledby": "widget" });
  const draw = ({ studio: { widget } }) => {
    const heading = h("h2", { id: "widget", tabindex: "-1" }, "Booking on your own site");
    const view = { app, isAdmin, path, redraw: (next) => {
      draw(next);
      node.querySelector("#widget").focus();
    } };
    fill(node, heading,
      h("p", { class: "hint" }, "People see your schedule there and book without an account. " +
        "They become leads."),
      widget?.key ? [embed(view, widget), originsForm(view, widget)] : null,
      isAdmin ? keyButton(view, widget) : null,
      !isAdmin && !widget?.key ? h("p", {}, "There is no key yet.") : null);
  };
  draw(organization);
  return node;
}

function embed({ app }, { key }) {
  const { origin, pathname } = location;
  const base = `${origin}${pathname.replace(/\/[^/]*$/, "")}`;
  const text = `<script src="${base}/widget.js" data-key="${key}"\n        ` +
    `data-api="${origin}" async></script>`;
  return [
    h("h3", {}, "Paste this where the schedule shall stand"),
    copyText("Embed code", text),
    app.isLocal
      ? h("p", {}, h("a", { href: thirdParty(key), target: "_blank", rel: "noopener" },
          "See it on a site of another origin"), " on this machine. Allow ",
        h("code", {}, new URL(thirdParty(key)).origin), " below first.")
      : h("p", { class: "hint" }, "data-api is where your widget's API answers: the output " +
          "WidgetApi of the stack."),
  ];
}

function thirdParty(key) {
  const address = new URL(location.origin);
  address.port = String(Number(address.port || 80) + THIRD_PARTY_PORTS_ABOVE);
  address.search = new URLSearchParams({ key });
  return address.href;
}

function originsForm({ isAdmin, path, redraw }, { allowedOrigins, enabled }) {
  const on = checkbox("widgetEnabled", "The widget is on", { checked: enabled,
    disabled: !isAdmin });
  const origins = h("textarea", { name: "allowedOrigins", rows: 3, spellcheck: "false",
    autocapitalize: "none", disabled: !isAdmin, value: allowedOrigins.join("\n") });
  const field = checkedField("Sites that may show it", origins, {
    hint: "One a line, with https:// and without a path: https://studio.example" });
  const wrong = h("p", { class: "field-error", role: "alert" });
  const save = h("button", { type: "submit", class: "primary" }, "Save the widget");
  const form = h("form", { class: "form", onsubmit: async (event) => {
    event.preventDefault();
    if (save.disabled) return;
    save.disabled = true;
    fill(wrong);
    try {
      redraw(await patch(path, { widgetEnabled: on.control.checked,
        allowedOrigins: linesOf(origins.value) }));
      toast("Saved.", { tone: "good" });
    } catch (problem) {
      save.disabled = false;
      const error = errorsByField(problem).allowedOrigins;
      if (error) {
        markWrong(field, origins, error);
        focusWrong(form);
      } else fill(wrong, problem.message);
    }
  } }, on.node, field, wrong, isAdmin ? h("div", { class: "form-end" }, save) : null);
  return form;
}

const linesOf = (text) => [...new Set(text.split(/[\s,]+/).map((line) =>
  line.trim().replace(/\/$/, "")).filter(Boolean))];

function keyButton({ path, redraw }, widget) {
  const control = button(widget?.key ? "New key" : "Make a key", async () => {
    if (widget?.key) {
      const sure = await ask("Make a new key?", "Sites with the old one stop showing your " +
        "schedule at once, until you have pasted the new code there.", [
        { label: "Make a new key", value: "new", kind: "danger" },
        { label: "Keep the old one", value: "" },
      ]);
      if (sure !== "new") return;
    }
    control.disabled = true;
    try {
      redraw(await post(`${path}/widget-key`));
      toast("There is a new key.", { tone: "good" });
    } catch (problem) {
      control.disabled = false;
      toast(problem.message, { tone: "bad" });
    }
  }, { kind: widget?.key ? "secondary" : "primary" });
  return h("div", { class: "actions" }, control);
}
