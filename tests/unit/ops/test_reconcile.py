"""``ops reconcile`` finds every seeded corruption, repairs what it may, and is then content."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pynamodb.connection import Connection

from greenroom.admin.findings import Rule
from greenroom.admin.service import Audit
from greenroom.table.pool import Answer
from local.engine import Engine
from local.resources import Template
from tests import aws
from tests.aws import Asked, Way
from tests.books import Operator, Vandal
from tests.fakes.stripe import Stripe, open_stripe
from tests.figures import Figure
from tests.till import Till
from tests.unit.ops.corruptions import CORRUPTIONS, Scene, debit_lost
from tests.world import World

# stripe 16.1 hands its body to httpx by the old name `data`.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

QUIET = "--no-stripe"
ROOT = Path(__file__).parents[3]


class Aftermath:
    """One world in which each corruption hit somebody, and what three runs said of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.sound = Scene(world)
        self.sound.refunded()
        self.sound.cancelled()
        self.sound.subscribed()
        self.sound.seated()
        self.scenes = {name: Scene(world) for name in CORRUPTIONS}
        for name, corruption in CORRUPTIONS.items():
            corruption.do(self.scenes[name])
        operator = Operator(world)
        self.written_before = world.rows()
        self.looked = operator.run("reconcile", QUIET)
        self.written_after = world.rows()
        self.fixed = operator.run("reconcile", QUIET, "--fix")
        self.again = operator.run("reconcile", QUIET, "--fix")

    def of(self, run: tuple[int, Any], name: str) -> list[dict[str, Any]]:
        """What a run found of somebody."""
        user_id = self.scenes[name].user_id
        return [one for one in run[1]["findings"] if one["userId"] == user_id]


@pytest.fixture(scope="module")
def after(template: Template, engine: Engine, connection: Connection) -> Aftermath:
    return Aftermath(World(template, engine.endpoint, connection))


def test_there_are_more_than_twenty_corruptions_and_every_rule_is_broken_by_one() -> None:
    assert len(CORRUPTIONS) > 20
    assert {one.rule for one in CORRUPTIONS.values()} == set(get_args(Rule))


def test_the_operators_page_says_what_repairs_each_rule() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")

    assert [rule for rule in get_args(Rule) if page.count(f"`{rule}`") != 1] == []


def test_all_of_them_are_found(after: Aftermath, figure: Figure) -> None:
    found = [
        name
        for name, one in CORRUPTIONS.items()
        if one.rule in {finding["rule"] for finding in after.of(after.looked, name)}
    ]

    figure("corruptions", "of books, found", good=len(found), of=len(CORRUPTIONS))
    assert found == list(CORRUPTIONS)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_corruption_is_found(after: Aftermath, name: str) -> None:
    assert CORRUPTIONS[name].rule in {one["rule"] for one in after.of(after.looked, name)}


@pytest.mark.parametrize("name", [name for name, one in CORRUPTIONS.items() if one.repaired])
def test_what_may_be_repaired_is_and_is_not_found_again(after: Aftermath, name: str) -> None:
    assert all(one["repaired"] for one in after.of(after.fixed, name))
    assert after.of(after.again, name) == []


@pytest.mark.parametrize("name", [name for name, one in CORRUPTIONS.items() if not one.repaired])
def test_what_a_person_has_to_decide_is_still_told_and_nothing_else(
    after: Aftermath, name: str
) -> None:
    rule = CORRUPTIONS[name].rule
    left = after.of(after.again, name)

    assert rule in {one["rule"] for one in left}
    assert all(one["repair"] is None for one in left)


def test_nothing_is_found_of_somebody_whose_books_agree(after: Aftermath) -> None:
    found = {one["userId"] for one in after.looked[1]["findings"]}

    assert after.sound.user_id not in found
    assert found == {scene.user_id for scene in after.scenes.values()}


def test_looking_changes_nothing(after: Aftermath) -> None:
    assert after.written_after == after.written_before


def test_the_exit_code_says_whether_something_is_wrong(after: Aftermath) -> None:
    assert (after.looked[0], after.fixed[0], after.again[0]) == (1, 1, 1)
    assert not [one for one in after.again[1]["findings"] if one["repaired"]]


