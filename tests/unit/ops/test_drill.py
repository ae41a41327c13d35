"""``ops restore-drill``: a restore is practised in a new table, and the live one is only read."""

import io
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ops.cli import main
from tests.books import Operator, Vandal
from tests.contract.class_deeds import Front
from tests.reliability import faults
from tests.reliability.faults import Fault, Plan
from tests.world import World, client_of

WRITES = {
    *("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"),
    *("CreateTable", "DeleteTable", "UpdateTable", "RestoreTableToPointInTime"),
}


@pytest.fixture
def lived(world: World) -> World:
    ada = world.person()
    ada.credits()
    ada.start()
    Front(world).books()
    return world


def tables(world: World) -> set[str]:
    client = client_of(world.endpoint)
    names = set(client.list_tables()["TableNames"])
    client.close()
    return names


def written(plan: Plan) -> set[str]:
    """The tables that were written to."""
    found = set[str]()
    for call in plan.calls:
        if call.operation in WRITES:
            asked = call.request
            found |= {asked.get("TargetTableName") or asked.get("TableName", "")}
            found |= set(asked.get("RequestItems", ()))
    return found - {""}


def test_a_copy_is_made_compared_and_deleted(lived: World) -> None:
    before, rows = tables(lived), lived.rows()

    with faults.plan() as plan:
        code, found = Operator(lived).run("restore-drill", "--name", f"{lived.table_name}-drill")

    assert code == 0
    assert (found["rows"], found["missing"]) == (len(rows), 0)
    assert found["kinds"]["seat"] == {"live": 1, "copy": 1}
    assert (found["findings"], found["rowFindings"], found["kept"]) == (0, 0, False)
    assert tables(lived) == before
    assert lived.rows() == rows
    assert written(plan) == {f"{lived.table_name}-drill"}


def test_a_copy_that_is_to_be_kept_stays(lived: World) -> None:
    name = f"{lived.table_name}-kept"

    code, said = Operator(lived).say("restore-drill", "--keep", "--name", name)

    assert code == 0
    assert f"table {name} is kept" in said
    assert "time to recover: " in said
    assert name in tables(lived)


def test_what_does_not_agree_in_the_copy_is_told(lived: World) -> None:
    seat = next(row for row in lived.rows() if row["kind"]["S"] == "seat")
    Vandal(lived).remove(seat["PK"]["S"], seat["SK"]["S"])

    code, found = Operator(lived).run("restore-drill")

    assert code == 1
    assert found["rowFindings"] == 2  # the booking, and the class's counter
    assert not [name for name in tables(lived) if "-drill-" in name]


@pytest.mark.parametrize("other", ["", "-there"])
def test_a_table_that_is_there_is_never_a_target(
    lived: World, other: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name = lived.table_name + other
    if other:
        Operator(lived).run("restore-drill", "--keep", "--name", name)
    rows = lived.rows()

    assert Operator(lived).run("restore-drill", "--name", name) == (1, None)

    assert "already" in capsys.readouterr().err
    assert name in tables(lived)
    assert lived.rows() == rows


@pytest.mark.parametrize("at", [2, 9])
def test_a_failure_on_the_way_leaves_no_copy_behind_and_the_table_alone(
    lived: World, at: int
) -> None:
    before, rows = tables(lived), lived.rows()
    name = f"{lived.table_name}-broken"

    with faults.plan(Fault(kind="unavailable", at=at, times=2, operation="GetItem")):
        Operator(lived).run("restore-drill", "--name", name)

    assert lived.rows() == rows
    assert tables(lived) == before


@pytest.mark.parametrize("operation", ["CreateTable", "Scan", "BatchWriteItem"])
def test_a_copy_that_was_never_finished_is_deleted(lived: World, operation: str) -> None:
    before = tables(lived)

    with faults.plan(Fault(kind="unavailable", times=9, operation=operation)):
        code, _ = Operator(lived).run("restore-drill")

    assert code == 3
    assert tables(lived) == before


@pytest.fixture
def account(lived: World) -> Iterator[dict[str, str]]:
    """The same table in an account of AWS, which can restore."""
    rows = lived.rows()
    schema = client_of(lived.endpoint).describe_table(TableName=lived.table_name)["Table"]
    indexes = [
        {name: index[name] for name in ("IndexName", "KeySchema", "Projection")}
        for index in schema["GlobalSecondaryIndexes"]
    ]
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-central-1")
        client.create_table(
            TableName="live",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=schema["KeySchema"],
            AttributeDefinitions=schema["AttributeDefinitions"],
            GlobalSecondaryIndexes=indexes,
        )
        client.update_continuous_backups(
            TableName="live",
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        )
        for row in rows:
            client.put_item(TableName="live", Item=row)
        environ = dict(Operator(lived).environ)
        del environ["GREENROOM_DYNAMODB_ENDPOINT"]
        yield environ | {"TABLE_NAME": "live", "TABLE_CLIENT": "botocore"}  # moto answers that one


def ran(environ: dict[str, str], world: World, *words: str) -> tuple[int, Any]:
    said = io.StringIO()
    code = main(
        ["--json", "restore-drill", *words], environ=environ, clock=world.clock, stdout=said
    )
    return code, json.loads(said.getvalue()) if said.getvalue() else None


def test_in_aws_a_point_in_time_is_restored(account: dict[str, str], lived: World) -> None:
    with faults.plan() as plan:
        code, found = ran(account, lived, "--name", "copy")

    assert found is not None
    assert (code, found["how"], found["missing"]) == (0, "restored", 0)
    assert plan.of("RestoreTableToPointInTime")[0].request == {
        "SourceTableName": "live",
        "TargetTableName": "copy",
        "UseLatestRestorableTime": True,
    }
    assert written(plan) == {"copy"}
    client = boto3.client("dynamodb", region_name="eu-central-1")
    assert client.list_tables()["TableNames"] == ["live"]


def test_rows_that_a_restore_lost_are_counted_by_kind(
    account: dict[str, str], lived: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = boto3.client("dynamodb", region_name="eu-central-1")
    row = next(one for one in lived.rows() if one["kind"]["S"] == "user")

    def lose(**_: Any) -> None:
        client.delete_item(TableName="copy", Key={name: row[name] for name in ("PK", "SK")})

    events = client.meta.events  # moto restores at once; what comes next is the first look
    events.register("after-call.dynamodb.RestoreTableToPointInTime", lose)
    monkeypatch.setattr("ops.copies.boto3.client", lambda *_args, **_options: client)

    code, found = ran(account, lived, "--name", "copy")

    assert code == 1
    assert found is not None
    assert found["missing"] == 1
    assert found["kinds"]["user"]["copy"] == found["kinds"]["user"]["live"] - 1
