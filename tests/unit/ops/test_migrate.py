"""The operators' command for migrations: its words, its documents, its exit codes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from greenroom.kernel.limits import MIGRATION_LEASE_S
from tests.books import Operator, Vandal
from tests.first_version import CannotBeRead
from tests.old_studio import Old, Studio, rows
from tests.reliability import faults
from tests.reliability.faults import Crash, Fault
from tests.world import World

ROOT = Path(__file__).parents[3]
FAST = ("--rate", "1000")


@pytest.fixture
def operator(world: World) -> Operator:
    return Operator(world)


@pytest.fixture
def old(world: World) -> Old:
    return Old(world)


def states(operator: Operator) -> list[str]:
    code, found = operator.run("migrate", "list")
    assert code == 0
    return [one["state"] for one in found["items"]]


def test_the_whole_story_at_the_command_line(old: Old, operator: Operator) -> None:
    original = rows(old.world)
    assert states(operator) == ["never run", "never run"]

    code, told = operator.run("migrate", "run", "--dry-run")
    assert (code, rows(old.world), states(operator)) == (0, original, ["never run", "never run"])
    (dry,) = told["items"]
    assert (dry["number"], dry["dryRun"], dry["counts"]["changed"]) == (1, True, 6)
    assert {"pk", "sk", "what"} == set(dry["examples"][0])

    assert operator.run("migrate", "run", *FAST)[1]["items"][0]["counts"]["changed"] == 6
    assert operator.run("migrate", "run", *FAST) == (0, {"items": []})
    assert states(operator) == ["done", "never run"]
    assert operator.run("migrate", "verify")[0] == 0
    old.first_reads()

    assert operator.run("migrate", "run", "2", *FAST)[0] == 0
    assert states(operator) == ["done", "done"]
    assert [one["faults"] for one in operator.run("migrate", "verify")[1]["items"]] == [0, 0]
    with pytest.raises(CannotBeRead):
        old.first.read(old.told_client)

    assert operator.run("migrate", "undo", "1", *FAST)[0] == 1
    assert operator.run("migrate", "undo", "2", *FAST)[0] == 0
    assert operator.run("migrate", "undo", "1", *FAST)[0] == 0
    assert states(operator) == ["undone", "undone"]
    assert rows(old.world) == original


def test_words_for_a_person_are_lines(old: Old, operator: Operator) -> None:
    assert operator.say("migrate", "verify") == (0, "no migration was run to its end\n")
    code, said = operator.say("migrate", "run", "1", "--dry-run")
    assert code == 0
    assert "6 would be changed" in said
    assert f"becomes a booking of client {old.client} (looked up)" in said
    assert "nothing was written" in said

    code, said = operator.say("migrate", "run", *FAST)
    assert (code, "6 changed, 0 as they should be" in said) == (0, True)
    assert operator.say("migrate", "run", *FAST) == (
        0,
        "nothing is left to run that need not be named\n",
    )
    assert "0001  done       clients and leads" in operator.say("migrate", "list")[1]
    assert "6 rows looked at, 0 faults" in operator.say("migrate", "verify")[1]
    assert "would be changed back" in operator.say("migrate", "undo", "1", "--dry-run")[1]


def test_rows_that_a_person_has_to_look_at_are_named_and_make_a_1(
    world: World, operator: Operator
) -> None:
    studio = Studio(world)
    same = studio.customer("client")
    studio.customer("lead", customer_id=same)
    both = studio.first.book(studio.klass(), same)
    broken = studio.first.book(studio.klass(), same, "client")
    Vandal(world).change(studio.repo.pk("B", broken), "BOOKING", starts_at="soon")

    for dry in (("--dry-run",), ()):
        code, told = operator.run("migrate", "run", "1", *FAST, *dry)
        (one,) = told["items"]
        assert (code, one["counts"]["left"], one["counts"]["unreadable"]) == (1, 1, 1)
        assert {trouble["pk"].rpartition("#")[2] for trouble in one["troubles"]} == {both, broken}
    code, said = operator.say("migrate", "verify", "1")

    assert code == 1
    assert f"FAULT  is_of_version_2  T#org#{studio.organization_id}#B#{both} BOOKING" in said
    assert "left=customer_is_of_both_kinds" in said
    assert f"FAULT  can_be_read      T#org#{studio.organization_id}#B#{broken} BOOKING" in said


def test_a_run_of_somebody_else_is_refused_and_gone_on_with_when_it_died(
    old: Old, operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    crash = Fault(kind="crash_before", at=4, operation="TransactWriteItems")
    with faults.plan(crash), pytest.raises(Crash):
        operator.run("migrate", "run", "1", *FAST)
    assert states(operator) == ["run under way", "never run"]

    assert operator.run("migrate", "run", "1", *FAST) == (1, None)
    assert "Migration 1 is run by" in capsys.readouterr().err
    old.world.clock.move(MIGRATION_LEASE_S + 1)
    assert states(operator) == ["run stopped", "never run"]

    code, told = operator.run("migrate", "run", "1", *FAST)
    counts = told["items"][0]["counts"]
    assert (code, counts["changed"] + counts["asItShouldBe"]) == (0, 6)
    assert counts["asItShouldBe"] > 0


@pytest.mark.parametrize(
    "words",
    [
        ["migrate"],
        ["migrate", "undo"],
        ["migrate", "run", "one"],
        ["migrate", "run", "--rate", "0"],
        ["migrate", "run", "--rate", "1001"],
        ["migrate", "run", "--rate", "fast"],
    ],
)
def test_words_that_are_not_understood_are_a_2(operator: Operator, words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        operator.run(*words)

    assert ended.value.code == 2


@pytest.mark.parametrize("act", ["run", "undo", "verify"])
def test_a_migration_that_nobody_wrote_is_refused(operator: Operator, act: str) -> None:
    assert operator.run("migrate", act, "77") == (1, None)


def test_a_table_that_does_not_answer_is_a_3(old: Old, operator: Operator) -> None:
    outage = Fault(kind="unavailable", at=2, times=faults.FOR_EVER, operation="TransactWriteItems")
    with faults.plan(outage):
        assert operator.run("migrate", "run", "1", *FAST) == (3, None)

    assert operator.run("migrate", "run", "1", *FAST)[0] == 0


def test_long_work_says_how_far_it_is_beside_its_document(old: Old) -> None:
    environ = {**os.environ, **Operator(old.world).environ}

    done = subprocess.run(
        [sys.executable, "-m", "ops", "--json", "migrate", "run", *FAST],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout)["items"][0]["counts"]["changed"] == 6
    assert "running migration 0001 clients and leads ..." in done.stderr


def test_a_version_may_be_deployed_where_all_that_was_run_holds(
    old: Old, operator: Operator
) -> None:
    before = rows(old.world)
    assert operator.run("migrate", "check") == (
        0,
        {"ok": True, "wrong": [], "toRunAfterwards": [1]},
    )
    assert rows(old.world) == before
    operator.run("migrate", "run", *FAST)

    code, found = operator.run("migrate", "check")

    assert (code, found["wrong"], found["toRunAfterwards"]) == (0, [], [])


def test_a_run_that_died_stops_a_deployment(old: Old, operator: Operator) -> None:
    del old
    death = Fault(kind="crash_before", at=3, operation="TransactWriteItems")
    with faults.plan(death), pytest.raises(Crash):
        operator.run("migrate", "run", *FAST)

    code, found = operator.run("migrate", "check")

    assert (code, [one["state"] for one in found["wrong"]]) == (1, ["UNFINISHED"])


def test_rows_that_a_migration_missed_stop_a_deployment(old: Old, operator: Operator) -> None:
    operator.run("migrate", "run", *FAST)
    row = next(one for one in old.world.rows() if one["kind"]["S"] == "booking")
    Vandal(old.world).change(row["PK"]["S"], row["SK"]["S"], v=1, organization_id=None)

    code, found = operator.run("migrate", "check")

    assert (code, [one["state"] for one in found["wrong"]]) == (1, ["FAULTS"])


def test_a_table_that_a_newer_version_has_changed_stops_a_deployment(
    old: Old, operator: Operator
) -> None:
    operator.run("migrate", "run", *FAST)
    vandal = Vandal(old.world)
    ran = {name: value for name, value in vandal.row("SYS#MIG", "0001").items() if name != "SK"}
    vandal._client.put_item(
        TableName=old.world.table_name, Item={**ran, "SK": {"S": "0099"}, "number": {"N": "99"}}
    )

    code, found = operator.run("migrate", "check")

    assert (code, [one["state"] for one in found["wrong"]]) == (1, ["UNKNOWN"])
