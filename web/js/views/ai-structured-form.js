// A prompt, and the shape that its answer is to have.

import { STRUCTURED } from "../ai.js";
import { h } from "../dom.js";
import { checkedField } from "./fields.js";

const EXAMPLE = {
  type: "object",
  properties: {
    summary: { type: "string" },
    points: { type: "array", items: { type: "string" }, maxItems: 5 },
  },
  required: ["summary", "points"],
  additionalProperties: false,
};

const pretty = (value) => JSON.stringify(value, null, 2);

/** The parts of the form. `before`: input and schema of the last time. */
export function structuredForm(before = {}, schema = EXAMPLE) {
  const code = (name, rows, value) => h("textarea", { name, rows, class: "code-input",
    spellcheck: "false", autocapitalize: "none", autocomplete: "off", value });
  const control = {
    prompt: h("textarea", { name: "prompt", rows: 4, maxlength: 24_000, required: true,
      value: before.prompt ?? "" }),
    instructions: h("textarea", { name: "instructions", rows: 2, maxlength: 4000,
      value: before.instructions ?? "" }),
    data: code("data", 3, before.data === undefined ? "" : pretty(before.data)),
    schema: code("schema", 17, pretty(schema)),
  };
  const fields = {
    prompt: checkedField("Prompt", control.prompt),
    instructions: checkedField("What to mind (optional)", control.instructions),
    data: checkedField("What it is about, as JSON (optional)", control.data),
    schema: checkedField("JSON schema of the answer", control.schema, { hint: "Objects name " +
      "every property as required, and allow no other: additionalProperties is false." }),
  };
  return {
    service: STRUCTURED, label: "Generate the answer", control, fields,
    nodes: Object.values(fields),
    /** `{input, schema}`, or `{errors}` by field. */
    given() {
      const errors = {};
      const read = (name, text) => {
        try {
          return JSON.parse(text);
        } catch {
          errors[name] = "This is not valid JSON.";
          return null;
        }
      };
      const prompt = control.prompt.value.trim();
      const instructions = control.instructions.value.trim();
      const data = control.data.value.trim();
      const input = { prompt, ...(instructions ? { instructions } : {}),
        ...(data ? { data: read("data", data) } : {}) };
      const wanted = read("schema", control.schema.value);
      if (!prompt) errors.prompt = "Say what you want.";
      return Object.keys(errors).length ? { errors } : { input, schema: wanted };
    },
  };
}
