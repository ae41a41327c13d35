"""DynamoDB's own rules for what a write costs, from the sizes of items before and after it.

Sources: "DynamoDB item sizes and formats" (CapacityUnitCalculations), "Using Global Secondary
Indexes" (GSI.ThroughputConsiderations.Writes) and "Managing transactions" (two units for each
kilobyte) of the developer guide.
"""

import base64
from collections.abc import Callable, Mapping
from math import ceil
from typing import Any

KB = 1024

Row = Mapping[str, Mapping[str, Any]]


def size_of(row: Row) -> int:
    """The bytes of an item: names and values."""
    return sum(len(name.encode()) + _size(value) for name, value in row.items())


def _size(value: Mapping[str, Any]) -> int:
    ((kind, inner),) = value.items()
    return _SIZES[kind](inner)


def _number(text: str) -> int:
    digits = text.lstrip("-").replace(".", "").strip("0")
    return ceil(len(digits) / 2) + 1 + text.startswith("-")


_SIZES: Mapping[str, Callable[[Any], int]] = {
    "S": lambda text: len(text.encode()),
    "N": _number,
    "B": lambda raw: len(raw if isinstance(raw, bytes) else base64.b64decode(raw)),
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "SS": lambda texts: sum(len(one.encode()) for one in texts),
    "L": lambda values: 3 + sum(1 + _size(one) for one in values),
    "M": lambda members: 3 + len(members) + size_of(members),
}


def units(row: Row | None, other: Row | None) -> int:
    """Units of a plain write: of the larger of both images; one for what is not there."""
    return max([1, *(ceil(size_of(one) / KB) for one in (row, other) if one)])


def entry_of(index: Mapping[str, Any], row: Row | None) -> Row | None:
    """The entry of a row in an index, by the index's schema; None if it has none."""
    keys = [key["AttributeName"] for key in index["KeySchema"]]
    if row is None or any(key not in row for key in keys):
        return None
    kept = {"PK", "SK", *keys, *index["Projection"].get("NonKeyAttributes", ())}
    return {name: value for name, value in row.items() if name in kept}


def index_units(index: Mapping[str, Any], before: Row | None, after: Row | None) -> int:
    """Units that an index takes: none for an entry that stays, two writes for one that moves."""
    old, new = entry_of(index, before), entry_of(index, after)
    if old == new:
        return 0
    keys = [key["AttributeName"] for key in index["KeySchema"]]
    if old and new and any(old[key] != new[key] for key in keys):
        return units(old, None) + units(new, None)
    return units(old, new)
