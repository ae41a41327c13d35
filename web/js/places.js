// Which parts of the page concern a person: the studios they are in, and whether they were at the
// expert desk in this browser. The navigation shows only those.

import { get } from "./api.js";
import { isStaff } from "./studio.js";

const EXPERT_KEY = "greenroom_expert";
const STUDIO_KEY = "greenroom_studio";

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
    this.worksInStudio = false;
    this.asked = null;
  }

  /** Find out for a person, once a page; what cannot be found out now is not shown. */
  async open({ userId }) {
    if (this.userId === userId) return;
    this.forget();
    this.userId = userId;
    // Nobody is asked whether they are an expert: most people are none, and the desk finds out.
    this.isExpert = localStorage.getItem(EXPERT_KEY) === `${userId} yes`;
    await this.studios().catch(() => []);
  }

  /** `GET /organizations`, asked for once until `renew`. */
  async studios({ renew = false } = {}) {
    const { userId } = this;
    if (renew) this.asked = null;
    this.asked ??= get("/organizations").catch((problem) => {
      this.asked = null;
      throw problem;
    });
    const { items } = await this.asked;
    if (userId === this.userId) this.#set({ worksInStudio: items.some(isStaff) });
    return items;
  }

  /** They have become an expert, or are none. */
  noteExpert(isExpert) {
    localStorage.setItem(EXPERT_KEY, `${this.userId} ${isExpert ? "yes" : "no"}`);
    this.#set({ isExpert });
  }

  #set(change) {
    if (Object.entries(change).every(([name, value]) => this[name] === value)) return;
    Object.assign(this, change);
    this.onChange();
  }
}

/** The studio that was looked at last in this browser; who has several comes back to it. */
export const lastStudio = () => localStorage.getItem(STUDIO_KEY);
export const rememberStudio = (organizationId) =>
  localStorage.setItem(STUDIO_KEY, organizationId);
