"""Looks through all rows of the table, and repairs what follows from something else.

Rows are read one after the other, so a look may fall into the middle of a transaction. What two
looks in a row both find is wrong; what only one saw was work under way.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from greenroom.admin.counts import class_mismatches, expert_mismatches, quota_mismatches
from greenroom.admin.invariant_reads import InvariantReads
from greenroom.kernel.tenants import Tenant
from greenroom.table.batch import Place
from greenroom.table.item import RawItem
from greenroom.table.table import Table
from ops.audit import lists, owners, people, sessions, studio
from ops.audit.mending import mend
from ops.audit.rows import Asked, Check, Fault, Look, Row, fault_of, row_of
from ops.audit.usage import KINDS, Sums
from ops.audit.usage import RULE as SUMS

PAGE: Final = 200  # rows that are judged together
UNREADABLE: Final = "rows_can_be_read"
CHECKS: Final[dict[str, Check]] = {
    **owners.CHECKS,
    **lists.CHECKS,
    **sessions.CHECKS,
    **studio.CHECKS,
    **people.CHECKS,
}
MONEY: Final = frozenset(  # rows that a person's books hold to account
    {"user", "ledger_entry", "subscription", "checkout_slot", "active_guard", "payer"}
)


@dataclass(slots=True)
class Looked:
    """What a look through the table found."""

    rows: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    repaired: list[Fault] = field(default_factory=list)


class Auditor:
    """Looks at every row. ``scan`` gives all rows as they are stored, again and again."""

    def __init__(
        self,
        table: Table,
        *,
        counters: InvariantReads,
        scan: Callable[[], Iterator[RawItem]],
        clock: Callable[[], datetime],
    ) -> None:
        self._table = table
        self._counters = counters
        self._scan = scan
        self._clock = clock

    def audit(self, *, fix: bool, told: Callable[[int], None] = lambda _: None) -> Looked:
        """All faults that two looks find; with ``fix``, what has a repair is repaired."""
        looked, sums, page = Looked(), Sums(), list[RawItem]()
        suspects = list[Fault]()
        for raw in self._scan():
            looked.rows += 1
            kind = raw.get("kind", {}).get("S", "?")
            looked.kinds[kind] = looked.kinds.get(kind, 0) + 1
            told(looked.rows)
            page.append(raw)
            if len(page) == PAGE:
                suspects += self._judge(page, sums)
                page = []
        suspects += self._judge(page, sums)
        summed = list(sums.faults(self._clock()))
        looked.faults = self._again(suspects) + self._summed_again(summed)
        if fix:
            mended = [one for one in looked.faults if one.repair is not None]
            for fault in mended:
                self._mend(fault)
            left = set(self._again(mended)) | set(self._summed_again(mended))
            looked.repaired = [one for one in mended if one not in left]
        return looked

    def _judge(self, page: list[RawItem], sums: Sums) -> list[Fault]:
        """The faults of some rows; what rules look up beside them is read at once."""
        now, rows, found = self._clock(), list[Row](), list[Fault]()
        for raw in page:
            row = row_of(raw)
            if row is None:
                found += _unreadable(raw)
            else:
                rows.append(row)
                sums.add(row)
        asked = Asked(now=now)
        for row in rows:
            list(_faults(row, asked))
        look = Look(self._table, now=now)
        look.fetch(list(asked.places))
        for row in rows:
            found += _faults(row, look)
            found += self._counted(row)
        return found

    def _again(self, suspects: list[Fault]) -> list[Fault]:
        """Those that a second look finds, too."""
        kept, seen = list[Fault](), dict[Place, set[Fault]]()
        for fault in suspects:
            if fault.rule == SUMS:
                continue
            if fault.place not in seen:
                seen[fault.place] = set(self._look_at(fault.place))
            if fault in seen[fault.place]:
                kept.append(fault)
        return kept

    def _mend(self, fault: Fault) -> None:
        """Repair what is still as it was found; who was faster is left to the next audit."""
        raw = self._read(fault.place)
        if raw is None or fault.repair is None:
            return
        if fault.rule == SUMS:
            told = {name: words.partition(" ")[0] for name, words in fault.facts}
            still = all(raw.get(name, {}).get("N", "0") == value for name, value in told.items())
        else:
            still = fault in self._judge([raw], Sums())
        if still:
            mend(self._table, raw, fault.repair)

    def _read(self, place: Place) -> RawItem | None:
        pk, sk = place
        request = {"TableName": self._table.name, "Key": {"PK": {"S": pk}, "SK": {"S": sk}}}
        raw: RawItem | None = self._table.call("GetItem", request | {"ConsistentRead": True}).get(
            "Item"
        )
        return raw

    def _look_at(self, place: Place) -> list[Fault]:
        raw = self._read(place)
        return self._judge([raw], Sums()) if raw is not None else []

    def _summed_again(self, suspects: list[Fault]) -> list[Fault]:
        wanted = {one for one in suspects if one.rule == SUMS}
        if not wanted:
            return []
        sums = Sums()
        for raw in self._scan():
            if raw.get("kind", {}).get("S") in KINDS and (row := row_of(raw)) is not None:
                sums.add(row)
        again = wanted & set(sums.faults(self._clock()))
        return [one for one in suspects if one in again]

    def _counted(self, row: Row) -> Iterator[Fault]:
        """Counters of classes at which somebody still looks, of experts, and of quotas."""
        found: list[Any] = []
        if row.kind == "class_session" and row.due is not None:
            counts = self._counters.a_class(row.pk)
            found += class_mismatches(counts) if counts else []
        if row.kind == "expert":
            expert = self._counters.expert(row.pk.removeprefix("USER#"))
            found += expert_mismatches(expert) if expert else []
        if row.kind == "quota":
            found += self._quota(row)
        for one in found:
            yield fault_of(one.rule, row, **dict(one.facts))

    def _quota(self, row: Row) -> list[Any]:
        _, service, period, *within = row.sk.split("#")
        if row.pk.startswith("USER#") or within:
            user_id = within[1] if within else row.pk.removeprefix("USER#")
            if "deleted_at" in (self._read((f"USER#{user_id}", "ACCOUNT")) or {}):
                return []  # whose calls are in no list any more
            counts = self._counters.quotas_of_person(user_id, period)
            owner = f"{row.pk}:{user_id}" if within else f"user:{user_id}"
        else:
            counts = self._counters.quotas_of_tenant(Tenant.of_pk(row.pk), period)
            owner = Tenant.of_pk(row.pk).token
        return [
            mismatch
            for one in counts
            if one.service == service and one.owner == owner
            for mismatch in quota_mismatches(one)
        ]


def _faults(row: Row, look: Look) -> list[Fault]:
    found = list[Fault]()
    for check in CHECKS.values():
        try:
            found += check(row, look)
        except (KeyError, TypeError, ValueError, AttributeError) as cause:
            found.append(fault_of(UNREADABLE, row, kind=row.kind, reason=type(cause).__name__))
    return found


def _unreadable(raw: RawItem) -> list[Fault]:
    kind = raw.get("kind", {}).get("S", "none")
    if kind in MONEY:
        return []  # told by the person's books
    place = raw["PK"]["S"], raw["SK"]["S"]
    return [Fault(UNREADABLE, place, (("kind", kind),))]
