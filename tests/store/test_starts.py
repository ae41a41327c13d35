"""At most so many starts in any hour, by a condition of the debit itself."""

from dataclasses import replace
from typing import Any

import pytest

from greenroom.kernel.errors import InsufficientCredits, QuotaExceeded, TooManyRequests
from greenroom.kernel.settings import LimitSettings
from greenroom.kernel.variables import SettingsRefused
from tests.store.people import charge, debit, set_credits, set_raw
from tests.store.things import at_once
from tests.world import Person, World

HOUR_S = 3600


def starter(world: World) -> Person:
    ada = world.person()
    set_credits(ada, 10_000)
    return ada


def begin(person: Person) -> None:
    debit(person, charge(person, cost=1))


def test_the_21st_start_in_an_hour_waits_until_the_first_has_left_it(world: World) -> None:
    ada = starter(world)
    for _ in range(20):
        begin(ada)
        world.clock.move(100)
    world.clock.move(HOUR_S - 2001)

    with pytest.raises(TooManyRequests) as refused:
        begin(ada)
    world.clock.move(1)
    begin(ada)  # the first start is an hour ago, to the second
    with pytest.raises(TooManyRequests) as again:
        begin(ada)

    assert refused.value.retry_after_s == 1
    assert again.value.retry_after_s == 100


def test_a_refused_start_does_not_count(world: World) -> None:
    ada = starter(world)
    for _ in range(20):
        begin(ada)
    for _ in range(3):
        with pytest.raises(TooManyRequests):
            begin(ada)

    world.clock.move(HOUR_S)
    for _ in range(20):
        begin(ada)


def test_the_refusal_over_http_says_when_it_opens(make_world: Any) -> None:
    world: World = make_world(STARTS_PER_HOUR="2")
    ada = world.person()
    for _ in range(2):
        started = ada.start()
        ada.call(f"POST /api/sessions/{started.body['sessionId']}/cancel")
        world.clock.move(60)

    refused = ada.start()

    assert (refused.status, refused.code) == (429, "RATE_LIMITED")
    assert refused.headers["Retry-After"] == str(HOUR_S - 120)
    assert ada.credits() == 3.0
    world.clock.move(HOUR_S - 120)
    assert ada.start().status == 201


def test_a_limit_that_was_lowered_counts_the_starts_before_it(world: World) -> None:
    ada = starter(world)
    for _ in range(3):
        begin(ada)
    world.rewire(STARTS_PER_HOUR="3")

    with pytest.raises(TooManyRequests):
        begin(ada)

    world.rewire(STARTS_PER_HOUR="4")
    begin(ada)


def test_premium_people_are_limited_as_well(make_world: Any) -> None:
    world: World = make_world(STARTS_PER_HOUR="1")
    ada = starter(world)
    set_raw(ada, premium_until={"S": "2027-01-01T00:00:00.000000Z"})
    started = ada.start()
    ada.call(f"POST /api/sessions/{started.body['sessionId']}/cancel")

    assert started.body["charged"] == 0
    assert ada.start().code == "RATE_LIMITED"


def test_of_25_starts_at_once_20_pass(world: World) -> None:
    ada = starter(world)

    outcomes = at_once(25, lambda _: begin(ada))

    assert sum(one is None for one in outcomes) == 20
    assert sum(isinstance(one, TooManyRequests) for one in outcomes) == 5


def test_others_are_not_limited_by_it(make_world: Any) -> None:
    world: World = make_world(STARTS_PER_HOUR="1")

    assert [world.person().start().status for _ in range(2)] == [201, 201]


class TestDailyInterviews:
    """``DAILY_LIMITS={"interview": n}``: so many interviews a person and day, in the debit."""

    @pytest.fixture
    def ada(self, make_world: Any) -> Person:
        return starter(make_world(DAILY_LIMITS='{"interview": 2}'))

    def test_the_third_waits_for_midnight(self, ada: Person) -> None:
        begin(ada)
        begin(ada)

        with pytest.raises(QuotaExceeded) as refused:
            begin(ada)
        ada.world.clock.move(12 * HOUR_S - 1)
        with pytest.raises(QuotaExceeded) as again:
            begin(ada)
        ada.world.clock.move(1)
        for _ in range(2):
            begin(ada)
        with pytest.raises(QuotaExceeded):
            begin(ada)  # a start at midnight is one of the new day

        assert refused.value.facts == {
            "limit": 2,
            "remaining": 0,
            "resetAt": "2026-11-22T00:00:00.000000Z",
            "scope": "day",
        }
        assert (refused.value.retry_after_s, again.value.retry_after_s) == (12 * HOUR_S, 1)

    def test_of_many_at_once_two_pass(self, ada: Person) -> None:
        outcomes = at_once(10, lambda _: begin(ada))

        assert sum(one is None for one in outcomes) == 2
        assert sum(isinstance(one, QuotaExceeded) for one in outcomes) == 8

    def test_a_premium_person_is_not_limited(self, ada: Person) -> None:
        set_raw(ada, premium_until={"S": "2027-01-01T00:00:00.000000Z"})

        for _ in range(3):
            started = ada.start()
            assert started.status == 201, started.text
            ada.call(f"POST /api/sessions/{started.body['sessionId']}/cancel")

    def test_what_is_no_interview_is_not_limited(self, ada: Person) -> None:
        for _ in range(3):
            debit(ada, replace(charge(ada, cost=1), reason="session"))
        with pytest.raises(InsufficientCredits):
            debit(ada, replace(charge(ada, cost=20_000), reason="session"))

    def test_too_often_in_an_hour_is_told_first(self, make_world: Any) -> None:
        ada = starter(make_world(DAILY_LIMITS='{"interview": 1}', STARTS_PER_HOUR="1"))
        begin(ada)

        with pytest.raises(TooManyRequests):
            begin(ada)

    @pytest.mark.parametrize("limits", ['{"interview": 21}', '{"interview": 0}', '{"x": -1}', "["])
    def test_a_limit_that_cannot_be_held_stops_the_start(
        self, make_world: Any, limits: str
    ) -> None:
        with pytest.raises((SettingsRefused, ValueError)):
            make_world(DAILY_LIMITS=limits).wiring("realtime_session").of(LimitSettings)
