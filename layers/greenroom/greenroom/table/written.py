"""Which partitions a request to DynamoDB writes."""

from collections.abc import Iterator
from typing import Any

WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})


def partitions(operation: str, request: dict[str, Any]) -> frozenset[str]:
    """The partition keys of the rows that the request changes, if it had its effect."""
    if operation not in WRITES:
        return frozenset()
    return frozenset(str(one["PK"]["S"]) for one in _places(operation, request))


def _places(operation: str, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if operation == "TransactWriteItems":
        for step in request["TransactItems"]:
            yield from (_place(one) for kind, one in step.items() if kind != "ConditionCheck")
    elif operation == "BatchWriteItem":
        for writes in request["RequestItems"].values():
            for write in writes:
                yield from map(_place, write.values())
    else:
        yield _place(request)


def _place(write: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = write.get("Item") or write["Key"]
    return found
