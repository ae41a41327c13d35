"""What every update of the payments' rows is made of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pynamodb.expressions.update import Action

from greenroom.table.item import Item


def made(of: type[Item], now: datetime) -> list[Action]:
    """What every item has, for an update that may be the one that makes it."""
    return [
        of.kind.set(of.KIND),
        of.v.set(of.VERSION),
        of.created_at.set(of.created_at | now),
    ]


def differences(of: type[Item], old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Action]:
    """The actions that make the attributes of the one into those of the other."""
    absent = object()
    changes = {name: value for name, value in new.items() if old.get(name, absent) != value}
    return [
        getattr(of, name).remove() if value is None else getattr(of, name).set(value)
        for name, value in changes.items()
    ]
