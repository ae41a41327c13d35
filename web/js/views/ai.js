// The AI tab: who pays, what is wanted, what came of it, and what was used.

import { get } from "../api.js";
import {
  aiPath, ALONE, EXAM, kindWords, lastTenant, rememberTenant, serviceWords, STRUCTURED, tenantName,
  tokenOf,
} from "../ai.js";
import { field, fill, h, icon } from "../dom.js";
import { Generation } from "../generation.js";
import { toast } from "../toast.js";
import { examForm } from "./ai-exam-form.js";
import { logPanel } from "./ai-log.js";
import { structuredForm } from "./ai-structured-form.js";
import { workPanel } from "./ai-work.js";
import { focusWrong, markWrong } from "./fields.js";
import { failure, inTurn, loading, pageHead } from "./parts.js";
import { quotaBar } from "./quota.js";

const PLACE = "/ai";
const FORMS = {
  [EXAM]: (before) => examForm(before?.input),
  [STRUCTURED]: (before) => structuredForm(before?.input, before?.schema),
};

export function mountAi(app) {
  return (root) => {
    const left = new AbortController();
    open(app, root, left.signal);
    return () => left.abort();
  };
}

async function open(app, root, signal) {
  const body = h("div", {}, loading("Opening…"));
  fill(root, pageHead("AI tools", "Exams and structured answers for preschools, organisations " +
    "and you, written by an AI."), body);
  try {
    const { items } = await get("/ai/tenants");
    if (!signal.aborted) new AiPage(app, body, { tenants: [ALONE, ...items], signal });
  } catch (problem) {
    if (!signal.aborted) fill(body, failure(problem, () => open(app, root, signal)));
  }
}

class AiPage {
  constructor(app, body, { tenants, signal }) {
    Object.assign(this, { app, tenants, signal });
    app.generation ??= Generation.resume({ userId: app.user.userId });
    const before = app.generation?.body;
    const paidBefore = before && tokenOf(before.tenant ?? ALONE);
    this.tenant = tenants.find((each) => tokenOf(each) === paidBefore)
      ?? lastTenant(app.user.userId, tenants);
    this.service = before?.serviceType in FORMS ? before.serviceType : EXAM;
    this.quota = h("div", { class: "stack", "aria-live": "polite" });
    this.refreshQuota = inTurn(() => this.#loadQuota());
    this.form = h("form", { class: "card form", onsubmit: (event) => this.#submit(event) });
    this.work = workPanel({ signal });
    this.log = logPanel({ signal });
    fill(body, h("div", { class: "stack" },
      this.#chooser(),
      h("div", { class: "columns ai" },
        h("div", { class: "stack" }, this.form, this.work.node), this.log.node)));
    this.#drawForm(before);
    this.#showPayer();
    if (app.generation) this.#follow({ focus: false });
  }

  #chooser() {
    const tenant = h("select", { id: "ai-tenant", onchange: () => {
      this.tenant = this.tenants.find((each) => tokenOf(each) === tenant.value);
      rememberTenant(this.app.user.userId, this.tenant);
      this.#showPayer();
    } }, this.tenants.map((each) => h("option", { value: tokenOf(each) }, each.kind
      ? `${tenantName(each)} (${kindWords(each.kind).toLowerCase()})` : tenantName(each))));
    tenant.value = tokenOf(this.tenant);
    const service = h("select", { id: "ai-service", onchange: () => {
      this.service = service.value;
      this.#drawForm();
      this.refreshQuota();
    } }, Object.keys(FORMS).map((each) => h("option", { value: each }, serviceWords(each))));
    service.value = this.service;
    return h("section", { class: "card stack", "aria-label": "Who pays, and what for" },
      h("div", { class: "row" }, field("For whom", tenant), field("What", service)), this.quota);
  }

  #showPayer() {
    this.refreshQuota();
    this.log.show(this.tenant);
  }

  async #loadQuota() {
    const { tenant, service } = this;
    const isWanted = () =>
      !this.signal.aborted && tenant === this.tenant && service === this.service;
    try {
      const { items } = await get(aiPath("quota", tenant, { serviceType: service }));
      if (!isWanted()) return;
      fill(this.quota, items.map((each) =>
        quotaBar(each.of === "tenant" ? tenantName(tenant) : tenant.kind ? "Your share" : "You",
          each)));
    } catch (problem) {
      if (isWanted()) fill(this.quota, h("p", { class: "hint" },
        `What is left cannot be shown just now. ${problem.message}`));
    }
  }

  #drawForm(before) {
    this.parts = FORMS[this.service](before);
    this.wrong = h("p", { class: "field-error", role: "alert" });
    this.send = h("button", { type: "submit", class: "primary" }, icon("send"),
      h("span", {}, this.parts.label));
    fill(this.form, h("h2", {}, serviceWords(this.service)), this.parts.nodes, this.wrong,
      h("div", { class: "form-end" }, this.send));
    this.#showBusy();
  }

  #submit(event) {
    event.preventDefault();
    if (this.send.disabled) return;
    fill(this.wrong);
    const { errors, ...given } = this.parts.given();
    if (errors) return this.#told(errors);
    const { kind, id } = this.tenant;
    this.app.generation = Generation.begin({
      userId: this.app.user.userId, tenantName: tenantName(this.tenant),
      body: { ...(kind ? { tenant: { kind, id } } : {}), serviceType: this.service, ...given },
    });
    announceElsewhere(this.app, this.app.generation);
    this.#follow({ focus: true });
  }

  #follow({ focus }) {
    const { generation } = this.app;
    this.work.follow(generation, { focus, onChange: () => {
      this.#showBusy();
      if (generation.isOpen) return;
      this.refreshQuota();
      this.log.show(this.tenant);
      if (generation.problem?.status === 422) this.#told(errorsIn(generation.problem));
    } });
    this.#showBusy();
  }

  #showBusy() {
    this.send.disabled = Boolean(this.app.generation?.isOpen);
  }

  #told(errors) {
    const { fields, control } = this.parts;
    const known = Object.keys(errors).filter((name) => name in fields);
    known.forEach((name) => {
      fields[name].querySelectorAll(".field-error").forEach((node) => node.remove());
      markWrong(fields[name], control[name], errors[name]);
    });
    if (known.length) focusWrong(this.form);
    else fill(this.wrong, Object.values(errors)[0] ?? "Please look at what you have filled in.");
  }
}

/** The errors of a 422 by the field of our form: `input.topic` -> `topic`. */
function errorsIn({ facts, message }) {
  const found = {};
  for (const each of facts.errors ?? []) {
    const [name] = String(each.field).replace(/^body\./, "").replace(/^input\./, "").split(".");
    found[name] ??= each.message;
  }
  return Object.keys(found).length ? found : { form: message };
}

/** Who looks at another page meanwhile is told. */
function announceElsewhere(app, generation) {
  generation.addEventListener("change", () => {
    if (generation !== app.generation || app.router.path() === PLACE) return;
    const action = { label: "Open", run: () => app.router.go(PLACE) };
    if (generation.state === "done") toast("What you wanted is written.", { tone: "good", action });
    if (generation.state === "failed") toast("It could not be written.", { tone: "bad", action });
  });
}
