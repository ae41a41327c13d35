"""The rules of spending, without a table."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from greenroom.accounts.domain import HINTS_MAX, Charge, PremiumHints, User, insufficient
from greenroom.kernel.limits import Limits

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def user(credits_: int = 0, premium_until: datetime | None = None) -> User:
    return User(
        user_id="u",
        clerk_id="c",
        email=None,
        name=None,
        credits=credits_,
        premium_until=premium_until,
        created_at=NOW,
    )


def test_a_period_that_ends_now_is_over() -> None:
    assert user(premium_until=NOW + SECOND).is_premium(NOW)
    assert not user(premium_until=NOW).is_premium(NOW)
    assert not user().is_premium(NOW)


@pytest.mark.parametrize(("credits_", "may"), [(100, True), (99, False), (0, False)])
def test_whoever_has_the_cost_may_start(credits_: int, may: bool) -> None:
    assert user(credits_).may_start(NOW, cost=100) is may


def test_premium_people_may_start_without_credits() -> None:
    assert user(0, NOW + SECOND).may_start(NOW, cost=100)


@pytest.mark.parametrize(
    ("balance", "needed"), [(0, 0.5), (25, 0.5), (49, 0.5), (50, 1.0), (75, 1.0), (99, 1.0)]
)
def test_the_refusal_asks_for_the_minimum_below_it_and_for_the_cost_above(
    balance: int, needed: float
) -> None:
    charge = Charge(user_id="u", session_id="s", attempt=1, cost=100)

    refusal = insufficient(balance, charge, limits=Limits(), credits_name="Coins")

    assert refusal.detail == (
        f"Insufficient Coins. You need at least {needed} Coins to start an interview."
    )
    assert refusal.facts == {
        "currentCredits": balance / 100,
        "minimumRequired": needed,
        "interviewCost": 1.0,
    }


def test_the_refusal_of_an_experts_session_names_its_price_and_no_interview() -> None:
    charge = Charge(user_id="u", session_id="s", attempt=1, cost=600, reason="session")

    refusal = insufficient(25, charge, limits=Limits(), credits_name="Coins")

    assert (
        refusal.detail == "Insufficient Coins. You need at least 6.0 Coins to start this session."
    )
    assert refusal.facts == {"currentCredits": 0.25, "minimumRequired": 6.0, "sessionCost": 6.0}


def test_a_hint_lives_its_time_and_no_longer() -> None:
    hints = PremiumHints(30)

    hints.turn("u", NOW)

    assert hints.is_premium("u", NOW + 29 * SECOND)
    assert not hints.is_premium("u", NOW + 30 * SECOND)
    assert not hints.is_premium("other", NOW)


def test_a_wrong_hint_is_forgotten() -> None:
    hints = PremiumHints(30)
    hints.turn("u", NOW)

    hints.turn("u", NOW)

    assert not hints.is_premium("u", NOW)


def test_a_container_remembers_only_so_many_people() -> None:
    hints = PremiumHints(30)
    for number in range(HINTS_MAX + 1):
        hints.turn(str(number), NOW)

    assert hints.is_premium(str(HINTS_MAX), NOW)
    assert len(hints._until) == 1


def test_people_do_not_change() -> None:
    assert replace(user(), credits=5).credits == 5