@pytest.mark.parametrize(
    ("name", "balance"),
    [
        ("balance_higher", 3.0),
        ("balance_lower", 3.0),
        ("purchase_lost", 6.0),
        ("purchase_and_credits_lost", 6.0),
        ("purchase_smaller", 6.0),
        ("reversal_lost", 3.0),
        ("debit_lost", 2.0),
        ("charge_forgotten", 3.0),
        ("session_lost", 3.0),
        ("void_lost", 3.0),
    ],
)
def test_a_repaired_balance_is_what_the_persons_deeds_make_it(
    after: Aftermath, name: str, balance: float
) -> None:
    person = after.scenes[name].person

    assert person.credits() == balance
    assert sum(entry["amount"] for entry in person.ledger()) == balance


def test_no_entry_of_the_ledger_was_ever_changed(after: Aftermath) -> None:
    now = {(row["PK"]["S"], row["SK"]["S"]): row for row in after.world.rows()}
    before = [row for row in after.written_before if row["SK"]["S"].startswith("LEDGER#")]

    assert all(now[row["PK"]["S"], row["SK"]["S"]] == row for row in before)


def test_what_cannot_be_read_is_not_taken_for_missing(after: Aftermath) -> None:
    person = after.scenes["session_unreadable"].person

    assert [entry["kind"] for entry in person.ledger()].count("void") == 0
    assert person.credits() == 2.0


def test_an_unexplained_entry_leaves_the_balance_alone(after: Aftermath) -> None:
    assert after.scenes["void_forged"].person.credits() == 3.0


def test_a_balance_that_moves_before_the_repair_is_left_as_it_is(world: World) -> None:
    scene, audit = Scene(world), Audit()
    debit_lost(scene)

    def overtake(asked: Asked, way: Way) -> Answer:
        if asked.operation == "TransactWriteItems":
            scene.change_account(credits=170)
        return way(asked)

    with aws.watched(overtake):
        world.wiring("reconcile").reconciliation.audit(scene.user_id, audit, fix=True)

    assert audit.repaired == []
    assert scene.person.credits() == 1.7
    assert not any(entry["kind"] == "debit" for entry in scene.person.ledger())


def test_one_persons_books_can_be_compared_alone(world: World) -> None:
    first, second = Scene(world), Scene(world)
    first.change_account(credits=1)
    second.change_account(credits=1)

    code, found = Operator(world).run("reconcile", "--user", first.person.clerk_id, "--fix")

    assert (code, found["people"], first.person.credits()) == (0, 1, 3.0)
    assert second.person.credits() == 0.01


def test_a_deleted_persons_ledger_is_compared_and_repaired_too(world: World) -> None:
    scene = Scene(world)
    assert scene.person.call("DELETE /api/user").status == 202
    Vandal(world).change(scene.pk, "ACCOUNT", credits=5)

    code, found = Operator(world).run("reconcile", QUIET, "--fix")

    assert code == 0
    assert [one["rule"] for one in found["findings"]] == ["balance_is_the_ledgers_sum"]
    assert Operator(world).run("reconcile", QUIET)[1]["findings"] == []


def test_money_of_nobody_is_told(world: World) -> None:
    till, ada = Till(world), world.person()
    paid = till.paid(till.seed(ada), client_reference_id=None)
    assert till.outcome(paid) == "unmatched"

    _, found = Operator(world).run("reconcile", QUIET)

    assert len(found["strays"]) == 1


@pytest.fixture
def stripe(world: World, tmp_path: Path) -> Iterator[Stripe]:
    with open_stripe(tmp_path, world) as opened:
        yield opened


def test_events_that_never_came_are_fetched_from_stripe_and_applied(stripe: Stripe) -> None:
    ada = stripe.world.person()
    ada.credits()
    started = ada.call("POST /api/checkout", {"sku": "credits_3"})
    stripe.act(f"checkout/{started.body['checkoutSessionId']}/pay")
    operator = Operator(stripe.world, STRIPE_API_BASE=stripe.address)

    looked = operator.run("reconcile")
    before = ada.credits()
    fixed = operator.run("reconcile", "--fix")
    again = operator.run("reconcile")

    assert (looked[0], before) == (1, 3.0)
    assert {one["outcome"] for one in looked[1]["missedEvents"]} == {"missed"}
    assert "applied" in {one["outcome"] for one in fixed[1]["missedEvents"]}
    assert ada.credits() == 6.0
    assert (again[0], again[1]["missedEvents"], again[1]["findings"]) == (0, [], [])
