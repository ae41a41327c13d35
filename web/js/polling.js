// Looking again and again while the page is visible, slower while it does not work.

const PAUSE_MAX_S = 30;

/**
 * Call `look` now and then every `everyS` seconds while the page is visible, never twice at a
 * time, until `signal` is aborted. A look that throws doubles the pause; `onTrouble(problem)`
 * hears of it, and `onTrouble(null)` when it works again. Answers `{now}`, which looks at once.
 */
export function poll(look, { everyS, signal, onTrouble = () => {} }) {
  let timer = null;
  let busy = null;
  let failures = 0;
  const lookOnce = async () => {
    try {
      await look();
      if (failures && !signal.aborted) onTrouble(null);
      failures = 0;
    } catch (problem) {
      failures += 1;
      if (!signal.aborted) onTrouble(problem);
    }
  };
  const run = () => {
    clearTimeout(timer);
    if (signal.aborted || document.hidden) return Promise.resolve();
    busy ??= lookOnce().finally(() => {
      busy = null;
      const pauseS = Math.min(PAUSE_MAX_S, everyS * 2 ** failures);
      if (!signal.aborted) timer = setTimeout(run, pauseS * 1000);
    });
    return busy;
  };
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else run();
  }, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  run();
  return {
    async now() {
      await busy;
      return run();
    },
  };
}

/** Call `tick` now and every second until `signal` is aborted: for clocks that run. */
export function everySecond(tick, signal) {
  const timer = setInterval(tick, 1000);
  signal.addEventListener("abort", () => clearInterval(timer));
  tick();
}
