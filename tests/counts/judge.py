"""What each write costs, computed by DynamoDB's own rules, beside what the engine tells of it."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from greenroom.table.pool import Answer
from tests.actions import acting
from tests.aws import Asked, Way
from tests.counts.units import Row, entry_of, index_units, units
from tests.world import World

WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}

Key = tuple[str, str]


class Judge:
    """Computes what each write costs from the rows before and after it."""

    def __init__(self, world: World) -> None:
        self.world = world
        schema = world.template.tables[0].schema
        self.indexes = {one["IndexName"]: one for one in schema["GlobalSecondaryIndexes"]}
        self.judged = 0
        self.wrong: list[str] = []
        self.heat: Counter[str] = Counter()
        """Write units by partition, as ``table USER#…`` or ``GSI2 DUE#session#3``."""
        self._looks = False

    def watch(self, asked: Asked, way: Way) -> Answer:
        """Let a write go, and compare what it is said to cost, if a plan has that told."""
        if asked.operation not in WRITES or b'"INDEXES"' not in asked.body or self._looks:
            return way(asked)
        before = self._rows()
        answer = way(asked)
        if told := json.loads(answer.body).get("ConsumedCapacity"):
            whole = told[0] if isinstance(told, list) else told
            self._judge(asked.operation, asked.document, whole, before, self._rows())
        return answer

    def _rows(self) -> dict[Key, Row]:
        self._looks = True
        try:
            with acting(None):
                return {(row["PK"]["S"], row["SK"]["S"]): row for row in self.world.rows()}
        finally:
            self._looks = False

    def _judge(
        self,
        operation: str,
        request: Any,
        told: Any,
        before: Mapping[Key, Row],
        after: Mapping[Key, Row],
    ) -> None:
        times = 2 if operation == "TransactWriteItems" else 1
        wanted: dict[str, float] = {}
        for key in _keys(operation, request):
            old, new = before.get(key), after.get(key)
            self._add(wanted, "table", times * units(old, new), key[0])
            for name, index in self.indexes.items():
                entry = entry_of(index, new) or entry_of(index, old)
                place = entry[f"{name}PK"]["S"] if entry else ""
                self._add(wanted, name, index_units(index, old, new), place)
        parts = told.get("GlobalSecondaryIndexes") or {}
        found: dict[str, float] = {
            name: parts.get(name, {}).get("CapacityUnits", 0) for name in self.indexes
        }
        found["table"] = float(told["CapacityUnits"]) - sum(found.values())
        self.judged += 1
        if found != wanted:
            self.wrong.append(f"{operation} of {_keys(operation, request)}: {found}, not {wanted}")

    def _add(self, wanted: dict[str, float], where: str, taken: float, partition: str) -> None:
        wanted[where] = wanted.get(where, 0) + taken
        if taken:
            self.heat[f"{where} {partition}"] += int(taken)


def _keys(operation: str, request: Any) -> list[Key]:
    if operation == "TransactWriteItems":
        steps = [inner for step in request["TransactItems"] for inner in step.values()]
    elif operation == "BatchWriteItem":
        (asked,) = request["RequestItems"].values()
        steps = [inner for write in asked for inner in write.values()]
    else:
        steps = [request]
    keys = [step.get("Item") or step["Key"] for step in steps]
    return [(key["PK"]["S"], key["SK"]["S"]) for key in keys]
