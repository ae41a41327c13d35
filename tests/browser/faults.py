"""What is wrong with a page for whoever cannot see it, or sees it on a phone."""

import os

import pytest
from playwright.sync_api import Page

# What is too wide is so in either scheme, what cannot be read at either width: each once is enough.
_USUAL = ((390, "dark"), (1280, "light"))
_ALL = tuple((width, scheme) for width in (390, 1280) for scheme in ("light", "dark"))
WINDOWS = [
    pytest.param(width, scheme, marks=pytest.mark.window(width=width, scheme=scheme))
    for width, scheme in (_ALL if os.environ.get("THOROUGH") else _USUAL)
]
# A word that cannot be broken at a space.
LONG = "Donaudampfschifffahrtsgesellschaftskapitän" * 3
FAULTS = """() => {
  const found = [];
  const visible = (node) => node.checkVisibility();
  const name = (node) => (node.getAttribute("aria-label") ?? "") + (node.textContent ?? "").trim() +
    (node.getAttribute("aria-labelledby") ?? "").split(" ").filter(Boolean)
      .map((id) => document.getElementById(id)?.textContent ?? "").join("");
  for (const node of document.querySelectorAll("button, a[href]")) {
    if (visible(node) && !name(node)) found.push("no name: " + node.outerHTML);
  }
  for (const node of document.querySelectorAll("input, select, textarea")) {
    if (!node.labels.length) found.push("no label: " + node.outerHTML);
  }
  for (const attribute of ["aria-labelledby", "aria-describedby", "for"]) {
    for (const node of document.querySelectorAll(`[${attribute}]`)) {
      for (const id of node.getAttribute(attribute).split(" ")) {
        if (!document.getElementById(id)) found.push(`no ${attribute}: ` + node.outerHTML);
      }
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push("twice: " + id);
  if (document.querySelectorAll("h1").length !== 1) found.push("not one heading");
  let level = 1;
  for (const node of document.querySelectorAll("main h1, main h2, main h3")) {
    const next = Number(node.tagName[1]);
    if (next > level + 1) found.push("a level is skipped: " + node.outerHTML);
    level = next;
  }
  for (const node of document.querySelectorAll("main button, main .button, nav a")) {
    const { height } = node.getBoundingClientRect();
    if (visible(node) && height < 24) found.push("too small to press: " + node.outerHTML);
  }
  return found;
}"""


def faults_of(page: Page, width: int) -> list[str]:
    """Everything that is wrong with the page as it is shown now."""
    found: list[str] = page.evaluate(FAULTS)
    if page.evaluate("document.documentElement.scrollWidth") > width:
        found.append("scrolls sideways")
    return found
