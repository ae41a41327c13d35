// A list that grows page by page.

import { fill, h } from "../dom.js";
import { toast } from "../toast.js";
import { button } from "./parts.js";

/** A list that grows with “Load more”. `draw(items)` makes one page's node. */
export function paged(first, draw, next) {
  const node = h("div", { class: "stack" }, draw(first.items));
  const more = h("div", { class: "more" });
  const offer = (cursor) => {
    if (!cursor) return fill(more);
    const control = button("Load more", async () => {
      control.disabled = true;
      try {
        const page = await next(cursor);
        const added = draw(page.items);
        more.before(added);
        offer(page.nextCursor);
        added.querySelector("a, button")?.focus();
      } catch (problem) {
        control.disabled = false;
        toast(problem.detail, { tone: "bad" });
      }
    });
    return fill(more, control);
  };
  node.append(more);
  offer(first.nextCursor);
  return node;
}
