"""What migrations read and write; ``items`` has the key chart.

Rows are read and written raw: whatever a row holds beyond the attributes of a change stays as it
is, the times of its newest use among them.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, assert_never

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path, Value
from pynamodb.expressions.update import Action

from greenroom.kernel.errors import Conflict
from greenroom.kernel.limits import MIGRATION_PAGE, PAGE_MAX
from greenroom.migrations.domain import (
    Change,
    Edit,
    Expect,
    Make,
    Place,
    Raw,
    Row,
    Unmake,
    place_of,
)
from greenroom.migrations.domain import Step as Planned
from greenroom.migrations.items import MIGRATIONS_PK, MigrationItem, progress_of, values_of
from greenroom.migrations.progress import Progress
from greenroom.table.batch import raw_all
from greenroom.table.item import Item, Key
from greenroom.table.scan import ScanPage, scan_page
from greenroom.table.table import Table
from greenroom.table.transaction import Step, Violation


class MigrationStore:
    """Rows of every kind, and how far each migration has come."""

    def __init__(self, table: Table, *, page_rows: int = MIGRATION_PAGE) -> None:
        self._table = table
        self._page_rows = page_rows

    def progress(self) -> dict[int, Progress]:
        """How far each migration that was ever run has come, by its number."""
        page = self._table.query(MigrationItem, MIGRATIONS_PK, limit=PAGE_MAX, consistent=True)
        return {int(item.sk): progress_of(item) for item in page.items}

    def take(self, wanted: Progress, *, before: Progress | None) -> None:
        """Write who runs a migration now.

        Raises:
            Conflict: it is no longer as it was read: somebody was faster.
        """
        if before is None:
            when: Condition = MigrationItem.pk.does_not_exist()
        else:
            when = (MigrationItem.runner == before.runner) & (
                MigrationItem.lease_until == before.lease_until
            )
        self._write(wanted, when)

    def save(self, progress: Progress) -> None:
        """Write how far the runner has come.

        Raises:
            Conflict: another runner has taken the migration over.
        """
        self._write(progress, MigrationItem.runner == progress.runner)

    def page(self, kinds: Collection[str], *, cursor: str | None) -> ScanPage:
        """The next rows of the table, of these kinds and of none."""
        return scan_page(self._table, kinds=kinds, limit=self._page_rows, cursor=cursor)

    def read(self, places: Iterable[Place]) -> dict[Place, Row]:
        """The rows that are there now, raw."""
        return dict(raw_all(self._table, places))

    def apply(self, change: Change) -> bool:
        """Do all steps of a change, or none: False where a row is not as it was seen."""
        tx = self._table.transaction()
        for step in change.steps:
            tx.add(_step_of(step))
        return not tx.attempt()

    def _write(self, progress: Progress, when: Condition) -> None:
        now = self._table.clock()
        actions: list[Action] = [
            MigrationItem.kind.set(MigrationItem.KIND),
            MigrationItem.v.set(MigrationItem.VERSION),
            MigrationItem.created_at.set(MigrationItem.created_at | now),
        ]
        for name, value in values_of(progress).items():
            attribute = getattr(MigrationItem, name)
            actions.append(attribute.remove() if value is None else attribute.set(value))
        done = self._table.update(
            MigrationItem.at(progress.number),
            *actions,
            when=when,
            otherwise=Conflict(f"Somebody else runs migration {progress.number} now."),
        )
        if isinstance(done, Violation):
            raise done.error


def _step_of(planned: Planned) -> Step[Item]:
    condition: Condition
    match planned:
        case Edit(place=place, seen=seen):
            return _step("Update", place, when=_as_seen(seen), actions=_actions(planned))
        case Make(row=row):
            condition = Item.pk.does_not_exist()
            return _step("Put", place_of(row), when=condition, item=dict(row))
        case Unmake(place=place, seen=seen):
            return _step("Delete", place, when=_as_seen(seen))
        case Expect(place=place, there=there, seen=seen):
            condition = _as_seen(seen) if there else Item.pk.does_not_exist()
            return _step("ConditionCheck", place, when=condition)
        case _:
            assert_never(planned)


def _step(operation: Any, place: Place, *, when: Condition, **rest: Any) -> Step[Item]:
    return Step(
        name="#".join(place),
        operation=operation,
        key=Key(Item, *place),
        when=when,
        otherwise=Conflict("The row has changed since it was read."),
        **rest,
    )


def _as_seen(seen: Mapping[str, Raw | None]) -> Condition:
    """That the row is there, with and without what was seen with and without."""
    parts: list[Condition] = [
        _path(name).does_not_exist() if raw is None else _path(name) == Value(raw)
        for name, raw in seen.items()
    ]
    return _all([Item.pk.exists(), *parts])


def _all(conditions: list[Condition]) -> Condition:
    """All of them, as a balanced tree: DynamoDB bounds how deep an expression nests."""
    if len(conditions) == 1:
        return conditions[0]
    middle = len(conditions) // 2
    both: Condition = _all(conditions[:middle]) & _all(conditions[middle:])
    return both


def _actions(edit: Edit) -> tuple[Action, ...]:
    return (
        *(_path(name).set(Value(raw)) for name, raw in edit.put.items()),
        *(_path(name).remove() for name in sorted(edit.drop)),
        *(_path(name).add(Value(raw)) for name, raw in edit.join.items()),
        *(_path(name).delete(Value(raw)) for name, raw in edit.leave.items()),
    )


def _path(name: str) -> Path:
    """The attribute of exactly that name, dots included."""
    return Path([name])
