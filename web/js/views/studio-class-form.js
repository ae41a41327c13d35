// Making a class, or changing one.

import { get, patch } from "../api.js";
import { fill, h } from "../dom.js";
import { amountIn, plainAmount } from "../format.js";
import { intention } from "../intention.js";
import { postOnce } from "../requests.js";
import { pathOf } from "../studio.js";
import { toast } from "../toast.js";
import { momentOf, placeOf as zonePlace, wallTime } from "../zone.js";
import { checkedField, errorsByField, focusWrong, markWrong } from "./fields.js";
import { link, pageHead } from "./parts.js";
import { studioPage } from "./studio.js";

const making = intention("greenroom_class");
const NEW = { name: "", type: "", durationMinutes: 60, capacity: 10, priceCents: 0,
  lateCancelFeeCents: 0, description: "", instructor: "", location: "", booked: 0, held: 0, waitlistCount: 0 };

export const mountNewClass = studioPage("", (page) => {
  const { studio, params, place, body } = page;
  const { lateCancelMinutes, noticeMinutes, waitlistMax, currency } = studio.studio;
  fill(body, pageHead("New class", null),
    form(page, { ...NEW, currency, lateCancelMinutes, noticeMinutes, waitlistMax }, {
      label: "Make the class", back: `${place()}?month=${params.query.get("month") ?? ""}`,
      send: (given) => {
        const told = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
        return postOnce(pathOf(studio.organizationId, ["classes"]), making.keyFor(told), told);
      },
      done: (made) => {
        making.done();
        toast(`${made.name} stands in the schedule.`, { tone: "good" });
        return place("classes", made.classSessionId);
      },
    }));
});

export const mountEditClass = studioPage("", async (page) => {
  const { studio, params, place, body } = page;
  const path = pathOf(studio.organizationId, ["classes", params.id]);
  const each = await get(path);
  fill(body, pageHead(`Change ${each.name}`, null), form(page, each, {
    label: "Save", back: place("classes", each.classSessionId),
    send: (given) => patch(path, changed(given, each)),
    done: () => {
      toast("Saved.", { tone: "good" });
      return place("classes", each.classSessionId);
    },
  }));
});

/** Only what is another than before is sent; a time that stays is not moved. */
function changed(given, each) {
  const same = (name, value) => name === "startsAt"
    ? Date.parse(value) === Date.parse(each.startsAt) : value === (each[name] ?? null);
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => !same(name, value)));
}

function form(page, each, { label, back, send, done }) {
  const { studio, app } = page;
  const zone = studio.studio.timezone;
  const taken = each.booked + each.held + each.waitlistCount > 0;
  const control = controlsOf(each, { zone, taken });
  const fields = fieldsOf(control, { zone, taken, currency: each.currency });
  const wrong = h("p", { class: "field-error", role: "alert" });
  const save = h("button", { type: "submit", class: "primary" }, label);
  const node = h("form", { class: "card form narrow", onsubmit: async (event) => {
    event.preventDefault();
    if (save.disabled) return;
    save.disabled = true;
    fill(wrong);
    try {
      const made = await send(givenIn(control, { zone, currency: each.currency }));
      app.router.go(done(made).slice(1));
    } catch (problem) {
      save.disabled = false;
      told(node, { problem, control, fields, wrong });
    }
  } },
  fields.name,
  h("div", { class: "row" }, fields.type, fields.capacity),
  h("div", { class: "row" }, fields.startsAt, fields.durationMinutes),
  h("div", { class: "row" }, fields.instructor, fields.location),
  fields.priceCents, fields.description,
  h("details", { class: "details" }, h("summary", {}, "Rules of this class"),
    h("div", { class: "form" },
      h("div", { class: "row" }, fields.lateCancelMinutes, fields.lateCancelFeeCents),
      h("div", { class: "row" }, fields.noticeMinutes, fields.waitlistMax))),
  wrong,
  h("div", { class: "form-end" }, save, link("Back", back, "quiet")));
  return node;
}

