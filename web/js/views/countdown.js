// The time that is left, running down.

import { h } from "../dom.js";
import { clock } from "../format.js";
import { everySecond } from "../polling.js";
import { secondsUntil } from "../servertime.js";

const SHORT_S = 60;

/** A clock that runs down to `expiresAt`; `onEnd` hears once that it is over. */
export function countdown(expiresAt, { signal, onEnd = () => {} }) {
  const node = h("span", { class: "time", role: "timer" });
  const over = new AbortController();
  signal.addEventListener("abort", () => over.abort());
  everySecond(() => {
    const leftS = secondsUntil(expiresAt) ?? 0;
    const words = leftS >= 3600 ? `${Math.floor(leftS / 3600)} h ${clock(leftS % 3600)}`
      : clock(leftS);
    if (node.textContent !== words) node.textContent = words;
    node.toggleAttribute("data-short", leftS <= SHORT_S);
    if (leftS > 0 || over.signal.aborted) return;
    over.abort();
    onEnd();
  }, over.signal);
  return node;
}
