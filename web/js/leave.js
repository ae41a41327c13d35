// Leaving for a page of the payment provider, in the same tab.

const WEB = ["https:", "http:"];

/** The address if it is one of the web, else null: a script's address is never followed. */
export function webAddress(address) {
  try {
    return WEB.includes(new URL(address).protocol) ? address : null;
  } catch {
    return null;
  }
}

/**
 * Make the page load anew if it is shown again from the browser's memory (Back): what was true
 * before paying is not shown as if nothing had happened.
 */
export function reloadOnReturn() {
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
}

/** Go to a page of the payment provider. Throws when the address is none of the web. */
export function leaveFor(address) {
  if (!webAddress(address)) throw new Error("The payment page has no address of the web.");
  reloadOnReturn();
  location.assign(address);
}
