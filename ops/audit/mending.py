"""Repairs of rows: new rows where there are none, and attributes that follow from others."""

from functools import reduce
from operator import and_
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path

from greenroom.kernel.clock import from_text
from greenroom.kernel.errors import Conflict
from greenroom.table.item import Item, Key, RawItem
from greenroom.table.table import Table
from ops.audit.rows import Make, Set


def mend(table: Table, seen: RawItem, repair: Set | Make) -> None:
    """Do a repair of a row, unless somebody has changed it since it was ``seen``."""
    if isinstance(repair, Make):
        _make(table, repair)
        return
    names = ["updated_at", *(name for name, _ in repair.values)]
    when = reduce(and_, [_as_seen(seen, name) for name in names])
    table.update(
        Key(Item, seen["PK"]["S"], seen["SK"]["S"]),
        *(
            Path([name]).remove() if value is None else Path([name]).set(value)
            for name, value in repair.values
        ),
        when=when,
        otherwise=Conflict("It has changed since it was read."),
    )


def _as_seen(seen: RawItem, name: str) -> Condition:
    path = Path([name])
    stored: Any = seen.get(name)
    condition: Condition
    if stored is None:
        condition = path.does_not_exist()
    else:
        (kind, text) = next(iter(stored.items()))
        condition = path == (int(text) if kind == "N" else text)
    return condition


def _make(table: Table, repair: Make) -> None:
    table.update(
        Key(Item, repair.pk, repair.sk),
        Item.kind.set(repair.kind),
        Item.v.set(1),
        Item.created_at.set(from_text(repair.created_at)),
        *(Path([name]).set(value) for name, value in repair.values),
        when=Item.pk.does_not_exist(),
        otherwise=Conflict("It is there by now."),
    )
