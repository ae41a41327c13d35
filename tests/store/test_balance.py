"""The balance is the ledger's sum at every instant; what is too poor, premium, or given back."""

import threading
from typing import Any

import pytest

from greenroom.accounts.domain import Charge
from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import Conflict, InsufficientCredits, TooManyRequests
from tests.reliability import faults
from tests.store.people import (
    books_at_one_instant,
    charge,
    debit,
    rows_of,
    set_credits,
    set_raw,
    void,
)
from tests.store.things import at_once
from tests.world import MovableClock, Person, World

DAY_S = 86_400


def premium_until(person: Person, seconds: float) -> None:
    person.credits()
    until = MovableClock(person.world.clock()).move(seconds)
    set_raw(person, premium_until={"S": to_text(until)})


def test_the_balance_is_the_sum_of_the_ledger_at_every_instant(world: World) -> None:
    """The bank test: eight threads pay and take back while a reader watches both at once."""
    ada = world.person()
    ada.credits()
    charges = [charge(ada, cost=20 + 10 * number) for number in range(24)]
    keys = ["grant:welcome", *(c.debit_key for c in charges), *(c.void_key for c in charges)]
    done = threading.Event()

    def act(number: int) -> int:
        if number == 0:
            return watch()
        for one in charges[number - 1 :: 8]:
            try:
                debit(ada, one)
            except InsufficientCredits:
                continue
            if int(one.cost / 10) % 2:
                void(ada, one)
        return 0

    def watch() -> int:
        seen = 0
        while not done.is_set() or seen < 5:
            books = books_at_one_instant(ada, keys)
            assert books.agree, books
            assert books.balance >= 0
            seen += 1
        return seen

    def bank(number: int) -> Any:
        try:
            return act(number)
        finally:
            with lock:
                left.discard(number)
                if left == {0}:
                    done.set()

    lock, left = threading.Lock(), set(range(9))
    outcomes = at_once(9, bank)

    assert [one for one in outcomes if isinstance(one, BaseException)] == []
    books = books_at_one_instant(ada, keys)
    assert books.agree
    assert len(books.entries) == len(rows_of(ada, "ledger_entry"))


def test_of_many_debits_at_once_only_those_that_the_balance_covers_pass(world: World) -> None:
    ada = world.person()
    ada.credits()

    outcomes = at_once(16, lambda _: debit(ada, charge(ada)))

    assert sum(one is None for one in outcomes) == 3
    assert sum(isinstance(one, InsufficientCredits) for one in outcomes) == 13
    assert ada.credits() == 0.0


@pytest.mark.parametrize(("balance", "passes"), [(100, True), (99, False), (0, False)])
def test_the_condition_of_a_debit_is_its_cost(world: World, balance: int, passes: bool) -> None:
    ada = world.person()
    set_credits(ada, balance)

    started = ada.start()

    assert (started.status == 201) is passes
    assert ada.credits() == (0.0 if passes else balance / 100)


@pytest.mark.parametrize(
    ("balance", "needed"), [(75, 1.0), (50, 1.0), (99, 1.0), (25, 0.5), (49, 0.5), (0, 0.5)]
)
def test_the_refusal_names_what_is_there_what_is_needed_and_what_it_costs(
    world: World, balance: int, needed: float
) -> None:
    ada = world.person()
    set_credits(ada, balance)
    before = world.rows()

    refused = ada.start()

    text = (
        f"Insufficient VocahireCredits. You need at least {needed} VocahireCredits to start an "
        "interview."
    )
    assert (refused.status, refused.code) == (403, "INSUFFICIENT_CREDITS")
    assert refused.body["error"] == refused.body["detail"] == text
    facts = {name: refused.body[name] for name in ("currentCredits", "minimumRequired")}
    assert facts == {"currentCredits": balance / 100, "minimumRequired": needed}
    assert refused.body["interviewCost"] == 1.0
    assert world.rows() == before
    assert world.provider.requests == []


def test_a_debit_is_taken_once_for_one_charge(world: World) -> None:
    ada = world.person()
    ada.credits()
    once = charge(ada)

    outcomes = at_once(8, lambda _: debit(ada, once))

    assert sum(one is None for one in outcomes) == 1
    assert sum(isinstance(one, Conflict) for one in outcomes) == 7
    assert ada.credits() == 2.0


