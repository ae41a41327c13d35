// A transcript for reading: who said what, the running words shown as they come.

import { h } from "../dom.js";
import { timeOfDay } from "../format.js";

const SPEAKER = { user: "You", assistant: "AI interviewer" };
// Someone who has scrolled up further than this is reading and is not pulled down.
const NEAR_END_PX = 80;

function turnNode({ role, content, live, at }) {
  return h("li", { class: "turn", dataset: { role, live: String(live) } },
    h("p", { class: "turn-head" }, h("strong", {}, SPEAKER[role] ?? role), " ",
      h("span", { class: "hint" }, live ? "…" : timeOfDay(at))),
    h("p", { class: "turn-words" }, content));
}

/** The live transcript. Finished turns are announced, running words are not. */
export function transcriptPanel() {
  const hint = h("p", { class: "hint" }, "What both of you say appears here.");
  const list = h("ol", { class: "transcript", tabindex: "0", "aria-label": "Live transcript" });
  const spoken = h("div", { class: "visually-hidden", "aria-live": "polite" });
  const shown = new Map();
  return {
    node: h("div", {}, hint, list, spoken),
    show(turns) {
      hint.hidden = turns.length > 0;
      const follow = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END_PX;
      const nodes = turns.map((turn) => {
        const state = `${turn.live}|${turn.content}`;
        const known = shown.get(turn.id);
        if (known?.state === state) return known.node;
        const node = turnNode(turn);
        if (!turn.live && (!known || known.live)) {
          spoken.textContent = `${SPEAKER[turn.role]}: ${turn.content}`;
        }
        shown.set(turn.id, { node, state, live: turn.live });
        return node;
      });
      nodes.forEach((node, index) => {
        if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
      });
      while (list.children.length > nodes.length) list.lastElementChild.remove();
      if (follow) list.scrollTop = list.scrollHeight;
    },
  };
}

/** A saved transcript. */
export function messageList(messages) {
  return h("ol", { class: "transcript saved" }, messages.map(({ role, content, timestamp }) =>
    turnNode({ role, content, live: false, at: timestamp })));
}
