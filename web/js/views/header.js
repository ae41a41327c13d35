// The head of the page: the brand, the navigation, what runs, the balance.

import { h } from "../dom.js";
import { credits } from "../format.js";
import { activeChip } from "./active.js";

// The last three are shown only to those whom they concern.
const NAVIGATION = [
  ["/", "Practise"],
  ["/experts", "Experts"],
  ["/classes", "Classes"],
  ["/ai", "AI"],
  ["/interviews", "History"],
  ["/balance", "Balance"],
  ["/purchases", "Purchases"],
  ["/profile", "Profile"],
  ["/desk", "Expert desk", ({ places }) => places.isExpert],
  ["/studio", "Studio", ({ places }) => places.worksInStudio],
  ["/admin", "Admin", ({ user }) => user?.role === "admin"],
];
const IN_ONE_LINE = 8; // entries that a desk's width holds beside the rest
// Places that belong to an entry of the navigation without standing under it.
const UNDER = { "/experts": ["/intake", "/sessions"] };

/** The header of a page at `path`. */
export function header(app, path) {
  const brand = h("a", { class: "brand", href: "#/" },
    h("img", { src: "icon.svg", alt: "", width: 28, height: 28 }), h("span", {}, "Greenroom"));
  const shown = NAVIGATION.filter(([, , whom]) => !whom || whom(app));
  return h("div", { class: "top-in", dataset: { signed: String(Boolean(app.user)),
    many: String(shown.length > IN_ONE_LINE) } }, brand,
  app.user ? personParts(app, path, shown) : null);
}

function personParts(app, path, shown) {
  const links = shown.map(([target, label]) => h("li", {}, h("a", { href: `#${target}`,
    "aria-current": isCurrent(target, path) ? "page" : null }, label)));
  const running = app.interview?.running && path !== "/interview";
  return [
    h("nav", { "aria-label": "Main" }, h("ul", {}, links)),
    running
      ? h("a", { class: "live-chip", href: "#/interview" }, "Interview live: return")
      : activeChip(app, path),
    h("a", { class: "chip", href: "#/balance", "data-balance": true },
      app.user.isPremium ? "Unlimited" : credits(app.user.credits),
      app.user.stale ? h("small", { class: "as-of" }, " a moment ago") : null),
    h("button", { type: "button", class: "quiet small", onclick: () => app.signOut() },
      "Sign out"),
  ];
}

function isCurrent(target, path) {
  if (target === "/") return path === "/";
  return [target, ...(UNDER[target] ?? [])].some((place) => path.startsWith(place));
}
