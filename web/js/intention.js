// What a person means to send once: its Idempotency-Key lives as long as this tab.
//
// The same body goes out with the same key, so a double click, Retry or a reload never makes two
// of anything; another body is another intention and gets a key of its own.

/** An intention that is kept under `name` in the session's storage. */
export function intention(name) {
  const kept = () => {
    try {
      return JSON.parse(sessionStorage.getItem(name));
    } catch {
      return null;
    }
  };
  return {
    /** The key for sending `body`. */
    keyFor(body) {
      const text = JSON.stringify(body);
      const before = kept();
      if (before?.text === text) return before.key;
      const key = crypto.randomUUID();
      sessionStorage.setItem(name, JSON.stringify({ key, text }));
      return key;
    },
    /** It was done: the same body again is a new intention. */
    done: () => sessionStorage.removeItem(name),
  };
}
