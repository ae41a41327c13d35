"""Attributes of rows as the wire tells them. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from greenroom.kernel.clock import to_text
from greenroom.kernel.money import credits_to_json

_TOLD_CHARS_MAX: Final = 300
_CENTICREDITS: Final = frozenset({"amount", "cost", "credits", "reversed_credits"})


def told(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """These attributes as the wire tells them; what is not there is left out."""
    pairs = ((name, _plain(name, values.get(name))) for name in names)
    return {_camel(name): value for name, value in pairs if value is not None}


def _plain(name: str, value: Any) -> Any:
    match value:
        case bool() | float():
            return value
        case int():
            return credits_to_json(value) if name in _CENTICREDITS else value
        case str():
            return value[:_TOLD_CHARS_MAX]
        case datetime():
            return to_text(value)
        case _:
            return None


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)
