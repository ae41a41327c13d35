"""Every view fits a phone and a desk, in light and dark."""

import pytest
from playwright.sync_api import expect

from tests.browser.faults import WINDOWS
from tests.browser.visit import Visit

VIEWS = ("/", "/experts", "/ai", "/interviews", "/balance", "/purchases", "/profile")


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_no_view_scrolls_sideways(visit: Visit, width: int, scheme: str) -> None:
    """Nothing is wider than the window, and each view has one heading."""
    visit.page.goto(visit.cloud.url)
    assert_fits(visit, width)
    visit.sign_in()

    for view in VIEWS:
        visit.page.goto(f"{visit.cloud.url}/#{view}")
        expect(visit.page.get_by_role("heading", level=1)).to_have_count(1)
        expect(visit.page.locator("main .loading")).to_have_count(0)
        assert_fits(visit, width)

    visit.page.goto(f"{visit.cloud.url}/#/")
    visit.start(typed_only=True)
    visit.wait_until_live()
    assert_fits(visit, width)


def assert_fits(visit: Visit, width: int) -> None:
    """The page is not wider than the window."""
    expect(visit.page.get_by_role("heading", level=1)).to_be_visible()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
