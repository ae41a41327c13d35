// Pieces that every view shares: loading, empty and error panels, dialogs, notices.

import { Problem } from "../api.js";
import { tellError } from "../client-errors.js";
import { fill, h, icon } from "../dom.js";

/** A view's heading with an optional line under it and actions beside it. */
export function pageHead(title, lead, ...actions) {
  return h(
    "div",
    { class: "page-head" },
    h("div", {}, h("h1", {}, title), lead ? h("p", { class: "lead" }, lead) : null),
    actions.length ? h("div", { class: "actions" }, actions) : null,
  );
}

export function card(title, ...children) {
  return h("section", { class: "card" }, title ? h("h2", {}, title) : null, children);
}

export function notice(tone, ...children) {
  const sign = tone === "info" || tone === "ai" ? "info" : tone === "good" ? "check" : "warn";
  return h("div", { class: "notice", dataset: { tone } }, icon(sign), h("div", {}, children));
}

/** What a person must know before and after: it is an AI, and it is practice. */
export function practiceNotice(text) {
  return notice(
    "ai",
    h("strong", {}, "AI interviewer, interview practice. "),
    text ?? "You talk with an AI, not a person. This is practice, not a real job interview.",
  );
}

export function button(label, onclick, { kind = "secondary", iconName, ...rest } = {}) {
  return h(
    "button",
    { type: "button", class: kind, onclick, ...rest },
    iconName ? icon(iconName) : null,
    h("span", {}, label),
  );
}

export function link(label, href, kind = "secondary") {
  return h("a", { class: `button ${kind}`, href }, label);
}

export function loading(words) {
  return h("p", { class: "loading", role: "status" }, words);
}

export function empty(title, text, action) {
  return h(
    "div",
    { class: "empty" },
    h("p", { class: "empty-title" }, title),
    h("p", {}, text),
    action ?? null,
  );
}

/** The server's own words, its request id for support, and Retry. */
export function failure(problem, retry, title = "This could not be loaded") {
  const known = problem instanceof Problem;
  if (!known) {
    console.error(problem);
    tellError(problem);
  }
  return h(
    "div",
    { class: "failure", role: "alert" },
    h("p", { class: "empty-title" }, title),
    h("p", {}, known ? problem.detail : "Something unexpected happened in this page."),
    known && problem.requestId
      ? h("p", { class: "hint" }, `Request ${problem.requestId}`)
      : null,
    retry ? button("Retry", retry) : null,
  );
}

/** A bar from 0 to `max`; `set(value)` moves it. */
export function bar(label, { value = 0, max = 100, ...rest } = {}) {
  const node = h("div", { class: "bar", role: "meter", "aria-label": label, "aria-valuemin": 0,
    "aria-valuemax": max, ...rest }, h("span", {}));
  const set = (next) => {
    node.setAttribute("aria-valuenow", String(Math.round(next * 100) / 100));
    node.firstChild.style.width = `${Math.min(100, (next / max) * 100)}%`;
  };
  set(value);
  return { node, set };
}

/** Load, then show: with a loading state before and a failure with Retry instead. */
export async function loadInto(root, words, load, show) {
  const attempt = async () => {
    fill(root, loading(words));
    try {
      const value = await load();
      fill(root, show(value));
    } catch (problem) {
      fill(root, failure(problem, attempt));
    }
  };
  await attempt();
}

/** `run`, one call after the other: an older answer never replaces a newer one. */
export function inTurn(run) {
  let before = Promise.resolve();
  return () => (before = before.then(run));
}

/** Ask in a modal dialog. `choices`: `[{label, value, kind}]`; answers the value or null. */
export function ask(title, text, choices) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const heading = h("h2", { id: "dialog-title" }, title);
    const dialog = h("dialog", { "aria-labelledby": "dialog-title" }, heading, h("p", {}, text));
    const buttons = choices.map(({ label, value, kind }) =>
      button(label, () => dialog.close(String(value)), { kind: kind ?? "secondary" }),
    );
    dialog.append(h("div", { class: "actions" }, buttons));
    dialog.addEventListener("close", () => {
      dialog.remove();
      before?.focus?.();
      resolve(dialog.returnValue || null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
