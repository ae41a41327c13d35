"""The transaction: all or nothing, every broken condition told, each with what it means."""

import pytest
from pynamodb.connection import Connection
from pynamodb.exceptions import VerboseClientError

from greenroom.kernel.limits import TRANSACTION_STEPS_MAX
from greenroom.table.item import KINDS, Key, UnreadableItem
from greenroom.table.table import Table
from greenroom.table.transaction import TransactionRefused
from tests.reliability import faults
from tests.store.things import Refusal, Thing, at_once, number_of, put_raw, refused, thing


@pytest.fixture
def connection(usual: Connection) -> Connection:
    """All of botocore: here the table itself is what is tested."""
    return usual


def make(table: Table, *things: Thing) -> None:
    tx = table.transaction()
    for one in things:
        tx.put(one.sk, one, otherwise=Refusal("exists"))
    tx.commit()


def test_all_steps_happen(table: Table) -> None:
    make(table, thing("old", 1), thing("gone", 1), thing("seen", 1))
    tx = table.transaction()
    tx.put("new", thing("new", 5), otherwise=Refusal("new"))
    tx.update(
        "old",
        Thing.at("old"),
        Thing.number.add(1),
        when=Thing.number == 1,
        otherwise=Refusal("old"),
    )
    tx.delete("gone", Thing.at("gone"), when=Thing.pk.exists(), otherwise=Refusal("gone"))
    tx.check("seen", Thing.at("seen"), when=Thing.number == 1, otherwise=Refusal("seen"))

    tx.commit()

    assert [number_of(table, name) for name in ("new", "old", "gone", "seen")] == [5, 2, None, 1]


def test_one_broken_condition_undoes_all_steps(table: Table) -> None:
    make(table, thing("taken", 1))
    tx = table.transaction()
    tx.put("first", thing("first"), otherwise=Refusal("first"))
    tx.put("taken", thing("taken"), otherwise=Refusal("taken"))

    with pytest.raises(Refusal, match="taken"):
        tx.commit()

    assert number_of(table, "first") is None


def test_every_broken_condition_is_told_in_the_order_of_the_steps_with_the_item_as_it_was(
    table: Table,
) -> None:
    make(table, thing("put", 1), thing("update", 2), thing("delete", 3), thing("check", 4))
    never = Thing.number == 99
    tx = table.transaction()
    # The order in which PynamoDB would not have sent them.
    tx.update(
        "update",
        Thing.at("update"),
        Thing.number.add(1),
        when=never,
        otherwise=refused("update"),
    )
    tx.put("put", thing("put"), otherwise=refused("put"))
    tx.put("fine", thing("fine"), otherwise=refused("fine"))
    tx.delete("delete", Thing.at("delete"), when=never, otherwise=refused("delete"))
    tx.check("check", Thing.at("check"), when=never, otherwise=refused("check"))

    violations = tx.attempt()

    assert [violation.step for violation in violations] == ["update", "put", "delete", "check"]
    assert [v.error.old for v in violations if isinstance(v.error, Refusal)] == [2, 1, 3, 4]


def test_a_condition_on_a_missing_item_is_told_without_one(table: Table) -> None:
    tx = table.transaction()
    tx.check("check", Thing.at("nobody"), when=Thing.pk.exists(), otherwise=refused("none"))

    (violation,) = tx.attempt()

    assert violation.old is None
    assert isinstance(violation.error, Refusal)
    assert violation.error.old is None


def test_an_optional_step_that_fails_is_left_out_and_the_rest_happens(table: Table) -> None:
    make(table, thing("guard", 1), thing("money", 1))
    tx = table.transaction()
    tx.update("money", Thing.at("money"), Thing.number.add(1), when=None, otherwise=Refusal("no"))
    tx.delete(
        "guard",
        Thing.at("guard"),
        when=Thing.number == 7,
        otherwise=Refusal("taken over"),
        optional=True,
    )

    assert tx.attempt() == ()

    assert (number_of(table, "money"), number_of(table, "guard")) == (2, 1)


def test_a_broken_required_step_is_told_without_the_optional_ones(table: Table) -> None:
    make(table, thing("guard", 1), thing("money", 1))
    never = Thing.number == 99
    tx = table.transaction()
    tx.delete("guard", Thing.at("guard"), when=never, otherwise=Refusal("guard"), optional=True)
    tx.update(
        "money", Thing.at("money"), Thing.number.add(1), when=never, otherwise=Refusal("money")
    )

    assert [violation.step for violation in tx.attempt()] == ["money"]


def test_a_transaction_of_failing_optional_steps_alone_does_nothing(table: Table) -> None:
    tx = table.transaction()
    tx.delete(
        "guard",
        Thing.at("nobody"),
        when=Thing.pk.exists(),
        otherwise=Refusal("guard"),
        optional=True,
    )

    assert tx.attempt() == ()