/** `taken`: somebody is in it, so its time stays. */
function controlsOf(each, { zone, taken }) {
  const input = (name, rest) => h("input", { name, value: each[name] ?? "", ...rest });
  const count = (name, rest) => input(name, { type: "number", inputmode: "numeric", required: true,
    ...rest });
  const amount = (name) => h("input", { name, inputmode: "decimal", maxlength: 12, required: true,
    value: plainAmount(each[name], each.currency) });
  return {
    name: input("name", { required: true, maxlength: 120 }),
    type: input("type", { required: true, maxlength: 32, autocapitalize: "none",
      pattern: "[a-z][a-z0-9_\\-]*", title: "Small letters, digits and hyphens" }),
    startsAt: h("input", { name: "startsAt", type: "datetime-local", required: true, step: 300,
      disabled: taken, value: each.startsAt ? wallTime(each.startsAt, zone) : "" }),
    durationMinutes: count("durationMinutes", { min: 5, max: 480, step: 5, disabled: taken }),
    capacity: count("capacity", { min: 1, max: 1000 }),
    priceCents: amount("priceCents"),
    instructor: input("instructor", { maxlength: 120 }),
    location: input("location", { maxlength: 120 }),
    description: h("textarea", { name: "description", rows: 3, maxlength: 2000,
      value: each.description ?? "" }),
    lateCancelMinutes: count("lateCancelMinutes", { min: 0, max: 43_200 }),
    lateCancelFeeCents: amount("lateCancelFeeCents"),
    noticeMinutes: count("noticeMinutes", { min: 0, max: 43_200 }),
    waitlistMax: count("waitlistMax", { min: 0, max: 500 }),
  };
}

function fieldsOf(control, { zone, taken, currency }) {
  const code = String(currency).toUpperCase();
  return {
    name: checkedField("Name", control.name),
    type: checkedField("Type", control.type, {
      hint: "One word in small letters, which passes can be for: yoga." }),
    startsAt: checkedField(`Begins, ${zonePlace(zone)} time`, control.startsAt, {
      hint: taken ? "Somebody is in it, so the time stays." : null }),
    durationMinutes: checkedField("Minutes", control.durationMinutes),
    capacity: checkedField("Seats", control.capacity),
    priceCents: checkedField(`Price in ${code}`, control.priceCents, {
      hint: "Without a pass. 0 is free." }),
    instructor: checkedField("Instructor (optional)", control.instructor),
    location: checkedField("Room or place (optional)", control.location),
    description: checkedField("Description (optional)", control.description),
    lateCancelMinutes: checkedField("Late cancel, minutes before", control.lateCancelMinutes, {
      hint: "From then on nothing is given back." }),
    lateCancelFeeCents: checkedField(`Fee of a late cancel in ${code}`,
      control.lateCancelFeeCents),
    noticeMinutes: checkedField("Booking closes, minutes before", control.noticeMinutes),
    waitlistMax: checkedField("Places on the waitlist", control.waitlistMax),
  };
}

const NUMBERS = ["durationMinutes", "capacity", "lateCancelMinutes", "noticeMinutes",
  "waitlistMax"];
const AMOUNTS = ["priceCents", "lateCancelFeeCents"];
const TEXTS = ["name", "type", "instructor", "location", "description"];

/** A field that cannot be sent, in the shape of the server's own refusals. */
function refusal(field, message) {
  return Object.assign(new Error(message), { facts: { errors: [{ field, message }] } });
}

function givenIn(control, { zone, currency }) {
  const given = {};
  for (const name of TEXTS) given[name] = control[name].value.trim() || null;
  for (const name of NUMBERS) {
    if (!control[name].disabled) given[name] = Number(control[name].value);
  }
  if (!control.startsAt.disabled) {
    given.startsAt = momentOf(control.startsAt.value, zone);
    if (!given.startsAt) {
      throw refusal("startsAt", "Clocks are put forward then, so there is no such time.");
    }
  }
  for (const name of AMOUNTS) {
    given[name] = amountIn(control[name].value, currency);
    if (given[name] === null) throw refusal(name, "This is no amount of that currency.");
  }
  return given;
}

function told(node, { problem, control, fields, wrong }) {
  const errors = errorsByField(problem);
  if (problem.code === "CAPACITY_TAKEN") {
    errors.capacity = `${problem.facts.taken ?? "More"} seats are taken already.`;
  }
  if (problem.code === "CLASS_HAS_BOOKINGS") errors.startsAt = problem.message;
  const known = Object.keys(errors).filter((name) => name in fields);
  known.forEach((name) => markWrong(fields[name], control[name], errors[name]));
  const hidden = known.some((name) => fields[name].closest("details"));
  if (hidden) node.querySelector("details").open = true;
  if (known.length) focusWrong(node);
  else fill(wrong, problem.message);
}
