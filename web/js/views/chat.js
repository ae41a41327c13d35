// The chat of a session: what both wrote, oldest first, and the box to write in.

import { get } from "../api.js";
import { field, fill, h, icon } from "../dom.js";
import { timeOfDay } from "../format.js";
import { intention } from "../intention.js";
import { poll } from "../polling.js";
import { postOnce } from "../requests.js";

const LOOK_S = 2;
const PAGE = 100;
const PAGES_MAX = 50; // in one look: a chat of 5000 messages is read at once
const TEXT_MAX = 2000;
// Someone who has scrolled up further than this is reading and is not pulled down.
const NEAR_END_PX = 80;
const ROLES = { customer: "Customer", expert: "Expert" };

/**
 * The chat of `view`'s session. `canTalk`: with the box to write in, and looked at again and
 * again until `signal`; else it is read once. `takesFocus`: the box gets it on a new stage.
 */
export function chatPanel(view, { signal, canTalk, takesFocus = false }) {
  const talk = new Talk(view, signal);
  if (!canTalk) {
    talk.list.classList.add("saved");
    talk.look().catch(() => talk.tell("What was written could not be loaded."));
    return { node: talk.node };
  }
  const looking = poll(() => talk.look(), {
    everyS: LOOK_S, signal,
    onTrouble: (problem) => {
      if (problem) talk.tell("New messages cannot be loaded just now. Trying again…");
    },
  });
  talk.node.append(messageForm(view, { takesFocus, onSent: (message) => {
    talk.add([message]);
    talk.toEnd();
    looking.now();
  } }));
  return { node: talk.node };
}

class Talk {
  constructor(view, signal) {
    Object.assign(this, { view, signal });
    this.cursor = null;
    this.shown = new Set();
    this.hint = h("p", { class: "hint" }, "Loading…");
    this.list = h("ol", { class: "transcript chat", tabindex: "0", "aria-label": "Messages" });
    this.spoken = h("div", { class: "visually-hidden", "aria-live": "polite" });
    this.node = h("div", {}, this.hint, this.list, this.spoken);
    this.first = true;
  }

  tell(words) {
    fill(this.hint, words);
    this.hint.hidden = !words;
  }

  /** Read on from the last page that was seen; a page that grew is read again. */
  async look() {
    for (let pages = 0; pages < PAGES_MAX; pages += 1) {
      const from = this.cursor ? `&cursor=${encodeURIComponent(this.cursor)}` : "";
      const page = await get(`${this.view.path}/messages?limit=${PAGE}${from}`);
      if (this.signal?.aborted) return;
      this.add(page.items);
      if (!page.nextCursor || page.nextCursor === this.cursor) break;
      this.cursor = page.nextCursor;
    }
    this.tell(this.shown.size ? null : "Nothing was written yet.");
    this.first = false;
  }

  add(messages) {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    const follow = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    for (const message of messages) {
      if (this.shown.has(message.id)) continue;
      this.shown.add(message.id);
      const own = message.userId === this.view.app.user.userId;
      this.#insert(messageNode(message, own));
      // What was there before the person came is not read out.
      if (!own && !this.first) this.spoken.textContent = `${nameOf(message, own)}: ${message.text}`;
    }
    if (this.shown.size) this.tell(null);
    if (follow) this.toEnd();
  }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
  }

  /** One's own message may be there before an older one of the other side. */
  #insert(node) {
    const after = [...this.list.children].find(({ dataset }) => dataset.at > node.dataset.at);
    this.list.insertBefore(node, after ?? null);
  }
}

function nameOf({ role }, own) {
  return own ? "You" : ROLES[role] ?? String(role);
}

function messageNode(message, own) {
  return h("li", { class: "turn", dataset: { own: String(own), at: message.at } },
    h("p", { class: "turn-head" }, h("strong", {}, nameOf(message, own)), " ",
      h("span", { class: "hint" }, timeOfDay(message.at))),
    h("p", { class: "turn-words" }, message.text));
}

function messageForm(view, { takesFocus, onSent }) {
  const sending = intention(`greenroom_chat_${view.detail.sessionId}`);
  const input = h("textarea", { rows: 2, name: "message", maxlength: TEXT_MAX,
    ...(takesFocus ? { "data-focus": true } : {}) });
  const send = h("button", { type: "submit", class: "primary" }, icon("send"),
    h("span", {}, "Send"));
  const wrong = h("p", { class: "field-error", role: "alert" });
  const submit = async (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text || send.disabled) return;
    send.disabled = true;
    fill(wrong);
    try {
      const body = { text };
      const message = await postOnce(`${view.path}/messages`, sending.keyFor(body), body);
      sending.done();
      // What was typed on meanwhile stays.
      if (input.value.trim() === text) input.value = "";
      onSent(message);
    } catch (problem) {
      fill(wrong, `Not sent. ${problem.message}`);
    } finally {
      send.disabled = false;
      input.focus();
    }
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  });
  return h("form", { class: "answer", onsubmit: submit },
    field("Your message", input, "Enter sends, Shift and Enter makes a new line."), wrong, send);
}
