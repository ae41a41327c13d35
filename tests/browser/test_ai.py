"""The AI tab: who pays, the two forms, progress, the result, the quota and the log."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.ai_samples import (
    ORG,
    PRESCHOOL,
    RESET,
    cancelled,
    exam,
    generated,
    logged,
    question,
    quota,
    tenant,
)
from tests.browser.asked import Asked
from tests.browser.faults import LONG, WINDOWS, faults_of
from tests.browser.person import PERSON
from tests.browser.samples import HOSTILE, page
from tests.browser.served import Served

GENERATE = ("POST", "ai/generate")


@pytest.fixture
def window(served: Served) -> Served:
    """Somebody who works in a preschool and manages an organisation."""
    served.says("GET", "ai/tenants", {"items": [tenant(), tenant("organization", "admin")]})
    served.says("GET", "ai/quota", {"items": [quota(), quota(3, 200, "user")]})
    served.says("GET", "ai/logs", page(logged()))
    served.says(*GENERATE, generated(), headers={"X-Usage-Log": "stored"})
    return served


def hangs(_asked: Asked) -> None:
    """An answer that never comes."""


def choose(window: Served, label: str, value: str) -> None:
    """Take one of a select."""
    window.page.get_by_label(label, exact=True).select_option(value)


def generate(window: Served) -> None:
    """Fill in what an exam needs, and send."""
    window.page.get_by_label("Subject").fill("Mathematics")
    window.page.get_by_role("button", name="Generate the exam").click()


def card(window: Served, name: str) -> Any:
    """A card of the page."""
    return window.page.get_by_role("region", name=name)


def test_an_exam_is_asked_for_as_a_preschool(window: Served) -> None:
    """Every field of the form is in the body, and what is empty is left out."""
    window.opens("/ai")
    choose(window, "For whom", f"preschool:{PRESCHOOL}")
    box = window.page
    box.get_by_label("Topic").fill("Fractions")
    box.get_by_label("Grade").fill("5")
    box.get_by_label("Questions", exact=True).fill("7")
    box.get_by_label("Short answer").uncheck()
    box.get_by_label("Essay").check()
    choose(window, "Difficulty", "hard")
    box.get_by_label("Language").fill("isiZulu")
    box.get_by_label("What to mind").fill("No calculator.")

    generate(window)

    expect(card(window, "Your exam")).to_be_visible()
    [(body, headers)] = window.requests(*GENERATE)
    assert body == {
        "tenant": {"kind": "preschool", "id": PRESCHOOL}, "serviceType": "exam_generation",
        "input": {"subject": "Mathematics", "topic": "Fractions", "grade": "5",
                  "language": "isiZulu", "instructions": "No calculator.",
                  "questionTypes": ["multiple_choice", "essay"], "questionCount": 7,
                  "difficulty": "hard"},
    }  # fmt: skip
    assert headers["idempotency-key"]


def test_who_pays_alone_sends_no_tenant(window: Served) -> None:
    """The person's own quota is shown as theirs."""
    window.says("GET", "ai/quota", {"items": [quota(3, 20, "user")]})
    window.opens("/ai")
    expect(window.page.get_by_text("3 of 20 used")).to_be_visible()

    generate(window)

    expect(card(window, "Your exam")).to_be_visible()
    [(body, _)] = window.requests(*GENERATE)
    assert "tenant" not in body


def test_an_exam_says_what_it_is_about(window: Served) -> None:
    """Nothing is sent before it does; the field gets the focus."""
    window.opens("/ai")
    window.page.get_by_role("button", name="Generate the exam").click()

    expect(window.page.get_by_label("Subject")).to_be_focused()
    expect(window.page.get_by_text("a subject or a topic")).to_be_visible()
    assert window.requests(*GENERATE) == []


