"""Asking an expert: three steps, sent once, and every refusal told where it can be mended."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.asked import Asked
from tests.browser.person import PERSON
from tests.browser.samples import (
    EXPERT,
    INTAKE,
    PLANS,
    SESSION,
    ago,
    online,
    page,
    session,
)
from tests.browser.served import Served

NEXT = f"/intake/waiver?plan=quick&intake_id={INTAKE}"


@pytest.fixture
def window(served: Served) -> Served:
    """A window in front of a server with plans and an expert who is online."""
    served.says("GET", "products", PLANS)
    served.says("GET", "experts", {"items": [online()]})
    served.says("POST", "intake/start", {"redirect": NEXT, "intakeId": INTAKE})
    return served


def choose(window: Served, plan: str = "Quick chat") -> None:
    """Take a plan and come to the question."""
    window.opens("/intake")
    window.page.get_by_label(plan).check()
    go_on(window)
    expect(window.page.get_by_role("heading", level=1)).to_have_text("What is it about?")


def go_on(window: Served) -> None:
    """Press Continue."""
    window.page.get_by_role("button", name="Continue").click()


def send(window: Served) -> None:
    """Press Send."""
    window.page.get_by_role("button", name="Send to our experts").click()


def at(place: str) -> re.Pattern[str]:
    """An address that ends with that place of the page."""
    return re.compile(re.escape(f"#{place}") + "$")


def test_plans_show_money_and_credits_and_mark_the_free_ones(window: Served) -> None:
    """What it costs is known before anything is written."""
    window.opens("/intake")

    quick = window.page.locator("label.choice").filter(has_text="Quick chat")
    expect(quick).to_contain_text("US$9.99")
    expect(quick).to_contain_text("or 2.00 VocahireCredits")
    trial = window.page.locator("label.choice").filter(has_text="Trial session").first
    expect(trial).to_contain_text("Free")
    diagnostic = window.page.locator("label.choice").filter(has_text="Diagnostic session")
    expect(diagnostic).not_to_contain_text("VocahireCredits")


def test_three_steps_lead_to_the_waiver_with_all_that_was_said(window: Served) -> None:
    """The body is exactly the contract's; what was left empty is not sent."""
    choose(window)
    form = window.page
    form.get_by_label("Vehicle").fill("Volvo V60, 2019")
    form.get_by_label("What is the matter?").fill("It rattles.\nWhen cold.")
    form.get_by_label("It is urgent").check()
    form.get_by_label("An expert I prefer first").check()
    form.get_by_label("Preferred expert").select_option(label="Kim Kowalski (specialist)")
    go_on(window)
    expect(form.get_by_text("Volvo V60, 2019")).to_be_visible()
    expect(form.get_by_text("Kim Kowalski")).to_be_visible()

    send(window)

    expect(window.page).to_have_url(at(NEXT))
    [(body, headers)] = window.requests("POST", "intake/start")
    assert body == {
        "plan": "quick", "vehicle": "Volvo V60, 2019", "concern": "It rattles.\nWhen cold.",
        "urgent": True, "routingType": "priority_broadcast", "preferredMechanicId": EXPERT,
    }  # fmt: skip
    assert headers["idempotency-key"]


def test_a_double_click_and_a_reload_send_one_intention(window: Served) -> None:
    """The key stays with what is sent, also when no answer came and the page was loaded anew."""
    window.says("POST", "intake/start", {"code": "UNAVAILABLE", "detail": "Busy."}, status=503)
    choose(window)
    go_on(window)
    window.page.get_by_role("button", name="Send to our experts").dblclick()
    expect(window.page.get_by_text("Busy.")).to_be_visible()

    window.page.reload()
    window.says("POST", "intake/start", {"redirect": NEXT, "intakeId": INTAKE})
    send(window)

    expect(window.page).to_have_url(at(NEXT))
    keys = {headers["idempotency-key"] for _, headers in window.requests("POST", "intake/start")}
    assert len(keys) == 1
    assert len(window.requests("POST", "intake/start")) <= 3


