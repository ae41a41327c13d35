// A file that the page has made, handed to the browser.

import { h } from "./dom.js";

const KEPT_MS = 60_000; // the browser has taken the file over once the click's task is done

/** Save `text` as a file called `name`, of that media type. */
export function saveFile(name, text, type) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_MS);
}
