// Which parts of the page concern a person. The navigation shows only those.

import { get } from "./api.js";

const EXPERT_KEY = "greenroom_expert";

export class Places {
  /** `onChange` is told when something else is to be shown. */
  constructor({ onChange }) {
    this.onChange = onChange;
    this.forget();
  }

  /** Nothing is known of anybody. */
  forget() {
    this.userId = null;
    this.isExpert = false;
  }

  /** Find out for a person, once a page; what cannot be found out now is not shown. */
  async open({ userId }) {
    if (this.userId === userId) return;
    this.forget();
    this.userId = userId;
    const known = localStorage.getItem(EXPERT_KEY);
    this.isExpert = known === `${userId} yes`;
    // Most people are none, so the answer is not asked for again in this browser.
    if (known !== `${userId} no`) await this.#askExpert().catch(() => {});
  }

  /** They have become an expert, or are none. */
  noteExpert(isExpert) {
    localStorage.setItem(EXPERT_KEY, `${this.userId} ${isExpert ? "yes" : "no"}`);
    this.#set({ isExpert });
  }

  async #askExpert() {
    const { userId } = this;
    try {
      await get("/experts/me");
    } catch (problem) {
      if (problem.code === "NOT_AN_EXPERT" && userId === this.userId) this.noteExpert(false);
      return;
    }
    if (userId === this.userId) this.noteExpert(true);
  }

  #set(change) {
    if (Object.entries(change).every(([name, value]) => this[name] === value)) return;
    Object.assign(this, change);
    this.onChange();
  }
}
