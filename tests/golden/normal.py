"""Answers without what no two runs have in common: ids, times, tokens, addresses."""

import json
import re
from collections.abc import Mapping
from typing import Any

TRANSPORT = {
    "apigw-requestid",
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "server",
    "x-amzn-requestid",
}
"""Headers that belong to the way of an answer, not to the answer."""

_OPAQUE_NAMES = re.compile(r"token|cursor|signature|secret|credential", re.IGNORECASE)
_NUMBER_NAMES = re.compile(r"Ms$|[lL]atency|^(age|durationSeconds|retryAfter)")
_TEXT = [
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "id"),
    (re.compile(r"\b(?:cs_test|cs|pi|ch|cus|evt|sub|in|re|sess|msg|wk)_[A-Za-z0-9_-]{8,}"), "id"),
    (re.compile(r"(?<=>\.)[0-9a-f]{16}\b"), "id"),  # an offer: of its session, to its expert
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"), "time"),
    (re.compile(r"\b20\d\d-\d\d-\d\d\b"), "date"),
    (re.compile(r"\b20\d\d-\d\d\b"), "month"),
    (re.compile(r"(?:W/)?\"[0-9a-f]{16,}\""), "etag"),
    (re.compile(r"\b[A-Za-z0-9_.~+/=-]{80,}"), "opaque"),
]
_EPOCH_S = range(1_500_000_000, 2_200_000_000)
_EPOCH_MS = range(1_500_000_000_000, 2_200_000_000_000)


class Normal:
    """Makes the answers of one run comparable; what it has been told of keeps its name."""

    def __init__(self, addresses: Mapping[str, str]) -> None:
        """``addresses`` are by what stands for them: ``{"app": "http://127.0.0.1:3000"}``."""
        self._named: dict[str, str] = {}
        for name, address in addresses.items():
            self._named[address] = f"<{name}>"
            self._named[address.replace("127.0.0.1", "localhost")] = f"<{name}>"

    def know(self, name: str, value: str) -> None:
        """Write ``value`` as ``<name>`` from now on."""
        self._named[value] = f"<{name}>"

    def answer(self, status: int, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
        """One answer as the golden file has it."""
        seen: dict[str, str] = {}
        kept = {
            name.lower(): self._header(name.lower(), value, seen)
            for name, value in headers.items()
            if name.lower() not in TRANSPORT
        }
        return {
            "status": status,
            "headers": dict(sorted(kept.items())),
            "body": self._body(body, kept.get("content-type", ""), seen),
        }

    def _header(self, name: str, value: str, seen: dict[str, str]) -> str:
        if name == "vary" or name.startswith("access-control-"):
            return self._text(value, seen).lower()
        if name == "x-request-id":
            return self._named.get(value, "<request>")
        if name in {"age", "retry-after"}:
            return "<number>"
        return self._text(value, seen)

    def _body(self, body: bytes, content_type: str, seen: dict[str, str]) -> Any:
        text = body.decode()
        if "json" in content_type:
            return self._value(json.loads(text), "", seen)
        if content_type.startswith("application/sdp"):
            return _sdp(text)
        return self._text(text, seen)

    def _value(self, value: Any, name: str, seen: dict[str, str]) -> Any:
        if isinstance(value, dict):
            return {
                self._text(key, seen): self._value(child, key, seen) for key, child in value.items()
            }
        if isinstance(value, list):
            return [self._value(child, name, seen) for child in value]
        return self._one(value, name, seen) if isinstance(value, str) else self._number(value, name)

    def _one(self, value: str, name: str, seen: dict[str, str]) -> Any:
        if name == "sdp":
            return _sdp(value)
        if value in self._named or name in {"requestId", "correlationId"}:
            return self._named.get(value, "<request>")
        return "<opaque>" if value and _OPAQUE_NAMES.search(name) else self._text(value, seen)

    def _number(self, value: Any, name: str) -> Any:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        if int(value) in _EPOCH_S or int(value) in _EPOCH_MS:
            return "<epoch>"
        return "<number>" if _NUMBER_NAMES.search(name) else value

    def _text(self, text: str, seen: dict[str, str]) -> str:
        for known in sorted(self._named, key=len, reverse=True):
            text = text.replace(known, self._named[known])
        for pattern, kind in _TEXT:

            def stand_in(found: re.Match[str], kind: str = kind) -> str:
                if kind != "id":
                    return f"<{kind}>"
                return seen.setdefault(found[0], f"<id {len(seen) + 1}>")

            text = pattern.sub(stand_in, text)
        return text


def _sdp(text: str) -> list[str]:
    """The kinds of lines of a session description: its values are of one call only."""
    return [re.split(r"[:\s]", line, maxsplit=1)[0] for line in text.splitlines()]
