// Experts, as a customer sees them: who is there now, how to ask, and what was asked before.

import { get } from "../api.js";
import { fill, h } from "../dom.js";
import { openSession } from "./active.js";
import { expertSessionPage, sessionList } from "./expert-sessions.js";
import { card, empty, link, loadInto, notice, pageHead } from "./parts.js";
import { sessionSentence } from "../session-words.js";

const RECENT = 3;

export function mountExperts(app) {
  return (root) => {
    const online = h("div", {});
    const recent = h("div", {});
    fill(root,
      pageHead("Talk with an expert", "People who know vehicles answer by chat or call.",
        link("Ask an expert", "#/intake", "primary")),
      openNotice(app),
      h("div", { class: "columns" },
        h("div", { class: "stack" }, card("Online now", online),
          h("p", { class: "hint" }, "Are you an expert yourself? ",
            h("a", { href: "#/desk" }, "Go to the expert desk"))),
        h("div", { class: "stack" }, card("Your sessions with experts", recent))));
    loadInto(online, "Looking who is online…", () => get("/experts"), ({ items }) =>
      items.length ? expertList(items) : empty("Nobody is online just now",
        "Ask all the same: experts who come online find your question in the queue."));
    loadInto(recent, "Loading your sessions…", () => expertSessionPage(), ({ items }) =>
      items.length
        ? [sessionList(items.slice(0, RECENT)),
            h("p", {}, h("a", { href: "#/interviews" }, "All sessions"))]
        : empty("None yet", "Your sessions with experts appear here."));
  };
}

function openNotice(app) {
  const open = openSession(app);
  if (!open) return null;
  const back = open.type === "interview"
    ? h("button", { type: "button", class: "primary",
        onclick: () => app.returnTo(open.sessionId, open.type) }, "Return to active session")
    : link("Return to active session", `#/sessions/${encodeURIComponent(open.sessionId)}`,
      "primary");
  return notice("warn",
    h("p", {}, h("strong", {}, "You already have an active session. "),
      `It is ${sessionSentence(open.type, open.status)}. You can have one at a time.`),
    h("div", { class: "actions" }, back));
}

function expertList(items) {
  return h("ul", { class: "list" }, items.map(({ expertId, name, isSpecialist, skills,
    workshopId }) =>
    h("li", { class: "list-row" },
      h("span", { class: "list-main" },
        h("strong", {}, name, isSpecialist
          ? [" ", h("span", { class: "tag", dataset: { tone: "good" } }, "Specialist")] : null),
        h("span", { class: "hint" },
          [skills.join(", "), workshopId && `workshop ${workshopId}`].filter(Boolean)
            .join(" · ") || "All questions")),
      h("a", { class: "button secondary small", "aria-label": `Ask first: ${name}`,
        href: `#/intake?expert=${encodeURIComponent(expertId)}` }, "Ask first"))));
}
