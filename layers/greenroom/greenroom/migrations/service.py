"""Runs migrations over the whole table, one row after the other, beside everybody who writes.

A run holds a lease in the migration's own row and notes there, page by page, how far it is. It may
die at any call: each row's change is one transaction on the condition that the row is as it was
seen, so whoever goes on finds it changed or not, never in between. A run that has lost its lease
without knowing does no harm for the same reason, and stops at its next page.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from greenroom.kernel.clock import Clock, to_text
from greenroom.kernel.errors import Conflict, GreenroomError, NotFound
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import (
    MIGRATION_LEASE_S,
    MIGRATION_NAMED_MAX,
    MIGRATION_PER_S_DEFAULT,
)
from greenroom.migrations.domain import Fault, Migration
from greenroom.migrations.progress import Counts, Direction, Pace, Progress, begun
from greenroom.migrations.rows import Outcome, Rows
from greenroom.migrations.store import MigrationStore

Told = Callable[[Counts], None]


@dataclass(slots=True)
class Verification:
    """What is not as it should be. ``faults`` are the first ones of ``count``."""

    read: int = 0
    looked_at: int = 0
    count: int = 0
    faults: list[Fault] = field(default_factory=list)


class Migrations:
    """The numbered migrations of this version, and what became of them here."""

    def __init__(
        self,
        store: MigrationStore,
        known: Sequence[Migration],
        *,
        clock: Clock,
        pace: Callable[[int], Pace] = Pace,
    ) -> None:
        self._store = store
        self._clock = clock
        self._pace = pace
        self.known = {migration.number: migration for migration in known}

    def migration(self, number: int) -> Migration:
        """The migration of that number.

        Raises:
            NotFound: there is none.
        """
        if number not in self.known:
            raise NotFound(f"There is no migration {number}.")
        return self.known[number]

    def progress(self) -> dict[int, Progress]:
        """How far each migration that was ever run has come."""
        return self._store.progress()

    def pending(self) -> list[Migration]:
        """Those that have yet to run, in their order, up to one that has to be named."""
        progress = self.progress()
        found: list[Migration] = []
        for number, migration in sorted(self.known.items()):
            if number in progress and progress[number].is_done:
                continue
            if migration.takes_away:
                break
            found.append(migration)
        return found

    def run(
        self,
        number: int,
        direction: Direction = "forward",
        *,
        per_s: int = MIGRATION_PER_S_DEFAULT,
        told: Told = lambda _: None,
    ) -> Outcome:
        """Run a migration to its end, from where the last run stopped.

        At most ``per_s`` rows a second are changed; ``told`` hears how far it is.

        Raises:
            Conflict: somebody else runs it, or another migration has to go first.
            NotFound: there is no such migration.
        """
        migration = self.migration(number)
        before = self._store.progress()
        self._refuse_out_of_order(number, direction, before)
        mine = self._take(number, direction, before.get(number))
        outcome = Outcome(counts=mine.counts, resumed=mine.cursor is not None)
        pace = self._pace(per_s)
        rows = Rows(self._store, migration, direction, pace=pace, outcome=outcome)
        try:
            while mine.finished_at is None:
                page = self._store.page(migration.kinds, cursor=mine.cursor)
                for row in rows.of_page(page.rows):
                    if self._clock() > mine.lease_until - timedelta(seconds=MIGRATION_LEASE_S / 2):
                        mine = self._renewed(mine)
                    rows.change(row)
                outcome.counts += Counts(read=page.read)
                end = self._clock() if page.next_cursor is None else None
                told(outcome.counts)
                mine = self._renewed(
                    replace(mine, cursor=page.next_cursor, counts=outcome.counts, finished_at=end)
                )
        except (GreenroomError, KeyboardInterrupt):
            self._let_go(mine)
            raise
        return outcome

    def rehearse(
        self, number: int, direction: Direction = "forward", *, told: Told = lambda _: None
    ) -> Outcome:
        """What a run from the start would do: nothing is written, not even that it was asked."""
        rows = Rows(self._store, self.migration(number), direction)
        cursor: str | None = None
        while True:
            page = self._store.page(rows.migration.kinds, cursor=cursor)
            for row in rows.of_page(page.rows):
                rows.change(row)
            rows.outcome.counts += Counts(read=page.read)
            told(rows.outcome.counts)
            cursor = page.next_cursor
            if cursor is None:
                return rows.outcome

    def verify(self, number: int, *, told: Told = lambda _: None) -> Verification:
        """Look at every row once more, whoever wrote it: what is not as it should be."""
        migration = self.migration(number)
        rows = Rows(self._store, migration)
        seen = Verification()
        cursor: str | None = None
        while True:
            page = self._store.page(migration.kinds, cursor=cursor)
            for row in rows.of_page(page.rows):
                faults = rows.faults(row)
                seen.count += len(faults)
                seen.faults += faults[: MIGRATION_NAMED_MAX - len(seen.faults)]
            seen.looked_at += len(page.rows)
            seen.read += page.read
            told(Counts(read=seen.read, left=seen.count))
            cursor = page.next_cursor
            if cursor is None:
                return seen

    def _take(self, number: int, direction: Direction, before: Progress | None) -> Progress:
        now, runner = self._clock(), new_id()
        if before is None:
            wanted = begun(number, direction, runner=runner, now=now)
        elif before.is_held(now):
            until = to_text(before.lease_until)
            raise Conflict(f"Migration {number} is run by {before.runner}, at least until {until}.")
        else:
            wanted = before.taken_up(direction, runner=runner, now=now)
        wanted = self._with_lease(wanted)
        self._store.take(wanted, before=before)
        return wanted

    def _renewed(self, mine: Progress) -> Progress:
        mine = self._with_lease(mine)
        self._store.save(mine)
        return mine

    def _let_go(self, mine: Progress) -> None:
        """Let the next run go on at once; if that cannot be written, it has to wait."""
        try:
            self._store.save(replace(mine, lease_until=self._clock()))
        except GreenroomError:
            return

    def _with_lease(self, progress: Progress) -> Progress:
        until = self._clock() + timedelta(seconds=MIGRATION_LEASE_S)
        return replace(progress, lease_until=until)

    def _refuse_out_of_order(
        self, number: int, direction: Direction, progress: dict[int, Progress]
    ) -> None:
        if direction == "forward":
            for earlier in sorted(self.known):
                done = earlier in progress and progress[earlier].is_done
                if earlier < number and not done:
                    raise Conflict(f"Migration {earlier} has to be run to its end first.")
            return
        if number not in progress:
            raise Conflict(f"Migration {number} was never run.")
        for later, one in sorted(progress.items(), reverse=True):
            if later > number and one.in_force:
                raise Conflict(f"Migration {later} has to be undone first.")