def test_another_question_is_another_intention(window: Served) -> None:
    """A key that was used for other words would be refused."""
    window.says("POST", "intake/start", {"code": "UNAVAILABLE", "detail": "Busy."}, status=503)
    choose(window)
    go_on(window)
    send(window)
    expect(window.page.get_by_text("Busy.")).to_be_visible()
    window.page.get_by_role("button", name="Change").click()
    window.page.get_by_label("What is the matter?").fill("Something else.")
    go_on(window)
    send(window)
    expect(window.page.get_by_text("Busy.")).to_be_visible()

    first, second = window.requests("POST", "intake/start")

    assert first[1]["idempotency-key"] != second[1]["idempotency-key"]


def test_a_request_that_is_still_on_its_way_is_waited_for(window: Served) -> None:
    """The first answer becomes the answer of the second click."""
    tries: list[str] = []

    def busy_once(asked: Asked) -> dict[str, Any] | None:
        tries.append(asked.request.headers["idempotency-key"])
        if len(tries) > 1:
            return {"redirect": NEXT, "intakeId": INTAKE}
        problem = {"code": "IDEMPOTENCY_IN_PROGRESS", "detail": "Wait."}
        asked.fulfill(status=409, json=problem, headers={"Retry-After": "1"})
        return None

    window.says("POST", "intake/start", busy_once)
    choose(window)
    go_on(window)

    send(window)

    expect(window.page).to_have_url(at(NEXT))
    assert len(tries) == 2
    assert len(set(tries)) == 1


@pytest.mark.parametrize(
    ("field", "label"),
    [("vehicle.make", "Vehicle"), ("concern", "What is the matter?"), ("workshopId", "Workshop")],
)
def test_a_refused_field_is_named_beside_itself(window: Served, field: str, label: str) -> None:
    """The page goes back to it, marks it, gives it the focus, and forgets it when it is mended."""
    error = {"field": field, "message": "does not fit", "type": "value_error"}
    window.refuses("POST", "intake/start", 422, "VALIDATION_FAILED", errors=[error])
    choose(window)
    window.page.get_by_label("My workshop only").check()
    window.page.get_by_role("combobox", name="Workshop").fill("north-7")
    go_on(window)

    send(window)

    control = window.page.locator(f"[name={field.partition('.')[0]}]")
    expect(control).to_be_focused()
    expect(control).to_have_attribute("aria-invalid", "true")
    expect(control).to_have_accessible_description(re.compile("does not fit"))
    expect(control).to_have_accessible_name(re.compile(re.escape(label)))
    control.fill("north-8")
    expect(window.page.get_by_text("does not fit")).to_have_count(0)


def test_a_plan_that_is_refused_leads_back_to_the_plans(window: Served) -> None:
    """A sku that is not on offer any more is mended in step 1."""
    error = {"field": "plan", "message": "is not on offer", "type": "value_error"}
    window.refuses("POST", "intake/start", 422, "VALIDATION_FAILED", errors=[error])
    choose(window)
    go_on(window)

    send(window)

    expect(window.page.get_by_role("heading", level=1)).to_have_text("Choose your plan")
    expect(window.page.get_by_text("is not on offer")).to_be_visible()


def test_a_refusal_of_what_is_not_asked_for_is_told_too(window: Served) -> None:
    """Nothing is swallowed, whatever the server names."""
    error = {"field": "answers", "message": "is too deep", "type": "value_error"}
    window.refuses("POST", "intake/start", 422, "VALIDATION_FAILED", errors=[error])
    choose(window)
    go_on(window)

    send(window)

    expect(window.page.get_by_role("alert")).to_contain_text("answers: is too deep")
    expect(window.page.get_by_role("button", name="Send to our experts")).to_be_enabled()


def test_a_used_trial_offers_the_other_plans(window: Served) -> None:
    """Once per person is said, with the way on."""
    window.refuses("POST", "intake/start", 409, "PLAN_USED")
    choose(window, "Trial session")
    go_on(window)
    expect(window.page.get_by_text("in the queue as soon as you send it")).to_be_visible()

    send(window)
    window.page.get_by_role("button", name="Choose another plan").click()

    expect(window.page.get_by_role("heading", level=1)).to_have_text("Choose your plan")


