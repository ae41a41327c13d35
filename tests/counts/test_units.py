"""The engine tells units by DynamoDB's own rules, and a start is within its budget."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pynamodb.connection import Connection

from benchmarks.counting import as_deployed
from local.engine import Engine
from local.resources import Template
from tests.actions import acting
from tests.counts.units import KB, Row, index_units, size_of, units
from tests.counts.walk import Walk
from tests.counts.walks import WALKS
from tests.reliability import faults
from tests.world import World

WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}
START_UNITS_MAX = 14  # of the transaction that starts an interview, entries of indexes counted
MINTED_UNITS_MAX = 3  # of the update after it

pytestmark = [
    pytest.mark.xdist_group("counts"),
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
]

Key = tuple[str, str]
Send = Callable[..., Any]


class Judge:
    """Computes what each write costs from the rows before and after it."""

    def __init__(self, world: World) -> None:
        self.world = world
        schema = world.template.tables[0].schema
        self.indexes = {one["IndexName"]: one for one in schema["GlobalSecondaryIndexes"]}
        self.judged = 0
        self.wrong: list[str] = []
        self._send: Send = faults._send
        self._looks = False

    def sent(self, endpoint: Any, request: Any, model: Any, context: Any) -> Any:
        """In the place of botocore's own: let a write go, and compare what it is said to cost."""
        if model.name not in WRITES or self._looks:
            return self._send(endpoint, request, model, context)
        before = self._rows()
        answer, exception = self._send(endpoint, request, model, context)
        if answer is not None and (told := answer[1].get("ConsumedCapacity")):
            whole = told[0] if isinstance(told, list) else told
            self._judge(model.name, faults._json(request.body), whole, before, self._rows())
        return answer, exception

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
        wanted: dict[str, float] = {"table": 0}
        for key in _keys(operation, request):
            old, new = before.get(key), after.get(key)
            wanted["table"] += times * units(old, new)
            for name, index in self.indexes.items():
                wanted[name] = wanted.get(name, 0) + index_units(index, old, new)
        parts = told.get("GlobalSecondaryIndexes") or {}
        found = {name: parts.get(name, {}).get("CapacityUnits", 0) for name in self.indexes}
        found["table"] = told["CapacityUnits"] - sum(found.values())
        self.judged += 1
        if found != wanted:
            self.wrong.append(f"{operation} of {_keys(operation, request)}: {found}, not {wanted}")


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


@pytest.fixture
def walk(
    template: Template, engine: Engine, connection: Connection, tmp_path: Path
) -> Iterator[Walk]:
    with as_deployed():
        made = Walk(template, engine.endpoint, connection, folder=tmp_path)
        yield made
        made.end()


@pytest.mark.parametrize("name", [name for name in WALKS if not name.startswith("use case")])
def test_every_write_is_told_at_what_dynamodb_charges(
    walk: Walk, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = Judge(walk)
    monkeypatch.setattr(faults, "_send", judge.sent)

    WALKS[name](walk)

    assert not judge.wrong, "\n".join(judge.wrong)
    assert judge.judged >= 2


def test_a_start_reads_nothing_and_stays_within_its_units(walk: Walk) -> None:
    ada = walk.person()
    ada.credits()
    walk.rewire()
    known = {(row["PK"]["S"], row["SK"]["S"]) for row in walk.rows()}

    with faults.plan() as plan:
        assert ada.start({"jobTitle": "Welder", "company": "Acme"}).status == 201

    dynamodb = [call for call in plan.calls if call.service == "dynamodb"]
    assert [call.operation for call in dynamodb] == ["TransactWriteItems", "UpdateItem"]
    started, minted = (call.capacity for call in dynamodb)
    assert started is not None
    assert minted is not None
    assert started.write <= START_UNITS_MAX
    assert minted.write <= MINTED_UNITS_MAX
    new = [row for row in walk.rows() if (row["PK"]["S"], row["SK"]["S"]) not in known]
    larger = {row["kind"]["S"]: size_of(row) for row in new if size_of(row) > KB}
    assert set(larger) <= {"session"}, "which has got the sealed token by the update"
