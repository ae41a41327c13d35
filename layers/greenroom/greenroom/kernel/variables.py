"""Typed variables: what groups of settings and limits are made of.

By the standard library alone, because every cold start reads them (docs/decisions/0024).
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

_TRUE = {"1", "true", "t", "yes", "y", "on"}
_FALSE = {"0", "false", "f", "no", "n", "off"}


class SettingsRefused(ValueError):
    """The environment does not make valid settings; the text names each variable."""


class Variable:
    """One variable: how its text is read, and what stands where it is not set.

    ``read`` raises ``ValueError``, whose text names no value: a variable may hold what nobody
    should read.
    """

    __slots__ = ("default", "read", "required")

    def __init__(
        self, default: Any, read: Callable[[str], Any] = str, *, required: bool = False
    ) -> None:
        self.default = default
        self.read = read
        self.required = required


class Group:
    """Variables that belong together, as one frozen object. Groups are joined by inheritance.

    ``table_name: str = text("greenroom")`` is the variable ``TABLE_NAME``. Only ``read`` holds
    values to what their variables accept; code that makes a group is trusted.
    """

    fields: ClassVar[Mapping[str, Variable]] = {}

    def __init_subclass__(cls) -> None:
        inherited = [base.fields for base in reversed(cls.__mro__[1:]) if issubclass(base, Group)]
        own = {name: value for name, value in vars(cls).items() if isinstance(value, Variable)}
        cls.fields = {name: one for group in (*inherited, own) for name, one in group.items()}

    def __init__(self, **given: Any) -> None:
        if unknown := given.keys() - self.fields.keys():
            raise TypeError(f"no such variable: {', '.join(sorted(unknown))}")
        defaults = {name: variable.default for name, variable in self.fields.items()}
        vars(self).update(defaults | self.completed(given))
        self.check()

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """The group that these variables make; an empty one counts as not set.

        Raises:
            SettingsRefused: a variable is missing or not accepted; each one is named.
        """
        given, refused = {}, []
        for name, variable in cls.fields.items():
            value = environ.get(name.upper())
            try:
                if value:
                    given[name] = variable.read(value)
                elif variable.required:
                    raise ValueError("is needed")  # noqa: TRY301 (told as the others are)
            except ValueError as refusal:
                refused.append(f"{name.upper()}: {refusal}")
        if refused:
            raise SettingsRefused("; ".join(refused)) from None
        try:
            return cls(**given)
        except ValueError as refusal:
            raise SettingsRefused(f"settings: {refusal}") from None

    @classmethod
    def variables(cls) -> frozenset[str]:
        """The names of all variables of the group."""
        return frozenset(name.upper() for name in cls.fields)

    @classmethod
    def completed(cls, given: dict[str, Any]) -> dict[str, Any]:
        """What was given, with defaults that depend on it."""
        return given

    def check(self) -> None:
        """Refuse values that each are fine and together are not, by a ``ValueError``."""

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{name} does not change")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    __hash__ = None  # type: ignore[assignment]


# What they return takes the place of a value, so each is typed as that value.


def text(default: str | None = "", *, like: str = "") -> Any:
    """Any text, or such that is all ``like`` a pattern."""

    def read(value: str) -> str:
        if like and not re.fullmatch(like, value):
            raise ValueError(f"must be like {like}")
        return value

    return Variable(default, read)


def needed() -> Any:
    """Any text, but some."""
    return Variable(None, required=True)


def one_of(default: str, *others: str) -> Any:
    """One of these words."""

    def read(value: str) -> str:
        if value not in {default, *others}:
            raise ValueError(f"must be one of {', '.join((default, *others))}")
        return value

    return Variable(default, read)


def flag(*, default: bool) -> Any:
    """Yes or no, as people write it."""

    def read(value: str) -> bool:
        if value.lower() not in _TRUE | _FALSE:
            raise ValueError("must be 1 or 0")
        return value.lower() in _TRUE

    return Variable(default, read)


def whole(default: int, *, at_least: int = 0, at_most: int | None = None) -> Any:
    """A whole number in a range, both ends included."""
    return _number(default, int, lowest=at_least, highest=at_most, above=None)


def number(
    default: float, *, at_least: float | None = None, above: float | None = None, at_most: float
) -> Any:
    """A number in a range; its lower end is included or, as ``above``, not."""
    return _number(default, float, lowest=at_least, highest=at_most, above=above)


def _number(
    default: float,
    of: type[int | float],
    *,
    lowest: float | None,
    highest: float | None,
    above: float | None,
) -> Variable:
    def read(value: str) -> float:
        try:
            found = of(value)
        except ValueError:
            raise ValueError(f"must be {'a whole' if of is int else 'a'} number") from None
        if not (
            (lowest is None or found >= lowest)
            and (above is None or found > above)
            and (highest is None or found <= highest)
        ):
            raise ValueError(f"must be {_range(lowest, above, highest)}")
        return found

    return Variable(default, read)


def _range(lowest: float | None, above: float | None, highest: float | None) -> str:
    begin = f"at least {lowest}" if above is None else f"above {above}"
    return begin if highest is None else f"{begin} and at most {highest}"


def comma_list() -> Any:
    """Texts between commas, trimmed; empty ones do not count."""
    return Variable(
        (), lambda value: tuple(part.strip() for part in value.split(",") if part.strip())
    )


def document(default: Any, read: Callable[[Any], Any]) -> Any:
    """A JSON document, as ``read`` takes it; it raises ``ValueError``, too."""

    def parse(value: str) -> Any:
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError("must be JSON") from None
        return read(found)

    return Variable(default, parse)
