"""The navigation shows what concerns the person: the desk to experts, the studio to its staff."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.class_samples import relation
from tests.browser.person import PERSON
from tests.browser.samples import expert, page
from tests.browser.served import Served

EVERYBODY = [
    "Practise", "Experts", "Classes", "AI", "History", "Balance", "Purchases", "Profile",
]  # fmt: skip


def links(window: Served) -> Any:
    """The entries of the navigation."""
    return window.page.get_by_role("navigation", name="Main").get_by_role("link")


def opened(window: Served, place: str = "/balance") -> None:
    """Open a place and wait until the page knows in which studios the person is."""
    with window.page.expect_response("**/api/organizations"):
        window.opens(place)
    expect(window.page.get_by_role("heading", level=1)).to_be_visible()


def test_somebody_new_sees_neither_desk_nor_studio(served: Served) -> None:
    """What most people have nothing to do with is not in their way."""
    opened(served)

    expect(links(served)).to_have_text(EVERYBODY)


@pytest.mark.parametrize("approved", [True, False])
def test_an_expert_sees_the_desk_approved_or_not(served: Served, approved: bool) -> None:
    """Who has asked to be one comes back to see whether they are."""
    served.says("GET", "experts/me", expert(approved=approved, status="offline"))
    served.says("GET", "experts/me/sessions", page())
    opened(served, "/desk")
    expect(links(served)).to_have_text([*EVERYBODY, "Expert desk"])
    served.page.goto("about:blank")
    opened(served)

    expect(links(served)).to_have_text([*EVERYBODY, "Expert desk"])


def test_who_is_an_expert_no_longer_does_not_see_it_any_more(served: Served) -> None:
    """The desk itself finds out."""
    served.says("GET", "experts/me", expert(status="offline"))
    served.says("GET", "experts/me/sessions", page())
    opened(served, "/desk")
    expect(links(served)).to_have_text([*EVERYBODY, "Expert desk"])

    served.refuses("GET", "experts/me", 403, "NOT_AN_EXPERT")
    served.page.goto("about:blank")
    opened(served, "/desk")

    expect(links(served)).to_have_text(EVERYBODY)


@pytest.mark.parametrize(
    ("role", "shown"),
    [("admin", ["Studio"]), ("staff", ["Studio"]), ("client", []), ("lead", [])],
)
def test_who_works_in_a_studio_sees_it(served: Served, role: str, shown: list[str]) -> None:
    """Its customers do not."""
    served.says("GET", "organizations", {"items": [relation(role)]})
    opened(served)

    expect(links(served)).to_have_text([*EVERYBODY, *shown])


@pytest.mark.parametrize(("role", "shown"), [("admin", ["Admin"]), ("user", [])])
def test_who_runs_the_platform_sees_its_admin(served: Served, role: str, shown: list[str]) -> None:
    """Nobody else does."""
    served.says("GET", "user", {**PERSON, "role": role})
    opened(served)

    expect(links(served)).to_have_text([*EVERYBODY, *shown])


def test_who_becomes_an_expert_sees_the_desk_from_then_on(served: Served) -> None:
    """The way there is on the experts' page."""
    served.says("GET", "experts/me/sessions", page())
    served.says("PUT", "experts/me", expert(status="offline", approved=False))
    served.opens("/experts")
    served.page.get_by_role("link", name="Go to the expert desk").click()
    make = served.page.get_by_role("button", name="Make my profile")
    expect(make).to_be_visible()  # so the page knows that the person is none yet
    expect(links(served)).to_have_text(EVERYBODY)

    served.says("GET", "experts/me", expert(status="offline", approved=False))
    make.click()

    expect(links(served)).to_have_text([*EVERYBODY, "Expert desk"])
    expect(links(served).last).to_have_attribute("aria-current", "page")


def test_nobody_is_asked_whether_they_are_an_expert_before_they_open_the_desk(
    served: Served,
) -> None:
    """A refusal with every look at the page would be of no use to anybody."""
    opened(served)
    served.page.wait_for_timeout(500)

    assert served.requests("GET", "experts/me") == []


def test_what_one_person_may_see_is_not_shown_to_the_next(served: Served) -> None:
    """Also where the answers about the next cannot be had."""
    served.says("GET", "experts/me", expert(status="offline"))
    served.says("GET", "experts/me/sessions", page())
    served.says("GET", "organizations", {"items": [relation("admin")]})
    served.opens("/desk")
    expect(links(served)).to_have_text([*EVERYBODY, "Expert desk", "Studio"])

    served.says("GET", "user", {**PERSON, "userId": "0b6f7d5e-0000-5000-8000-000000000002"})
    for path in ("experts/me", "organizations"):
        served.refuses("GET", path, 503, "STORE_UNAVAILABLE")
    served.page.goto("about:blank")
    served.opens("/balance")

    expect(links(served)).to_have_text(EVERYBODY)
