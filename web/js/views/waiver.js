// The waiver: its text, a name as signature, and consent. Nobody gets past it unread by accident.

import { get, post } from "../api.js";
import { fill, h } from "../dom.js";
import { when } from "../format.js";
import { checkbox, checkedField, errorsByField, focusWrong, markWrong } from "./fields.js";
import { empty, link, loadInto, notice, pageHead } from "./parts.js";

const SIGNATURE_MIN = 2;
const SIGNATURE_MAX = 120;

export function mountWaiver(app) {
  return (root, { query }) => {
    const intakeId = query.get("intake_id");
    const body = h("div", { class: "narrow" });
    fill(root, pageHead("Before you talk with an expert",
      "Please read this and sign it with your name."), body);
    if (!intakeId) {
      fill(body, empty("Nothing to sign", "This address names no question of yours.",
        link("Ask an expert", "#/intake", "primary")));
      return;
    }
    const load = async () => {
      const [waiver, intake] = await Promise.all([
        get("/waivers/current", { open: true }), get(`/intake/${encodeURIComponent(intakeId)}`)]);
      return { waiver, intake };
    };
    const open = (change) => loadInto(body, "Loading the waiver…", load, ({ waiver, intake }) =>
      isSigned(intake) ? signed(intake)
        : form(app, { waiver, intake, change, reload: (said) => open(said) }));
    open();
  };
}

const isSigned = ({ waiver }) => Boolean(waiver.signedAt) || waiver.required === false;

function signed({ waiver, next }) {
  const at = waiver.signedAt ? ` on ${when(waiver.signedAt)}` : "";
  return h("section", { class: "card stack" },
    notice("good", h("p", {}, waiver.signedAt
      ? `You signed this waiver${at}.` : "There is nothing to sign for this session.")),
    h("div", { class: "actions" }, link("Go on", `#${next}`, "primary")));
}

/** `change`: what is to be said first, when the text is another than the one that was read. */
function form(app, { waiver, intake, change, reload }) {
  const signature = h("input", { name: "signature", required: true, minlength: SIGNATURE_MIN,
    maxlength: SIGNATURE_MAX, autocomplete: "name", value: app.user.name ?? "" });
  const accepted = checkbox("accepted", "I have read this and agree to it", { required: true });
  const signatureField = checkedField("Your full name", signature, {
    hint: "It stands as your signature, with the time." });
  const wrong = h("p", { class: "field-error", role: "alert" });
  const sign = h("button", { type: "submit", class: "primary large" }, "Sign and go on");
  const node = h("form", { class: "stack", onsubmit: async (event) => {
    event.preventDefault();
    if (sign.disabled) return;
    sign.disabled = true;
    fill(wrong);
    try {
      const { next } = await post(`/intake/${encodeURIComponent(intake.intakeId)}/waiver`, {
        version: waiver.version, signature: signature.value.trim(), accepted: true });
      app.router.go(next);
    } catch (problem) {
      sign.disabled = false;
      if (problem.code === "WAIVER_VERSION") {
        return reload("The text has changed meanwhile. Please read the current one and sign it.");
      }
      const errors = errorsByField(problem);
      if (errors.signature) markWrong(signatureField, signature, errors.signature);
      if (errors.accepted) markWrong(accepted.node, accepted.control, errors.accepted);
      if (errors.signature || errors.accepted) return focusWrong(node);
      fill(wrong, problem.message);
    }
    return null;
  } },
  change ? notice("warn", h("p", { role: "alert" }, change)) : null,
  h("section", { class: "card", "aria-labelledby": "waiver-title" },
    h("h2", { id: "waiver-title" }, waiver.title),
    h("div", { class: "waiver-text" },
      paragraphs(waiver.text).map((text) => h("p", {}, text))),
    h("p", { class: "hint after" }, `Version ${waiver.version}`)),
  h("section", { class: "card form", "aria-label": "Signature" },
    signatureField, accepted.node, wrong, h("div", { class: "form-end" }, sign)));
  return node;
}

function paragraphs(text) {
  return String(text).split(/\n\s*\n/).map((part) => part.trim()).filter(Boolean);
}
