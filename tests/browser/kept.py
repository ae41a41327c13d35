"""One window that test after test is given, each time as if it were new."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

from tests.browser.asked import Questions

Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Window:
    """A page, and what it asks."""

    context: BrowserContext
    page: Page
    devtools: CDPSession
    questions: Questions


class Keeper:
    """Keeps a window open from test to test: what its pages have loaded stays compiled.

    Nothing of a test is left to the next: no storage, cookie, permission, history or name, nor
    a listener or an answer. A page whose clock was replaced is given to nobody else.
    """

    def __init__(self, browser: Browser, home: str, *, now: datetime | None = None) -> None:
        self._browser = browser
        self._home = home
        self._now = now
        self._kept: Window | None = None

    @contextmanager
    def lend(self, *, width: int = 1280, scheme: Scheme = "light") -> Iterator[Window]:
        """A window of this width and scheme; it is the kept one again afterwards."""
        window = self._kept or self._made()
        self._kept = None
        page = window.page
        page.set_viewport_size({"width": width, "height": 900})
        # Whatever turns or fades is drawn by the processor here.
        page.emulate_media(media="null", color_scheme=scheme, reduced_motion="reduce")
        errors: list[str] = []

        def threw(error: object) -> None:
            errors.append(str(error))

        page.on("pageerror", threw)
        yield window
        page.unroute_all(behavior="ignoreErrors")
        page.goto(self._home)
        page.remove_listener("pageerror", threw)
        window.questions.forget()
        if self._now is None and page.evaluate("'__pwClock' in globalThis"):
            window.context.close()
        else:
            self._clean(window)
            self._kept = window
        assert errors == [], "the page threw"

    def close(self) -> None:
        """Close what is kept."""
        if self._kept:
            self._kept.context.close()

    def _made(self) -> Window:
        context = self._browser.new_context()
        context.set_default_timeout(20_000)
        page = context.new_page()
        if self._now is not None:
            page.clock.set_fixed_time(self._now)
        page.goto(self._home)
        devtools = context.new_cdp_session(page)
        return Window(context, page, devtools, Questions(devtools))

    def _clean(self, window: Window) -> None:
        window.page.evaluate("localStorage.clear(); sessionStorage.clear(); window.name = ''")
        window.context.clear_cookies()
        window.context.clear_permissions()
        window.devtools.send("Page.resetNavigationHistory")
