"""The engine tells units by DynamoDB's own rules, and a start is within its budget."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pynamodb.connection import Connection

from benchmarks.counting import as_deployed
from local.engine import Engine
from local.resources import Template
from tests import aws
from tests.counts.judge import Judge
from tests.counts.units import KB, size_of
from tests.counts.walk import Walk
from tests.counts.walks import WALKS
from tests.reliability import faults

START_UNITS_MAX = 14  # of the transaction that starts an interview, entries of indexes counted
MINTED_UNITS_MAX = 3  # of the update after it

pytestmark = [
    pytest.mark.xdist_group("counts"),
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
]


@pytest.fixture
def walk(
    template: Template, engine: Engine, connection: Connection, tmp_path: Path
) -> Iterator[Walk]:
    with as_deployed():
        made = Walk(template, engine.endpoint, connection, folder=tmp_path)
        yield made
        made.end()


@pytest.mark.parametrize("name", [name for name in WALKS if not name.startswith("use case")])
def test_every_write_is_told_at_what_dynamodb_charges(walk: Walk, name: str) -> None:
    judge = Judge(walk)

    with aws.watched(judge.watch):
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
