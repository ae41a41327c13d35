"""What goes wrong in the page is told to the server: once each, and nothing private."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.admin_samples import REPORTED
from tests.browser.samples import page
from tests.browser.served import Served

REPORT = ("POST", "client-errors")


@pytest.fixture
def window(served: Served) -> Served:
    """A person whose history is broken: no page of a list looks like this."""
    served.says(*REPORT, REPORTED, status=202)
    served.says("GET", "interviews", {"items": None}, headers={"X-Request-Id": "req-7"})
    return served


def told(window: Served) -> list[Any]:
    """The reports so far."""
    return [body for body, _ in window.requests(*REPORT)]


def test_an_error_of_the_page_is_told_with_the_request_that_it_followed_from(
    window: Served,
) -> None:
    """Without what the address asks for; and once, however often it happens."""
    window.opens("/interviews?secret=1")
    retry = window.page.get_by_role("button", name="Retry")
    expect(retry).to_be_visible()
    retry.click()
    expect(retry).to_be_visible()

    [report] = told(window)
    assert report["message"].startswith("TypeError: ")
    assert report["url"] == f"{window.url}/#/interviews"
    assert "views/history.js" in report["stack"]
    assert report["requestId"]


def test_what_nobody_caught_is_told_too_and_not_without_end(window: Served) -> None:
    """Five a page."""
    window.says("GET", "interviews", page())
    window.opens("/balance")
    expect(window.page.get_by_role("heading", level=1)).to_be_visible()
    window.page.evaluate(
        """() => {
          for (let n = 0; n < 9; n += 1) {
            dispatchEvent(new ErrorEvent("error", { error: new RangeError(`number ${n}`) }));
          }
        }"""
    )
    window.page.wait_for_timeout(300)

    assert [report["message"] for report in told(window)] == [
        f"RangeError: number {number}" for number in range(5)
    ]


def test_a_refusal_of_the_server_is_not_told_to_it(window: Served) -> None:
    """It has told it itself."""
    window.refuses("GET", "interviews", 503, "STORE_UNAVAILABLE")
    window.opens("/interviews")
    expect(window.page.get_by_role("button", name="Retry")).to_be_visible()
    window.page.wait_for_timeout(300)

    assert told(window) == []
