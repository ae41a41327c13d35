"""The page in front of answers that a test gives: every state, without any back end."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.browser.asked import Asked
from tests.browser.kept import Window
from tests.browser.person import CONFIG, PERSON

Reply = dict[str, Any] | Callable[[Asked], dict[str, Any] | None]


class Served:
    """One person's window; what the server says is decided by the test."""

    def __init__(self, window: Window, url: str) -> None:
        self.page = window.page
        self.url = url
        self.asked: list[tuple[str, str, Any, dict[str, str]]] = []
        self._replies: dict[tuple[str, str], tuple[int, Reply, dict[str, str]]] = {}
        window.questions.route(f"{url}/api/", self._answer)
        window.questions.route("http://127.0.0.1:9/", _token)
        self.says("GET", "config", CONFIG)
        self.says("GET", "user", PERSON)
        for path in ("interviews", "sessions", "purchases", "user/ledger"):
            self.says("GET", path, {"items": [], "nextCursor": None})
        for path in ("experts", "organizations"):
            self.says("GET", path, {"items": []})
        self.refuses("GET", "experts/me", 403, "NOT_AN_EXPERT")

    def says(
        self,
        method: str,
        path: str,
        reply: Reply,
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Answer ``method /api/path`` so from now on."""
        self._replies[method, path] = (status, reply, headers or {})

    def refuses(self, method: str, path: str, status: int, code: str, **facts: Any) -> None:
        """Refuse ``method /api/path`` with problem details from now on."""
        self.says(method, path, {"code": code, "detail": f"Refused: {code}.", **facts},
                  status=status)  # fmt: skip

    def opens(self, place: str) -> None:
        """Go to a place of the page, anew."""
        self.page.goto(f"{self.url}/#{place}")

    def requests(self, method: str, path: str) -> list[tuple[Any, dict[str, str]]]:
        """Bodies and headers of what was asked there, oldest first."""
        return [
            (body, headers)
            for each_method, each_path, body, headers in self.asked
            if (each_method, each_path) == (method, path)
        ]

    def _answer(self, asked: Asked) -> None:
        request = asked.request
        path = urlsplit(request.url).path.removeprefix("/api/")
        body = json.loads(request.post_data) if request.post_data else None
        self.asked.append((request.method, path, body, request.headers))
        missing: tuple[int, Reply, dict[str, str]] = (
            404, {"code": "NOT_FOUND", "detail": f"No answer for {path}."}, {},
        )  # fmt: skip
        status, reply, headers = self._replies.get((request.method, path), missing)
        answer = reply(asked) if callable(reply) else reply
        if answer is None:  # the reply has dealt with it
            return
        text = "" if status == 304 else json.dumps(answer)
        asked.fulfill(status=status, content_type="application/json", body=text, headers=headers)


def _token(asked: Asked) -> None:
    origin = asked.request.headers.get("origin", "*")
    asked.fulfill(
        json={"jwt": "token"},
        headers={
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Credentials": "true",
        },
    )
