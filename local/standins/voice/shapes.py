"""Shapes of JSON bodies, checked as OpenAI checks them: the first fault is named with its path.

A shape is a function ``(value, path) -> None`` that raises `BadParameter`. Objects are closed:
an unknown key is refused, because the real service refuses it too.
"""

from collections.abc import Callable, Mapping
from typing import Any

Shape = Callable[[Any, str], None]


class BadParameter(Exception):
    """A body that OpenAI would refuse; carries what its error object says."""

    def __init__(self, code: str | None, param: str | None, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.param = param
        self.message = message


_JSON_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),
    (str, "a string"),
    (int, "an integer"),
    (float, "a decimal"),
    (Mapping, "an object"),
    (list, "an array"),
)


def _name_of(value: object) -> str:
    return next((name for kind, name in _JSON_NAMES if isinstance(value, kind)), "null")


def _wrong_type(path: str, expected: str, value: object) -> BadParameter:
    message = f"Invalid type for '{path}': expected {expected}, but got {_name_of(value)} instead."
    return BadParameter("invalid_type", path, message)


def missing(path: str) -> BadParameter:
    """The refusal of a body in which ``path`` is not there."""
    return BadParameter(
        "missing_required_parameter", path, f"Missing required parameter: '{path}'."
    )


def anything(_value: object, _path: str) -> None:
    """Every JSON value; for parameters that the voice peer takes but does not use."""


def text(value: object, path: str) -> None:
    """A string."""
    if not isinstance(value, str):
        raise _wrong_type(path, "a string", value)


def boolean(value: object, path: str) -> None:
    """True or false."""
    if not isinstance(value, bool):
        raise _wrong_type(path, "a boolean", value)


def one_of(*allowed: str) -> Shape:
    """One of the strings ``allowed``."""

    def check(value: object, path: str) -> None:
        text(value, path)
        if value not in allowed:
            names = ", ".join(f"'{name}'" for name in allowed)
            message = f"Invalid value: '{value}'. Supported values are: {names}."
            raise BadParameter("invalid_value", path, message)

    return check


def number(low: float, high: float) -> Shape:
    """A number from ``low`` to ``high``, both included."""

    def check(value: object, path: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong_type(path, "a decimal", value)
        _check_range(value, path, low, high, "decimal")

    return check


def integer(low: int, high: int) -> Shape:
    """A whole number from ``low`` to ``high``, both included."""

    def check(value: object, path: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong_type(path, "an integer", value)
        _check_range(value, path, low, high, "integer")

    return check


def _check_range(value: float, path: str, low: float, high: float, kind: str) -> None:
    if low <= value <= high:
        return
    side, sign, bound = ("below_min", ">=", low) if value < low else ("above_max", "<=", high)
    words = "below minimum" if value < low else "above maximum"
    message = (
        f"Invalid '{path}': {kind} {words} value. "
        f"Expected a value {sign} {bound}, but got {value} instead."
    )
    raise BadParameter(f"{kind}_{side}_value", path, message)


def nullable(shape: Shape) -> Shape:
    """``shape`` or null."""

    def check(value: object, path: str) -> None:
        if value is not None:
            shape(value, path)

    return check


def either(first: Shape, second: Shape) -> Shape:
    """One of two shapes; the refusal of the second is the one that is told."""

    def check(value: object, path: str) -> None:
        try:
            first(value, path)
        except BadParameter:
            second(value, path)

    return check


def array(shape: Shape) -> Shape:
    """A list, each entry of which is ``shape``."""

    def check(value: object, path: str) -> None:
        if not isinstance(value, list):
            raise _wrong_type(path, "an array", value)
        for index, entry in enumerate(value):
            shape(entry, f"{path}[{index}]")

    return check


def closed(fields: Mapping[str, Shape], *, required: tuple[str, ...] = ()) -> Shape:
    """An object that has ``required`` and no key outside ``fields``."""

    def check(value: object, path: str) -> None:
        if not isinstance(value, Mapping):
            raise _wrong_type(path or "body", "an object", value)
        prefix = f"{path}." if path else ""
        for key in value:
            if key not in fields:
                message = f"Unknown parameter: '{prefix}{key}'."
                raise BadParameter("unknown_parameter", f"{prefix}{key}", message)
        for key in required:
            if key not in value:
                raise missing(f"{prefix}{key}")
        for key, entry in value.items():
            fields[key](entry, f"{prefix}{key}")

    return check
