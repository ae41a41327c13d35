// What goes wrong in this page is told to the server, so that somebody hears of it.

import { lastRequestId, post } from "./api.js";

const TOLD_MAX = 5; // a page; what goes on going wrong says nothing new
const MESSAGE_MAX = 1000;
const STACK_MAX = 4000;

const told = new Set();

/** Tell of an error. Refusals of the server are none: it knows them. Never throws. */
export function tellError(error) {
  if (error?.name === "Problem" || told.size >= TOLD_MAX) return;
  const message = `${error?.name ?? "Error"}: ${error?.message ?? error}`.slice(0, MESSAGE_MAX);
  if (told.has(message)) return;
  told.add(message);
  const requestId = lastRequestId();
  post("/client-errors", {
    message,
    ...(error?.stack ? { stack: String(error.stack).slice(0, STACK_MAX) } : {}),
    // Without what stands after "?": a link may hold what is nobody else's business.
    url: (location.origin + location.pathname + location.hash).split("?")[0],
    ...(requestId ? { requestId } : {}),
  }, { keepalive: true }).catch(() => {});
}

/** Hear of everything that nobody caught. */
export function watchErrors() {
  addEventListener("error", ({ error, message }) => tellError(error ?? new Error(message)));
  addEventListener("unhandledrejection", ({ reason }) => tellError(reason));
}
