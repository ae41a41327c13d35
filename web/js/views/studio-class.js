// One class, as those who teach see it: who comes, who waits, its seats, and booking for somebody.

import { get, patch, post } from "../api.js";
import { classWord } from "../booking-words.js";
import { fill, h } from "../dom.js";
import { poll } from "../polling.js";
import { pathOf, placeOf } from "../studio.js";
import { toast } from "../toast.js";
import { monthKey, whenWords } from "../zone.js";
import { checkedField, errorsByField, focusWrong, markWrong } from "./fields.js";
import { ask, button, link, pageHead } from "./parts.js";
import { classFacts, factList, tag } from "./schedule.js";
import { studioPage } from "./studio.js";
import { bookFor } from "./studio-book.js";
import { rosterPanel, waitlistPanel } from "./studio-roster.js";

const LOOK_S = 15;

export const mountStudioClass = studioPage("", async (page) => {
  const view = new StudioClass(page);
  await view.load();
  poll(() => view.load(), { everyS: LOOK_S, signal: page.signal });
});

class StudioClass {
  constructor(page) {
    Object.assign(this, page);
    this.path = pathOf(page.studio.organizationId, ["classes", page.params.id]);
    this.head = h("div", {});
    this.facts = h("section", { class: "card stack", "aria-labelledby": "about" });
    this.roster = rosterPanel(this);
    this.waitlist = waitlistPanel(this);
    this.booking = bookFor(this);
    this.drawn = null;
  }

  /** Load, and draw what has changed. */
  async load() {
    const below = (part) => get(`${this.path}/${part}`);
    const [each, roster, waitlist] = await Promise.all([
      get(this.path), below("roster"), below("waitlist"),
    ]);
    if (this.signal.aborted) return;
    const isFirst = this.each === undefined;
    const state = JSON.stringify(each);
    if (state !== this.drawn) {
      this.each = each;
      this.drawn = state;
      this.#drawHead();
      this.#drawFacts();
    }
    this.roster.show(roster.items);
    this.waitlist.show(waitlist.items);
    if (!isFirst) return;
    document.title = `${each.name} · Greenroom`;
    fill(this.body, this.head, h("div", { class: "columns" },
      h("div", { class: "stack" }, this.roster.node, this.waitlist.node),
      h("div", { class: "stack" }, this.booking.node, this.facts)));
  }

  #drawHead() {
    const { each, place, studio } = this;
    const open = each.status === "scheduled";
    const cancel = open ? button("Cancel class", () => this.#cancel(cancel)) : null;
    fill(this.head, pageHead(each.name, [each.type, whenWords(each)].filter(Boolean).join(" · "),
      link("All classes", `${place()}?month=${monthKey(each.startsAt)}`, "quiet"),
      link("As customers see it", placeOf("classes", studio.organizationId, each.classSessionId),
        "quiet"),
      open ? link("Change", place("classes", each.classSessionId, "edit")) : null, cancel));
  }

  #drawFacts() {
    const { each, studio } = this;
    const hadFocus = this.facts.contains(document.activeElement);
    const taken = `${each.booked} booked, ${each.held} held, ${each.free} free`;
    fill(this.facts,
      h("div", { class: "entry-head" }, h("h2", { id: "about", tabindex: "-1" }, "About this class"),
        tag(classWord(each))),
      factList([...classFacts(each, studio.studio.timezone), ["Seats", taken],
        ["Waitlist", `${each.waitlistCount} of ${each.waitlistMax}`]]),
      each.status === "scheduled" ? this.#capacity() : null);
    if (hadFocus) this.facts.querySelector("#about").focus();
  }

  #capacity() {
    const { each } = this;
    const control = h("input", { name: "capacity", type: "number", min: 1, max: 1000,
      inputmode: "numeric", required: true, value: each.capacity });
    const field = checkedField("Seats of this class", control);
    const save = h("button", { type: "submit", class: "small" }, "Change seats");
    return h("form", { class: "inline-form", onsubmit: async (event) => {
      event.preventDefault();
      save.disabled = true;
      try {
        await patch(this.path, { capacity: Number(control.value) });
        toast("The seats are changed.", { tone: "good" });
        await this.load();
      } catch (problem) {
        const error = problem.code === "CAPACITY_TAKEN"
          ? `${problem.facts.taken ?? "More"} seats are taken already.`
          : errorsByField(problem).capacity ?? problem.message;
        markWrong(field, control, error);
        focusWrong(this.facts);
      } finally {
        save.disabled = false;
      }
    } }, field, save);
  }

  async #cancel(control) {
    const { booked, held, waitlistCount } = this.each;
    const people = booked + held + waitlistCount;
    const sure = await ask("Cancel this class?", people
      ? `Everybody in it (${people}) gets everything back, in time or not. This cannot be undone.`
      : "Nobody is in it. This cannot be undone.", [
      { label: "Cancel the class", value: "cancel", kind: "danger" },
      { label: "Keep it", value: "" },
    ]);
    if (sure !== "cancel") return;
    control.disabled = true;
    try {
      await post(`${this.path}/cancel`);
      toast("The class is cancelled.", { tone: "good" });
    } catch (problem) {
      toast(problem.message, { tone: "bad" });
      control.disabled = false;
    }
    await this.load().catch(() => {});
    this.app.router.focusHeading();
  }
}
