"""Many items by their keys in few round trips."""

from collections.abc import Iterable, Sequence
from typing import Any

from greenroom.table.item import I, Key, RawItem, UnreadableItem
from greenroom.table.table import Table

KEYS_MAX = 100  # DynamoDB: keys in one BatchGetItem

Place = tuple[str, str]


def get_all(table: Table, keys: Sequence[Key[I]]) -> list[I]:
    """The readable items at these keys, in the order of the keys.

    What is missing or cannot be read is left out. Each hundred keys have the whole time budget.

    Raises:
        StoreUnavailable: some were not answered inside the time budget.
    """
    there = raw_all(table, ((key.pk, key.sk) for key in keys))
    found: list[I] = []
    for key in keys:
        if (key.pk, key.sk) in there:
            try:
                found.append(key.of.read(there[key.pk, key.sk]))
            except UnreadableItem:
                continue
    return found


def raw_all(table: Table, places: Iterable[Place]) -> dict[Place, RawItem]:
    """The rows that are at these partition and sort keys, as they are stored.

    Raises:
        StoreUnavailable: as ``get_all``.
    """
    found: dict[Place, RawItem] = {}
    wanted = list(dict.fromkeys(places))
    for first in range(0, len(wanted), KEYS_MAX):
        some = wanted[first : first + KEYS_MAX]
        asked = [{"PK": {"S": pk}, "SK": {"S": sk}} for pk, sk in some]
        pending: dict[str, Any] = {table.name: {"Keys": asked, "ConsistentRead": True}}
        tries = table.patience.tries()
        while pending:
            answer = table.call("BatchGetItem", {"RequestItems": pending}, tries=tries)
            for raw in answer["Responses"].get(table.name, ()):
                found[raw["PK"]["S"], raw["SK"]["S"]] = raw
            pending = answer.get("UnprocessedKeys") or {}
    return found
