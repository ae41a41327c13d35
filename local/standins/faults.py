"""Faults that a script orders from a stand-in: what a real party does on a bad day."""

import dataclasses
import json
import math
from collections.abc import Callable
from typing import Any

KINDS = ("refuse", "hang", "actThenHang", "status", "actThenStatus")
FAULTS_MAX = 1_000
BODY_BYTES_MAX = 1024 * 1024
TIMES_MAX = 1_000_000
SECONDS_MAX = 3_600.0
STATUS_DEFAULT = 500


class FaultRefused(ValueError):
    """The document is no list of faults; the text names the field."""


@dataclasses.dataclass
class Fault:
    """One ordered fault; ``times`` counts down to nothing as requests meet it.

    ``seconds`` is how long a hanging connection is held before it is cut; None holds it
    until the client leaves.
    """

    method: str
    path: str
    kind: str
    times: int = 1
    seconds: float | None = None
    status: int = STATUS_DEFAULT
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    body_text: str = ""

    @property
    def acts(self) -> bool:
        """Whether the effect happens in spite of the fault."""
        return self.kind.startswith("actThen")

    @property
    def hangs(self) -> bool:
        """Whether no answer is given at all."""
        return self.kind in ("hang", "actThenHang")

    def shown(self) -> dict[str, Any]:
        """The fault in the form in which it was ordered, with the times that are left."""
        shown = dataclasses.asdict(self)
        shown["bodyText"] = shown.pop("body_text")
        return shown


def parse_faults(body: bytes) -> list[Fault]:
    """The faults of a JSON list.

    Raises:
        FaultRefused: not a list of faults; names the position and the field.
    """
    if len(body) > BODY_BYTES_MAX:
        raise FaultRefused("faults: the document is too large")
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as broken:
        raise FaultRefused("faults: the body is not JSON") from broken
    if not isinstance(document, list) or len(document) > FAULTS_MAX:
        raise FaultRefused(f"faults: must be a list of at most {FAULTS_MAX}")
    return [_parse(f"faults[{number}]", entry) for number, entry in enumerate(document)]


def _parse(where: str, entry: Any) -> Fault:
    if not isinstance(entry, dict):
        raise FaultRefused(f"{where}: must be an object")
    for name in entry:
        if name not in _FIELDS:
            raise FaultRefused(f"{where}.{name}: is not a field of a fault")
    values: dict[str, Any] = {}
    for name, (needed, allows, rule) in _FIELDS.items():
        value = entry.get(name)
        if value is None and not needed:
            continue
        if not allows(value):
            raise FaultRefused(f"{where}.{name}: must be {rule}")
        values[name] = value
    if "bodyText" in values:
        values["body_text"] = values.pop("bodyText")
    values["method"] = values["method"].upper()
    return Fault(**values)


def _is_method(value: Any) -> bool:
    return isinstance(value, str) and (value == "*" or value.isalpha())


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and (value == "*" or value.startswith("/"))


def _is_whole(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_seconds(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and 0 <= value <= SECONDS_MAX


def _is_headers(value: Any) -> bool:
    return isinstance(value, dict) and all(
        name and isinstance(text, str) and (name + text).isprintable()
        for name, text in value.items()
    )


# Field -> whether it is needed, what it may be, and the rule in words.
_FIELDS: dict[str, tuple[bool, Callable[[Any], bool], str]] = {
    "method": (True, _is_method, "an HTTP method, or *"),
    "path": (True, _is_path, "text that starts with / (a trailing * matches the rest)"),
    "kind": (True, KINDS.__contains__, f"one of {', '.join(KINDS)}"),
    "times": (
        False,
        lambda value: _is_whole(value, 1, TIMES_MAX),
        f"a whole number from 1 to {TIMES_MAX}",
    ),
    "seconds": (False, _is_seconds, f"a number from 0 to {SECONDS_MAX:.0f}"),
    "status": (
        False,
        lambda value: _is_whole(value, 200, 599),
        "a whole number from 200 to 599",
    ),
    "headers": (False, _is_headers, "an object of printable texts"),
    "bodyText": (False, lambda value: isinstance(value, str), "text"),
}
