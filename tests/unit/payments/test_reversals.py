"""What was taken back: the same in every order, however often it is told."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from itertools import permutations
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.payments.catalogue import CATALOGUE
from greenroom.payments.domain import Purchase, difference, order, posted
from greenroom.payments.events import ChargeRefunded, DisputeChanged, RefundChanged, RefundFacts
from greenroom.payments.reversals import DisputeFacts, Reversal, merge, reversal_of
from greenroom.payments.shapes import read_event
from tests.unit.payments.stripe_events import REVERSALS, Json, changed, dispute, fixture, raw

NOW: Final = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
PRODUCT = CATALOGUE.get("credits_3")
assert PRODUCT is not None
PURCHASE = replace(
    order(
        PRODUCT,
        purchase_id="p1",
        user_id="u1",
        clerk_id="user_1",
        livemode=False,
        created_at=NOW,
        expires_at=NOW,
    ),
    standing="fulfilled",
    paid_cents=1500,
)


def told(event: Json) -> Reversal:
    found = read_event(raw(event))
    assert isinstance(found, RefundChanged | ChargeRefunded | DisputeChanged)
    return reversal_of(found)


def distinct_orders(things: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """The permutations of things of which some are the same, each once."""
    if not things:
        yield ()
    for first in dict.fromkeys(things):
        rest = list(things)
        rest.remove(first)
        yield from ((first, *others) for others in distinct_orders(rest))


def after(news: tuple[Reversal, ...], purchase: Purchase = PURCHASE) -> tuple[int, Purchase]:
    """The sum of all that was posted, one piece of news after another."""
    balance = 0
    for one in news:
        purchase = replace(purchase, reversal=merge(purchase.reversal, one))
        balance += difference(purchase)
        purchase = posted(purchase)
    return balance, purchase


@pytest.mark.parametrize(
    ("numbers", "balance", "status"),
    [
        ((25,), -100, "partially_refunded"),
        ((25, 26), -100, "partially_refunded"),
        ((25, 26, 27), -300, "refunded"),
        ((25, 26, 28), 0, "fulfilled"),
        ((30,), -300, "disputed"),
        ((30, 31, 32, 33), 0, "fulfilled"),
        ((30, 31, 34), -300, "disputed"),
        ((35,), 0, "fulfilled"),
        ((30, 34, 25, 27), -300, "disputed"),
        ((30, 32, 27), -300, "refunded"),
    ],
    ids=str,
)
def test_every_order_of_the_news_ends_in_one_balance(
    numbers: tuple[int, ...], balance: int, status: str
) -> None:
    news = [told(REVERSALS[number]()) for number in numbers]
    for orders in distinct_orders([*numbers, *numbers]):
        told_so = tuple(news[numbers.index(number)] for number in orders)
        total, purchase = after(told_so)

        assert (total, purchase.status) == (balance, status)
        assert purchase.reversed_credits == -balance


def test_there_are_ninety_orders_of_three_events_twice() -> None:
    counts = [len(list(distinct_orders([*range(n), *range(n)]))) for n in (1, 2, 3, 4)]

    assert counts == [1, 6, 90, 2520]


def test_news_that_comes_before_the_money_counts_once_the_money_came() -> None:
    early = replace(PURCHASE, standing="open", paid_cents=None)

    nothing, waiting = after((told(REVERSALS[27]()),), early)
    fulfilled = replace(waiting, standing="fulfilled", paid_cents=1500)

    assert (nothing, waiting.status) == (0, "awaiting")
    assert difference(fulfilled) == -300
    assert difference(posted(fulfilled)) == 0
    assert after((told(REVERSALS[30]()),), early)[0] == 0


def test_credits_of_a_partial_refund_are_rounded_in_favour_of_the_person() -> None:
    reversal = Reversal(refunds=(RefundFacts("re_1", 499, "succeeded"),))

    assert reversal.of_credits(300, paid_cents=1500) == 99
    assert reversal.of_credits(300, paid_cents=499) == 300
    assert reversal.of_credits(300, paid_cents=0) == 0


def test_a_refund_of_a_discounted_purchase_takes_back_all_of_it() -> None:
    cheaper = replace(PURCHASE, paid_cents=500)

    assert after((told(REVERSALS[26]()),), cheaper)[0] == -300


def test_a_pending_refund_counts_until_it_fails() -> None:
    pending = told(changed(fixture(26), status="pending"))
    canceled = told(changed(fixture(26, type="refund.updated"), status="canceled"))

    assert after((pending,))[0] == -100
    assert after((pending, canceled))[0] == after((canceled, pending))[0] == 0


def test_a_second_refund_after_a_failed_one_counts() -> None:
    failed = told(REVERSALS[28]())
    again = told(changed(fixture(26), id="re_2", amount=1500))

    for orders in permutations((told(REVERSALS[25]()), failed, again, told(REVERSALS[27]()))):
        assert after(orders)[0] == -300


def test_only_credits_are_taken_back_from_the_ledger() -> None:
    session = replace(PURCHASE, kind="session", credits=0)

    balance, purchase = after((told(REVERSALS[27]()),), session)

    assert (balance, purchase.status) == (0, "refunded")


def test_an_inquiry_that_becomes_a_dispute_holds_and_its_appeal_too() -> None:
    steps = [
        ("warning_needs_response", 0),
        ("warning_under_review", 0),
        ("needs_response", -300),
        ("under_review", -300),
        ("lost", -300),
        ("appeal_under_review", -300),
        ("won", 0),
    ]
    for length in range(1, len(steps) + 1):
        news = [told(dispute(status, 1_790_020_000 + n)) for n, (status, _) in enumerate(steps)]
        known = news[:length]

        assert after(tuple(known))[0] == steps[length - 1][1]
        assert after(tuple(reversed(known)))[0] == steps[length - 1][1]


def test_the_stage_of_a_dispute_goes_before_the_time_of_its_news() -> None:
    held, late = told(dispute("needs_response", 1_790_020_000)), 1_790_999_999
    warned, again = (told(dispute(word, late)) for word in ("warning_closed", "under_review"))
    won = told(dispute("won", 1_790_500_000))

    assert after((held, warned))[0] == after((warned, held))[0] == -300
    assert after((won, again))[0] == after((again, won))[0] == 0


@pytest.mark.parametrize("status", ["prevented", "warning_closed", "charge_refunded", "new_word"])
def test_a_dispute_that_ended_without_a_loss_takes_nothing(status: str) -> None:
    assert after((told(dispute(status, 1_790_030_000)),))[0] == 0


REFUNDS = st.builds(
    RefundFacts,
    st.sampled_from(["re_1", "re_2"]),
    st.sampled_from([500, 1500]),
    st.sampled_from(["pending", "requires_action", "succeeded", "failed", "canceled", "other"]),
)
DISPUTES = st.builds(
    DisputeFacts,
    st.sampled_from(["du_1", "du_2"]),
    st.sampled_from(["warning_closed", "needs_response", "won", "lost", "appeal_x", "other"]),
    st.sampled_from([NOW, NOW.replace(minute=59)]),
)
NEWS = st.one_of(
    st.builds(lambda one: Reversal(refunds=(one,)), REFUNDS),
    st.builds(lambda one: Reversal(disputes=(one,)), DISPUTES),
    st.builds(lambda cents: Reversal(charge_refunded_cents=cents), st.integers(0, 2000)),
)


@given(st.lists(NEWS, max_size=8), st.randoms())
def test_any_news_in_any_order_any_number_of_times_converges(
    news: list[Reversal], chance: object
) -> None:
    once = reduce(merge, news, Reversal())
    shuffled = [*news, *news]
    getattr(chance, "shuffle")(shuffled)  # noqa: B009

    assert reduce(merge, shuffled, Reversal()) == once
    assert after(tuple(shuffled))[0] == after(tuple(news))[0]
    assert -300 <= after(tuple(news))[0] <= 0
