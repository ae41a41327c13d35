// Looking again until something has happened, for a bounded time.

/**
 * Call `look` until `until(value)` holds or `pausesS` (seconds between the tries) are used up.
 * Answers the last value, or undefined when the signal was aborted. A try that fails counts as
 * one; its problem is thrown when it was the last, or when the person is no longer signed in.
 */
export async function lookUntil(look, { until, pausesS, onTry = () => {}, signal }) {
  for (let tries = 0; ; tries += 1) {
    const last = tries === pausesS.length;
    onTry(tries);
    try {
      const value = await look();
      if (signal?.aborted) return undefined;
      if (last || until(value)) return value;
    } catch (problem) {
      if (signal?.aborted) return undefined;
      if (last || problem.status === 401) throw problem;
    }
    await new Promise((next) => setTimeout(next, pausesS[tries] * 1000));
    if (signal?.aborted) return undefined;
  }
}
