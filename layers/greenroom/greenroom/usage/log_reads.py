"""Reads of the usage log: a person's own rows by month, a tenant's by day, newest first."""

from collections.abc import Callable

from greenroom.kernel.errors import InvalidRequest
from greenroom.kernel.limits import USAGE_LOG_SHARDS
from greenroom.kernel.tenants import Tenant
from greenroom.table.batch import get_all
from greenroom.table.item import Key
from greenroom.table.paging import cursor_at, key_at
from greenroom.table.table import Table
from greenroom.usage.log_items import AiLogItem, log_partition, own_list, row_of
from greenroom.usage.log_row import LogRow, Wanted

TRIPS_MAX = 10  # of one page with a filter; then it ends, short or empty, and goes on elsewhere

Rows = tuple[list[LogRow], str | None]


class LogReads:
    """Reads rows."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def own(
        self, user_id: str, month: str, wanted: Wanted, *, limit: int, cursor: str | None
    ) -> Rows:
        """A person's own rows of a month (``2026-11``), and where to go on.

        The index knows when, which request and how it ended; the service stands in the row alone.

        Raises:
            InvalidRequest: the cursor is none of this list.
        """
        listed = own_list(user_id, month.replace("-", ""))
        found: list[LogRow] = []
        for _ in range(TRIPS_MAX):
            page = self._table.query(
                AiLogItem,
                listed,
                index="GSI1",
                newest_first=True,
                limit=limit - len(found),
                cursor=cursor,
                keep=_kept(wanted, named=lambda item: str(item.gsi1sk), whole=False),
            )
            keys = [Key(AiLogItem, item.pk, item.sk) for item in page.items]
            rows = [row_of(item) for item in get_all(self._table, keys)]
            found += [row for row in rows if wanted.service in {None, row.service_type}]
            cursor = page.next_cursor
            if cursor is None or len(found) == limit:
                break
        return found, cursor

    def of_tenant(
        self, tenant: Tenant, day: str, wanted: Wanted, *, limit: int, cursor: str | None
    ) -> Rows:
        """A tenant's rows of a day (``20261121``), from all its shards, and where to go on.

        Raises:
            InvalidRequest: the cursor is none of this list.
        """
        listed = tenant.pk("L", day)
        after = _after(cursor, listed)
        found: list[AiLogItem] = []
        # A shard that was not read to its end may have rows below where its reading stopped.
        seen_down_to = ""
        for shard in range(USAGE_LOG_SHARDS):
            partition = log_partition(tenant, "", day, shard)
            page = self._table.query(
                AiLogItem,
                partition,
                newest_first=True,
                limit=limit,
                cursor=_at(partition, after) if after else None,
                keep=_kept(wanted, named=lambda item: item.sk, whole=True),
            )
            found += page.items
            if page.next_cursor is not None:
                seen_down_to = max(seen_down_to, str(key_at(page.next_cursor)["SK"]["S"]))
        newest = sorted(found, key=lambda item: item.sk, reverse=True)
        sure = [item for item in newest if item.sk >= seen_down_to]
        some = sure[:limit]
        stopped_at = some[-1].sk if len(sure) > limit else seen_down_to
        following = _at(listed, stopped_at) if stopped_at else None
        return [row_of(item) for item in some], following


def _kept(
    wanted: Wanted, *, named: Callable[[AiLogItem], str], whole: bool
) -> Callable[[AiLogItem], bool]:
    """Whether a row is asked for. One of an index is not ``whole``: it has no service."""

    def keep(item: AiLogItem) -> bool:
        request_id = named(item).split("#")[1]
        return (
            wanted.request_id in {None, request_id}
            and wanted.status in {None, item.status}
            and (not whole or wanted.service in {None, item.service_type})
        )

    return keep


def _at(pk: str, sk: str) -> str:
    return cursor_at({"PK": {"S": pk}, "SK": {"S": sk}}, index=None)


def _after(cursor: str | None, listed: str) -> str | None:
    """The sort key after which a page of that list begins.

    Raises:
        InvalidRequest: the cursor is none of it.
    """
    if cursor is None:
        return None
    place = key_at(cursor)
    if place["PK"]["S"] != listed:
        raise InvalidRequest("cursor is not one that we gave.", field="cursor")
    return str(place["SK"]["S"])
