"""Rows as the auditor sees them, what can be wrong with one, and what repairs it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from greenroom.table.batch import Place, raw_all
from greenroom.table.item import Item, RawItem, UnreadableItem
from greenroom.table.paging import query_request
from greenroom.table.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """A stored row; ``values`` are under the names that its item class has for them."""

    pk: str
    sk: str
    kind: str
    values: Mapping[str, Any]
    raw: RawItem = field(repr=False)

    @property
    def place(self) -> Place:
        """Where it is."""
        return self.pk, self.sk

    @property
    def due(self) -> Place | None:
        """Where it is in the work index."""
        pk = self.values.get("gsi2pk")
        return (pk, self.values.get("gsi2sk") or "") if pk else None

    @property
    def listed(self) -> Place | None:
        """Where it is in the lists."""
        pk = self.values.get("gsi1pk")
        return (pk, self.values.get("gsi1sk") or "") if pk else None


def row_of(raw: RawItem) -> Row | None:
    """The row, or None where it cannot be read."""
    try:
        item = Item.read(raw)
    except UnreadableItem:
        return None
    return Row(item.pk, item.sk, item.kind, item.attribute_values, raw)


@dataclass(frozen=True, slots=True)
class Set:
    """Attributes that follow from something else; None removes one.

    Done only while the row is as it was read, so that a repair never undoes what somebody did.
    """

    values: tuple[tuple[str, str | int | None], ...]


@dataclass(frozen=True, slots=True)
class Make:
    """A row that is missing and follows from this one; made only where there is none."""

    pk: str
    sk: str
    kind: str
    values: tuple[tuple[str, str | int], ...]
    created_at: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule that a row does not obey. Two looks at the same rows give equal faults."""

    rule: str
    place: Place
    facts: tuple[tuple[str, Any], ...] = ()
    repair: Set | Make | None = None


def fault_of(rule: str, row: Row, *, repair: Set | Make | None = None, **facts: Any) -> Fault:
    """A fault with its facts in a fixed order."""
    told = {
        name: tuple(value) if isinstance(value, list) else value for name, value in facts.items()
    }
    return Fault(rule, row.place, tuple(sorted(told.items())), repair)


class Look:
    """What rules may look up beside their row. ``now`` is the present."""

    def __init__(self, table: Table, *, now: datetime) -> None:
        self._table = table
        self._known: dict[Place, Row | None] = {}
        self.now = now

    def fetch(self, places: Sequence[Place]) -> None:
        """Read these rows at once, so that rules find them without waiting."""
        there = raw_all(self._table, places)
        for place in places:
            self._known[place] = row_of(there[place]) if place in there else None

    def get(self, pk: str, sk: str) -> Row | None:
        """The readable row there."""
        if (pk, sk) not in self._known:
            self.fetch([(pk, sk)])
        return self._known[pk, sk]

    def rows(self, pk: str, *, prefix: str = "") -> list[Row]:
        """The readable rows of a partition."""
        request = query_request(pk, page_size=1000, sk_prefix=prefix) | {
            "TableName": self._table.name,
            "ConsistentRead": True,
        }
        found = list[Row]()
        while True:
            answer = self._table.call("Query", request)
            found += [row for raw in answer["Items"] if (row := row_of(raw)) is not None]
            if "LastEvaluatedKey" not in answer:
                return found
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def of_list(self, pk: str, *, prefix: str) -> list[Row]:
        """The readable rows that stand in a list of the first index."""
        request = query_request(pk, index="GSI1", page_size=1000, sk_prefix=prefix)
        request["TableName"] = self._table.name
        places = list[Place]()
        while True:
            answer = self._table.call("Query", request)
            places += [(raw["PK"]["S"], raw["SK"]["S"]) for raw in answer["Items"]]
            if "LastEvaluatedKey" not in answer:
                break
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
        there = raw_all(self._table, places)
        return [row for raw in there.values() if (row := row_of(raw)) is not None]


class Asked(Look):
    """Notes what rules would look up, and finds nothing: so it can be read at once."""

    def __init__(self, *, now: datetime) -> None:
        self.now = now
        self.places: dict[Place, None] = {}

    def get(self, pk: str, sk: str) -> Row | None:
        """Nothing."""
        self.places[pk, sk] = None
        return None

    def rows(self, pk: str, *, prefix: str = "") -> list[Row]:
        """Nothing."""
        del pk, prefix
        return []

    def of_list(self, pk: str, *, prefix: str) -> list[Row]:
        """Nothing."""
        del pk, prefix
        return []


Check = Callable[[Row, Look], Iterator[Fault]]
