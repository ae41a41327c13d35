// Finding a customer of a studio by name: clients and leads in one list.

import { get } from "../api.js";
import { announce, fill, h } from "../dom.js";
import { settled } from "../settled.js";
import { pathOf } from "../studio.js";
import { checkedField } from "./fields.js";
import { failure } from "./parts.js";

const SHOWN = 8; // of each kind: whoever is not among them is found by more letters

/** Clients and leads whose name begins so. */
export async function findCustomers({ organizationId }, q) {
  const [clients, leads] = await Promise.all(["clients", "leads"].map((kind) =>
    get(pathOf(organizationId, [kind], { q, limit: SHOWN }))));
  return [...clients.items, ...leads.items];
}

/** A search field with what it finds; `onChosen(customer)` closes it, `open()` opens it again. */
export function customerSearch(studio, { label, signal, onChosen }) {
  const control = h("input", { type: "search", autocomplete: "off", maxlength: 120,
    oninput: () => look(control.value.trim()) });
  const list = h("div", {});
  const look = settled(async (counts, q) => {
    if (!q) return fill(list);
    try {
      const found = await findCustomers(studio, q);
      if (counts()) show(found);
    } catch (problem) {
      if (counts()) fill(list, failure(problem, () => look(q)));
    }
    return null;
  }, signal);
  const node = h("div", { class: "form" },
    checkedField(label, control, { hint: "By the beginning of the name, or the whole e-mail." }), list);
  const show = (found) => {
    announce(found.length === 1 ? "One customer found." : `${found.length} customers found.`);
    fill(list, found.length
      ? h("ul", { class: "list found" }, found.map((customer) => h("li", {},
        h("button", { type: "button", class: "list-row quiet", onclick: () => {
          node.hidden = true;
          onChosen(customer);
        } },
        h("span", { class: "list-main" }, h("strong", {}, customer.name),
          h("span", { class: "hint" }, [customer.kind, customer.email].filter(Boolean)
            .join(" · ")))))))
      : h("p", { class: "hint" }, "Nobody is called so."));
  };
  return {
    node,
    open() {
      node.hidden = false;
      control.value = "";
      fill(list);
      control.focus();
    },
  };
}
