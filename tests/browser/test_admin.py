"""The admin tab: figures, people, stories, the trail and diagnostics."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.admin_samples import (
    ADMIN,
    BY_SERVICE,
    BY_TENANT,
    BY_USER,
    CONNECTIONS,
    ERROR_TEST,
    FINDING,
    NEW_FILE,
    PERFORMANCE,
    POOL,
    QUOTAS,
    RUNTIME,
    SOMEBODY,
    UNITS_POSTED,
    WEBHOOKS,
    act,
    adjusted,
    compared,
    config,
    entry,
    file_of,
    line,
    person_row,
    posted_units,
    report,
    state,
    story,
    tenant_row,
    told,
    violation,
)
from tests.browser.ai_samples import PRESCHOOL
from tests.browser.asked import Asked
from tests.browser.faults import LONG, WINDOWS, faults_of
from tests.browser.person import PERSON
from tests.browser.samples import HOSTILE, SESSION, page
from tests.browser.served import Served

USER = f"admin/users/{SOMEBODY}"
CSV = "day,calls\r\n2026-11-02,6\r\n"


@pytest.fixture
def window(served: Served) -> Served:
    """An admin of a platform that is used."""
    served.says("GET", "user", ADMIN)
    served.says("GET", "admin/usage", report())
    served.says("GET", "admin/users", page(person_row(), person_row(name=None, deletedAt=None)))
    served.says("GET", USER, file_of())
    served.says("GET", "admin/trail", page(act()))
    served.says("GET", "admin/audit", story())
    served.says("GET", "admin/tenants", page(tenant_row(), tenant_row("organization")))
    served.says("GET", "admin/ai/quota", QUOTAS)
    served.says("POST", "admin/ai/adjustments", UNITS_POSTED)
    for name, body in {
        "config": config(), "connection-test": CONNECTIONS, "db-performance": PERFORMANCE,
        "connection-pool": POOL, "runtime-db-test": RUNTIME, "webhooks": WEBHOOKS,
        "error-test": ERROR_TEST,
    }.items():  # fmt: skip
        served.says("GET", f"diagnostic/{name}", body)
    return served


def card(window: Served, name: str) -> Any:
    """A card of the page."""
    return window.page.get_by_role("region", name=name, exact=True)


def test_nobody_but_admins_is_shown_anything(served: Served) -> None:
    """The page does not even ask; the server would refuse."""
    served.says("GET", "user", PERSON)
    served.opens("/admin/users")

    expect(served.page.get_by_role("heading", level=1)).to_contain_text("those who run Greenroom")
    assert served.requests("GET", "admin/users") == []


def test_usage_is_summed_drawn_and_listed(window: Served) -> None:
    """A day without use has its place in the chart and none in the table."""
    window.opens("/admin")

    tiles = window.page.locator(".tile")
    expect(tiles.nth(0)).to_contain_text("165")
    expect(tiles.nth(0)).to_contain_text("162 done, 2 failed")
    expect(tiles.nth(5)).to_contain_text("10")
    expect(window.page.locator(".chart-bar")).to_have_count(25)
    expect(window.page.get_by_role("img")).to_have_accessible_name(
        "Calls by day, 25 bars; the highest is 24 Nov with 72"
    )
    expect(card(window, "Usage by day").get_by_role("row")).to_have_count(6)
    window.page.get_by_label("What the chart shows").select_option("cost")
    expect(window.page.get_by_role("img")).to_have_accessible_name(re.compile("Cost by day.*US"))


@pytest.mark.parametrize(
    ("by", "body", "words"),
    [
        ("service", BY_SERVICE, "Exam"),
        ("tenant", BY_TENANT, f"Preschool {PRESCHOOL}"),
        ("user", BY_USER, SOMEBODY),
    ],
)
def test_usage_is_asked_for_by_what_is_chosen(
    window: Served, by: str, body: dict[str, Any], words: str
) -> None:
    """The choice stands in the address, so that it can be passed on."""
    window.opens("/admin")
    expect(window.page.locator(".tile").first).to_be_visible()
    window.says("GET", "admin/usage", body)
    window.page.get_by_label("From").fill("2026-11-01")
    window.page.get_by_label("To", exact=True).fill("2026-11-25")
    window.page.get_by_label("By", exact=True).select_option(by)
    asked = re.compile(rf"/api/admin/usage\?from=2026-11-01&to=2026-11-25&by={by}&limit=100$")

    with window.page.expect_request(asked):
        window.page.get_by_role("button", name="Show").click()

    expect(window.page).to_have_url(re.compile(f"#/admin/usage\\?from=2026-11-01.*by={by}"))
    expect(window.page.get_by_role("table").get_by_role("rowheader").first).to_contain_text(words)
    expect(window.page.get_by_label("By", exact=True)).to_have_value(by)


def test_a_list_is_taken_away_as_csv_with_all_its_pages(window: Served, tmp_path: Path) -> None:
    """The names of the columns stand in it once."""
    window.opens("/admin")
    expect(window.page.locator(".tile").first).to_be_visible()

    def sheet(asked: Asked) -> None:
        later = "cursor=next" in asked.request.url
        assert asked.request.headers["accept"] == "text/csv"
        asked.fulfill(
            content_type="text/csv", body=CSV.replace("02,6", "03,9") if later else CSV,
            headers={} if later else {"X-Next-Cursor": "next"},
        )  # fmt: skip

    window.says("GET", "admin/usage", sheet)
    with window.page.expect_download() as download:
        window.page.get_by_role("button", name="Download CSV").click()

    assert download.value.suggested_filename == "usage.csv"
    download.value.save_as(tmp_path / "usage.csv")
    text = (tmp_path / "usage.csv").read_bytes().decode()
    assert text == "day,calls\r\n2026-11-02,6\r\n2026-11-03,9\r\n"


def test_nothing_used_is_told(window: Served) -> None:
    """An empty range is no failure."""
    window.says("GET", "admin/usage", {**report(), "items": []})
    window.opens("/admin/usage")

    expect(window.page.get_by_text("Nothing was used")).to_be_visible()


def test_people_are_searched_and_one_is_opened(window: Served) -> None:
    """A page of a search may be empty and go on: the next is asked for by itself."""
    window.opens("/admin/users")
    expect(window.page.get_by_role("link", name="Kim Kowalski")).to_be_visible()

    def searched(asked: Asked) -> dict[str, Any]:
        later = "cursor=more" in asked.request.url
        return page(person_row(name="Kit Carson")) if later else page(cursor="more")

    window.says("GET", "admin/users", searched)
    window.page.get_by_label("Search").fill("kit")
    window.page.get_by_role("link", name="Kit Carson").click()

    expect(window.page.get_by_role("heading", level=1)).to_have_text("Kim Kowalski")
    window.page.go_back()
    expect(window.page.get_by_label("Search")).to_have_value("kit")


def test_nobody_found_is_told(window: Served) -> None:
    """With what can be searched for."""
    window.says("GET", "admin/users", page())
    window.opens("/admin/users?q=nobody")

    expect(window.page.get_by_text("Nobody is found")).to_be_visible()


def test_one_person_shows_what_they_have_did_and_met(window: Served) -> None:
    """Each list goes on by its own route."""
    window.says("GET", USER, file_of(findings=[FINDING]))
    window.says("GET", f"{USER}/ledger", page(entry("purchase", 5.0)))
    window.opens(f"/admin/users/{SOMEBODY}")

    expect(window.page.get_by_text("A rule does not hold.")).to_be_visible()
    expect(window.page.get_by_text("Debit has its session")).to_be_visible()
    ledger = window.page.locator(".card").filter(has=window.page.get_by_role(
        "heading", name="Ledger"))  # fmt: skip
    expect(ledger.get_by_role("listitem")).to_have_count(2)
    ledger.get_by_role("button", name="Load more").click()
    expect(ledger.get_by_role("listitem")).to_have_count(3)
    expect(window.page.get_by_text("Three VocahireCredits")).to_be_visible()
    expect(card(window, "AI quota of this month")).to_contain_text("3 of 20 used")
    expect(window.page.get_by_text("A call that broke off")).to_be_visible()


def test_who_has_done_nothing_yet_has_books_that_agree(window: Served) -> None:
    """Every list says that it is empty."""
    window.says("GET", USER, NEW_FILE)
    window.opens(f"/admin/users/{SOMEBODY}")

    for words in ("The books agree", "Nothing was given", "not started any", "Nothing went wrong"):
        expect(window.page.get_by_text(words)).to_be_visible()


def test_nobody_of_an_id_is_told(window: Served) -> None:
    """And the list is offered."""
    window.refuses("GET", USER, 404, "NOT_FOUND")
    window.opens(f"/admin/users/{SOMEBODY}")

    expect(window.page.get_by_role("heading", level=1)).to_have_text("There is nobody of this id")


def adjust(window: Served, amount: str) -> None:
    """Fill in the form, and say yes."""
    window.page.get_by_label("VocahireCredits to give").fill(amount)
    window.page.get_by_label("Reason").fill("A call that broke off")
    window.page.get_by_role("button", name="Adjust").click()


@pytest.mark.parametrize(("amount", "act_word"), [("1.5", "Give"), ("-1.5", "Take")])
def test_credits_are_adjusted_once_after_a_question(
    window: Served, amount: str, act_word: str
) -> None:
    """With a key of its own; afterwards the person is shown anew."""
    window.says("POST", "admin/credits", adjusted(3, 3 + float(amount)))
    window.opens(f"/admin/users/{SOMEBODY}")
    adjust(window, amount)
    dialog = window.page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"{act_word} 1.50 VocahireCredits?")
    expect(dialog).to_contain_text("A call that broke off")
    assert window.requests("POST", "admin/credits") == []
    dialog.get_by_role("button", name=act_word, exact=True).click()

    expect(window.page.get_by_text("Done: 3.00 VocahireCredits before")).to_be_visible()
    [(body, headers)] = window.requests("POST", "admin/credits")
    assert body == {
        "userId": SOMEBODY, "credits": float(amount), "reason": "A call that broke off",
    }  # fmt: skip
    assert headers["idempotency-key"]
    assert len(window.requests("GET", USER)) == 2


def test_what_a_person_does_not_have_is_not_taken(window: Served) -> None:
    """The refusal stands at its field, and the key stays for the same again."""
    window.refuses("POST", "admin/credits", 409, "BALANCE_TOO_LOW")
    window.opens(f"/admin/users/{SOMEBODY}")
    for _ in range(2):
        adjust(window, "-50")
        window.page.get_by_role("dialog").get_by_role("button", name="Take").click()
        expect(window.page.get_by_label("VocahireCredits to give")).to_be_focused()
        expect(window.page.get_by_text("Refused: BALANCE_TOO_LOW.").last).to_be_visible()

    keys = {headers["idempotency-key"] for _, headers in window.requests("POST", "admin/credits")}
    assert len(keys) == 1


def test_a_reference_leads_to_its_story(window: Served) -> None:
    """In the order of time; what has a story of its own can be followed."""
    window.opens("/admin/audit")
    expect(window.page.get_by_text("Whose story?")).to_be_visible()
    window.page.get_by_label("Reference").fill(SESSION)
    window.page.get_by_role("button", name="Tell").click()

    lines = window.page.locator(".story > li")
    expect(lines).to_have_count(3)
    expect(lines.nth(0)).to_contain_text("created")
    lines.nth(0).get_by_text("Details").click()
    expect(lines.nth(0)).to_contain_text("Charged")
    expect(lines.nth(1).get_by_role("link")).to_have_count(0)
    lines.nth(2).get_by_role("link", name="pi_123").click()
    expect(window.page.get_by_label("Reference")).to_have_value("pi_123")


def test_a_reference_that_means_nothing_is_told(window: Served) -> None:
    """It is no failure of the page."""
    window.refuses("GET", "admin/audit", 404, "NOT_FOUND")
    window.opens("/admin/audit?ref=nothing")

    expect(window.page.get_by_text("Nothing is known under this reference")).to_be_visible()


def test_the_trail_says_who_did_what_to_whom_and_why(window: Served) -> None:
    """And leads to the person and to the request."""
    window.opens("/admin/trail?month=2026-11")

    row = window.page.get_by_role("row").nth(1)
    expect(row).to_contain_text("A call that broke off")
    expect(row).to_contain_text("credits 4")
    row.get_by_role("link", name=SOMEBODY).click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Kim Kowalski")


def by_cursor(pages: dict[str, dict[str, Any]]) -> Any:
    """Answer by the cursor of the request; "" is that of the first page."""

    def answers(asked: Asked) -> dict[str, Any]:
        return pages[asked.request.url.partition("cursor=")[2]]

    return answers


def test_everything_is_compared_page_by_page(window: Served) -> None:
    """And what was compared is told, section by section."""
    window.says("GET", "admin/invariants", by_cursor({
        "": compared("people", 100, cursor="a"), "a": compared("people", 20, cursor="b"),
        "b": compared("classes", 7, cursor="c"), "c": compared("tenants", 2),
    }))  # fmt: skip
    window.opens("/admin/invariants")
    assert window.requests("GET", "admin/invariants") == []
    window.page.get_by_role("button", name="Check everything").click()

    expect(window.page.get_by_text("Everything agrees.", exact=True).first).to_be_visible()
    expect(card(window, "Check")).to_contain_text("People: 120 · Classes: 7 · Tenants: 2")
    expect(window.page.get_by_role("button", name="Check again")).to_be_visible()


def test_what_does_not_agree_is_listed_and_a_broken_check_goes_on(window: Served) -> None:
    """From where it was, without losing what was found."""
    pages = {"": compared("people", 100, violation(), cursor="a"), "a": compared("tenants", 2)}
    broken: list[bool] = []

    def answers(asked: Asked) -> dict[str, Any] | None:
        if "cursor=a" in asked.request.url and not broken:
            broken.append(True)
            asked.fulfill(status=503, json={"code": "STORE_UNAVAILABLE", "detail": "Down."})
            return None
        return dict(by_cursor(pages)(asked))

    window.says("GET", "admin/invariants", answers)
    window.opens("/admin/invariants")
    window.page.get_by_role("button", name="Check everything").click()
    expect(window.page.get_by_text("Down.")).to_be_visible()
    window.page.get_by_role("button", name="Go on").click()

    expect(window.page.get_by_role("button", name="Check again")).to_be_visible()
    expect(card(window, "Check")).to_contain_text("People: 100 · Tenants: 2")
    expect(window.page.get_by_text("1 rule does not hold.")).to_be_visible()
    row = window.page.get_by_role("row").nth(1)
    expect(row).to_contain_text("Balance is the ledgers sum")
    expect(row).to_contain_text("ledger 2")
    row.get_by_role("link").click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Kim Kowalski")


def test_a_tenant_is_found_and_given_units_once(window: Served) -> None:
    """With a key of its own; afterwards its quotas are shown anew."""
    window.opens("/admin/quotas")
    window.page.get_by_role("link", name="Sunny Side").click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Sunny Side")
    expect(card(window, "This month")).to_contain_text("12 of 500 used")
    expect(card(window, "Adjustments").first).to_contain_text("A term of exams")
    expect(card(window, "Adjustments").first).to_contain_text("5")
    window.says("GET", "admin/ai/quota", {**QUOTAS, "items": [state(12, 550)]})
    window.page.get_by_label("Units to give").fill("50")
    window.page.get_by_label("Reason of the units").fill("A term of exams")
    window.page.get_by_role("button", name="Post").click()

    expect(card(window, "This month")).to_contain_text("12 of 550 used")
    [(body, headers)] = window.requests("POST", "admin/ai/adjustments")
    assert body == {
        "tenant": {"kind": "preschool", "id": PRESCHOOL}, "serviceType": "exam_generation",
        "units": 50, "reason": "A term of exams",
    }  # fmt: skip
    assert headers["idempotency-key"]


def test_the_limit_of_a_tenant_is_set_from_this_month_on(window: Served) -> None:
    """Hard or soft, with a reason; a refusal stands at its field."""
    window.opens(f"/admin/quotas?kind=preschool&id={PRESCHOOL}")
    form = window.page.get_by_role("form", name="Set the limit")
    error = {"field": "limit", "message": "is too much", "type": "value_error"}
    window.refuses("PUT", "admin/ai/quota", 422, "VALIDATION_FAILED", errors=[error])
    form.get_by_label("Service of the limit").select_option("structured_generation")
    expect(form.get_by_label("Only counted")).to_be_checked()
    form.get_by_label("Only counted").uncheck()
    form.get_by_label("Units each month").fill("900")
    form.get_by_label("Reason of the limit").fill("More classes")
    form.get_by_role("button", name="Set").click()
    expect(form.get_by_label("Units each month")).to_be_focused()
    expect(form).to_contain_text("is too much")

    window.says("PUT", "admin/ai/quota", state(3, 900, serviceType="structured_generation"))
    form.get_by_role("button", name="Set").click()

    expect(window.page.get_by_text("Done: 900 units this month")).to_be_visible()
    body, _ = window.requests("PUT", "admin/ai/quota")[-1]
    assert body == {
        "tenant": {"kind": "preschool", "id": PRESCHOOL}, "enforcement": "hard", "limit": 900,
        "serviceType": "structured_generation", "reason": "More classes",
    }  # fmt: skip


def test_a_person_alone_has_no_limit_to_set_and_can_be_given_units(window: Served) -> None:
    """Their way there is in their file."""
    window.opens(f"/admin/users/{SOMEBODY}")
    window.page.get_by_role("link", name="AI quota").click()

    expect(window.page.get_by_role("heading", level=1)).to_have_text("A person alone")
    expect(window.page.get_by_role("form", name="Set the limit")).to_have_count(0)
    window.page.get_by_label("Units to give").fill("-5")
    window.page.get_by_label("Reason of the units").fill("A mistake")
    window.page.get_by_role("button", name="Post").click()
    expect(window.page.get_by_text("Done: 538 units of Exam left.")).to_be_visible()
    [(body, _)] = window.requests("POST", "admin/ai/adjustments")
    assert body["userId"] == SOMEBODY
    assert body["units"] == -5


def test_a_tenant_that_is_not_there_is_told(window: Served) -> None:
    """Whoever typed the id looks at it again."""
    window.refuses("GET", "admin/ai/quota", 404, "NOT_FOUND")
    window.opens("/admin/quotas")
    window.page.get_by_label("Kind").select_option("organization")
    window.page.get_by_label("Id", exact=True).fill("org_nowhere")
    with window.page.expect_request(re.compile(r"tenantKind=organization&tenantId=org_nowhere")):
        window.page.get_by_role("button", name="Open").click()

    expect(window.page.get_by_role("heading", level=1)).to_have_text("This could not be found")


def test_diagnostics_are_looked_at_when_they_are_wanted(window: Served) -> None:
    """Only the configuration by itself: it costs nothing."""
    window.opens("/admin/diagnostics")
    expect(card(window, "Configuration")).to_contain_text("The voice model ends on 2027-02-01.")
    assert [path for _, path, _, _ in window.asked if path.startswith("diagnostic/")] == [
        "diagnostic/config"
    ]

    for title, words in {
        "Connections": "does not answer", "Webhooks": "charge.dispute.created",
        "Runtime": "eu-west-1", "Connection pool": "42",
    }.items():  # fmt: skip
        window.page.get_by_role("button", name=f"Look: {title}", exact=True).click()
        expect(card(window, title).first).to_contain_text(words)
    speed = card(window, "Speed of the table").first
    window.page.get_by_label("Rounds").fill("5")
    with window.page.expect_request(re.compile(r"db-performance\?n=5$")):
        window.page.get_by_role("button", name="Look: Speed of the table").click()
    expect(speed).to_contain_text("9.9 ms")
    expect(speed).to_contain_text("8 (2 failed)")
    window.page.get_by_label("Kind").select_option("warning")
    with window.page.expect_request(re.compile(r"error-test\?kind=warning$")):
        window.page.get_by_role("button", name="Raise it").click()
    expect(card(window, "Deliberate error")).to_contain_text("req-1")


def test_a_look_that_fails_is_told_in_its_card(window: Served) -> None:
    """The others stay as they are."""
    window.refuses("GET", "diagnostic/webhooks", 503, "STORE_UNAVAILABLE")
    window.opens("/admin/diagnostics")
    window.page.get_by_role("button", name="Look: Webhooks").click()

    expect(card(window, "Webhooks")).to_contain_text("Refused: STORE_UNAVAILABLE.")
    expect(card(window, "Configuration")).to_contain_text("whisper-1")


def test_hostile_words_stay_text(window: Served) -> None:
    """What people call themselves is shown, never run."""
    window.says("GET", USER, file_of(
        person=person_row(name=HOSTILE), acts=[act(reason=HOSTILE)],
        findings=[{**FINDING, "subject": HOSTILE}]))  # fmt: skip
    window.opens(f"/admin/users/{SOMEBODY}")
    expect(window.page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    window.says("GET", "admin/audit", story(told("session", HOSTILE, facts={HOSTILE: HOSTILE})))
    window.page.get_by_role("link", name="What happened").click()
    expect(window.page.locator(".story")).to_be_visible()

    assert window.page.evaluate("window.hostile") is None


VIEWS = (
    "", "/usage?by=tenant", "/users", f"/users/{SOMEBODY}", f"/audit?ref={SESSION}", "/trail",
    "/invariants", "/quotas", f"/quotas?kind=preschool&id={PRESCHOOL}", "/diagnostics",
)  # fmt: skip


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_every_view_fits_and_has_names_for_everything(
    window: Served, width: int, scheme: str
) -> None:
    """Nothing scrolls sideways but tables in themselves, however long the words are."""
    window.says("GET", "admin/users", page(person_row(name=LONG, email=f"{LONG}@x.test")))
    window.says("GET", USER, file_of(
        person=person_row(name=LONG), findings=[{**FINDING, "subject": LONG}],
        acts=[act(reason=LONG)], errors=page(told(LONG, LONG, facts={"long": LONG}))))  # fmt: skip
    window.says("GET", "admin/trail", page(act(reason=LONG, target=LONG, action=LONG)))
    window.says("GET", "admin/audit", story(told("session", LONG, facts={LONG: LONG})))
    window.says("GET", "admin/tenants", page(tenant_row(name=LONG)))
    quotas = {"items": [state(serviceType=LONG)], "adjustments": [posted_units(reason=LONG)]}
    window.says("GET", "admin/ai/quota", quotas)
    faults: dict[str, Any] = {}
    for view in VIEWS:
        long = report("tenant", line(tenantKind="organization", tenantId=LONG))
        window.says("GET", "admin/usage", long if "tenant" in view else report())
        window.page.goto("about:blank")
        window.opens(f"/admin{view}")
        expect(window.page.get_by_role("heading", level=1)).to_be_visible()
        expect(window.page.locator("main .loading")).to_have_count(0)
        looks = window.page.get_by_role("button", name=re.compile("^(Look|Raise it):"))
        for look in looks.all():
            look.click()
        expect(window.page.locator("main .loading")).to_have_count(0)
        found = faults_of(window.page, width)
        if found:
            faults[view] = found

    assert faults == {}, scheme
