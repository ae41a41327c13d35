"""Every view of expert sessions fits a phone and a desk, and can be read by a machine."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.class_samples import relation
from tests.browser.faults import LONG, WINDOWS, faults_of
from tests.browser.person import ME, PERSON
from tests.browser.samples import (
    EXPERT,
    INTAKE,
    PLANS,
    PURCHASE,
    SESSION,
    WAIVER,
    ago,
    event,
    expert,
    intake,
    listed,
    message,
    offer,
    online,
    page,
    queued,
    session,
)
from tests.browser.served import Served

UNSIGNED = {"required": True, "version": None, "signedAt": None}


@pytest.fixture
def window(served: Served) -> Served:
    """A window in front of a server with something in every list."""
    events = [event(kind, by=ME) for kind in ("created", "accepted", "live", "completed")]
    served.says("GET", "products", PLANS)
    two = [online(LONG), online("Al", expertId="x", skills=[LONG])]
    served.says("GET", "experts", {"items": two})
    served.says("GET", f"intake/{INTAKE}", intake(concern=LONG, vehicle=LONG))
    served.says("GET", "waivers/current", {**WAIVER, "text": f"{LONG}\n\nShort."})
    served.says("GET", f"sessions/{SESSION}/position", {
        "position": 2, "waiting": 5, "expertsOnline": 3})  # fmt: skip
    served.says("GET", f"sessions/{SESSION}/messages", page(message(1, LONG), message(2, LONG)))
    served.says("GET", f"sessions/{SESSION}", session("completed", events=events))
    served.says("GET", "sessions", page(*(listed(each) for each in ("live", "expired"))))
    served.says("GET", "experts/me", expert(name=LONG, skills=[LONG], activeCount=3))
    served.says("GET", "experts/me/sessions", page(listed("waiting"), listed("completed")))
    served.says("GET", "offers", {"items": [offer(1, urgent=True, plan=LONG), offer(2)]})
    served.says("GET", "queue", {
        "items": [queued(1, urgent=True, plan=LONG, workshopId="w" * 64)], "waiting": 4,
    })  # fmt: skip
    return served


def one(status: str, **change: Any) -> Callable[[Served], None]:
    """The session in that state, with its way back in the header elsewhere."""

    def opens(window: Served) -> None:
        window.says("GET", f"sessions/{SESSION}", session(status, **change))
        window.opens(f"/sessions/{SESSION}")
        expect(window.page.locator(".session-state")).to_be_visible()

    return opens


def at(place: str, **change: Any) -> Callable[[Served], None]:
    """A place of the page, the question being in that state."""

    def opens(window: Served) -> None:
        if change:
            window.says("GET", f"intake/{INTAKE}", intake(**change))
        window.opens(place)

    return opens


def step(number: int, routing: str = "An expert I prefer first") -> Callable[[Served], None]:
    """A step of the intake."""

    def opens(window: Served) -> None:
        window.opens("/intake?plan=quick&step=2")
        window.page.get_by_label("What is the matter?").fill(LONG)
        window.page.get_by_label(routing).check()
        if number == 3:
            window.page.get_by_label("Preferred expert").select_option(EXPERT)
            window.page.get_by_role("button", name="Continue").click()

    return opens


def refused(window: Served) -> None:
    """A step of the intake with errors."""
    names = ("vehicle", "concern", "urgent", "isSpecialist", "routingType", "preferredMechanicId")
    errors = [{"field": name, "message": "does not fit", "type": "x"} for name in names]
    window.refuses("POST", "intake/start", 422, "VALIDATION_FAILED", errors=errors)
    step(3)(window)
    window.page.get_by_role("button", name="Send to our experts").click()
    expect(window.page.get_by_text("does not fit")).to_have_count(6)


def active(place: str) -> Callable[[Served], None]:
    """A place of the page while a session is open."""

    def opens(window: Served) -> None:
        open_session = {"sessionId": SESSION, "type": "diagnostic", "status": "pending"}
        window.says("GET", "user", {**PERSON, "activeSession": open_session})
        window.opens(place)

    return opens


def offline(window: Served) -> None:
    """The desk of somebody who is not approved."""
    window.says("GET", "experts/me", expert(status="offline", approved=False))
    window.opens("/desk")


def beginner(window: Served) -> None:
    """The desk of somebody who is no expert."""
    window.refuses("GET", "experts/me", 403, "NOT_AN_EXPERT")
    window.opens("/desk")


VIEWS: dict[str, Callable[[Served], None]] = {
    "experts": at("/experts"),
    "experts, active": active("/experts"),
    "start, active": active("/"),
    "balance, active": active("/balance"),
    "plan": at("/intake"),
    "question": step(2),
    "question, workshop": step(2, "My workshop first"),
    "question, refused": refused,
    "check": step(3),
    "waiver": at(f"/intake/waiver?intake_id={INTAKE}", waiver=UNSIGNED),
    "waiver, signed": at(f"/intake/waiver?intake_id={INTAKE}"),
    "pay": at(f"/intake/pay?intake_id={INTAKE}&checkout=cancelled"),
    "paid": at(f"/intake/paid?intake_id={INTAKE}&checkout=success&purchase={PURCHASE}"),
    "pending": one("pending", waiverSignedAt=None, deadline=ago(-100)),
    "waiting": one("waiting"),
    "waiting, expert": one("waiting", customerUserId="x", expertId=ME, waiverSignedAt=None),
    "live": one("live", type="video"),
    "live, expert": one("live", customerUserId="x", expertId=ME),
    "completed": one("completed", events=[event("created", by=ME), event("live")]),
    "expired": one("expired", givenBack=True),
    "history": at("/interviews"),
    "desk": at("/desk"),
    "desk, offline": offline,
    "desk, beginner": beginner,
}


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_every_view_fits_and_has_names_for_everything(
    window: Served, width: int, scheme: str
) -> None:
    """Nothing scrolls sideways, however long the words are, and every control has a name."""
    faults: dict[str, Any] = {}
    for name, opens in VIEWS.items():
        window.page.evaluate("try { sessionStorage.clear() } catch {}")
        # From one place of the page to another nothing is loaded anew.
        window.page.goto("about:blank")
        opens(window)
        expect(window.page.get_by_role("heading", level=1)).to_be_visible()
        expect(window.page.locator("main .loading")).to_have_count(0)
        found = faults_of(window.page, width)
        if found:
            faults[name] = found

    assert faults == {}, scheme


@pytest.mark.window(width=390)
def test_the_navigation_of_a_phone_shows_every_entry(window: Served) -> None:
    """No entry is cut off, and the present one is marked, though it is an expert who teaches."""
    window.says("GET", "organizations", {"items": [relation("staff")]})
    window.opens("/desk")

    links = window.page.get_by_role("navigation", name="Main").get_by_role("link")

    expect(links).to_have_text(
        [
            "Practise", "Experts", "Classes", "AI", "History", "Balance", "Purchases", "Profile",
            "Expert desk", "Studio",
        ]
    )  # fmt: skip
    for box in [link.bounding_box() for link in links.all()]:
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    expect(links.nth(8)).to_have_attribute("aria-current", "page")


def test_the_footer_says_who_is_an_ai_and_who_is_not(window: Served) -> None:
    """True for interviews and for sessions with experts."""
    window.opens("/experts")

    expect(window.page.get_by_role("contentinfo")).to_contain_text("your interviewer is an AI")
    expect(window.page.get_by_role("contentinfo")).to_contain_text("Experts are people.")
