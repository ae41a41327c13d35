"""Rows of all rooms as plain values: what the story of a thing is told from."""

import gzip
import zlib
from collections.abc import Iterable
from io import BytesIO
from typing import Any

from greenroom.admin.lines import Row
from greenroom.kernel.limits import BODY_WEBHOOK_MAX, STORY_ROWS_MAX, STORY_STUDIOS_MAX
from greenroom.kernel.tenants import TENANTS, Tenant
from greenroom.table.batch import raw_all
from greenroom.table.item import Item, RawItem, UnreadableItem
from greenroom.table.paging import query_request
from greenroom.table.table import Table


class StoryReads:
    """Reads rows by where they are; a row that cannot be read is left out."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def partition(self, pk: str, *, sk_prefix: str = "") -> list[Row]:
        """The first rows of a partition, or of a part of it."""
        page = self._table.query(
            Item, pk, sk_prefix=sk_prefix, limit=STORY_ROWS_MAX, consistent=True
        )
        return [_row(item) for item in page.items]

    def rows(self, places: Iterable[tuple[str, str]]) -> list[Row]:
        """The rows at these places, in their order."""
        wanted = list(dict.fromkeys(places))
        found = raw_all(self._table, wanted)
        read = (_read(found[place]) for place in wanted if place in found)
        return [row for row in read if row is not None]

    def listed(self, pk: str, *, sk_prefix: str = "", newest: bool = False) -> list[Row]:
        """The rows that a list shows, whole."""
        places = self.list_of(pk, sk_prefix=sk_prefix, newest=newest)
        return self.rows((place_pk, place_sk) for place_pk, place_sk, _ in places)

    def list_of(
        self, pk: str, *, sk_prefix: str = "", newest: bool = False
    ) -> list[tuple[str, str, str]]:
        """Where the rows of a list are, each with its key in the list. One read."""
        request = query_request(pk, sk_prefix=sk_prefix, index="GSI1", page_size=STORY_ROWS_MAX)
        request |= {"TableName": self._table.name, "ScanIndexForward": not newest}
        answer = self._table.call("Query", request)
        return [(raw["PK"]["S"], raw["SK"]["S"], raw["GSI1SK"]["S"]) for raw in answer["Items"]]

    def of_request(self, month: str, request_id: str) -> Row | None:
        """What an admin did in that request, if it was in that month."""
        page = self._table.query(
            Item,
            f"AUDIT#{month}",
            newest_first=True,
            limit=1,
            keep=lambda item: item.attribute_values.get("request_id") == request_id,
        )
        return _row(page.items[0]) if page.items else None

    def calls(self, user_id: str, months: Iterable[str]) -> list[Row]:
        """A person's uses of AI in these months (``2026-11``), the newest of each."""
        return [
            row
            for month in months
            for row in self.listed(f"USER#{user_id}#AI#{month.replace('-', '')}", newest=True)
        ]

    def users_of_ai(self, month: str) -> list[str]:
        """Who has used AI in a month: our ids, a bounded number of them."""
        page = self._table.query(
            Item, f"USAGE#USERS#{month}", index="GSI1", limit=STORY_STUDIOS_MAX
        )
        return list(dict.fromkeys(item.pk.removeprefix("USER#") for item in page.items))

    def tenants(self) -> list[Tenant]:
        """All tenants, a bounded number of them."""
        page = self._table.query(Item, TENANTS, index="GSI1", limit=STORY_STUDIOS_MAX)
        return [Tenant.of_pk(item.pk) for item in page.items]

    def organizations(self) -> list[Tenant]:
        """All organisations, a bounded number of them."""
        page = self._table.query(
            Item, TENANTS, sk_prefix="org#", index="GSI1", limit=STORY_STUDIOS_MAX
        )
        return [Tenant.of_pk(item.pk) for item in page.items]


def booking_place(organization_id: str, booking_id: str) -> tuple[str, str]:
    """Where a booking of an organisation is."""
    return Tenant("organization", organization_id).pk("B", booking_id), "BOOKING"


def told_by(row: Row) -> bytes:
    """What an event of Stripe says, unpacked; nothing where it cannot be."""
    packed = row.values.get("raw")
    try:
        with gzip.GzipFile(fileobj=BytesIO(packed or b"")) as file:
            return file.read(BODY_WEBHOOK_MAX)
    except (OSError, EOFError, zlib.error):
        return b""


def _read(raw: RawItem) -> Row | None:
    try:
        return _row(Item.read(raw))
    except UnreadableItem:
        return None


def _row(item: Item) -> Row:
    values: dict[str, Any] = item.attribute_values
    return Row(kind=item.kind, pk=item.pk, sk=item.sk, created_at=item.created_at, values=values)
