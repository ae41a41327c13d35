"""What a function asks of AWS is seen as its own, and fails its test where it is not granted."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests import actions
from tests.actions import acting, family, hold_to_grants
from tests.contract.grants import Grant
from tests.reliability import faults
from tests.reliability.faults import Fault
from tests.world import World

GET = Grant("dynamodb:GetItem", "Table")


@pytest.fixture
def grants(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let functions do these things alone, also in a run that records."""

    def only(*allowed: Grant) -> None:
        monkeypatch.setattr(actions, "granted", lambda _function: frozenset(allowed))
        monkeypatch.setattr(actions, "_recording", False)

    return only


def test_what_is_not_granted_fails_the_test_that_does_it(
    world: World, grants: Callable[..., None]
) -> None:
    grants(GET)

    with pytest.raises(AssertionError, match="account does dynamodb:Query Table"):
        world.person().call("GET /api/user")


def test_a_secret_that_is_read_is_an_action(world: World, grants: Callable[..., None]) -> None:
    person = world.person()
    person.call("GET /api/user")
    grants()

    with pytest.raises(AssertionError, match="secretsmanager:GetSecretValue Secret"):
        person.start()


def test_what_a_fault_keeps_from_the_wire_was_wanted_all_the_same(
    world: World, grants: Callable[..., None]
) -> None:
    grants()

    with (
        faults.plan(Fault(kind="crash_before")),
        pytest.raises(AssertionError, match="account does dynamodb:"),
    ):
        world.person().call("GET /api/user")


def test_a_thread_of_a_function_acts_for_it(world: World, grants: Callable[..., None]) -> None:
    grants()
    seen: list[Any] = []
    read = {"TableName": world.table_name, "Key": {"PK": {"S": "A"}, "SK": {"S": "B"}}}

    def reads() -> None:
        seen.append(world.connection.dispatch("GetItem", read))

    def acts() -> None:
        thread = threading.Thread(target=reads)
        thread.start()
        thread.join()

    acts()  # of nobody: nothing to hold it to
    hold_to_grants()
    with (
        pytest.raises(AssertionError, match="sweeper does dynamodb:GetItem Table"),
        acting("sweeper"),
    ):
        acts()
    assert len(seen) == 2


@pytest.mark.parametrize(
    ("pk", "pattern"),
    [
        ("USER#u1", "USER#*"),
        ("T#org#o1#K#c1", "T#org#*"),
        ("PROBE", "PROBE"),
        ("RATE#client_error#x#1", "RATE#*"),
    ],
)
def test_partition_keys_of_a_kind_are_one_pattern(pk: str, pattern: str) -> None:
    assert family(pk) == pattern
