"""Screenshots of whole journeys, for whoever wants to see (``GREENROOM_SCREENSHOTS``)."""

import os
from pathlib import Path

from tests.browser.visit import Visit

SETTLED_MS = 300  # what has just been put on the page is drawn by then


class Screenshots:
    """Keeps what the pages of one journey look like at one width."""

    def __init__(self, journey: str, folder: Path, width: int) -> None:
        self._journey = journey
        self._folder = Path(os.environ.get("GREENROOM_SCREENSHOTS") or folder)
        self._width = width

    def take(self, visit: Visit, name: str) -> None:
        """Keep this window, which must not scroll sideways."""
        visit.page.wait_for_timeout(SETTLED_MS)
        file = self._folder / f"{self._journey}-{name}-{self._width}.png"
        visit.page.screenshot(path=file, full_page=True)
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= self._width
