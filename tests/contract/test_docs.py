"""The pages that point into the product point at something."""

import re
from pathlib import Path

import pytest

from scripts.openapi import all_routes

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_route_that_the_guide_names_exists() -> None:
    guide = (DOCS / "api.md").read_text(encoding="utf-8")
    known = {route.key for _, route in all_routes()}

    named = re.findall(r"`(GET|POST|PATCH|DELETE) (/api/[^`?]+)`", guide)
    called = re.findall(r'api\("(\w+)", ["`](/[^"`]+)["`]', guide)

    assert named
    assert called
    assert {f"{method} {path}" for method, path in named} <= known
    paths = {re.sub(r"\$\{session\.(\w+)\}", r"{\1}", path) for _, path in called}
    assert {f"POST /api{path}" for path in paths} <= known


def test_the_index_lists_every_decision_by_its_title() -> None:
    index = (DOCS / "decisions" / "README.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| \[(\d{4})\]\((\S+)\) \| (.+) \|$", index, re.MULTILINE)

    found = []
    for page in sorted((DOCS / "decisions").glob("0*.md")):
        title = page.read_text(encoding="utf-8").partition("\n")[0]
        found.append((page.name[:4], page.name, re.sub(r"^# \d{4} (· )?", "", title)))
    assert listed == found
