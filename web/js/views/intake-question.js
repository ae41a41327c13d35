// Step 2 of the intake: the vehicle, the question, and who is asked first.

import { fill, h } from "../dom.js";
import { change, draft, needsExpert, needsWorkshop } from "../intake-draft.js";
import { checkbox, checkedField, choices, markWrong } from "./fields.js";
import { button, notice } from "./parts.js";

const VEHICLE_MAX = 200;
const CONCERN_MAX = 4000;
const WORKSHOP_PATTERN = "[a-z0-9][a-z0-9\\-]{0,63}";

const ROUTINGS = [
  { value: "broadcast", label: "Any expert", hint: "Everybody who is free is asked. Fastest." },
  { value: "workshop_only", label: "My workshop only",
    hint: "Only experts of one workshop are asked." },
  { value: "hybrid", label: "My workshop first",
    hint: "Its experts are asked first, then everybody." },
  { value: "priority_broadcast", label: "An expert I prefer first",
    hint: "Then specialists, then everybody." },
];

export function questionStep(app, { experts }, { goTo }) {
  const given = draft();
  const { errors } = given;
  const vehicle = h("input", { name: "vehicle", maxlength: VEHICLE_MAX, value: given.vehicle });
  const concern = h("textarea", { name: "concern", rows: 5, maxlength: CONCERN_MAX,
    value: given.concern });
  const urgent = checkbox("urgent", "It is urgent", { checked: given.urgent,
    hint: "Urgent questions stand first in the queue." });
  const specialist = checkbox("isSpecialist", "I need a specialist", {
    checked: given.isSpecialist, hint: "Only specialists are asked, which can take longer." });
  if (errors.urgent) markWrong(urgent.node, urgent.control, errors.urgent);
  if (errors.isSpecialist) markWrong(specialist.node, specialist.control, errors.isSpecialist);
  const extra = h("div", { class: "form", "aria-live": "polite" });
  const showExtra = () => fill(extra, extraField(draft(), experts, () => store()));
  const form = h("form", { class: "card form" },
    checkedField("Vehicle (optional)", vehicle, { error: errors.vehicle,
      hint: "Make, model, year, mileage: what you know." }),
    checkedField("What is the matter? (optional)", concern, { error: errors.concern,
      hint: "What happens, since when, and what you have tried." }),
    urgent.node, specialist.node,
    choices("Who shall be asked?", "routingType", ROUTINGS, {
      chosen: given.routingType, error: errors.routingType,
      onChange: () => {
        store();
        showExtra();
      },
    }),
    extra,
    h("div", { class: "form-end" },
      h("button", { type: "submit", class: "primary large" }, "Continue"),
      button("Back", () => goTo(1), { kind: "quiet" })));
  const store = () => {
    const data = new FormData(form);
    change({
      vehicle: data.get("vehicle"), concern: data.get("concern"),
      urgent: urgent.control.checked, isSpecialist: specialist.control.checked,
      routingType: data.get("routingType"),
      ...(data.has("workshopId") ? { workshopId: data.get("workshopId") } : {}),
      ...(data.has("preferredMechanicId")
        ? { preferredMechanicId: data.get("preferredMechanicId") } : {}),
      errors: {},
    });
  };
  form.addEventListener("input", store);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    store();
    goTo(3);
  });
  showExtra();
  return form;
}

/** What the chosen way of asking needs to know. */
function extraField(given, experts, store) {
  if (needsWorkshop(given)) return workshopField(given, experts);
  if (needsExpert(given)) return expertField(given, experts, store);
  return null;
}

function workshopField({ workshopId, errors }, experts) {
  const known = [...new Set(experts.map((each) => each.workshopId).filter(Boolean))];
  const list = h("datalist", { id: "workshops" }, known.map((value) => h("option", { value })));
  const control = h("input", { name: "workshopId", required: true, pattern: WORKSHOP_PATTERN,
    title: "Small letters, digits and hyphens", maxlength: 64, autocapitalize: "none",
    spellcheck: "false", list: "workshops", value: workshopId });
  return [checkedField("Workshop", control, { error: errors.workshopId,
    hint: known.length
      ? `Small letters, digits and hyphens. Experts are online of: ${known.join(", ")}.`
      : "Its short name: small letters, digits and hyphens." }), list];
}

function expertField({ preferredMechanicId, errors }, experts, store) {
  const isKnown = experts.some(({ expertId }) => expertId === preferredMechanicId);
  if (!experts.length && !preferredMechanicId) {
    return notice("info", h("p", {}, "No expert is online just now whom you could choose. With " +
      "“Any expert” you are helped by the first who comes."));
  }
  const control = h("select", { name: "preferredMechanicId", required: true, onchange: store },
    h("option", { value: "" }, "Please choose"),
    preferredMechanicId && !isKnown
      ? h("option", { value: preferredMechanicId }, "The expert you chose (not online now)") : null,
    experts.map(({ expertId, name, isSpecialist }) =>
      h("option", { value: expertId }, isSpecialist ? `${name} (specialist)` : name)));
  control.value = preferredMechanicId;
  return checkedField("Preferred expert", control, { error: errors.preferredMechanicId,
    hint: "Asked alone at first. If there is no answer, others are asked." });
}
