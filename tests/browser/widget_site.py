"""A studio's own site in front of a widget API that the test plays: every state of the widget."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator

from local.thirdparty import ThirdParty
from tests.browser.asked import Asked
from tests.browser.kept import Window
from tests.browser.widget_samples import KEY, STUDIO, schedule

Said = dict[str, Any] | Callable[[Asked], None]


@contextmanager
def third_party(gateway: str) -> Iterator[str]:
    """The address of a studio's own site whose script and API are at ``gateway``."""
    made = ThirdParty(socket.create_server(("127.0.0.1", 0)), gateway=gateway)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(made.start(), loop).result(10)
    try:
        yield made.address
    finally:
        asyncio.run_coroutine_threadsafe(made.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


class Site:
    """One visitor's window on that site; what the API says is decided by the test."""

    def __init__(self, window: Window, site: str, gateway: str) -> None:
        self.page = window.page
        self.url = f"{site}/?key={KEY}"
        self.asked: list[tuple[str, str, Any, dict[str, str]]] = []
        self._said: dict[tuple[str, str], tuple[int, Said, dict[str, str]]] = {}
        window.questions.route(f"{gateway}/api/widget/", self._answer)
        self.says("GET", "", STUDIO)
        self.says("GET", "/schedule", schedule())

    @property
    def widget(self) -> Locator:
        """The widget's own part of the page."""
        return self.page.locator("[data-greenroom=widget]")

    def lists(self, *classes: dict[str, Any]) -> None:
        """Let every month have these classes."""
        self.says("GET", "/schedule", schedule(*classes))

    def says(
        self, method: str, path: str, told: Said, *, status: int = 200, **headers: str
    ) -> None:
        """Answer ``method /api/widget/<key><path>`` so from now on."""
        self._said[method, path] = (status, told, headers)

    def refuses(
        self, method: str, path: str, status: int, code: str, *, retry_after: str = "", **facts: Any
    ) -> None:
        """Refuse it with a problem document."""
        problem = {"code": code, "detail": f"Refused: {code}.", **facts}
        headers = {"Retry-After": retry_after} if retry_after else {}
        self.says(method, path, problem, status=status, **headers)

    def opens(self, fragment: str = "") -> None:
        """Come to the site anew."""
        self.page.goto("about:blank")
        self.page.goto(self.url + fragment)

    def _answer(self, asked: Asked) -> None:
        request = asked.request
        path = urlsplit(request.url).path.removeprefix(f"/api/widget/{KEY}")
        allowed = {
            "Access-Control-Allow-Origin": request.headers.get("origin", "*"),
            "Access-Control-Allow-Headers": "content-type, idempotency-key",
            "Access-Control-Expose-Headers": "Retry-After",
        }
        if request.method == "OPTIONS":
            asked.fulfill(status=204, headers=allowed)
            return
        body = json.loads(request.post_data) if request.post_data else None
        self.asked.append((request.method, path, body, request.headers))
        status, told, headers = self._said[request.method, path]
        if callable(told):
            told(asked)
            return
        asked.fulfill(
            status=status,
            content_type="application/json",
            body=json.dumps(told),
            headers={**allowed, **headers},
        )