# Premium


def test_a_premium_person_pays_nothing_and_is_remembered_for_half_a_minute(world: World) -> None:
    ada = world.person()
    premium_until(ada, 10_000)

    with faults.plan() as first:
        started = ada.start()
    ada.call(f"POST /api/sessions/{started.body['sessionId']}/cancel")
    world.clock.move(29)
    with faults.plan() as second:
        again = ada.start()
    ada.call(f"POST /api/sessions/{again.body['sessionId']}/cancel")
    world.clock.move(2)
    with faults.plan() as third:
        ada.start()

    assert [started.status, again.status] == [201, 201]
    assert started.body["charged"] == 0
    assert ada.credits() == 3.0
    assert [entry["kind"] for entry in ada.ledger()] == ["grant"]
    transactions = [len(plan.of("TransactWriteItems")) for plan in (first, second, third)]
    assert transactions == [2, 1, 2]


def test_a_premium_person_without_credits_may_start(world: World) -> None:
    ada = world.person()
    premium_until(ada, 10_000)
    set_raw(ada, credits={"N": "0"})

    assert ada.start().status == 201
    assert ada.credits() == 0.0


def test_a_hint_that_outlives_the_premium_period_still_takes_the_credit(world: World) -> None:
    ada = world.person()
    premium_until(ada, 10)
    first = ada.start()
    ada.call(f"POST /api/sessions/{first.body['sessionId']}/cancel")
    world.clock.move(10)  # the period ends at this very moment; the hint lives 20 s more

    second = ada.start()

    assert (second.status, second.body["charged"]) == (201, 1.0)
    assert ada.credits() == 2.0


# Giving back


def test_a_debit_is_given_back_exactly_once_in_any_race(world: World) -> None:
    ada = world.person()
    ada.credits()
    taken = charge(ada)
    debit(ada, taken)

    outcomes = at_once(16, lambda number: void(ada, taken, counted=number % 2 == 0))

    assert sum(one is None for one in outcomes) == 1
    assert ada.credits() == 3.0
    assert [entry["kind"] for entry in ada.ledger()].count("void") == 1


def test_three_reports_a_day_are_given_back_and_the_fourth_is_told_when(world: World) -> None:
    ada = world.person()
    ada.credits()
    for _ in range(3):
        taken = charge(ada)
        debit(ada, taken)
        void(ada, taken, counted=True)
        world.clock.move(1000)
    taken = charge(ada)
    debit(ada, taken)

    world.clock.move(DAY_S - 3001)
    with pytest.raises(TooManyRequests) as refused:
        void(ada, taken, counted=True)
    assert refused.value.retry_after_s == 1
    assert ada.credits() == 2.0

    world.clock.move(1)
    void(ada, taken, counted=True)
    assert ada.credits() == 3.0


def test_what_is_given_back_without_a_report_is_not_counted(world: World) -> None:
    ada = world.person()
    ada.credits()
    for _ in range(5):
        taken = charge(ada)
        debit(ada, taken)
        void(ada, taken)

    assert ada.credits() == 3.0


@pytest.mark.parametrize("allowed", [0, 1])
def test_the_allowance_of_reports_is_a_setting(make_world: Any, allowed: int) -> None:
    world: World = make_world(CONNECT_FAILED_PER_DAY=str(allowed))
    ada = world.person()
    ada.credits()
    for _ in range(allowed):
        taken = charge(ada)
        debit(ada, taken)
        void(ada, taken, counted=True)
    taken = charge(ada)
    debit(ada, taken)

    with pytest.raises(TooManyRequests) as refused:
        void(ada, taken, counted=True)

    assert refused.value.retry_after_s == DAY_S


def test_a_charge_of_another_attempt_is_another_one() -> None:
    first, second = (
        Charge(user_id="u", session_id="s", attempt=attempt, cost=100) for attempt in (1, 2)
    )

    assert {first.debit_key, first.void_key}.isdisjoint({second.debit_key, second.void_key})


def test_premium_is_seen_by_the_person(world: World) -> None:
    ada = world.person()
    premium_until(ada, 60)

    seen = ada.call("GET /api/user").body
    world.clock.move(60)
    later = ada.call("GET /api/user").body

    assert (seen["isPremium"], later["isPremium"]) == (True, False)
