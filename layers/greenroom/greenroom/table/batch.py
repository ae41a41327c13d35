"""Many items by their keys in few round trips."""

from collections.abc import Sequence
from typing import Any

from greenroom.table.item import I, Key, UnreadableItem
from greenroom.table.table import Table

KEYS_MAX = 100  # DynamoDB: keys in one BatchGetItem


def get_all(table: Table, keys: Sequence[Key[I]]) -> list[I]:
    """The readable items at these keys (each key once), in the order of the keys.

    What is missing or cannot be read is left out. Each hundred keys have the whole time budget.

    Raises:
        StoreUnavailable: some were not answered inside the time budget.
    """
    found: dict[tuple[str, str], I] = {}
    for first in range(0, len(keys), KEYS_MAX):
        wanted = keys[first : first + KEYS_MAX]
        asked = [{"PK": {"S": key.pk}, "SK": {"S": key.sk}} for key in wanted]
        pending: dict[str, Any] = {table.name: {"Keys": asked, "ConsistentRead": True}}
        tries = table.patience.tries()
        while pending:
            answer = table.call("BatchGetItem", {"RequestItems": pending}, tries=tries)
            for raw in answer["Responses"].get(table.name, ()):
                try:
                    item = wanted[0].of.read(raw)
                except UnreadableItem:
                    continue
                found[item.pk, item.sk] = item
            pending = answer.get("UnprocessedKeys") or {}
    return [found[key.pk, key.sk] for key in keys if (key.pk, key.sk) in found]
