// The pages of a studio for those who work there: choosing it, and what all of them share.

import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { lastStudio, rememberStudio } from "../places.js";
import { isStaff, pathOf, placeOf, studioName } from "../studio.js";
import { empty, failure, link, loadInto, loading, pageHead } from "./parts.js";

/** Where to begin: the one studio, or that of the last time, or the choice. */
export function mountStudios(app) {
  return (root) => {
    const body = h("div", { class: "narrow" });
    fill(root, pageHead("Studio", "Classes, customers and passes of the studio where you work."),
      body);
    loadInto(body, "Looking for your studios…", () => app.places.studios({ renew: true }),
      (all) => {
        const studios = all.filter(isStaff);
        const last = studios.find(({ organizationId }) => organizationId === lastStudio());
        const one = studios.length === 1 ? studios[0] : last;
        if (one) {
          location.replace(placeOf("studio", one.organizationId));
          return loading("Opening the studio…");
        }
        return h("section", { class: "card" }, studios.length ? list(studios)
          : empty("You work in no studio", "Whoever runs it adds you to its organisation.",
            link("Classes", "#/classes")));
      });
    return null;
  };
}

function list(studios) {
  return [h("h2", {}, "Choose a studio"),
    h("ul", { class: "list" }, studios.map((studio) => h("li", {},
      h("a", { class: "list-row", href: placeOf("studio", studio.organizationId) },
        h("strong", {}, studioName(studio))))))];
}

const PARTS = [["", "Schedule"], ["customers", "Customers"], ["members", "Members"],
  ["settings", "Settings"]];

/**
 * A page of a studio. `draw(page)` fills `page.body`; `page` has `app`, `studio`, `params`,
 * `signal` and `place(...parts)`. `here`: which entry of the studio's navigation it belongs to.
 */
export function studioPage(here, draw) {
  return (app) => (root, params) => {
    const left = new AbortController();
    open({ app, root, params, here, draw, signal: left.signal });
    return () => left.abort();
  };
}

async function open(page) {
  const { app, root, params, here, draw, signal } = page;
  fill(root, loading("Opening the studio…"));
  try {
    const studio = await get(pathOf(params.org));
    if (signal.aborted) return;
    if (!isStaff(studio)) return fill(root, notStaff(studio));
    rememberStudio(studio.organizationId);
    const place = (...parts) => placeOf("studio", studio.organizationId, ...parts);
    const body = h("div", {});
    fill(root, navigation(studio, here, place), body);
    await draw({ app, studio, params, signal, place, body });
    if (signal.aborted) return;
    app.router.headingCame();
  } catch (problem) {
    if (signal.aborted) return;
    if (problem.code === "NOT_FOUND") fill(root, missing());
    else fill(root, failure(problem, () => open(page)));
  }
}

function navigation(studio, here, place) {
  return h("nav", { class: "parts", "aria-label": "Studio" },
    h("p", { class: "eyebrow" }, studioName(studio)),
    h("ul", {}, PARTS.map(([part, label]) => h("li", {},
      h("a", { href: part ? place(part) : place(), "aria-current": part === here ? "page" : null },
        label)))));
}

function notStaff(studio) {
  return h("div", { class: "narrow" }, pageHead("This page is for the studio's staff"),
    link("See its classes", placeOf("classes", studio.organizationId), "primary"));
}

function missing() {
  return h("div", { class: "narrow" }, pageHead("This could not be found"),
    h("p", {}, "The link may be wrong, or you do not work in this studio."),
    h("div", { class: "actions after" }, link("Your studios", "#/studio", "primary")));
}
