// A table that scrolls by itself where it is wider than the window.

import { h } from "../dom.js";

/**
 * `columns`: `[{label, cell(row), number}]`; the first names the row. `foot`: one more row, such as
 * sums. `isTight`: what names a row is short and stays in one line.
 */
export function dataTable(caption, columns, rows, { foot, isTight = false } = {}) {
  const cell = (row) => ({ cell: of, number }, place) => {
    const props = { class: number ? "number" : null };
    return place ? h("td", props, of(row)) : h("th", { scope: "row", ...props }, of(row));
  };
  return h("div", { class: "table-scroll", role: "region", "aria-label": caption, tabindex: "0" },
    h("table", { class: isTight ? "nowrap-first" : null },
      h("caption", { class: "visually-hidden" }, caption),
      h("thead", {}, h("tr", {}, columns.map(({ label, number }) =>
        h("th", { scope: "col", class: number ? "number" : null }, label)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, columns.map(cell(row))))),
      foot ? h("tfoot", {}, h("tr", {}, columns.map(cell(foot)))) : null));
}
