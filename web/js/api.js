// The product's HTTP API: one request function, problem details, tokens renewed once on 401.

import { noteServerTime } from "./servertime.js";

const BASE = "/api";
const TIMEOUT_MS = 35_000;
// Browsers refuse a keepalive body above 64 KiB.
const KEEPALIVE_BYTES_MAX = 60_000;

/** A refusal or failure in the server's own words (RFC 9457). `status` 0: no answer came. */
export class Problem extends Error {
  constructor({ status, code, detail, facts = {}, retryAfterS = null, requestId = null }) {
    super(detail);
    this.name = "Problem";
    Object.assign(this, { status, code, detail, facts, retryAfterS, requestId });
  }
}

let identity = null;
let lastId = null;

/** The request that was answered last: what goes wrong next may follow from it. */
export const lastRequestId = () => lastId;

/** The identity provides `token({renew})` and is told by `expired()` when it no longer counts. */
export function useIdentity(value) {
  identity = value;
}

/**
 * Call the API. Answers `{status, body, headers}`; throws `Problem` for everything else. `asText`
 * leaves the body as it came, where another type than JSON was accepted.
 */
export async function request(method, path, { body, headers = {}, open, keepalive, asText } = {}) {
  let response = await send(method, path, { body, headers, open, keepalive, renew: false });
  if (response.status === 401 && !open) {
    response = await send(method, path, { body, headers, open, keepalive, renew: true });
    if (response.status === 401) identity?.expired();
  }
  noteServerTime(response.headers);
  lastId = response.headers.get("X-Request-Id") ?? lastId;
  if (asText && response.ok) {
    return { status: response.status, body: await response.text(), headers: response.headers };
  }
  const parsed = await readJson(response);
  if (!response.ok && response.status !== 304) throw problemOf(response, parsed);
  return { status: response.status, body: parsed, headers: response.headers };
}

export const get = async (path, options) => (await request("GET", path, options)).body;
export const post = async (path, body, options) =>
  (await request("POST", path, { ...options, body: body ?? {} })).body;
export const patch = async (path, body) => (await request("PATCH", path, { body })).body;
export const put = async (path, body) => (await request("PUT", path, { body })).body;
export const remove = async (path) => (await request("DELETE", path)).body;

const known = new Map();

/**
 * GET what is asked for again and again: it travels only when it has changed since the last
 * answer (ETag). Answers `{body, changed}`.
 */
export async function getIfChanged(path) {
  const last = known.get(path);
  const headers = last ? { "If-None-Match": last.etag } : {};
  const answer = await request("GET", path, { headers });
  if (answer.status === 304 && last) return { body: last.body, changed: false };
  const etag = answer.headers.get("ETag");
  if (etag) known.set(path, { etag, body: answer.body });
  else known.delete(path);
  return { body: answer.body, changed: true };
}

/** Nothing that one person was shown is shown to the next. */
export function forgetAnswers() {
  known.clear();
}

async function send(method, path, { body, headers, open, keepalive, renew }) {
  const token = open ? null : await tokenOf({ renew });
  const text = body === undefined ? undefined : JSON.stringify(body);
  const init = {
    method,
    headers: {
      Accept: "application/json",
      ...(text === undefined ? {} : { "Content-Type": "application/json" }),
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...headers,
    },
    body: text,
    signal: AbortSignal.timeout(TIMEOUT_MS),
    keepalive: Boolean(keepalive) && (text?.length ?? 0) < KEEPALIVE_BYTES_MAX,
  };
  try {
    return await fetch(BASE + path, init);
  } catch (cause) {
    const timedOut = cause?.name === "TimeoutError";
    throw new Problem({
      status: 0,
      code: timedOut ? "CLIENT_TIMEOUT" : "NETWORK",
      detail: timedOut
        ? "The server did not answer in time. Please try again."
        : "The server cannot be reached. Check your connection and try again.",
    });
  }
}

async function tokenOf({ renew }) {
  try {
    return await identity?.token({ renew });
  } catch {
    throw new Problem({
      status: 0,
      code: "NETWORK",
      detail: "The sign-in service cannot be reached. Check your connection and try again.",
    });
  }
}

async function readJson(response) {
  const text = await response.text();
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function problemOf(response, body) {
  const { detail, error, code, requestId, title, type, status, ...facts } = body ?? {};
  const retryAfter = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return new Problem({
    status: response.status,
    code: code ?? `HTTP_${response.status}`,
    detail: error ?? detail ?? title ?? `The server answered ${response.status}.`,
    facts,
    retryAfterS: Number.isFinite(retryAfter) ? retryAfter : null,
    requestId: requestId ?? response.headers.get("X-Request-Id"),
  });
}
