// The intake, from choosing a plan over the question to sending it, one step at a time.

import { get } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { change, draft } from "../intake-draft.js";
import { checkStep } from "./intake-check.js";
import { planStep } from "./intake-plan.js";
import { questionStep } from "./intake-question.js";
import { focusWrong } from "./fields.js";
import { loadInto, pageHead } from "./parts.js";

const STEPS = [
  ["Plan", "Choose your plan", planStep],
  ["Question", "What is it about?", questionStep],
  ["Check", "Check and send", checkStep],
];

export function mountIntake(app) {
  return (root, { query }) => {
    takeFrom(query);
    const step = stepOf(query);
    const [, title, draw] = STEPS[step - 1];
    const body = h("div", { class: "narrow" });
    fill(root, pageHead(title, `Ask an expert: step ${step} of ${STEPS.length}. Experts are ` +
      "people, not an AI."), stepLine(step), body);
    const goTo = (number) => app.router.go(`/intake?step=${number}`);
    loadInto(body, "Loading…", () => loadFor(step), (loaded) => draw(app, loaded, { goTo }))
      .then(() => {
        if (Object.keys(draft().errors).length) focusWrong(body);
      });
    return null;
  };
}

/** A link may bring the plan or the preferred expert with it. */
function takeFrom(query) {
  if (query.get("plan")) change({ plan: query.get("plan") });
  if (query.get("expert")) {
    change({ routingType: "priority_broadcast", preferredMechanicId: query.get("expert") });
  }
}

/** The step that is asked for; nobody gets past the plan without one. */
function stepOf(query) {
  const asked = Number.parseInt(query.get("step") ?? "1", 10);
  if (!draft().plan || !(asked >= 1)) return 1;
  return Math.min(asked, STEPS.length);
}

async function loadFor(step) {
  const [{ items: products }, experts] = await Promise.all([
    get("/products", { open: true }),
    step === 1 ? [] : onlineExperts(),
  ]);
  return { plans: products.filter(({ kind }) => kind === "session"), experts };
}

/** To prefer an expert is a choice: the form works without the list, too. */
async function onlineExperts() {
  try {
    return (await get("/experts")).items;
  } catch (problem) {
    if (problem.status === 401) throw problem;
    return [];
  }
}

function stepLine(now) {
  const items = STEPS.map(([label], index) => {
    const state = index + 1 < now ? "done" : index + 1 === now ? "now" : "next";
    return h("li", { dataset: { state }, "aria-current": state === "now" ? "step" : null },
      state === "done" ? icon("check") : null, label);
  });
  return h("ol", { class: "steps three narrow", "aria-label": "Steps" }, items);
}
