"""One row after the other: what it needs is planned, written, and planned anew if it has moved."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from greenroom.kernel.limits import MIGRATION_NAMED_MAX, MIGRATION_TRIES_MAX
from greenroom.migrations.domain import (
    Change,
    Fault,
    Found,
    Left,
    Migration,
    Place,
    Row,
    Unreadable,
    place_of,
)
from greenroom.migrations.progress import Counts, Direction, Pace
from greenroom.migrations.store import MigrationStore


@dataclass(frozen=True, slots=True)
class Named:
    """A row that is told of: what was done to it, or why nothing was."""

    place: Place
    word: str


@dataclass(slots=True)
class Outcome:
    """What a run, or a dry one, did: ``counts`` of all runs that went before it, too."""

    counts: Counts = field(default_factory=Counts)
    examples: list[Named] = field(default_factory=list)
    troubles: list[Named] = field(default_factory=list)
    resumed: bool = False


@dataclass(slots=True)
class Rows:
    """The rows of one page at a time; without a pace nothing is written."""

    store: MigrationStore
    migration: Migration
    direction: Direction = "forward"
    pace: Pace | None = None
    outcome: Outcome = field(default_factory=Outcome)
    _found: Found = field(default_factory=dict)

    def of_page(self, rows: Sequence[Row]) -> Sequence[Row]:
        """The same rows, once all that decides about them is read, together."""
        self._found = self.store.read(place for row in rows for place in self._needs(row))
        return rows

    def change(self, row: Row) -> None:
        """Give one row what it needs, as often as somebody else is faster."""
        place, found = place_of(row), self._found
        for _ in range(MIGRATION_TRIES_MAX):
            try:
                wanted = self._plan(row, found)
            except Unreadable as why:
                self._trouble(place, Counts(unreadable=1), f"cannot be read: {why}")
                return
            if wanted is None:
                self.outcome.counts += Counts(as_it_should_be=1)
                return
            if isinstance(wanted, Left):
                facts = ", ".join(f"{name}={value}" for name, value in wanted.facts.items())
                self._trouble(place, Counts(left=1), f"{wanted.why} ({facts})")
                return
            if self._apply(wanted):
                self.outcome.counts += Counts(changed=1)
                _name(self.outcome.examples, place, wanted.does)
                return
            fresh = self.store.read([place])
            if place not in fresh:
                return  # it was removed meanwhile
            row = fresh[place]
            found = self.store.read(self._needs(row))
        self._trouble(place, Counts(overtaken=1), "was changed by somebody else each time")

    def faults(self, row: Row) -> list[Fault]:
        """What is not as it should be with one row."""
        try:
            self._places(row)
            return list(self.migration.faults(row, self._found))
        except Unreadable as why:
            return [Fault(rule="can_be_read", place=place_of(row), facts={"reason": str(why)})]

    def _plan(self, row: Row, found: Found) -> Change | Left | None:
        self._places(row)
        plan = self.migration.forward if self.direction == "forward" else self.migration.back
        return plan(row, found)

    def _apply(self, change: Change) -> bool:
        if self.pace is None:
            return True
        self.pace.wait()
        return self.store.apply(change)

    def _needs(self, row: Row) -> Iterable[Place]:
        try:
            return self._places(row)
        except Unreadable:  # said when the row's turn comes
            return []

    def _places(self, row: Row) -> Iterable[Place]:
        """What decides about a row; ``Unreadable`` also for one that is of no kind at all."""
        if row.get("kind", {}).get("S") not in self.migration.kinds:
            raise Unreadable("it has no kind")
        return list(self.migration.needs(row))

    def _trouble(self, place: Place, counts: Counts, word: str) -> None:
        self.outcome.counts += counts
        _name(self.outcome.troubles, place, word)


def _name(names: list[Named], place: Place, word: str) -> None:
    if len(names) < MIGRATION_NAMED_MAX:
        names.append(Named(place, word))
