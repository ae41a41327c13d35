// Small helpers that build DOM nodes. Text is always set as text, never as HTML.

const SVG = "http://www.w3.org/2000/svg";

/** Build an element: `on…` props are listeners, `dataset` and `style` are merged. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) setProp(node, name, value);
  append(node, children);
  return node;
}

function setProp(node, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name === "class") node.className = value;
  else if (name === "dataset") Object.assign(node.dataset, value);
  else if (name.startsWith("on")) node.addEventListener(name.slice(2).toLowerCase(), value);
  else if (name === "value") node.value = value;
  else if (value === true) node.setAttribute(name, "");
  else node.setAttribute(name, value);
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
}

/** Replace everything in `node`. */
export function fill(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
}

const ICONS = {
  mic: "M12 3a3 3 0 0 0-3 3v6a3 3 0 0 0 6 0V6a3 3 0 0 0-3-3ZM5 11a7 7 0 0 0 14 0M12 18v3",
  muted: "M9 6a3 3 0 0 1 6 0v6m-1.2 2.4A3 3 0 0 1 9 12V9M5 11a7 7 0 0 0 11 5.7M12 18v3M4 4l16 16",
  check: "M5 12.5l4.5 4.5L19 7.5",
  warn: "M12 8v5M12 16.5v.5M12 3 2.5 20h19Z",
  info: "M12 11v6M12 7.5v.5M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18Z",
  upload: "M12 16V5m-4.5 4L12 4.5 16.5 9M5 19.5h14",
  download: "M12 4v11m-4.5-4L12 15.5 16.5 11M5 19.5h14",
  stop: "M7 7h10v10H7Z",
  send: "M4 12l16-7-6 15-3-6Z",
  clock: "M12 7v5l3 2M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18Z",
};

/** A decorative line icon; the words beside it carry the meaning. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

let unique = 0;

/** A label with its control and optional hint, tied together by ids. */
export function field(label, control, hint) {
  const id = control.id || `field-${(unique += 1)}`;
  control.id = id;
  const hintNode = hint ? h("span", { class: "hint", id: `${id}-hint` }, hint) : null;
  if (hintNode) control.setAttribute("aria-describedby", hintNode.id);
  return h("div", { class: "field" }, h("label", { for: id }, label), control, hintNode);
}

/** Say something to screen readers without showing it. */
export function announce(text) {
  const node = document.getElementById("announcer");
  if (node.textContent !== text) node.textContent = text;
}