def test_answers_are_hidden_until_they_are_wanted(window: Served) -> None:
    """The exam can be read and copied without them, and with them."""
    window.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    window.opens("/ai")
    generate(window)

    sheet = window.page.get_by_role("article")
    expect(sheet).to_contain_text("What is 1 + 1?")
    expect(sheet.get_by_text("One point for the sum.").first).to_be_hidden()
    window.page.get_by_role("button", name="Copy as text").click()
    expect(window.page.get_by_text("Copied without the answers.")).to_be_visible()
    plain = window.page.evaluate("navigator.clipboard.readText()")
    assert "1. What is 1 + 1? (1 point)\n   A) 1\n   B) 2\n   C) 3\n" in plain
    assert "Answer" not in plain.replace("Answer all questions.", "")

    window.page.get_by_role("button", name="Show answers").click()
    expect(sheet.get_by_text("One point for the sum.").first).to_be_visible()
    expect(sheet.get_by_text("B) 2").last).to_be_visible()
    window.page.get_by_role("button", name="Copy as text").click()
    expect(window.page.get_by_text("Copied with the answers.")).to_be_visible()
    assert "   Answer: B) 2\n   Marking: One" in window.page.evaluate(
        "navigator.clipboard.readText()"
    )


def test_only_the_exam_is_printed(window: Served) -> None:
    """With lines to write on, and without what belongs to the page."""
    window.opens("/ai")
    generate(window)
    expect(window.page.get_by_role("article")).to_be_visible()

    window.page.emulate_media(media="print")

    expect(window.page.get_by_text("What is 1 + 1?")).to_be_visible()
    expect(window.page.locator(".writing").first).to_be_visible()
    for gone in ("header.top", "form", ".ai-log", ".quota", "footer", ".solution", ".actions"):
        expect(window.page.locator(gone).first).to_be_hidden()


@pytest.mark.parametrize(
    ("state", "words"),
    [("stored", "In the usage log"), ("spilled", "a little later"), ("lost", "our team is told")],
)
def test_the_state_of_the_log_is_told(window: Served, state: str, words: str) -> None:
    """As the answer's header says it."""
    window.says(*GENERATE, generated(), headers={"X-Usage-Log": state})
    window.opens("/ai")
    generate(window)
    window.page.get_by_text("What it took").click()

    expect(window.page.locator("[data-log]")).to_contain_text(words)
    expect(window.page.locator("[data-log]")).to_contain_text("US$0.0012")


def test_progress_is_shown_and_the_call_can_be_cancelled(window: Served) -> None:
    """Under the key of the call itself."""
    window.says(*GENERATE, hangs)
    window.says("POST", "ai/generate/cancel", cancelled())
    window.opens("/ai")
    generate(window)
    working = card(window, "Writing the exam…")
    expect(working.get_by_role("progressbar")).to_be_visible()
    expect(window.page.get_by_role("button", name="Generate the exam")).to_be_disabled()

    working.get_by_role("button", name="Cancel").click()

    expect(card(window, "Cancelled")).to_be_visible()
    expect(window.page.get_by_role("button", name="Generate the exam")).to_be_enabled()
    [(_, sent)], [(_, given_up)] = (
        window.requests(*GENERATE), window.requests("POST", "ai/generate/cancel"),
    )  # fmt: skip
    assert sent["idempotency-key"] == given_up["idempotency-key"]


def test_a_cancellation_that_comes_too_late_waits_for_the_answer(window: Served) -> None:
    """And says that it could not be cancelled."""
    window.says(*GENERATE, hangs)
    window.says("POST", "ai/generate/cancel", cancelled("answered"))
    window.opens("/ai")
    generate(window)

    window.page.get_by_role("button", name="Cancel").click()

    expect(window.page.get_by_text("It could not be cancelled.")).to_be_visible()
    expect(card(window, "Writing the exam…")).to_be_visible()