def test_joined_steps_follow_in_their_order(table: Table) -> None:
    first, second = table.transaction(), table.transaction()
    first.put("a", thing("a"), otherwise=Refusal("a"))
    second.put("b", thing("b"), otherwise=Refusal("b"))

    first.join(second)
    first.commit()

    assert [step.name for step in first.steps] == ["a", "b"]
    assert number_of(table, "b") == 0


def test_a_hundred_steps_are_sent_and_one_more_never_is(table: Table) -> None:
    tx = table.transaction()
    for number in range(TRANSACTION_STEPS_MAX):
        tx.put("thing", thing(str(number)), otherwise=Refusal("exists"))
    tx.commit()
    tx.put("thing", thing("more"), otherwise=Refusal("exists"))

    with faults.plan() as plan, pytest.raises(TransactionRefused, match="101 steps"):
        tx.commit()

    assert plan.calls == []
    assert number_of(table, "99") == 0


def test_more_than_four_megabytes_are_never_sent(table: Table) -> None:
    tx = table.transaction()
    for number in range(12):
        tx.put("thing", thing(str(number), colour="é" * 180_000), otherwise=Refusal("exists"))

    with faults.plan() as plan, pytest.raises(TransactionRefused, match="bytes"):
        tx.commit()

    assert plan.calls == []


def test_the_same_item_twice_is_never_sent(table: Table) -> None:
    tx = table.transaction()
    tx.put("one", thing("same"), otherwise=Refusal("one"))
    tx.check("two", Thing.at("same"), when=Thing.pk.exists(), otherwise=Refusal("two"))

    with faults.plan() as plan, pytest.raises(TransactionRefused, match="twice"):
        tx.commit()

    assert plan.calls == []


def test_what_dynamodb_finds_wrong_with_a_step_is_no_refusal_of_the_caller(table: Table) -> None:
    make(table, thing("taken"))
    tx = table.transaction()
    tx.put("taken", thing("taken"), otherwise=Refusal("taken"))
    tx.put("empty", Thing("", "THING#x", number=1), otherwise=Refusal("empty"))

    with pytest.raises(VerboseClientError):
        tx.commit()


def test_a_meaning_that_needs_the_old_item_never_takes_an_unreadable_one_for_a_missing_one(
    table: Table,
) -> None:
    put_raw(table, PK="THINGS#A", SK="THING#odd", kind="nobody knows it", v=1, number=1)
    tx = table.transaction()
    tx.put("odd", thing("odd"), otherwise=refused("odd"))

    with pytest.raises(UnreadableItem):
        tx.commit()


def test_a_fixed_meaning_stands_whatever_the_old_item_is(table: Table) -> None:
    put_raw(table, PK="THINGS#A", SK="THING#odd", kind="nobody knows it", v=1, number=1)
    tx = table.transaction()
    tx.put("odd", thing("odd"), otherwise=Refusal("exists"))

    with pytest.raises(Refusal, match="exists"):
        tx.commit()


def test_an_update_keeps_attributes_that_we_do_not_know(table: Table) -> None:
    put_raw(
        table, PK="THINGS#A", SK="THING#new", kind=Thing.KIND, v=3, number=1, invented_later="x"
    )
    tx = table.transaction()
    tx.update("new", Thing.at("new"), Thing.number.add(1), when=None, otherwise=Refusal("no"))
    tx.commit()

    row = table.call(
        "GetItem",
        {
            "TableName": table.name,
            "Key": {"PK": {"S": "THINGS#A"}, "SK": {"S": "THING#new"}},
            "ConsistentRead": True,
        },
    )["Item"]

    assert row["invented_later"] == {"S": "x"}
    assert row["number"] == {"N": "2"}


def test_one_of_many_wins_a_put_that_wants_nobody_there(table: Table) -> None:
    def claim(number: int) -> str:
        tx = table.transaction()
        tx.put("claim", thing("claim", number), otherwise=refused("taken"))
        tx.put("mine", thing(f"mine-{number}", number), otherwise=Refusal("mine"))
        return ",".join(violation.step for violation in tx.attempt())

    outcomes = at_once(16, claim)

    assert sorted(map(str, outcomes)) == [""] + ["claim"] * 15
    winner = number_of(table, "claim")
    assert [n for n in range(16) if number_of(table, f"mine-{n}") is not None] == [winner]


def test_a_class_of_another_kind_of_the_same_name_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert KINDS[Thing.KIND] is Thing

    with pytest.raises(ValueError, match="two classes"):
        type("Other", (Thing,), {"KIND": Thing.KIND, "__qualname__": "Other"})


def test_a_key_names_its_class(table: Table) -> None:
    assert Thing.at("x") == Key(Thing, "THINGS#A", "THING#x")
