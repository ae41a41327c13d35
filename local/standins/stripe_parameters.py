"""What an endpoint takes: a tree of kinds that reads a form as strictly as Stripe does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from local.standins.stripe_errors import invalid_parameter, missing_parameter, unknown_parameter
from local.standins.stripe_form import Tree

METADATA_ENTRIES_MAX = 50
METADATA_NAME_CHARS_MAX = 40
METADATA_VALUE_CHARS_MAX = 500

_WHOLE = re.compile(r"-?\d{1,18}")
_LINK = re.compile(r"https?://[^\s\x00-\x20]+")


class Kind(Protocol):
    """Reads one value; ``path`` is its name in the caller's words."""

    def read(self, value: str | Tree, path: str) -> Any:
        """The value as the endpoint uses it.

        Raises:
            StripeRefused: the value is not of this kind.
        """


@dataclass(frozen=True, kw_only=True)
class Text:
    """Text; a clearable one takes the empty text for "none"."""

    chars_max: int = 5_000
    clearable: bool = False

    def read(self, value: str | Tree, path: str) -> str | None:
        """The text, or None where it is cleared."""
        if isinstance(value, dict):
            raise invalid_parameter(path, f"Invalid string: {path}")
        if not value and self.clearable:
            return None
        if not value:
            text = (
                f"You passed an empty string for '{path}'. We assume empty values are an attempt"
                f" to unset a parameter; however '{path}' cannot be unset. You should remove"
                f" '{path}' from your request or supply a non-empty value."
            )
            raise invalid_parameter(path, text, "parameter_invalid_empty")
        if len(value) > self.chars_max:
            text = f"Invalid string: {value[:40]}...; must be at most {self.chars_max} characters"
            raise invalid_parameter(path, text, "parameter_invalid_string_length")
        return value


@dataclass(frozen=True, kw_only=True)
class Link:
    """A web address with its scheme."""

    def read(self, value: str | Tree, path: str) -> str:
        """The address, untouched."""
        text = Text().read(value, path)
        if text is None or not _LINK.fullmatch(text):
            raise invalid_parameter(path, "Not a valid URL", "url_invalid")
        return text


@dataclass(frozen=True, kw_only=True)
class Whole:
    """A whole number within its bounds."""

    least: int = 0
    most: int = 10**15

    def read(self, value: str | Tree, path: str) -> int:
        """The number."""
        if isinstance(value, dict) or not _WHOLE.fullmatch(value):
            raise invalid_parameter(path, f"Invalid integer: {value}", "parameter_invalid_integer")
        number = int(value)
        if not self.least <= number <= self.most:
            raise invalid_parameter(
                path,
                f"This value must be between {self.least} and {self.most}.",
                "parameter_invalid_integer",
            )
        return number


@dataclass(frozen=True, kw_only=True)
class Flag:
    """``true`` or ``false``."""

    def read(self, value: str | Tree, path: str) -> bool:
        """The flag."""
        if value not in ("true", "false"):
            raise invalid_parameter(path, f"Invalid boolean: {value}")
        return value == "true"


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, value: str | Tree, path: str) -> str:
        """The word."""
        if not isinstance(value, str) or value not in self.words:
            raise invalid_parameter(path, f"Invalid {path}: must be one of {', '.join(self.words)}")
        return value


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """Names and texts; an empty text removes its name, an empty table removes all."""

    def read(self, value: str | Tree, path: str) -> dict[str, str] | None:
        """The entries to set; None for "remove all"."""
        if value == "":
            return None
        if isinstance(value, str):
            raise invalid_parameter(path, f"Invalid hash: {path}")
        if len(value) > METADATA_ENTRIES_MAX:
            raise invalid_parameter(path, f"Metadata has at most {METADATA_ENTRIES_MAX} keys.")
        entries: dict[str, str] = {}
        for name, entry in value.items():
            here = f"{path}[{name}]"
            if not isinstance(entry, str):
                raise invalid_parameter(here, "Metadata values must be strings.")
            if len(name) > METADATA_NAME_CHARS_MAX:
                text = f"Metadata keys have at most {METADATA_NAME_CHARS_MAX} characters."
                raise invalid_parameter(here, text)
            if len(entry) > METADATA_VALUE_CHARS_MAX:
                text = f"Metadata values have at most {METADATA_VALUE_CHARS_MAX} characters."
                raise invalid_parameter(here, text, "parameter_invalid_string_length")
            entries[name] = entry
        return entries


@dataclass(frozen=True)
class ListOf:
    """Several of one kind, in the order of their numbers."""

    kind: Kind
    most: int = 100

    def read(self, value: str | Tree, path: str) -> list[Any]:
        """The entries."""
        if not isinstance(value, dict) or not all(name.isdecimal() for name in value):
            raise invalid_parameter(path, f"Invalid array: {path}")
        if len(value) > self.most:
            raise invalid_parameter(path, f"Array {path} exceeded maximum {self.most} elements.")
        numbered = sorted(value.items(), key=lambda entry: int(entry[0]))
        return [self.kind.read(entry, f"{path}[{name}]") for name, entry in numbered]


@dataclass(frozen=True)
class Record:
    """Named parameters; those in ``needed`` must be there, others must not be."""

    fields: Mapping[str, Kind] = field(default_factory=dict)
    needed: tuple[str, ...] = ()

    def read(self, value: str | Tree, path: str = "") -> dict[str, Any]:
        """What was given, read; what was left out is left out."""
        if isinstance(value, str):
            raise invalid_parameter(path, f"Invalid object: {path}")
        for name in value:
            if name not in self.fields:
                raise unknown_parameter(_within(path, name))
        for name in self.needed:
            if name not in value:
                raise missing_parameter(_within(path, name))
        return {
            name: self.fields[name].read(entry, _within(path, name))
            for name, entry in value.items()
        }


@dataclass(frozen=True)
class NumberOrRange:
    """A time, or a range of times by ``gt``, ``gte``, ``lt`` and ``lte``."""

    def read(self, value: str | Tree, path: str) -> dict[str, int]:
        """The bounds; an exact time is both bounds."""
        if isinstance(value, str):
            number = Whole().read(value, path)
            return {"gte": number, "lte": number}
        bounds = dict.fromkeys(("gt", "gte", "lt", "lte"), Whole())
        return Record(bounds).read(value, path)


def merged_metadata(old: Mapping[str, str], given: Mapping[str, str] | None) -> dict[str, str]:
    """The metadata after an update with what ``Metadata`` read."""
    if given is None:
        return {}
    return {name: text for name, text in {**old, **given}.items() if text}


def _within(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name