def test_a_reload_asks_again_under_the_same_key(window: Served) -> None:
    """What was asked for stands in the form, and the answer comes."""
    window.says(*GENERATE, hangs)
    window.opens("/ai")
    choose(window, "For whom", f"preschool:{PRESCHOOL}")
    generate(window)
    expect(card(window, "Writing the exam…")).to_be_visible()

    window.says(*GENERATE, generated(), headers={"X-Usage-Log": "stored"})
    window.page.reload()

    expect(card(window, "Your exam")).to_be_visible()
    expect(window.page.get_by_label("Subject")).to_have_value("Mathematics")
    expect(window.page.get_by_label("For whom")).to_have_value(f"preschool:{PRESCHOOL}")
    [(first, before), (second, after)] = window.requests(*GENERATE)
    assert first == second
    assert before["idempotency-key"] == after["idempotency-key"]


def test_an_exam_is_still_there_after_a_reload_and_the_next_one_is_another(
    window: Served,
) -> None:
    """What was answered is not asked for again; the same form again is a new intention."""
    window.opens("/ai")
    generate(window)
    expect(card(window, "Your exam")).to_be_visible()
    window.page.reload()
    expect(card(window, "Your exam")).to_be_visible()
    assert len(window.requests(*GENERATE)) == 1

    window.page.get_by_role("button", name="Generate the exam").click()

    expect(window.page.get_by_role("button", name="Generate the exam")).to_be_enabled()
    [(_, before), (_, after)] = window.requests(*GENERATE)
    assert before["idempotency-key"] != after["idempotency-key"]


def test_what_was_written_for_one_person_is_not_shown_to_the_next(window: Served) -> None:
    """Whoever signs in after them in the same tab."""
    window.opens("/ai")
    generate(window)
    expect(card(window, "Your exam")).to_be_visible()

    window.says("GET", "user", {**PERSON, "userId": "0b6f7d5e-0000-5000-8000-000000000002"})
    window.page.reload()

    expect(window.page.get_by_role("button", name="Generate the exam")).to_be_visible()
    expect(card(window, "Your exam")).to_have_count(0)
    expect(window.page.get_by_label("Subject")).to_have_value("")


def test_signing_out_forgets_what_was_written(window: Served) -> None:
    """Nothing of it stays in the browser."""
    window.page.route("http://127.0.0.1:9/v1/client/sign-out", lambda route: route.abort())
    window.opens("/ai")
    generate(window)
    expect(card(window, "Your exam")).to_be_visible()

    window.page.get_by_role("button", name="Sign out").click()

    expect(window.page.get_by_role("button", name="Sign in")).to_be_visible()
    assert window.page.evaluate("sessionStorage.getItem('greenroom_generation')") is None


def test_a_failure_is_tried_again_under_the_same_key(window: Served) -> None:
    """So that nothing is paid twice."""
    window.refuses(*GENERATE, 504, "PROVIDER_TIMEOUT")
    window.opens("/ai")
    generate(window)
    expect(window.page.get_by_text("Refused: PROVIDER_TIMEOUT.")).to_be_visible()

    window.says(*GENERATE, generated())
    window.page.get_by_role("button", name="Retry").click()

    expect(card(window, "Your exam")).to_be_visible()
    [(_, before), (_, after)] = window.requests(*GENERATE)
    assert before["idempotency-key"] == after["idempotency-key"]


def test_who_looks_elsewhere_meanwhile_is_told(window: Served) -> None:
    """And comes back to the exam."""
    sent: list[Asked] = []
    window.says(*GENERATE, sent.append)
    window.opens("/ai")
    generate(window)
    expect(card(window, "Writing the exam…")).to_be_visible()
    window.page.get_by_role("link", name="Balance").click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Your balance")

    sent[0].fulfill(json=generated())
    window.page.get_by_role("button", name="Open").click()

    expect(card(window, "Your exam")).to_be_visible()


