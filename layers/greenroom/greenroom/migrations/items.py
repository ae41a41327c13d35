"""How far each migration has come, in the table.

| item | PK | SK | GSI1PK / GSI1SK |
|---|---|---|---|
| migration | SYS#MIG | {n:04} | |
"""

from typing import Any, cast

from pynamodb.attributes import UnicodeAttribute

from greenroom.migrations.progress import Counts, Direction, Progress
from greenroom.table.attributes import IntegerAttribute, MomentAttribute
from greenroom.table.item import Item, Key

MIGRATIONS_PK = "SYS#MIG"


class MigrationItem(Item):
    """One migration: the newest run's direction, cursor, counts and lease."""

    KIND = "migration"

    direction = UnicodeAttribute()
    runner = UnicodeAttribute()
    lease_until = MomentAttribute()
    started_at = MomentAttribute()
    finished_at = MomentAttribute(null=True)
    cursor = UnicodeAttribute(null=True)
    read_count = IntegerAttribute()
    changed = IntegerAttribute()
    as_it_should_be = IntegerAttribute()
    left = IntegerAttribute()
    unreadable = IntegerAttribute()
    overtaken = IntegerAttribute()

    @classmethod
    def at(cls, number: int) -> "Key[MigrationItem]":
        """Where the migration is."""
        return Key(cls, MIGRATIONS_PK, f"{number:04}")


def counts_of(item: MigrationItem) -> Counts:
    """What its runs saw."""
    return Counts(
        read=item.read_count,
        changed=item.changed,
        as_it_should_be=item.as_it_should_be,
        left=item.left,
        unreadable=item.unreadable,
        overtaken=item.overtaken,
    )


def values_of(progress: Progress) -> dict[str, Any]:
    """The attributes of a migration that has come so far; None is absent."""
    counts = progress.counts
    return {
        "direction": progress.direction,
        "runner": progress.runner,
        "lease_until": progress.lease_until,
        "started_at": progress.started_at,
        "finished_at": progress.finished_at,
        "cursor": progress.cursor,
        "read_count": counts.read,
        "changed": counts.changed,
        "as_it_should_be": counts.as_it_should_be,
        "left": counts.left,
        "unreadable": counts.unreadable,
        "overtaken": counts.overtaken,
    }


def progress_of(item: MigrationItem) -> Progress:
    """The domain's progress of a stored one."""
    return Progress(
        number=int(item.sk),
        direction=cast("Direction", item.direction),
        runner=item.runner,
        lease_until=item.lease_until,
        started_at=item.started_at,
        finished_at=item.finished_at,
        cursor=item.cursor,
        counts=counts_of(item),
    )
