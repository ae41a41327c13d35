// Bar charts made by hand. The table beside each says the same for whoever cannot see it.

import { fill, h } from "../dom.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 220;
const EDGE = { top: 12, right: 4, bottom: 24, left: 52 };
const LABEL_PX = 64; // what a label below needs

/** A round number not below the largest value: 1, 2 or 5 with zeros. */
export function roundUp(value) {
  if (value <= 0) return 1;
  const ten = 10 ** Math.floor(Math.log10(value));
  return ten * [1, 2, 5, 10].find((step) => step * ten >= value);
}

/**
 * Columns, one for each of `items` (`[{label, value}]`), as wide as there is room. `words(value)`
 * says a value to people.
 */
export function columnChart(title, items, words) {
  const figure = h("div", { class: "chart", role: "img",
    "aria-label": summary(title, items, words) });
  // Text keeps its size: the chart is drawn anew for each width.
  const observer = new ResizeObserver(([{ contentRect: { width } }]) => {
    if (!figure.isConnected) return observer.disconnect();
    return width > 0 ? fill(figure, drawn(items, words, Math.floor(width))) : null;
  });
  observer.observe(figure);
  return figure;
}

function summary(title, items, words) {
  if (!items.length) return `${title}: nothing`;
  const most = items.reduce((one, other) => (other.value > one.value ? other : one));
  return `${title}, ${items.length} bars; the highest is ${most.label} with ${words(most.value)}`;
}

function drawn(items, words, width) {
  const top = roundUp(Math.max(0, ...items.map(({ value }) => value)));
  const inner = { width: width - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom };
  const y = (value) => EDGE.top + inner.height * (1 - value / top);
  const step = inner.width / Math.max(1, items.length);
  const bar = Math.min(48, Math.max(1, step * 0.72));
  const every = Math.ceil(items.length / Math.max(1, Math.floor(inner.width / LABEL_PX)));
  const lines = [0, top / 2, top].map((value) => [
    part("line", { class: "chart-line", x1: EDGE.left, x2: width - EDGE.right, y1: y(value),
      y2: y(value) }),
    part("text", { class: "chart-words", x: EDGE.left - 6, y: y(value) + 4, "text-anchor": "end" },
      words(value)),
  ]);
  const bars = items.map(({ label, value }, place) => {
    const x = EDGE.left + step * place + (step - bar) / 2;
    const height = value > 0 ? Math.max(2, y(0) - y(value)) : 0;
    return [
      part("rect", { class: "chart-bar", x, y: y(0) - height, width: bar, height, rx: 2 },
        part("title", {}, `${label}: ${words(value)}`)),
      place % every === 0
        ? part("text", { class: "chart-words", x: x + bar / 2, y: HEIGHT - 6,
          "text-anchor": "middle" }, label) : null,
    ];
  });
  const svg = part("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT,
    "aria-hidden": "true" });
  svg.append(...[lines, bars].flat(3).filter(Boolean));
  return svg;
}

function part(tag, props, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** Bars that lie, the largest first: for names, which are longer than days. */
export function rankChart(title, items, words) {
  const sorted = [...items].sort((one, other) => other.value - one.value).slice(0, 10);
  const most = Math.max(1, ...sorted.map(({ value }) => value));
  return h("div", { class: "ranks", role: "img", "aria-label": summary(title, sorted, words) },
    sorted.map(({ label, value }) => h("div", { class: "rank", "aria-hidden": "true" },
      h("span", { class: "rank-label" }, label),
      h("span", { class: "rank-line" },
        h("span", { class: "rank-bar", style: `width: ${(value / most) * 100}%` })),
      h("span", { class: "rank-value" }, words(value)))));
}
