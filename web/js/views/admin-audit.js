// One reference, one story: everything that happened to it, in the order of time.

import { adminPath, adminPlace } from "../admin.js";
import { codeWords, nameWords, plainWords } from "../admin-words.js";
import { get } from "../api.js";
import { field, fill, h } from "../dom.js";
import { when } from "../format.js";
import { adminPage } from "./admin.js";
import { csvButton } from "./csv-button.js";
import { empty, failure, loading, pageHead } from "./parts.js";
import { paged } from "./paged.js";
import { factList, tag } from "./schedule.js";

// What has a story of its own: one of our ids, or one of Stripe's.
const REFERENCE = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(evt|pi|cs|sub|in|cus)_\w+)$/;

export const mountAudit = adminPage("audit", async ({ app, params: { query }, signal, body }) => {
  const ref = query.get("ref") ?? "";
  const organizationId = query.get("organizationId");
  const path = (cursor) => adminPath(["audit"], { ref, organizationId, cursor });
  const story = h("div", { class: "stack" });
  fill(body,
    pageHead("Audit", "Sessions, bookings, payments and credits in one line of time.",
      ref ? csvButton("audit", path) : null),
    searchForm(app, { ref, organizationId }), story);
  if (!ref) {
    return fill(story, h("section", { class: "card" }, empty("Whose story?",
      "Paste the id of a session, a booking, a purchase or a person, or one of Stripe's.")));
  }
  return tell(story, path, signal);
});

function searchForm(app, asked) {
  const ref = h("input", { name: "ref", required: true, maxlength: 255, autocomplete: "off",
    autocapitalize: "none", spellcheck: "false", value: asked.ref });
  const organization = h("input", { name: "organizationId", maxlength: 64, autocomplete: "off",
    autocapitalize: "none", spellcheck: "false", value: asked.organizationId ?? "" });
  return h("form", { class: "card filters", "aria-label": "Whose story", onsubmit: (event) => {
    event.preventDefault();
    app.router.go(adminPlace(["audit"], { ref: ref.value.trim(),
      organizationId: organization.value.trim() }).slice(1));
  } },
  field("Reference", ref, "Our id, Clerk's user_…, or evt_, pi_, cs_, sub_, in_, cus_ of Stripe."),
  field("Studio (optional)", organization, "Whose booking it is."),
  h("button", { type: "submit", class: "primary" }, "Tell"));
}

async function tell(story, path, signal) {
  fill(story, loading("Looking it up…"));
  try {
    const first = await get(path());
    if (signal.aborted) return;
    const { about } = first;
    fill(story,
      h("section", { class: "card narrow", "aria-labelledby": "about" },
        h("h2", { id: "about" }, codeWords(about.kind)),
        factList([["Id", about.id],
          ...(about.userId ? [["Person",
            h("a", { href: adminPlace(["users", about.userId]) }, about.userId)]] : []),
          ...Object.entries(about.facts).map(([name, value]) =>
            [nameWords(name), plainWords(value)])])),
      h("section", { class: "card", "aria-labelledby": "story" },
        h("h2", { id: "story" }, "What happened"),
        first.items.length ? paged(first, timeline, (cursor) => get(path(cursor)))
          : empty("Nothing is told of it", "There is the thing itself, and no more.")));
  } catch (problem) {
    if (signal.aborted) return;
    fill(story, h("section", { class: "card" }, problem.code === "NOT_FOUND"
      ? empty("Nothing is known under this reference",
        "Look at it again; a booking may need its studio.")
      : failure(problem, () => tell(story, path, signal))));
  }
}

/** Lines of a story. */
export function timeline(items) {
  return h("ol", { class: "timeline story" }, items.map((line) => h("li", {},
    h("span", { class: "hint" }, when(line.at)),
    h("span", { class: "story-line" }, tag({ label: codeWords(line.kind), tone: "info" }),
      h("strong", {}, line.what)),
    h("span", { class: "hint" },
      REFERENCE.test(line.ref)
        ? h("a", { href: adminPlace(["audit"], { ref: line.ref }) }, line.ref) : line.ref,
      line.actor ? ` · by ${line.actor}` : null),
    Object.keys(line.facts).length
      ? h("details", { class: "details" }, h("summary", {}, "Details"),
        factList(Object.entries(line.facts).map(([name, value]) =>
          [nameWords(name), plainWords(value)]))) : null)));
}
