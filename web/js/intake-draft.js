// What a person has filled in so far of an intake; it survives a reload of this tab.

const KEY = "greenroom_intake_draft";
const EMPTY = { plan: null, vehicle: "", concern: "", urgent: false, isSpecialist: false,
  routingType: "broadcast", workshopId: "", preferredMechanicId: "", errors: {} };

/** Where a field is asked for: 1 plan, 2 the question. */
const STEP_OF = { plan: 1 };
const ASKED = ["plan", "vehicle", "concern", "urgent", "isSpecialist", "routingType",
  "workshopId", "preferredMechanicId"];

const WITH_WORKSHOP = ["workshop_only", "hybrid"];
const WITH_EXPERT = ["priority_broadcast"];

export const needsWorkshop = ({ routingType }) => WITH_WORKSHOP.includes(routingType);
export const needsExpert = ({ routingType }) => WITH_EXPERT.includes(routingType);

export function draft() {
  try {
    return { ...EMPTY, ...JSON.parse(sessionStorage.getItem(KEY)) };
  } catch {
    return { ...EMPTY };
  }
}

export function change(part) {
  const next = { ...draft(), ...part };
  sessionStorage.setItem(KEY, JSON.stringify(next));
  return next;
}

export function forget() {
  sessionStorage.removeItem(KEY);
}

/** The body of `POST /api/intake/start`: what was left empty, or is not asked for, stays out. */
export function bodyOf(given) {
  const body = { plan: given.plan, routingType: given.routingType };
  for (const name of ["vehicle", "concern"]) {
    if (given[name].trim()) body[name] = given[name].trim();
  }
  for (const name of ["urgent", "isSpecialist"]) {
    if (given[name]) body[name] = true;
  }
  if (needsWorkshop(given) && given.workshopId.trim()) body.workshopId = given.workshopId.trim();
  if (needsExpert(given) && given.preferredMechanicId) {
    body.preferredMechanicId = given.preferredMechanicId;
  }
  return body;
}

/**
 * Sort a refusal's errors: `step` is where the first one that the form asks for is mended, or
 * null; `others` are the words of those that it does not ask for.
 */
export function place(errors) {
  const asked = Object.keys(errors).filter((name) => ASKED.includes(name));
  const steps = asked.map((name) => STEP_OF[name] ?? 2);
  const others = Object.entries(errors).filter(([name]) => !ASKED.includes(name));
  return {
    step: steps.length ? Math.min(...steps) : null,
    others: others.map(([name, message]) => `${name}: ${message}`),
  };
}
