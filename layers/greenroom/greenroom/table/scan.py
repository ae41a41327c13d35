"""The whole table page by page, as it is stored: for operators, never for a function."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from greenroom.table.item import RawItem
from greenroom.table.paging import cursor_at, key_at
from greenroom.table.table import Table


@dataclass(frozen=True, slots=True)
class ScanPage:
    """Some rows, how many were read for them, and where the next page begins."""

    rows: list[RawItem]
    read: int
    next_cursor: str | None


def scan_page(
    table: Table, *, kinds: Collection[str], limit: int, cursor: str | None = None
) -> ScanPage:
    """Of the next ``limit`` rows of the table those of these kinds, and those of no kind at all.

    The order is DynamoDB's own and stays: a cursor goes on where a scan stopped, also after days.
    What is written behind it meanwhile is not seen.

    Raises:
        InvalidRequest: the cursor is none.
        StoreUnavailable: the table did not answer inside the time budget.
    """
    signs = {f":k{place}": {"S": kind} for place, kind in enumerate(sorted(kinds))}
    request: dict[str, Any] = {
        "TableName": table.name,
        "ConsistentRead": True,
        "Limit": limit,
        "FilterExpression": f"#kind IN ({', '.join(signs)}) OR NOT attribute_type(#kind, :text)",
        "ExpressionAttributeNames": {"#kind": "kind"},
        "ExpressionAttributeValues": {**signs, ":text": {"S": "S"}},
    }
    if cursor is not None:
        request["ExclusiveStartKey"] = key_at(cursor)
    answer = table.call("Scan", request)
    last = answer.get("LastEvaluatedKey")
    return ScanPage(
        answer["Items"], answer["ScannedCount"], cursor_at(last, index=None) if last else None
    )
