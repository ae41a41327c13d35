// A list as a file for a spreadsheet.

import { csvOf } from "../admin.js";
import { saveFile } from "../download.js";
import { toast } from "../toast.js";
import { button } from "./parts.js";

/** `page(cursor)`: the path of a page of the list. */
export function csvButton(name, page) {
  const control = button("Download CSV", async () => {
    control.disabled = true;
    try {
      const { text, more } = await csvOf(page);
      saveFile(`${name}.csv`, text, "text/csv");
      if (more) toast("The list is longer than what is in the file. Choose less of it.",
        { tone: "warn" });
    } catch (problem) {
      toast(problem.message, { tone: "bad" });
    } finally {
      control.disabled = false;
    }
  }, { iconName: "download", kind: "secondary" });
  return control;
}
