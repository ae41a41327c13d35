"""Plays the golden requests against a platform."""

import json
import re
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.golden.asks import Act, Ask
from tests.golden.normal import Normal
from tests.golden.platforms import Platform

LIMIT_S = 120.0
UNTIL_LIMIT_S = 240.0
POLL_S = 0.25
_TOKEN_LIFE_S = 20.0
_NAME = re.compile(r"\{(\w+)\}")

Answers = dict[str, dict[str, Any]]


class Player:
    """Asks one platform, and keeps what its answers held for the requests that follow."""

    def __init__(self, platform: Platform, people: Mapping[str, Mapping[str, Any]]) -> None:
        self._platform = platform
        self._people = people
        self._tokens: dict[str, tuple[str, float]] = {}
        self._normal = Normal({"app": platform.app, **platform.parties})
        soon = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=3)
        self._known = {
            "app": platform.app,
            "month": soon.strftime("%Y-%m"),
            "in3days": soon.isoformat().replace("+00:00", "Z"),
            "now_ms": str(int(time.time() * 1000)),
        }
        self._http = httpx.Client(timeout=LIMIT_S, trust_env=False)

    def play(self, steps: Iterable[Ask | Act]) -> Answers:
        """Every answer by the name of its request, without what only this run has."""
        answers: Answers = {}
        for step in steps:
            if isinstance(step, Ask):
                assert step.name not in answers, f"{step.name} is there twice"
                answers[step.name] = self._ask(step)
            else:
                url = f"{self._platform.parties[step.party]}{self._filled(step.path)}"
                self._http.post(url, json=self._filled(step.body) or {}).raise_for_status()
                self._platform.wait_for_news(step.party)
        return answers

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def sign_in_everybody(self) -> None:
        """Let Clerk tell the product of everybody before anybody asks for something."""
        for name in self._people:
            self._token(name)
        self._platform.wait_for_news("clerk")

    def _ask(self, ask: Ask) -> dict[str, Any]:
        deadline = time.monotonic() + UNTIL_LIMIT_S
        while True:
            answer = self._sent(ask)
            if not ask.until or _has(answer, ask.until):
                break
            assert time.monotonic() < deadline, f"{ask.name}: {answer.text[:500]}"
            time.sleep(POLL_S)
        for name, place in ask.keep.items():
            path, pattern = place if isinstance(place, tuple) else (place, ".+")
            found = re.search(pattern, str(_at(answer.json(), path)))
            assert found is not None, f"{ask.name}: {answer.text[:500]}"
            self._known[name] = found[0]
            self._normal.know(name, found[0])
        seen = self._normal.answer(answer.status_code, answer.headers, answer.content)
        for header in ask.ignored:
            seen["headers"].pop(header, None)
        return seen

    def _sent(self, ask: Ask) -> httpx.Response:
        method, _, path = ask.route.partition(" ")
        headers = {name: self._filled(value) for name, value in ask.headers.items()}
        content = None if ask.text is None else self._filled(ask.text).encode()
        if ask.body is not None:
            content = json.dumps(self._filled(ask.body)).encode()
            headers.setdefault("Content-Type", "application/json")
        if ask.signed_by is not None:
            headers = {**self._platform.signed(ask.signed_by, content or b""), **headers}
        if ask.who is not None:
            headers["Authorization"] = f"Bearer {self._token(ask.who)}"
        url = f"{self._platform.app}{self._filled(path)}"
        return self._http.request(method, url, content=content, headers=headers)

    def _token(self, who: str) -> str:
        token, until_s = self._tokens.get(who, ("", 0.0))
        if time.monotonic() > until_s:
            clerk = self._platform.parties["clerk"]
            signed_in = self._http.post(f"{clerk}/v1/sign-in", json=dict(self._people[who]))
            token = str(signed_in.raise_for_status().json()["token"])
            self._tokens[who] = token, time.monotonic() + _TOKEN_LIFE_S
        return token

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._filled(child) for name, child in value.items()}
        if isinstance(value, list):
            return [self._filled(child) for child in value]
        if isinstance(value, str):
            return _NAME.sub(lambda found: self._known.get(found[1], found[0]), value)
        return value


def _at(body: Any, path: str) -> Any:
    for part in path.split("."):
        body = body[int(part)] if part.isdigit() else body[part]
    return body


def _has(answer: httpx.Response, wanted: Mapping[str, Any]) -> bool:
    try:
        return all(_at(answer.json(), path) == value for path, value in wanted.items())
    except (KeyError, IndexError, TypeError, ValueError):
        return False
