"""Counters and the rows that they count, of all rooms."""

from collections.abc import Sequence
from typing import Any

from greenroom.admin.counts import ClassCounts, ExpertCounts, QuotaCounts, tenant_counts, used_of
from greenroom.admin.domain import NamedTenant
from greenroom.kernel.limits import COUNTED_ROWS_MAX
from greenroom.kernel.tenants import TENANTS, Tenant
from greenroom.table.batch import get_all
from greenroom.table.item import Item, Key
from greenroom.table.paging import cursor_at, query_request, start_of
from greenroom.table.table import Table

_USING = frozenset({"held", "settled"})


class InvariantReads:
    """Reads counters, each with what it counts."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def classes(
        self, shard: int, *, limit: int, cursor: str | None
    ) -> tuple[list[str], str | None]:
        """Partitions of classes at which somebody still looks, and where the next ones begin.

        Raises:
            InvalidRequest: the cursor is not one of that shard.
        """
        pk = f"DUE#class#{shard}"
        request = query_request(pk, index="GSI2", page_size=limit) | {"TableName": self._table.name}
        if (start := start_of(cursor, pk=pk, index="GSI2")) is not None:
            request["ExclusiveStartKey"] = start
        answer = self._table.call("Query", request)
        last = answer.get("LastEvaluatedKey")
        return (
            [raw["PK"]["S"] for raw in answer["Items"]],
            cursor_at(last, index="GSI2") if last else None,
        )

    def a_class(self, pk: str) -> ClassCounts | None:
        """A class with its seats and its waitlist: one read."""
        rows = self._all(pk)
        found = next((row for row in rows if row.kind == "class_session"), None)
        if found is None:
            return None
        stored: dict[str, Any] = found.attribute_values
        names = ("capacity", "free", "booked", "held", "waitlist_count")
        return ClassCounts(
            class_session_id=pk.rpartition("#")[2],
            organization_id=Tenant.of_pk(pk).tenant_id,
            seats=[
                str(row.attribute_values["booking_status"]) for row in rows if row.kind == "seat"
            ],
            waiting=sum(row.kind == "waiting" for row in rows),
            **{name: int(stored[name]) for name in names},
        )

    def expert(self, user_id: str) -> ExpertCounts | None:
        """An expert with the sessions that are theirs, if the person is one."""
        found = get_all(self._table, [Key(Item, f"USER#{user_id}", "EXPERT")])
        if not found:
            return None
        page = self._table.query(
            Item,
            f"EXPERT#{user_id}",
            sk_prefix="SESSION#",
            index="GSI1",
            newest_first=True,
            limit=COUNTED_ROWS_MAX,
        )
        keys = [Key(Item, item.pk, "SESSION") for item in page.items]
        sessions = [item.attribute_values for item in get_all(self._table, keys)]
        return ExpertCounts(
            expert_id=user_id,
            active_count=int(found[0].attribute_values["active_count"]),
            sessions=[str(one["status"]) for one in sessions if one.get("expert_id") == user_id],
        )

    def quotas_of_person(self, user_id: str, period: str) -> list[QuotaCounts]:
        """A person's quotas of a month, alone and in tenants, against their reservations.

        Nothing of whoever has more reservations than one look can read.
        """
        page = self._table.query(
            Item, f"USER#{user_id}", sk_prefix="RESERVATION#", index="GSI1", limit=COUNTED_ROWS_MAX
        )
        if page.next_cursor is not None:
            return []
        keys = [Key(Item, item.pk, item.sk) for item in page.items]
        counted: dict[tuple[str, str], int] = {}
        for item in get_all(self._table, keys):
            stored = item.attribute_values
            if stored["period"] == period and stored["state"] in _USING:
                place = self._quota_at(
                    item.pk.rpartition("#R#")[0], stored["service"], period, user_id
                )
                counted[place] = counted.get(place, 0) + int(stored["units"])
        own = self._all(f"USER#{user_id}", sk_prefix="QUOTA#")
        places = {(row.pk, row.sk) for row in own if row.sk.endswith(f"#{period}")}
        wanted = [Key(Item, *place) for place in sorted(places | set(counted))]
        there = {(one.pk, one.sk): one.attribute_values for one in get_all(self._table, wanted)}
        return [
            QuotaCounts(
                owner=f"user:{user_id}" if key.pk.startswith("USER#") else f"{key.pk}:{user_id}",
                service=key.sk.split("#")[1],
                period=period,
                used=used_of(there[key.pk, key.sk]) if (key.pk, key.sk) in there else 0,
                counted=counted.get((key.pk, key.sk), 0),
            )
            for key in wanted
        ]

    def tenants(self, *, limit: int, cursor: str | None) -> tuple[list[NamedTenant], str | None]:
        """A page of all tenants, organisations first. Two reads.

        Raises:
            InvalidRequest: the cursor is not one of this list.
        """
        page = self._table.query(Item, TENANTS, index="GSI1", limit=limit, cursor=cursor)
        rows = get_all(self._table, [Key(Item, item.pk, item.sk) for item in page.items])
        found = [
            NamedTenant(
                tenant=Tenant.of_pk(row.pk),
                name=row.attribute_values.get("name"),
                created_at=row.created_at,
            )
            for row in rows
        ]
        return found, page.next_cursor

    def quotas_of_tenant(self, tenant: Tenant, period: str) -> list[QuotaCounts]:
        """A tenant's quotas of a month against those of its members: one read."""
        rows = self._all(tenant.pk(), sk_prefix="QUOTA#")
        quotas = {row.sk: row.attribute_values for row in rows if row.sk.split("#")[2] == period}
        return list(tenant_counts(tenant, quotas))

    def _all(self, pk: str, *, sk_prefix: str = "") -> Sequence[Item]:
        return self._table.query(
            Item, pk, sk_prefix=sk_prefix, limit=COUNTED_ROWS_MAX, consistent=True
        ).items

    @staticmethod
    def _quota_at(owner: str, service: str, period: str, user_id: str) -> tuple[str, str]:
        within = "" if owner.startswith("USER#") else f"#U#{user_id}"
        return owner, f"QUOTA#{service}#{period}{within}"
