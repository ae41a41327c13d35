"""Pages of a partition, and the opaque cursors between them."""

import base64
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Generic

from greenroom.kernel.errors import InvalidRequest
from greenroom.kernel.limits import CURSOR_CHARS_MAX
from greenroom.table.item import I, Item, RawItem

SORT_KEY_BYTES_MAX = 1024  # DynamoDB; partition keys may be longer, ours are not


@dataclass(frozen=True, slots=True)
class Page(Generic[I]):
    """Some items, how many rows could not be read, and where the next page begins."""

    items: list[I]
    next_cursor: str | None = None
    skipped: int = 0


def query_request(
    pk: str,
    *,
    sk_prefix: str = "",
    sk_at_most: str | None = None,
    index: str | None = None,
    page_size: int,
) -> dict[str, Any]:
    """A Query of one partition, or of a range of it: by prefix, or up to a sort key."""
    condition = "#pk = :pk"
    names = {"#pk": f"{index}PK" if index else "PK"}
    values = {":pk": {"S": pk}}
    if sk_at_most is not None or sk_prefix:
        names["#sk"] = f"{index}SK" if index else "SK"
        values[":sk"] = {"S": sk_prefix if sk_at_most is None else sk_at_most}
        condition += " AND begins_with(#sk, :sk)" if sk_at_most is None else " AND #sk <= :sk"
    request: dict[str, Any] = {
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": values,
        "Limit": page_size,
    }
    return request | ({"IndexName": index} if index else {})


def cursor_at(raw: RawItem, *, index: str | None) -> str:
    """The opaque cursor of the page that begins after this row."""
    names = ["PK", "SK"] + ([f"{index}PK", f"{index}SK"] if index else [])
    text = json.dumps([raw[name]["S"] for name in names], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def cursor_after(item: Item) -> str:
    """The cursor of the page of ``GSI1`` that begins after this item."""
    keys = {"PK": item.pk, "SK": item.sk, "GSI1PK": item.gsi1pk, "GSI1SK": item.gsi1sk}
    return cursor_at({name: {"S": key} for name, key in keys.items()}, index="GSI1")


def cursor_in(pk: str, cursor: str | None, *, among: Collection[str]) -> str | None:
    """The same place in another partition of ``GSI1``: for one list that several hold together.

    Raises:
        InvalidRequest: it is a cursor of none of them.
    """
    if cursor is None:
        return None
    try:
        base_pk, base_sk, read_pk, read_sk = _parts(cursor, count=4)
    except (ValueError, RecursionError) as cause:
        raise InvalidRequest("cursor is not one that we gave.", field="cursor") from cause
    if read_pk not in among:
        raise InvalidRequest("cursor is not one that we gave.", field="cursor")
    keys = {"PK": base_pk, "SK": base_sk, "GSI1PK": pk, "GSI1SK": read_sk}
    return cursor_at({name: {"S": key} for name, key in keys.items()}, index="GSI1")


def start_of(
    cursor: str | None,
    *,
    pk: str,
    index: str | None,
    sk_prefix: str = "",
    sk_at_most: str | None = None,
) -> dict[str, Any] | None:
    """The key after which a page begins: only ever one inside the range that is read.

    Raises:
        InvalidRequest: it is no cursor of this range.
    """
    if cursor is None:
        return None
    names = ["PK", "SK"] + ([f"{index}PK", f"{index}SK"] if index else [])
    try:
        parts = _parts(cursor, count=len(names))
    except (ValueError, RecursionError) as cause:
        raise InvalidRequest("cursor is not one that we gave.", field="cursor") from cause
    read_pk, read_sk = parts[-2:]
    inside = read_pk == pk and read_sk.startswith(sk_prefix)
    if not inside or (sk_at_most is not None and read_sk > sk_at_most):
        raise InvalidRequest("cursor is not one that we gave.", field="cursor")
    return {name: {"S": part} for name, part in zip(names, parts, strict=True)}


def key_at(cursor: str) -> dict[str, Any]:
    """The key that a cursor of the table itself holds, wherever it is.

    Raises:
        InvalidRequest: it is no cursor.
    """
    try:
        pk, sk = _parts(cursor, count=2)
    except (ValueError, RecursionError) as cause:
        raise InvalidRequest("cursor is not one that we gave.", field="cursor") from cause
    return {"PK": {"S": pk}, "SK": {"S": sk}}


def _parts(cursor: str, *, count: int) -> list[str]:
    """The texts in a cursor; ValueError if DynamoDB would refuse them as a key."""
    if len(cursor) > CURSOR_CHARS_MAX or not cursor.isascii():
        raise ValueError("not a cursor")
    parts = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    if not isinstance(parts, list) or len(parts) != count:
        raise ValueError("not a cursor")
    for part in parts:
        if not isinstance(part, str) or not 0 < len(part.encode()) <= SORT_KEY_BYTES_MAX:
            raise ValueError("not a key")
    return parts
