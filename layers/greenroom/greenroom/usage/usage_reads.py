"""Reads of the sums of usage. Key chart: ``log_items``."""

from collections.abc import Iterator
from dataclasses import fields
from heapq import merge
from itertools import groupby
from typing import Literal, NamedTuple

from greenroom.kernel.errors import InvalidRequest
from greenroom.kernel.limits import PAGE_MAX, USAGE_SHARDS
from greenroom.table.batch import get_all
from greenroom.table.item import Key
from greenroom.table.paging import cursor_at, key_at
from greenroom.table.table import Table
from greenroom.usage.log_items import (
    PlatformUsageItem,
    TenantUsageItem,
    UsageItem,
    UserUsageItem,
)
from greenroom.usage.sums import Span, Sums, Used

Owners = Literal["tenant", "user"]

_LISTS: dict[Owners, tuple[type[UsageItem], str]] = {
    "tenant": (TenantUsageItem, "USAGE#TENANTS#"),
    "user": (UserUsageItem, "USAGE#USERS#"),
}
_NAMES = [field.name for field in fields(Sums)]


class _Place(NamedTuple):
    """Where a sum is. Owners are compared with the ``#`` behind them, as the index sorts them."""

    owner: str
    day: str
    service: str
    key: Key[UsageItem]


class UsageReads:
    """Reads sums by day and service, of the platform or of each owner."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def platform(self, span: Span) -> Iterator[Used]:
        """What everybody has used; a day and a service come once for each shard."""
        for month in span.months():
            for shard in range(USAGE_SHARDS):
                yield from self._shard(f"USAGE#{month}#{shard}", span)

    def owners(
        self, of: Owners, span: Span, *, service: str | None, limit: int, cursor: str | None
    ) -> tuple[list[Used], str | None]:
        """What the next ``limit`` owners have used, by their ids, and where to go on.

        Raises:
            InvalidRequest: the cursor is none of this list.
        """
        after = _owner_in(cursor, of)
        places = merge(*(self._places(of, month, span, after) for month in span.months()))
        wanted = (place for place in places if service in {None, place.service})
        found: list[_Place] = []
        owners: list[str] = []
        more = None
        for owner, theirs in groupby(wanted, key=lambda place: place.owner):
            if len(owners) == limit:
                more = _cursor_of(owners[-1], of)
                break
            owners.append(owner)
            found += theirs
        items = {(item.pk, item.sk): item for item in get_all(self._table, [p.key for p in found])}
        used = [(place, items.get((place.key.pk, place.key.sk))) for place in found]
        return [
            Used(owner=p.owner[:-1], day=p.day, service=p.service, sums=_sums_of(item))
            for p, item in used
            if item is not None
        ], more

    def _shard(self, partition: str, span: Span) -> Iterator[Used]:
        cursor: str | None = None
        while True:
            page = self._table.query(
                PlatformUsageItem,
                partition,
                sk_at_most=f"DAY#{span.last}~",
                limit=PAGE_MAX,
                cursor=cursor,
            )
            for item in page.items:
                _, day, service = item.sk.split("#")
                if day in span:
                    yield Used(owner="", day=day, service=service, sums=_sums_of(item))
            cursor = page.next_cursor
            if cursor is None:
                return

    def _places(self, of: Owners, month: str, span: Span, after: str | None) -> Iterator[_Place]:
        kind, prefix = _LISTS[of]
        partition = f"{prefix}{month}"
        cursor = _behind(partition, after) if after else None
        while True:
            page = self._table.query(kind, partition, index="GSI1", limit=PAGE_MAX, cursor=cursor)
            for item in page.items:
                owner, day, service = str(item.gsi1sk).rsplit("#", 2)
                if day in span:
                    yield _Place(f"{owner}#", day, service, Key(kind, item.pk, item.sk))
            cursor = page.next_cursor
            if cursor is None:
                return


def _sums_of(item: UsageItem) -> Sums:
    return Sums(**{name: getattr(item, name) or 0 for name in _NAMES})


def _cursor_of(owner: str, of: Owners) -> str:
    return cursor_at({"PK": {"S": _LISTS[of][1]}, "SK": {"S": owner}}, index=None)


def _owner_in(cursor: str | None, of: Owners) -> str | None:
    """The owner after whom a page begins.

    Raises:
        InvalidRequest: the cursor is none of this list.
    """
    if cursor is None:
        return None
    place = key_at(cursor)
    if place["PK"]["S"] != _LISTS[of][1]:
        raise InvalidRequest("cursor is not one that we gave.", field="cursor")
    return str(place["SK"]["S"])


def _behind(partition: str, owner: str) -> str:
    """The cursor after all that the index has of an owner."""
    keys = {"PK": "~", "SK": "~", "GSI1PK": partition, "GSI1SK": f"{owner}~"}
    return cursor_at({name: {"S": text} for name, text in keys.items()}, index="GSI1")
