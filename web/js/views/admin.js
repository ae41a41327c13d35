// What all pages of those who run the platform share.

import { adminPlace } from "../admin.js";
import { fill, h } from "../dom.js";
import { failure, link, loading, pageHead } from "./parts.js";

const PARTS = [["usage", "Usage"], ["users", "Users"], ["audit", "Audit"], ["trail", "Trail"],
  ["invariants", "Invariants"], ["quotas", "Quotas"], ["diagnostics", "Diagnostics"]];

/**
 * A page for admins. `draw(page)` fills `page.body`; `page` has `app`, `params` and `signal`.
 * `here`: which entry of the admins' navigation it belongs to.
 */
export function adminPage(here, draw) {
  return (app) => (root, params) => {
    if (app.user.role !== "admin") {
      fill(root, h("div", { class: "narrow" },
        pageHead("This page is for those who run Greenroom"), link("To your start", "#/")));
      return null;
    }
    const left = new AbortController();
    open({ app, root, params, here, draw, signal: left.signal });
    return () => left.abort();
  };
}

async function open(page) {
  const { app, root, params, here, draw, signal } = page;
  const body = h("div", { class: "stack" }, loading("Loading…"));
  fill(root, navigation(here), body);
  try {
    await draw({ app, params, signal, body });
    if (!signal.aborted) app.router.headingCame();
  } catch (problem) {
    if (!signal.aborted) fill(body, failure(problem, () => open(page)));
  }
}

function navigation(here) {
  return h("nav", { class: "parts admin-parts", "aria-label": "Admin" },
    h("ul", {}, PARTS.map(([part, label]) => h("li", {}, h("a", { href: adminPlace([part]),
      "aria-current": part === here ? "page" : null }, label)))));
}
