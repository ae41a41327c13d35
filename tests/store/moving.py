"""Migrations of the kind that only tests have: a colour is looked up, then an old name goes."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from greenroom.migrations.domain import (
    Change,
    Edit,
    Expect,
    Fault,
    Found,
    Left,
    Make,
    Place,
    Row,
    Unmake,
    Unreadable,
    number_of,
    place_of,
    required,
    text_of,
)
from greenroom.migrations.progress import Pace

TWO = {"N": "2"}
ONE = {"N": "1"}


class Paint:
    """1: every thing gets the colour that the palette has for its number, and a shadow."""

    number: ClassVar[int] = 1
    name: ClassVar[str] = "paint"
    kinds: ClassVar[frozenset[str]] = frozenset({"test_thing"})
    takes_away: ClassVar[bool] = False

    def needs(self, row: Row) -> Iterable[Place]:
        return [_palette(row), _shadow(row)]

    def forward(self, row: Row, found: Found) -> Change | Left | None:
        if number_of(row, "v") >= 2:
            return None
        colour = found.get(_palette(row))
        if colour is None:
            return Left(why="no_colour", facts={"number": str(number_of(row, "number"))})
        seen = {"v": ONE, "number": row["number"]}
        edit = Edit(place=place_of(row), seen=seen, put={"v": TWO, "colour": colour["colour"]})
        steps: list[Any] = [edit, Expect(place=_palette(row), there=True)]
        if _shadow(row) not in found:
            pk, sk = _shadow(row)
            made = {"PK": {"S": pk}, "SK": {"S": sk}, "kind": {"S": "test_shadow"}, "v": ONE}
            steps.append(Make(made))
        return Change(does=f"becomes {colour['colour']['S']}", steps=tuple(steps))

    def back(self, row: Row, found: Found) -> Change | Left | None:
        if number_of(row, "v") < 2:
            return None
        seen = {"v": TWO, "colour": row.get("colour")}
        edit = Edit(place=place_of(row), seen=seen, put={"v": ONE}, drop=frozenset({"colour"}))
        steps: list[Any] = [edit]
        if _shadow(row) in found:
            steps.append(Unmake(place=_shadow(row), seen={"v": ONE}))
        return Change(does="loses its colour", steps=tuple(steps))

    def faults(self, row: Row, found: Found) -> Iterator[Fault]:
        place = place_of(row)
        if number_of(row, "v") < 2:
            yield Fault(rule="is_of_version_2", place=place)
        elif text_of(row, "colour") is None:
            yield Fault(rule="has_a_colour", place=place)
        if _shadow(row) not in found:
            yield Fault(rule="has_a_shadow", place=place, facts={"at": "#".join(_shadow(row))})


class Forget:
    """2: the old name, which only old readers read, goes."""

    number: ClassVar[int] = 2
    name: ClassVar[str] = "forget the old name"
    kinds: ClassVar[frozenset[str]] = frozenset({"test_thing"})
    takes_away: ClassVar[bool] = True

    def needs(self, row: Row) -> Iterable[Place]:
        return ()

    def forward(self, row: Row, found: Found) -> Change | Left | None:
        if "old.name" not in row:
            return None
        old = required(row, "old.name")
        edit = Edit(
            place=place_of(row), seen={"old.name": {"S": old}}, drop=frozenset({"old.name"})
        )
        return Change(does=f"forgets {old}", steps=(edit,))

    def back(self, row: Row, found: Found) -> Change | Left | None:
        if "old.name" in row:
            return None
        edit = Edit(
            place=place_of(row),
            seen={"old.name": None},
            put={"old.name": {"S": row["SK"]["S"].removeprefix("THING#")}},
        )
        return Change(does="remembers", steps=(edit,))

    def faults(self, row: Row, found: Found) -> Iterator[Fault]:
        if "old.name" in row:
            yield Fault(rule="has_no_old_name", place=place_of(row))


def unhurried(per_s: int) -> Pace:
    """A pace whose waits take no time."""
    return Pace(per_s, monotonic=lambda: 0.0, sleep=lambda _: None)


def _palette(row: Row) -> Place:
    return "PALETTE", str(number_of(row, "number") % 3)


def _shadow(row: Row) -> Place:
    pk, sk = place_of(row)
    if not sk.startswith("THING#"):
        raise Unreadable("it is at no thing's place")
    return pk, sk.replace("THING#", "SHADOW#")
