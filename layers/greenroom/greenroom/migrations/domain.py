"""What a migration is: for each stored row the change that it needs, or none. Pure.

Rows are as DynamoDB keeps them (``{"v": {"N": "1"}}``), so that what nobody knows survives. A
change is a few steps that happen together or not at all; each names what it has seen, so that a
row that somebody wrote meanwhile is read and planned again.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol, TypeAlias

Raw: TypeAlias = dict[str, Any]  # one attribute: its type and its value
Row: TypeAlias = Mapping[str, Raw]
Place: TypeAlias = tuple[str, str]  # partition and sort key
Found: TypeAlias = Mapping[Place, Row]


class Unreadable(ValueError):
    """A row is not what its kind says; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Change a row that is there, if these attributes are still as they were seen.

    ``seen`` has None for what was absent. ``join`` and ``leave`` add members to sets and take
    them out, whatever else is in them by then.
    """

    place: Place
    seen: Mapping[str, Raw | None]
    put: Mapping[str, Raw] = field(default_factory=dict)
    drop: frozenset[str] = frozenset()
    join: Mapping[str, Raw] = field(default_factory=dict)
    leave: Mapping[str, Raw] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Make:
    """Write a row where there is none."""

    row: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmake:
    """Remove a row, if these attributes are still as they were seen."""

    place: Place
    seen: Mapping[str, Raw | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """Require that a row is there, with these attributes as they were seen, or that none is."""

    place: Place
    there: bool
    seen: Mapping[str, Raw | None] = field(default_factory=dict)


Step: TypeAlias = Edit | Make | Unmake | Expect


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one row needs. ``does`` tells a person in a few words."""

    does: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A row that a person has to decide about: why, in one name and a few facts."""

    why: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A row that is not as it should be after the migration."""

    rule: str
    place: Place
    facts: Mapping[str, str] = field(default_factory=dict)


class Migration(Protocol):
    """One numbered change of stored rows.

    ``kinds`` are those that it looks at; each of its functions gets one such row, and of the
    rows that ``needs`` named for it those that are there. All may raise ``Unreadable``.
    """

    number: ClassVar[int]
    name: ClassVar[str]
    kinds: ClassVar[frozenset[str]]
    # Whether it takes away what readers of before still use: then it runs only when it is named.
    takes_away: ClassVar[bool]

    def needs(self, row: Row) -> Iterable[Place]:
        """The other rows that decide about this one."""

    def forward(self, row: Row, found: Found) -> Change | Left | None:
        """What the row needs to be as it should be; None if nothing."""

    def back(self, row: Row, found: Found) -> Change | Left | None:
        """What the row needs to be as it was before."""

    def faults(self, row: Row, found: Found) -> Iterator[Fault]:
        """What is not as it should be once the migration has run."""


def place_of(row: Row) -> Place:
    """Where a row is."""
    return row["PK"]["S"], row["SK"]["S"]


def text_of(row: Row, name: str) -> str | None:
    """A text of a row; None where there is none, or where null stands for it.

    Raises:
        Unreadable: it is no text.
    """
    return _value(row, name, "S", "text")


def number_of(row: Row, name: str) -> int:
    """A whole number of a row.

    Raises:
        Unreadable: there is none.
    """
    told = _value(row, name, "N", "number")
    try:
        return int(told or "")
    except ValueError as cause:
        raise Unreadable(f"{name} is no whole number") from cause


def required(row: Row, name: str) -> str:
    """A text that has to be there.

    Raises:
        Unreadable: it is not.
    """
    told = text_of(row, name)
    if not told:
        raise Unreadable(f"{name} is missing")
    return told


def _value(row: Row, name: str, sign: str, word: str) -> str | None:
    if name not in row or "NULL" in row[name]:
        return None
    value = row[name].get(sign)
    if not isinstance(value, str):
        raise Unreadable(f"{name} is no {word}")
    return value
