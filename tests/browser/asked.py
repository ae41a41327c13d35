"""What a page asks, and the answer that a test gives: as Playwright's routes, but its cache stays.

Playwright's own interception switches the browser's cache off, so that every page would load and
compile each of our hundred modules anew.
"""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from playwright.sync_api import CDPSession, Error


class Request:
    """One request of the page."""

    def __init__(self, paused: dict[str, Any]) -> None:
        told = paused["request"]
        self.url: str = told["url"]
        self.method: str = told["method"]
        self.headers: dict[str, str] = {
            name.lower(): value for name, value in told["headers"].items()
        }
        parts = [base64.b64decode(part["bytes"]) for part in told.get("postDataEntries", ())]
        self.post_data: str | None = b"".join(parts).decode() if parts else None

    @property
    def post_data_json(self) -> Any:
        """The body, where there is one."""
        return json.loads(self.post_data) if self.post_data else None


class Asked:
    """A request that waits for its answer."""

    def __init__(self, devtools: CDPSession, paused: dict[str, Any]) -> None:
        self.request = Request(paused)
        self._devtools = devtools
        self._id: str = paused["requestId"]

    def fulfill(
        self,
        *,
        status: int = 200,
        json: Any = None,
        body: str = "",
        content_type: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Answer it."""
        if json is not None:
            body, content_type = _text(json), content_type or "application/json"
        told = dict(headers or {})
        if content_type:
            told["Content-Type"] = content_type
        self._send(
            "Fetch.fulfillRequest",
            responseCode=status,
            responseHeaders=[{"name": name, "value": value} for name, value in told.items()],
            body=base64.b64encode(body.encode()).decode(),
        )

    def abort(self) -> None:
        """Let it fail as if nobody were there."""
        self._send("Fetch.failRequest", errorReason="Failed")

    def _send(self, method: str, **facts: Any) -> None:
        with suppress(Error):  # the page may have left meanwhile
            self._devtools.send(method, {"requestId": self._id, **facts})


class Questions:
    """All that one page asks at certain addresses; who answers may change."""

    def __init__(self, devtools: CDPSession) -> None:
        self._devtools = devtools
        self._answers: list[tuple[str, Callable[[Asked], object]]] = []
        devtools.on("Fetch.requestPaused", self._paused)

    def route(self, start: str, answer: Callable[[Asked], object]) -> None:
        """Let ``answer`` deal with all addresses that begin so."""
        self._answers.insert(0, (start, answer))
        patterns = [{"urlPattern": f"{each}*"} for each, _ in self._answers]
        self._devtools.send("Fetch.enable", {"patterns": patterns})

    def forget(self) -> None:
        """Let everything through again."""
        self._answers.clear()
        self._devtools.send("Fetch.disable")

    def _paused(self, paused: dict[str, Any]) -> None:
        asked = Asked(self._devtools, paused)
        for start, answer in self._answers:
            if asked.request.url.startswith(start):
                answer(asked)
                return
        asked.abort()


def _text(value: Any) -> str:
    return json.dumps(value)
