// The AI proxy's part of the API: who pays, which service, and how both are called.

import { number } from "./format.js";

const CHOSEN_KEY = "greenroom_ai_tenant";

/** Somebody who pays for themselves. */
export const ALONE = Object.freeze({ kind: null, id: null, name: null, role: null });

export const EXAM = "exam_generation";
export const STRUCTURED = "structured_generation";

const KINDS = { preschool: "Preschool", organization: "Organisation" };
const SERVICES = {
  [EXAM]: "Exam",
  [STRUCTURED]: "Structured answer",
  interview_feedback: "Interview feedback",
};

/** A tenant as one word, for a select and for this browser's memory; "" for nobody's. */
export const tokenOf = ({ kind, id }) => (kind ? `${kind}:${id}` : "");

export const kindWords = (kind) => KINDS[kind] ?? String(kind);

/** What to call a tenant. */
export const tenantName = ({ kind, id, name }) =>
  kind ? name || `${kindWords(kind)} ${id}` : "Just me";

export const serviceWords = (service) =>
  SERVICES[service] ?? String(service ?? "Unknown").replaceAll("_", " ");

/** `/ai/…` with a query; the tenant by kind and id. */
export function aiPath(part, tenant, query = {}) {
  const whose = tenant?.kind ? { tenantKind: tenant.kind, tenantId: tenant.id } : {};
  const given = Object.entries({ ...whose, ...query }).filter(([, value]) => value ?? false);
  return `/ai/${part}${given.length ? `?${new URLSearchParams(given)}` : ""}`;
}

/** Millionths of a US dollar in dollars, as exactly as somebody wants to know. */
export function cost(micros) {
  if (micros === null || micros === undefined) return "cost unknown";
  const digits = micros > 0 && micros < 100_000 ? 4 : 2;
  return new Intl.NumberFormat("en-GB", { style: "currency", currency: "USD",
    minimumFractionDigits: 2, maximumFractionDigits: digits }).format(micros / 1_000_000);
}

/** `1 unit`, `1,204 tokens`. */
export const count = (value, one, many = `${one}s`) =>
  `${number(value)} ${value === 1 ? one : many}`;

/** How long a call took: `840 ms`, `3.2 s`. */
export function took(ms) {
  if (ms === null || ms === undefined) return "–";
  return ms < 1000 ? `${Math.round(ms)} ms` : `${number(ms / 1000, 1)} s`;
}

/** Who was paying the last time in this browser, if the person may still choose them. */
export function lastTenant(userId, tenants) {
  const known = localStorage.getItem(CHOSEN_KEY) ?? "";
  return tenants.find((tenant) => known === `${userId} ${tokenOf(tenant)}`) ?? tenants[0];
}

export const rememberTenant = (userId, tenant) =>
  localStorage.setItem(CHOSEN_KEY, `${userId} ${tokenOf(tenant)}`);
