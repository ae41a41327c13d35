// The month of a studio, for those who work there: how full every class is, and new classes.

import { fill, h } from "../dom.js";
import { classesOf } from "../studio.js";
import { link, loadInto, pageHead } from "./parts.js";
import { dayList, monthBar, monthOf, zoneHint } from "./schedule.js";
import { studioPage } from "./studio.js";

export const mountStudioSchedule = studioPage("", ({ studio, params, place, body }) => {
  const month = monthOf(params.query);
  const { timezone } = studio.studio;
  const list = h("div", {});
  fill(body,
    pageHead("Schedule", "Every class of the month.",
      link("New class", `${place("classes", "new")}?month=${month}`, "primary")),
    zoneHint(timezone),
    h("section", { class: "card schedule", "aria-labelledby": "month" },
      monthBar(month, (to) => `${place()}?month=${to}`), list));
  return loadInto(list, "Loading the month…",
    () => classesOf(studio.organizationId, month), (classes) =>
      dayList(classes, { zone: timezone, row: (each) => ({
        href: place("classes", each.classSessionId), tags: [bookedTag(each)],
      }) }));
});

function bookedTag({ booked, held }) {
  return { label: [`${booked} booked`, held ? `${held} held` : null].filter(Boolean).join(", "),
    tone: "quiet" };
}