def test_an_open_session_is_returned_to(window: Served) -> None:
    """Type and state in words, and the way to it."""
    window.refuses(
        "POST", "intake/start", 409, "ACTIVE_SESSION_EXISTS",
        activeSessionId=SESSION, activeSessionType="video", activeSessionStatus="waiting",
    )  # fmt: skip
    window.says("GET", f"sessions/{SESSION}", session("waiting", type="video"))
    choose(window)
    go_on(window)

    send(window)

    dialog = window.page.get_by_role("dialog", name="You already have an active session")
    expect(dialog).to_contain_text("a video call, ready to begin")
    dialog.get_by_role("button", name="Return to active session").click()
    expect(window.page).to_have_url(at(f"/sessions/{SESSION}"))
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Video call with an expert")


def test_an_open_session_stands_in_the_header(window: Served) -> None:
    """Wherever the person is, one click leads back."""
    active = {"sessionId": SESSION, "type": "chat", "status": "pending", "deadline": ago(-600)}
    window.says("GET", "user", {**PERSON, "activeSession": active})
    window.opens("/balance")

    window.page.get_by_role("link", name="Chat: looking for an expert · Return to it").click()

    expect(window.page).to_have_url(at(f"/sessions/{SESSION}"))


def test_an_expert_who_comes_is_not_missed_on_another_page(window: Served) -> None:
    """A notice leads to the session; looking after it takes no focus away."""
    active = {"sessionId": SESSION, "type": "chat", "status": "pending", "deadline": ago(-600)}
    window.says("GET", "user", {**PERSON, "activeSession": active})
    window.says("GET", f"sessions/{SESSION}", session("waiting"))
    window.page.clock.install()
    window.opens("/balance")
    link = window.page.get_by_role("link", name="Balance", exact=True)
    link.focus()
    with window.page.expect_request("**/api/user"):
        window.page.clock.run_for(11_000)
    expect(link).to_be_focused()

    window.says("GET", "user", {**PERSON, "activeSession": {**active, "status": "waiting"}})
    window.page.clock.run_for(11_000)

    notice = window.page.get_by_role("status").filter(has_text="An expert is here")
    notice.get_by_role("button", name="Go there").click()
    expect(window.page).to_have_url(at(f"/sessions/{SESSION}"))


def test_a_preferred_expert_comes_with_the_link_of_the_list(window: Served) -> None:
    """Who was chosen on the experts' page stands in the form."""
    window.opens("/experts")
    window.page.get_by_role("link", name="Ask first: Kim Kowalski").click()
    window.page.get_by_label("Quick chat").check()
    go_on(window)

    expect(window.page.get_by_label("An expert I prefer first")).to_be_checked()
    expect(window.page.get_by_label("Preferred expert")).to_have_value(EXPERT)


def test_nobody_to_prefer_is_said(window: Served) -> None:
    """An empty choice is no dead end."""
    window.says("GET", "experts", {"items": []})
    choose(window)

    window.page.get_by_label("An expert I prefer first").check()

    expect(window.page.get_by_text("No expert is online just now")).to_be_visible()


def test_what_was_written_survives_back_and_reload(window: Served) -> None:
    """The browser's Back goes one step back and loses nothing."""
    choose(window)
    window.page.get_by_label("Vehicle").fill("Volvo")
    go_on(window)
    window.page.go_back()
    window.page.reload()

    expect(window.page.get_by_label("Vehicle")).to_have_value("Volvo")


def test_no_plans_and_no_answer_are_told(window: Served) -> None:
    """Empty and failed are different things, and a failure can be tried again."""
    window.refuses("GET", "products", 503, "STORE_UNAVAILABLE")
    window.opens("/intake")
    expect(window.page.get_by_text("Refused: STORE_UNAVAILABLE.")).to_be_visible()

    window.says("GET", "products", page())
    window.page.get_by_role("button", name="Retry").click()

    expect(window.page.get_by_text("No plans just now")).to_be_visible()
