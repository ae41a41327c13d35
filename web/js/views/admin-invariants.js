// Whether everything that is counted agrees with its rows: page by page, until all is compared.

import { adminPath, adminPlace } from "../admin.js";
import { codeWords, factsWords } from "../admin-words.js";
import { get } from "../api.js";
import { announce, fill, h } from "../dom.js";
import { number } from "../format.js";
import { adminPage } from "./admin.js";
import { button, failure, notice, pageHead } from "./parts.js";
import { dataTable } from "./table.js";

const PAGE = 100;
const SECTIONS = ["people", "classes", "tenants"];

export const mountInvariants = adminPage("invariants", ({ signal, body }) => {
  fill(body,
    pageHead("Invariants", "People, classes and tenants: whether what is counted agrees with " +
      "what is there. Nothing is changed."),
    new Check(signal).node);
});

class Check {
  constructor(signal) {
    this.signal = signal;
    this.control = button("Check everything", () => this.#pressed(), { kind: "primary" });
    this.words = h("p", { role: "status", class: "hint" });
    this.found = h("div", { class: "stack" });
    this.node = h("section", { class: "card stack", "aria-label": "Check" },
      h("div", { class: "actions" }, this.control, this.words), this.found);
    this.#begin();
  }

  #begin() {
    Object.assign(this, { cursor: null, checked: {}, violations: [], running: false });
  }

  #pressed() {
    if (this.running) this.running = false;
    else this.#go();
  }

  async #go() {
    if (!this.cursor) this.#begin();
    this.running = true;
    this.#show();
    try {
      do {
        const page = await get(adminPath(["invariants"], { limit: PAGE, cursor: this.cursor }));
        if (this.signal.aborted) return;
        this.checked[page.section] = (this.checked[page.section] ?? 0) + page.checked;
        this.violations.push(...page.violations);
        this.cursor = page.nextCursor;
        this.#show();
      } while (this.cursor && this.running);
      this.running = false;
      this.#show();
    } catch (problem) {
      if (this.signal.aborted) return;
      this.running = false;
      this.#show();
      this.found.append(failure(problem, null, "The check did not come to its end"));
    }
  }

  #show() {
    const { cursor, running, violations } = this;
    const isBegun = Object.keys(this.checked).length > 0;
    const isOver = isBegun && !cursor && !running;
    fill(this.control.lastChild, running ? "Stop" : cursor ? "Go on"
      : isOver ? "Check again" : "Check everything");
    const counts = SECTIONS.filter((name) => name in this.checked)
      .map((name) => `${codeWords(name)}: ${number(this.checked[name])}`);
    fill(this.words, [running ? "Checking…" : null, ...counts].filter(Boolean).join(" · "));
    if (isOver) announce(violations.length ? "Something does not agree." : "Everything agrees.");
    fill(this.found,
      isOver && !violations.length ? notice("good", h("p", {}, "Everything agrees.")) : null,
      violations.length
        ? [notice("warn", h("p", {}, `${number(violations.length)} ` +
            `${violations.length === 1 ? "rule does" : "rules do"} not hold.`)),
        dataTable("What does not agree", [
          { label: "Rule", cell: ({ rule }) => codeWords(rule) },
          { label: "Of", cell: ({ subject }) => subjectCell(subject) },
          { label: "Found", cell: ({ facts }) => factsWords(facts) },
        ], violations)] : null);
  }
}

/** `user:0b6f…` leads to the person. */
function subjectCell(subject) {
  const [kind, id] = String(subject).split(/:(.*)/);
  return kind === "user" ? h("a", { href: adminPlace(["users", id]) }, id) : subject;
}
