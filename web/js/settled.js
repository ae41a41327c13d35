// Waiting until somebody has stopped typing.

const PAUSE_MS = 300;

/** Calls `run` a moment after the last call, and never for an answer that came too late. */
export function settled(run, signal) {
  let timer = null;
  let latest = 0;
  signal.addEventListener("abort", () => clearTimeout(timer));
  return (...given) => {
    clearTimeout(timer);
    latest += 1;
    const mine = latest;
    timer = setTimeout(() => run(() => mine === latest && !signal.aborted, ...given), PAUSE_MS);
  };
}