@pytest.mark.parametrize(
    ("used", "tone", "words"),
    [
        (399, "good", "101 units left"),
        (400, "warn", "Nearly used up"),
        (499, "warn", "1 unit left"),
        (500, "bad", "Used up."),
    ],
)
def test_the_bar_warns_from_eighty_percent_on(
    window: Served, used: int, tone: str, words: str
) -> None:
    """And says when it begins anew."""
    window.says("GET", "ai/quota", {"items": [quota(used)]})
    window.opens("/ai")

    bar = window.page.locator(".quota")
    expect(bar).to_have_attribute("data-tone", tone)
    expect(bar).to_contain_text(words)
    expect(bar).to_contain_text("1 December 2126")
    expect(bar.get_by_role("meter")).to_have_attribute("aria-valuenow", str(used))


def test_a_soft_limit_says_that_one_can_go_on(window: Served) -> None:
    """More may be used than there is."""
    window.says("GET", "ai/quota", {"items": [quota(510, enforcement="soft")]})
    window.opens("/ai")

    expect(window.page.locator(".quota")).to_contain_text("You can go on")


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("tenant", "Sunny Side has used up"),
        ("user", "your own share"),
        ("day", "in a day"),
    ],
)
def test_a_used_up_quota_says_whose_it_is_and_when_it_opens(
    window: Served, scope: str, words: str
) -> None:
    """The quota is looked at again, and nothing is retried by itself."""
    window.refuses(
        *GENERATE, 429, "QUOTA_EXCEEDED", limit=500, remaining=0, resetAt=RESET, scope=scope
    )
    window.opens("/ai")
    choose(window, "For whom", f"preschool:{PRESCHOOL}")
    looks = len(window.requests("GET", "ai/quota"))
    generate(window)

    told = window.page.get_by_role("alert").filter(has_text="The quota is used up")
    expect(told).to_contain_text(words)
    expect(told).to_contain_text("0 of 500 units left")
    expect(told).to_contain_text(re.compile(r"1 Dec 2126, .* \(in \d+ days\)"))
    expect(window.page.get_by_role("button", name="Generate the exam")).to_be_enabled()
    assert len(window.requests(*GENERATE)) == 1
    assert len(window.requests("GET", "ai/quota")) > looks


def test_what_is_refused_stands_at_its_field(window: Served) -> None:
    """In the server's words."""
    error = {"field": "input.topic", "message": "is too long", "type": "value_error"}
    window.refuses(*GENERATE, 422, "VALIDATION_FAILED", errors=[error])
    window.opens("/ai")
    generate(window)

    expect(window.page.get_by_label("Topic")).to_be_focused()
    expect(window.page.get_by_text("is too long")).to_be_visible()


def test_an_answer_is_wanted_in_a_shape_of_ones_own(window: Served) -> None:
    """The schema goes out as it was written; the answer is shown as JSON."""
    output = {"name": HOSTILE}
    window.says(*GENERATE, generated(serviceType="structured_generation", output=output))
    window.opens("/ai")
    choose(window, "What", "structured_generation")
    window.page.get_by_label("Prompt").fill("Name somebody.")
    window.page.get_by_label("JSON schema").fill("{nothing}")
    window.page.get_by_role("button", name="Generate the answer").click()
    expect(window.page.get_by_text("This is not valid JSON.")).to_be_visible()
    assert window.requests(*GENERATE) == []

    window.page.get_by_label("JSON schema").fill('{"type": "object"}')
    window.page.get_by_label("What it is about").fill("[1, 2]")
    window.page.get_by_role("button", name="Generate the answer").click()

    expect(card(window, "Your answer").locator("pre")).to_contain_text(HOSTILE[:9])
    [(body, _)] = window.requests(*GENERATE)
    assert body == {
        "serviceType": "structured_generation", "schema": {"type": "object"},
        "input": {"prompt": "Name somebody.", "data": [1, 2]},
    }  # fmt: skip
    assert window.page.evaluate("window.hostile") is None


