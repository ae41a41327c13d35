"""A person's own data: taken along as one file, or deleted with the account."""

import json
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Route, expect

from tests.browser.replies import answers
from tests.browser.visit import SLOW_MS, Visit


def test_all_that_is_kept_can_be_taken_along(visit: Visit) -> None:
    """The export is one JSON file with every page of it."""
    visit.sign_in()
    visit.page.goto(f"{visit.cloud.url}/#/profile")

    with visit.page.expect_download(timeout=SLOW_MS) as download:
        visit.page.get_by_role("button", name="Export my data").click()

    assert download.value.suggested_filename.endswith(".json")
    text = download.value.path().read_text("utf-8")
    assert visit.name.replace(" ", ".").lower() in text
    assert '"grant"' in text


def test_an_account_is_deleted_only_by_the_typed_word(visit: Visit) -> None:
    """Afterwards nobody is signed in, and nothing of the interviews is left on the device."""
    visit.sign_in()
    visit.page.goto(f"{visit.cloud.url}/#/profile")
    visit.page.get_by_role("button", name="Delete my account").click()
    sure = visit.page.get_by_role("button", name="Delete for ever")
    expect(sure).to_be_disabled()
    visit.page.get_by_label("to confirm").fill("no")
    expect(sure).to_be_disabled()

    visit.page.get_by_label("to confirm").fill("delete")
    sure.click()

    expect(visit.page.get_by_text("Your account was deleted.")).to_be_visible(timeout=SLOW_MS)
    expect(visit.page.get_by_role("button", name="Sign in")).to_be_visible()


def test_an_export_of_many_pages_is_one_file(visit: Visit) -> None:
    """Each page is asked for with the cursor of the one before; a failure loses nothing."""
    asked: list[str] = []

    def page_of(route: Route) -> None:
        cursor = parse_qs(urlsplit(route.request.url).query).get("cursor", ["0"])[0]
        asked.append(cursor)
        if asked.count("1") == 1 and cursor == "1":
            route.fulfill(status=503, json={"code": "STORE_UNAVAILABLE", "detail": "Resting."})
            return
        following = str(int(cursor) + 1) if cursor != "2" else None
        route.fulfill(json={"items": [{"kind": f"page {cursor}"}], "nextCursor": following})

    visit.sign_in()
    visit.page.route("**/api/user/export*", page_of)
    visit.page.goto(f"{visit.cloud.url}/#/profile")
    export = visit.page.get_by_role("button", name="Export my data")
    export.click()
    expect(visit.page.get_by_text("Resting. Press again to go on.")).to_be_visible()

    with visit.page.expect_download() as download:
        export.click()

    items = json.loads(download.value.path().read_text("utf-8"))["items"]
    assert [item["kind"] for item in items] == ["page 0", "page 1", "page 2"]
    assert asked == ["0", "1", "1", "2"]


def test_a_deleted_account_offers_only_to_sign_out(visit: Visit) -> None:
    """Who deleted the account in another window is not left before a wall."""
    visit.sign_in()
    refusal = {"code": "ACCOUNT_DELETED", "detail": "This account was deleted."}
    answers(visit, "user", lambda _route: refusal, status=403)
    visit.page.reload()
    expect(visit.page.get_by_role("heading", name="This account was deleted")).to_be_visible()

    visit.page.get_by_role("button", name="Sign out").click()

    expect(visit.page.get_by_role("button", name="Sign in")).to_be_visible()
