"""Taking a row to another place with all that it has, also what we do not know."""

from collections.abc import Mapping
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path

from greenroom.kernel.errors import GreenroomError
from greenroom.table.item import I, Key, RawItem
from greenroom.table.transaction import Step, Transaction


def add_copied(
    tx: Transaction,
    raw: RawItem,
    to: Key[I],
    *,
    name: str,
    changes: Mapping[str, dict[str, Any] | None],
    otherwise: GreenroomError,
) -> None:
    """Add the step that puts a row at a place where there is none, with some attributes changed.

    ``changes`` are stored values by attribute; None leaves one out.
    """
    item: dict[str, Any] = {**raw, **changes, "PK": {"S": to.pk}, "SK": {"S": to.sk}}
    tx.add(
        Step(
            name=name,
            operation="Put",
            key=to,
            when=to.of.pk.does_not_exist(),
            otherwise=otherwise,
            item={attribute: value for attribute, value in item.items() if value is not None},
        )
    )


def add_moved(
    tx: Transaction, raw: RawItem, to: Key[I], *, name: str, otherwise: GreenroomError
) -> None:
    """Add the steps that take a row to another place, if it still is as it was read."""
    add_copied(tx, raw, to, name=f"{name}_there", changes={}, otherwise=otherwise)
    tx.add(
        Step(
            name=name,
            operation="Delete",
            key=Key(to.of, raw["PK"]["S"], raw["SK"]["S"]),
            when=as_read(raw),
            otherwise=otherwise,
        )
    )


def as_read(raw: RawItem) -> Condition:
    """That every plain attribute of a row is as it was read."""
    plain = [name for name, value in raw.items() if set(value) <= {"S", "N", "BOOL"}]
    condition: Condition = Path("PK").exists()
    for name in plain:
        if name not in {"PK", "SK"}:
            condition &= Path(name) == raw[name]
    return condition