def test_the_last_calls_say_what_became_of_each(window: Served) -> None:
    """Also of those that failed, with the time that they really took."""
    window.says("GET", "ai/logs", page(logged(), logged("failed"), logged("cancelled")))
    window.opens("/ai")

    rows = window.page.locator(".ai-log li")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("1,716 tokens")
    expect(rows.nth(1)).to_contain_text("Failed")
    expect(rows.nth(1)).to_contain_text("3.2 s")
    expect(rows.nth(1)).to_contain_text("PROVIDER_TIMEOUT")
    expect(rows.nth(2)).to_contain_text("Cancelled")


def test_an_admin_of_a_tenant_sees_the_calls_of_all_its_members(window: Served) -> None:
    """Everybody else their own."""
    window.opens("/ai")
    expect(window.page.get_by_text("Your last calls")).to_be_visible()

    asked = re.compile(r"/api/ai/logs\?.*tenantId=" + ORG)
    with window.page.expect_request(asked):
        choose(window, "For whom", f"organization:{ORG}")

    expect(window.page.get_by_text("Of everybody in North Gym.")).to_be_visible()


def test_who_has_nothing_yet_is_told_what_will_stand_there(window: Served) -> None:
    """No tenants, no calls."""
    window.says("GET", "ai/tenants", {"items": []})
    window.says("GET", "ai/logs", page())
    window.opens("/ai")

    expect(window.page.get_by_text("No calls yet")).to_be_visible()
    expect(window.page.get_by_label("For whom").locator("option")).to_have_text(["Just me"])


def test_what_cannot_be_loaded_can_be_tried_again(window: Served) -> None:
    """The page itself, and each of its parts."""
    window.refuses("GET", "ai/tenants", 503, "STORE_UNAVAILABLE")
    window.opens("/ai")
    retry = window.page.get_by_role("button", name="Retry")
    expect(retry).to_be_visible()

    window.says("GET", "ai/tenants", {"items": []})
    window.refuses("GET", "ai/logs", 503, "STORE_UNAVAILABLE")
    window.refuses("GET", "ai/quota", 503, "STORE_UNAVAILABLE")
    retry.click()

    expect(window.page.get_by_text("What is left cannot be shown just now.")).to_be_visible()
    expect(window.page.locator(".ai-log").get_by_role("button", name="Retry")).to_be_visible()
    expect(window.page.get_by_role("button", name="Generate the exam")).to_be_enabled()


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_every_state_fits_and_has_names_for_everything(
    window: Served, width: int, scheme: str
) -> None:
    """However long the words are."""
    long = exam(title=LONG, instructions=LONG, questions=[
        question(1, question=LONG, options=[LONG, "2", "3"], answer="2", markingGuide=LONG)
    ])  # fmt: skip
    window.says("GET", "ai/tenants", {"items": [tenant(name=LONG, role="admin")]})
    window.says("GET", "ai/logs", page(logged("failed", errorCode=LONG), logged(), cursor="c"))
    window.says(*GENERATE, generated(output=long, model=LONG))
    window.opens("/ai")
    choose(window, "For whom", f"preschool:{PRESCHOOL}")
    generate(window)
    window.page.get_by_role("button", name="Show answers").click()
    window.page.get_by_text("What it took").click()
    faults = {"exam": faults_of(window.page, width)}

    window.refuses(*GENERATE, 429, "QUOTA_EXCEEDED", limit=5, remaining=0, resetAt=RESET)
    window.page.get_by_role("button", name="Generate the exam").click()
    expect(window.page.get_by_role("alert").first).to_be_visible()
    faults["quota"] = faults_of(window.page, width)

    choose(window, "What", "structured_generation")
    window.says(*GENERATE, hangs)
    window.page.get_by_label("Prompt").fill(LONG)
    window.page.get_by_role("button", name="Generate the answer").click()
    expect(window.page.get_by_role("progressbar")).to_be_visible()
    faults["running"] = faults_of(window.page, width)

    assert {name: found for name, found in faults.items() if found} == {}, scheme
