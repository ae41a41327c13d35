"""The sums of the usage log against its rows, over the whole table."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final, cast

from greenroom.table.item import Item, Key
from greenroom.usage.log_items import (
    AiLogItem,
    PlatformUsageItem,
    TenantUsageItem,
    UserUsageItem,
)
from greenroom.usage.log_items import (
    row_of as log_row_of,
)
from greenroom.usage.log_row import NOBODY
from greenroom.usage.rollups import counts_of
from ops.audit.rows import Fault, Row, Set

RULE: Final = "sums_are_the_rows"
KINDS: Final = ("ai_log", "usage_platform", "usage_tenant", "usage_user")
COUNTERS: Final = (
    *("calls", "ok", "failed", "cancelled", "crashed", "units"),
    *("input_tokens", "output_tokens", "cost_micros", "processing_ms"),
)
EXACT_DAYS: Final = 390  # then rows begin to be forgotten, and sums stay

Owner = tuple[str, str]  # where the sum is; of the platform all shards are one


class Sums:
    """Adds rows up as they are scanned."""

    def __init__(self) -> None:
        self._rows: dict[Owner, Counter[str]] = {}
        self._sums: dict[Owner, Counter[str]] = {}

    def add(self, row: Row) -> None:
        """Count one row of the log, or one sum."""
        if row.kind == "ai_log":
            told = log_row_of(cast("AiLogItem", Item.read(row.raw)))
            counts = Counter(counts_of(told))
            keys: list[Key[Any]] = [PlatformUsageItem.of(told)]
            if told.tenant is not None:
                keys.append(TenantUsageItem.of(told.tenant, told))
            if told.user_id != NOBODY:
                keys.append(UserUsageItem.of(told))
            for key in keys:
                self._rows.setdefault(_owner(key.pk, key.sk), Counter()).update(counts)
        elif row.kind in KINDS:
            counts = Counter({name: row.values.get(name) or 0 for name in COUNTERS})
            self._sums.setdefault(_owner(*row.place), Counter()).update(counts)

    def faults(self, now: datetime) -> Iterator[Fault]:
        """Sums that do not agree with their rows.

        Rows of people who were deleted are gone while the platform's sums stay, so that those may
        say more than the rows, and never less.
        """
        for owner in sorted(self._rows.keys() | self._sums.keys()):
            rows, sums = self._rows.get(owner, Counter()), self._sums.get(owner, Counter())
            exact = not owner[0].startswith("USAGE#") and _day(owner) > now - timedelta(EXACT_DAYS)
            wrong = [
                name
                for name in COUNTERS
                if sums[name] < rows[name] or (exact and sums[name] != rows[name])
            ]
            if not wrong:
                continue
            facts = tuple((name, f"{sums[name]} of {rows[name]}") for name in wrong)
            there = exact and owner in self._sums
            repair = Set(tuple((name, rows[name]) for name in wrong)) if there else None
            yield Fault(RULE, owner, facts, repair)


def _owner(pk: str, sk: str) -> Owner:
    if pk.startswith("USAGE#"):
        return pk.rpartition("#")[0], sk
    return pk, sk


def _day(owner: Owner) -> datetime:
    day = owner[1].split("#")[1]
    return datetime.fromisoformat(f"{day}T00:00:00+00:00")
