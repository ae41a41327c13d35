"""The takings of days: derived from ledgers and sessions, and counted up. Items: ``takings_items``.

Whoever looks at a person's books notes what their day came to, and adds to everybody's day what is
not in it yet: both in one transaction, so that a look which is repeated, or overtaken, counts once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pynamodb.expressions.update import Action

from greenroom.kernel.errors import Conflict
from greenroom.kernel.limits import PAGE_MAX
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction
from greenroom.usage.sums import Span
from greenroom.usage.takings import Counted, Takings
from greenroom.usage.takings_items import (
    FIGURES,
    PlatformTakingsItem,
    TakingsItem,
    UserTakingsItem,
    takings_of,
)

DAYS_AT_ONCE = 40  # two steps each; a transaction takes a hundred


class TakingsStore:
    """Counts takings, and reads them."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def count(
        self, user_id: str, counted: Mapping[str, Counted], takings: Mapping[str, Takings]
    ) -> None:
        """Let a person's days come to these figures, which were so far counted as those.

        Whoever was faster wins; the next look at the person finds what is missing.
        """
        changed = [
            (day, now, counted.get(day))
            for day, now in sorted(takings.items())
            if now != (counted[day].takings if day in counted else Takings())
        ]
        for first in range(0, len(changed), DAYS_AT_ONCE):
            tx = self._table.transaction()
            for day, now, before in changed[first : first + DAYS_AT_ONCE]:
                self._add_day(tx, user_id, day, now, before)
            if tx.attempt():
                return

    def by_day(self, span: Span) -> dict[str, Takings]:
        """Everybody's takings of the days that had any."""
        found: dict[str, Takings] = {}
        for month in span.months():
            page = self._table.query(PlatformTakingsItem, f"TAKINGS#{month}", limit=PAGE_MAX)
            days = [(item.sk.removeprefix("DAY#"), item) for item in page.items]
            found |= {day: takings_of(item) for day, item in days if day in span}
        return found

    def _add_day(
        self, tx: Transaction, user_id: str, day: str, now: Takings, before: Counted | None
    ) -> None:
        of = UserTakingsItem
        seen = of.pk.does_not_exist() if before is None else of.rev == before.rev
        tx.update(
            f"person_{day}",
            of.at(user_id, day),
            *self._made(of),
            of.rev.set(1 if before is None else before.rev + 1),
            *(getattr(of, name).set(getattr(now, name)) for name in FIGURES),
            when=seen,
            otherwise=Conflict("Somebody else has counted this day."),
        )
        more = now.minus(before.takings if before else Takings())
        everybody: Any = PlatformTakingsItem
        tx.update(
            f"day_{day}",
            PlatformTakingsItem.at(day),
            *self._made(PlatformTakingsItem),
            *(getattr(everybody, name).add(by) for name, by in more.items()),
            when=None,
            otherwise=Conflict(),
        )

    def _made(self, of: type[TakingsItem]) -> Sequence[Action]:
        made_at = of.created_at.set(of.created_at | self._table.clock())
        return (of.kind.set(of.KIND), of.v.set(of.VERSION), made_at)
