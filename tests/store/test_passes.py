"""Uses of passes: taken exactly as often as there are any, given back exactly as often as taken."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from greenroom.customers.domain import Customer
from greenroom.kernel.clock import from_text, to_text
from greenroom.kernel.errors import (
    CustomerInactive,
    GreenroomError,
    IdempotencyMismatch,
    NoRemainingUse,
    NotFound,
    SeveralRefusals,
    ValidationFailed,
)
from greenroom.kernel.ids import new_id
from greenroom.organizations.principal import CustomerKind, CustomerRef
from greenroom.organizations.repo import OrgRepo
from greenroom.passes.domain import ClassFacts, Pass, PassKind, PassOption, Use, refusals
from greenroom.passes.items import MembershipItem, MembershipUseItem, PackageItem, pass_of
from greenroom.passes.service import NewPass, Passes
from greenroom.passes.store import PassStore
from greenroom.passes.uses import PassChanged
from tests.functions.test_edge_errors import raw_set
from tests.reliability import faults
from tests.store.test_customers import KINDS, OTHER, customers_of, make, repo, rows
from tests.store.things import at_once, put_raw
from tests.world import START, World

STARTS = START + timedelta(days=2)  # a Monday
FACTS = ClassFacts(class_type="yoga", starts_at=STARTS)
WEEK = timedelta(days=7)

each_kind = pytest.mark.parametrize("kind", KINDS)


def passes_of(world: World) -> Passes:
    return Passes(PassStore(world.table), customers=customers_of(world), clock=world.clock)


def give(world: World, ada: Customer, kind: PassKind = "package", **told: Any) -> Pass:
    wanted = NewPass(**{"kind": kind, "name": "Ten", "uses": 3, "uses_per_period": 3, **told})
    return passes_of(world).create(repo(), ada.ref, wanted).state.held


def use(
    world: World,
    ref: CustomerRef,
    held: Pass,
    facts: ClassFacts = FACTS,
    *,
    of: OrgRepo | None = None,
) -> Use:
    """Take a use of a pass, as a booking would."""
    passes = passes_of(world)
    taken = passes.use_of(of or repo(), ref, held.kind, held.pass_id, facts)
    tx = world.table.transaction()
    passes.add_use(tx, of or repo(), ref, taken, facts)
    tx.commit()
    return taken


def give_back(world: World, ref: CustomerRef, taken: Use) -> None:
    """Give a use back, as a cancelled booking would."""
    tx = world.table.transaction()
    passes_of(world).add_return(tx, repo(), ref, taken)
    if tx.steps:
        tx.commit()


def left(world: World, ada: Customer, held: Pass, facts: ClassFacts = FACTS) -> int | None:
    """How many uses are left of a pass for a class; None where there is no limit."""
    now = option(world, ada, held, facts)
    if now.held.kind == "package":
        return int(getattr(now.held, "remaining", -1))
    limit = getattr(now.held, "uses_per_period", None)
    return None if limit is None else limit - now.used


def option(world: World, ada: Customer, held: Pass, facts: ClassFacts = FACTS) -> PassOption:
    found = passes_of(world).options(repo(), ada.ref, facts)
    return next(one for one in found if one.held.pass_id == held.pass_id)


def codes_of(error: BaseException | None) -> list[str]:
    if isinstance(error, SeveralRefusals):
        return [one.code for one in error.errors]
    return [error.code] if isinstance(error, GreenroomError) else []


@each_kind
@pytest.mark.parametrize("of", ["package", "membership"])
def test_sixteen_threads_take_exactly_as_many_uses_as_there_are(
    world: World, kind: CustomerKind, of: PassKind
) -> None:
    ada = make(world, kind)
    held = give(world, ada, of, uses=10, uses_per_period=10)

    results = at_once(16, lambda _: use(world, ada.ref, held))

    refused = [one for one in results if not isinstance(one, Use)]
    assert [codes_of(one) for one in refused if isinstance(one, BaseException)] == [
        ["NO_REMAINING_USE"]
    ] * 6
    assert left(world, ada, held) == 0
    assert not option(world, ada, held).usable


@each_kind
@pytest.mark.parametrize("of", ["package", "membership"])
def test_what_is_given_back_is_there_again(world: World, kind: CustomerKind, of: PassKind) -> None:
    ada = make(world, kind)
    held = give(world, ada, of)
    taken = [use(world, ada.ref, held) for _ in range(2)]

    at_once(2, lambda number: give_back(world, ada.ref, taken[number]))

    assert left(world, ada, held) == 3


@pytest.mark.parametrize("of", ["package", "membership"])
def test_a_use_does_not_come_back_where_the_pass_is_no_more(world: World, of: PassKind) -> None:
    """Its lead is just becoming a client: whoever cancels reads again, and no use is lost."""
    ada = make(world, "lead")
    taken = use(world, ada.ref, give(world, ada, of))
    world.table.empty(repo().customer_pk(ada.ref))

    with pytest.raises(PassChanged):
        give_back(world, ada.ref, taken)

    assert world.rows() == []


@pytest.mark.parametrize("status", ["frozen", "cancelled"])
def test_a_use_comes_back_whatever_became_of_the_pass(world: World, status: str) -> None:
    ada = make(world)
    held = give(world, ada)
    taken = use(world, ada.ref, held)
    passes_of(world).change(repo(), ada.ref, "package", held.pass_id, {"status": status})

    give_back(world, ada.ref, taken)

    assert left(world, ada, held) == 3


def test_a_random_walk_of_takers_and_givers_ends_with_a_count_that_is_right(world: World) -> None:
    ada = make(world)
    held = [give(world, ada, "package", uses=5), give(world, ada, "membership", uses_per_period=5)]

    def walk(number: int) -> int:
        mine = held[number % 2]
        kept: list[Use] = []
        for step in range(12):
            if kept and step % 3 == 2:
                give_back(world, ada.ref, kept.pop())
                continue
            try:
                kept.append(use(world, ada.ref, mine))
            except NoRemainingUse:
                continue
        return len(kept)

    kept = [int(one) for one in at_once(8, walk) if isinstance(one, int)]

    assert len(kept) == 8
    assert left(world, ada, held[0]) == 5 - sum(kept[0::2])
    assert left(world, ada, held[1]) == 5 - sum(kept[1::2])


def test_each_week_of_a_membership_has_its_own_uses(world: World) -> None:
    ada = make(world)
    held = give(world, ada, "membership", uses_per_period=1, period="week")
    sunday = ClassFacts(class_type="yoga", starts_at=STARTS - timedelta(hours=13))

    assert use(world, ada.ref, held, sunday).period == "2026-W47"
    assert use(world, ada.ref, held, FACTS).period == "2026-W48"
    for facts in (sunday, FACTS):
        with pytest.raises(GreenroomError) as refused:
            use(world, ada.ref, held, facts)
        assert codes_of(refused.value) == ["NO_REMAINING_USE"]


def test_a_membership_without_a_limit_counts_nothing(world: World) -> None:
    ada = make(world)
    held = give(world, ada, "membership", uses_per_period=None)

    taken = [use(world, ada.ref, held) for _ in range(5)]
    give_back(world, ada.ref, taken[0])

    assert {one.period for one in taken} == {None}
    assert rows(world, "membership_use") == []
    assert left(world, ada, held) is None
    assert option(world, ada, held).usable


def package_rows() -> Iterator[dict[str, Any]]:
    moment = timedelta(microseconds=1)
    for status, since, until, types, remaining in product(
        ("active", "frozen", "cancelled"),
        (STARTS - WEEK, STARTS, STARTS + moment),
        (None, STARTS - moment, STARTS, STARTS + WEEK),
        (None, {"yoga"}, {"pilates"}),
        (0, 1),
    ):
        yield {
            "status": status,
            "valid_from": since,
            "valid_until": until,
            "class_types": types,
            "remaining": remaining,
        }


def test_the_condition_holds_exactly_where_no_rule_is_violated(world: World) -> None:
    """And where it does not, all violated rules come out of the one step."""
    ada = make(world)
    for told in package_rows():
        key = PackageItem.at(repo(), ada.ref, new_id())
        item = PackageItem(key.pk, key.sk, name="Ten", uses=1, **told)
        world.table.put_all([item])
        held = pass_of(item)
        expected = [error.code for error in refusals(held, used=0, facts=FACTS)]

        try:
            use(world, ada.ref, held)
            found = []
        except GreenroomError as refused:
            found = codes_of(refused)

        assert found == expected, told


def test_the_same_for_a_membership_and_its_period(world: World) -> None:
    ada = make(world)
    for row, limit in product(package_rows(), (None, 1, 2)):
        used = row["remaining"]
        told = {name: value for name, value in row.items() if name != "remaining"}
        if (limit, used) == (2, 1) and told["status"] == "cancelled":
            continue  # says nothing that "frozen" does not
        key = MembershipItem.at(repo(), ada.ref, new_id())
        item = MembershipItem(
            key.pk, key.sk, name="Two", uses_per_period=limit, period="week", **told
        )
        pass_id = item.sk.partition("#")[2]
        count = MembershipUseItem.at(repo(), ada.ref, pass_id, "2026-W48")
        counted = [MembershipUseItem(count.pk, count.sk, used=used)] if used else []
        world.table.put_all([item, *counted])
        held = pass_of(item)
        expected = [error.code for error in refusals(held, used=used, facts=FACTS)]
        taken = passes_of(world).use_of(repo(), ada.ref, "membership", pass_id, FACTS)
        tx = world.table.transaction()
        passes_of(world).add_use(tx, repo(), ada.ref, taken, FACTS)

        found = [code for violation in tx.attempt() for code in codes_of(violation.error)]

        assert found == expected, (told, limit, used)


def test_the_steps_are_named_pass_and_pass_period(world: World) -> None:
    ada = make(world)
    passes = passes_of(world)
    names = {}
    for of in ("package", "membership"):
        held = give(world, ada, of)
        tx = world.table.transaction()
        taken = passes.use_of(repo(), ada.ref, held.kind, held.pass_id, FACTS)
        passes.add_use(tx, repo(), ada.ref, taken, FACTS)
        names[of] = [(step.operation, step.name) for step in tx.steps]

    assert names == {
        "package": [("Update", "pass")],
        "membership": [("ConditionCheck", "pass"), ("Update", "pass_period")],
    }


def test_a_package_is_not_read_and_a_membership_once(world: World) -> None:
    ada = make(world)
    package, membership = give(world, ada), give(world, ada, "membership")

    assert faults.count(lambda: use(world, ada.ref, package)) == {"TransactWriteItems": 1}
    assert faults.count(lambda: use(world, ada.ref, membership)) == {
        "GetItem": 1,
        "TransactWriteItems": 1,
    }


@pytest.mark.parametrize(
    ("name", "value"), [("uses_per_period", {"N": "9"}), ("uses_per_period", None)]
)
def test_a_limit_that_is_not_as_it_was_read_asks_to_read_again(
    world: World, name: str, value: dict[str, Any] | None
) -> None:
    ada = make(world)
    held = give(world, ada, "membership", uses_per_period=None if value else 3)
    key = MembershipItem.at(repo(), ada.ref, held.pass_id)
    passes = passes_of(world)
    taken = passes.use_of(repo(), ada.ref, "membership", held.pass_id, FACTS)
    if value:
        raw_set(world, key.pk, key.sk, name, value)
    else:
        tx = world.table.transaction()
        remove = MembershipItem.uses_per_period.remove()
        tx.update("m", key, remove, when=None, otherwise=NotFound())
        tx.commit()
    tx = world.table.transaction()
    passes.add_use(tx, repo(), ada.ref, taken, FACTS)

    with pytest.raises(PassChanged):
        tx.commit()

    use(world, ada.ref, held)


def test_a_stored_use_is_good_for_a_return_and_for_nothing_else(world: World) -> None:
    """A booking keeps kind, id and period; the limit is read anew by whoever takes a use."""
    ada = make(world)
    held = give(world, ada, "membership")
    taken = use(world, ada.ref, held)
    stored = Use(kind=taken.kind, pass_id=taken.pass_id, period=taken.period)
    tx = world.table.transaction()
    passes_of(world).add_use(tx, repo(), ada.ref, stored, FACTS)

    with pytest.raises(PassChanged):
        tx.commit()
    without = Use(kind="membership", pass_id=held.pass_id, limit=3)
    with pytest.raises(ValueError, match="without the period"):
        passes_of(world).add_use(world.table.transaction(), repo(), ada.ref, without, FACTS)
    give_back(world, ada.ref, stored)
    assert left(world, ada, held) == 3


@pytest.mark.parametrize("of", ["package", "membership"])
def test_a_pass_of_somebody_else_is_not_found(world: World, of: PassKind) -> None:
    ada, bob, lead = make(world), make(world), make(world, "lead")
    held = give(world, ada, of)

    for ref, wanted, organization in (
        (bob.ref, held, repo()),
        (lead.ref, held, repo()),
        (CustomerRef("lead", ada.ref.customer_id), held, repo()),
        (ada.ref, replace(held, pass_id=new_id()), repo()),
        (ada.ref, held, repo(organization=OTHER)),
    ):
        with pytest.raises(NotFound):
            use(world, ref, wanted, of=organization)
        with pytest.raises(NotFound):
            passes_of(world).change(organization, ref, of, wanted.pass_id, {"status": "frozen"})
    assert left(world, ada, held) == 3
    assert option(world, ada, held).held.status == "active"


@pytest.mark.parametrize("wrong", ["", "x", "a#b", "9" * 2000])
def test_what_is_no_id_is_no_pass(world: World, wrong: str) -> None:
    ada = make(world)

    for of in ("package", "membership"):
        with pytest.raises(NotFound):
            passes_of(world).use_of(repo(), ada.ref, of, wrong, FACTS)


# Making, changing, showing


@each_kind
def test_a_pass_is_read_as_it_was_made(world: World, kind: CustomerKind) -> None:
    ada = make(world, kind)
    package = give(world, ada, uses=7, class_types=("yoga", "box", "yoga"), valid_until=STARTS)
    membership = give(world, ada, "membership", period="week", valid_from=STARTS)

    passes = passes_of(world)
    for held in (package, membership):
        found, _ = passes.of_customer(repo(), ada.ref, held.kind, limit=9, cursor=None)
        assert [one.held for one in found] == [held]
    assert package.class_types == ("box", "yoga")
    assert (package.valid_from, membership.valid_from) == (world.clock(), STARTS)


def test_a_pass_needs_a_customer_who_is_there_and_active(world: World) -> None:
    ada = make(world)
    customers_of(world).change(repo(), ada.ref, {"status": "closed"})
    wanted = NewPass(kind="package", name="Ten", uses=1)

    with pytest.raises(CustomerInactive):
        passes_of(world).create(repo(), ada.ref, wanted)
    with pytest.raises(NotFound):
        passes_of(world).create(repo(), CustomerRef("lead", ada.ref.customer_id), wanted)
    assert rows(world, "package") == []


def test_a_pass_ends_after_it_begins(world: World) -> None:
    ada = make(world)
    with pytest.raises(ValidationFailed):
        give(world, ada, valid_from=STARTS, valid_until=STARTS)
    held = give(world, ada, valid_from=STARTS)
    passes = passes_of(world)

    with pytest.raises(ValidationFailed):
        passes.change(repo(), ada.ref, "package", held.pass_id, {"valid_until": STARTS})
    later = STARTS + timedelta(microseconds=1)
    changed = passes.change(repo(), ada.ref, "package", held.pass_id, {"valid_until": later})
    assert changed.held.valid_until == later
    opened = passes.change(repo(), ada.ref, "package", held.pass_id, {"valid_until": None})
    assert opened.held == held


def test_what_is_taken_while_a_pass_is_changed_is_not_undone(world: World) -> None:
    ada = make(world)
    held = give(world, ada, uses=20)
    passes = passes_of(world)

    def act(number: int) -> None:
        if number % 2:
            use(world, ada.ref, held)
        else:
            until = STARTS + timedelta(days=number + 1)
            passes.change(repo(), ada.ref, "package", held.pass_id, {"valid_until": until})

    assert at_once(16, act) == [None] * 16
    assert left(world, ada, held) == 12


def test_a_key_makes_one_pass_in_any_race(world: World) -> None:
    ada, bob = make(world), make(world)
    passes = passes_of(world)
    wanted = NewPass(kind="package", name="Ten", uses=3, request_hash="h")

    made: list[Any] = at_once(8, lambda _: passes.create(repo(), ada.ref, wanted, key="k"))

    assert sorted(one.replayed for one in made) == [False] + [True] * 7
    assert len({one.state.held.pass_id for one in made}) == 1
    use(world, ada.ref, made[0].state.held)
    customers_of(world).change(repo(), ada.ref, {"status": "closed"})
    again = passes.create(repo(), ada.ref, wanted, key="k")
    assert again.replayed, "also when the customer would get no new one"
    assert again.state.held.remaining == 2  # type: ignore[union-attr]
    for ref, other in (
        (ada.ref, NewPass(kind="package", name="Ten", uses=3, request_hash="other")),
        (ada.ref, NewPass(kind="membership", name="Ten", request_hash="h")),
        (bob.ref, wanted),
    ):
        with pytest.raises(IdempotencyMismatch):
            passes.create(repo(), ref, other, key="k")
    assert len(rows(world, "package")) == 1


def test_without_a_key_every_request_makes_a_pass_in_one_transaction(world: World) -> None:
    ada = make(world)

    assert faults.count(lambda: give(world, ada)) == {"TransactWriteItems": 1}
    give(world, ada)

    assert len(rows(world, "package")) == 2


def test_every_pass_is_an_option_usable_or_with_all_its_reasons(world: World) -> None:
    ada, bob = make(world), make(world)
    sooner = give(world, ada, valid_until=STARTS + timedelta(days=1))
    later = give(world, ada, valid_until=STARTS + WEEK)
    dated = give(world, ada, "membership", valid_until=STARTS + WEEK)
    unlimited = give(world, ada, "membership", uses_per_period=None)
    used_up = give(world, ada, "membership", uses_per_period=1, period="week")
    use(world, ada.ref, used_up)
    wrong = give(world, ada, class_types=("box",), valid_until=STARTS)
    give(world, bob)

    found = passes_of(world).options(repo(), ada.ref, FACTS)

    assert [one.held.pass_id for one in found if one.usable] == [
        dated.pass_id,
        unlimited.pass_id,
        sooner.pass_id,
        later.pass_id,
    ]
    reasons = {one.held.pass_id: [error.code for error in one.reasons] for one in found}
    assert reasons[used_up.pass_id] == ["NO_REMAINING_USE"]
    assert reasons[wrong.pass_id] == ["PASS_EXPIRED", "PASS_NOT_FOR_CLASS"]
    assert len(found) == 6


def test_an_option_is_usable_exactly_where_it_can_be_used(world: World) -> None:
    ada = make(world)
    for of, status in product(("package", "membership"), ("active", "frozen")):
        held = give(world, ada, of)  # type: ignore[arg-type]
        changes = {"status": status}
        passes_of(world).change(repo(), ada.ref, held.kind, held.pass_id, changes)

    for one in passes_of(world).options(repo(), ada.ref, FACTS):
        if one.usable:
            use(world, ada.ref, one.held)
        else:
            with pytest.raises(GreenroomError) as refused:
                use(world, ada.ref, one.held)
            assert codes_of(refused.value) == [error.code for error in one.reasons]


def test_the_uses_of_the_present_period_are_shown(world: World) -> None:
    ada = make(world)
    held = give(world, ada, "membership", period="month", valid_from=START - WEEK)
    use(world, ada.ref, held)
    passes = passes_of(world)

    (now,), _ = passes.of_customer(repo(), ada.ref, "membership", limit=9, cursor=None)
    world.clock.move(timedelta(days=31).total_seconds())
    (then,), _ = passes.of_customer(repo(), ada.ref, "membership", limit=9, cursor=None)

    assert (now.used, then.used) == (1, 0)


def test_passes_are_listed_newest_first_page_by_page(world: World) -> None:
    ada = make(world)
    made = [give(world, ada).pass_id for _ in range(3)]
    give(world, ada, "membership")
    found: list[str] = []
    cursor: str | None = None
    while True:
        page, cursor = passes_of(world).of_customer(
            repo(), ada.ref, "package", limit=1, cursor=cursor
        )
        found += [one.held.pass_id for one in page]
        if cursor is None:
            break

    assert sorted(found) == sorted(made)


def test_one_row_that_cannot_be_read_hides_no_other_pass(world: World) -> None:
    ada = make(world)
    held = give(world, ada)
    key = repo().customer_pk(ada.ref)
    now = to_text(world.clock())
    put_raw(
        world.table,
        PK=key,
        SK="PACKAGE#x",
        kind="package",
        v=1,
        created_at=now,
        updated_at=now,
        name="x",
        status="active",
        valid_from="yesterday",
        uses=1,
        remaining=1,
    )

    assert [one.held for one in passes_of(world).options(repo(), ada.ref, FACTS)] == [held]


def test_unknown_attributes_of_a_pass_outlive_its_uses(world: World) -> None:
    ada = make(world)
    held = give(world, ada)
    key = PackageItem.at(repo(), ada.ref, held.pass_id)
    raw_set(world, key.pk, key.sk, "sold_by", {"S": "Bob"})

    give_back(world, ada.ref, use(world, ada.ref, held))
    passes_of(world).change(repo(), ada.ref, "package", held.pass_id, {"status": "frozen"})

    (row,) = rows(world, "package")
    assert row["sold_by"] == {"S": "Bob"}
    assert from_text(row["created_at"]["S"]) == held.created_at
