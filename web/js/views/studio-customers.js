// The customers of a studio, clients and leads: searched by name, and made.

import { get } from "../api.js";
import { announce, fill, h } from "../dom.js";
import { intention } from "../intention.js";
import { postOnce } from "../requests.js";
import { settled } from "../settled.js";
import { pathOf } from "../studio.js";
import { toast } from "../toast.js";
import { checkedField } from "./fields.js";
import { customerForm } from "./studio-customer-form.js";
import { empty, failure, link, loading, pageHead } from "./parts.js";
import { paged } from "./paged.js";
import { studioPage } from "./studio.js";

const PAGE = 50;
export const KINDS = {
  client: { list: "clients", many: "Clients", one: "client" },
  lead: { list: "leads", many: "Leads", one: "lead" },
};
export const kindOf = (text) => (text === "lead" ? "lead" : "client");

/** The customer's id, whichever kind they are. */
export const idOf = ({ clientId, customerId }) => clientId ?? customerId;

export const mountCustomers = studioPage("customers", ({ studio, params, place, signal, body }) => {
  const kind = kindOf(params.query.get("kind"));
  const { list: path, one, many } = KINDS[kind];
  const list = h("div", {});
  let asked = "";
  const load = async (counts = () => !signal.aborted) => {
    const page = (cursor) => get(pathOf(studio.organizationId, [path],
      { ...(asked ? { q: asked } : {}), limit: PAGE, cursor }));
    try {
      const first = await page();
      if (!counts()) return;
      if (asked) announce(first.items.length ? `${first.items.length} found.` : "Nobody found.");
      fill(list, first.items.length ? paged(first, (items) => rows(items, place), page)
        : nobody(asked, many));
    } catch (problem) {
      if (counts()) fill(list, failure(problem, () => load()));
    }
  };
  const later = settled(load, signal);
  const search = h("input", { type: "search", maxlength: 120, autocomplete: "off",
    oninput: () => {
      asked = search.value.trim();
      later();
    } });
  fill(list, loading(`Loading ${many.toLowerCase()}…`));
  fill(body,
    pageHead("Customers", "Clients have bought or signed up. Leads are about to.",
      link(`New ${one}`, `${place("customers", "new")}?kind=${kind}`, "primary")),
    h("section", { class: "card stack", "aria-labelledby": "kind" },
      h("div", { class: "entry-head" }, h("h2", { id: "kind" }, many), kindSwitch(kind, place)),
      checkedField("Search", search, {
        hint: "The beginning of a name, or a whole e-mail." }), list));
  return load();
});

function kindSwitch(kind, place) {
  return h("nav", { class: "actions", "aria-label": "Kind of customer" },
    Object.entries(KINDS).map(([each, { many }]) => h("a", { class: "button quiet small",
      href: `${place("customers")}?kind=${each}`, "aria-current": each === kind ? "page" : null },
    many)));
}

function rows(items, place) {
  return h("ul", { class: "list" }, items.map((each) => h("li", {},
    h("a", { class: "list-row", href: place("customers", each.kind, idOf(each)) },
      h("span", { class: "list-main" }, h("strong", {}, each.name),
        h("span", { class: "hint" }, [each.email, each.phone].filter(Boolean).join(" · "))),
      each.status === "active" ? null : h("span", { class: "tag" }, statusWord(each.status))))));
}

const STATUS = { converted: "Became a client", converting: "Becomes a client", closed: "Closed" };
export const statusWord = (status) => STATUS[status] ?? String(status);

function nobody(asked, many) {
  return asked ? empty("Nobody is called so", "Search for the beginning of the name, or the whole e-mail.")
    : empty(`No ${many.toLowerCase()} yet`, "Whom you add, and who joins or books by themselves, " +
      "stands here.");
}

const making = intention("greenroom_customer");

export const mountNewCustomer = studioPage("customers", ({ app, studio, params, place, body }) => {
  const kind = kindOf(params.query.get("kind"));
  const { list, one } = KINDS[kind];
  fill(body, pageHead(`New ${one}`, null), h("div", { class: "narrow" }, customerForm({}, {
    label: `Add the ${one}`, back: `${place("customers")}?kind=${kind}`,
    save: async (given) => {
      const meant = { kind, ...given };
      const made = await postOnce(pathOf(studio.organizationId, [list]), making.keyFor(meant),
        given);
      making.done();
      toast(`${made.name} is added.`, { tone: "good" });
      app.router.go(place("customers", kind, idOf(made)).slice(1));
    },
  })));
});
