"""What went back of a period's money: whether the period still counts, in every order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import permutations

import pytest

from greenroom.kernel.limits import SUBSCRIPTION_INVOICES_KEPT, Limits
from greenroom.payments.events import RefundFacts
from greenroom.payments.periods import (
    PaidInvoice,
    TakenBack,
    Terms,
    Withheld,
    merge_invoices,
    terms_of,
)
from greenroom.payments.premium import UNHEARD, Subscription, newer, taken_back_of
from greenroom.payments.reversals import DisputeFacts, Reversal

TERMS = Terms(grace=timedelta(days=3))
START = datetime(2026, 11, 1, tzinfo=UTC)
END = START + timedelta(days=30)
NEXT_END = END + timedelta(days=30)
PRICE = 1999


def subscription(status: str = "active", **changes: object) -> Subscription:
    known = Subscription(
        subscription_id="sub_1",
        customer_id="cus_1",
        status=status,
        changed_at=START,
        period_end=END,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def paid(invoice_id: str, end: datetime, cents: int = PRICE) -> Subscription:
    """What the news of a paid invoice tells."""
    invoice = PaidInvoice(end, invoice_id, cents)
    long_ago = START - timedelta(days=1000)
    return subscription(
        UNHEARD, changed_at=long_ago, period_end=None, paid_until=end, invoices=(invoice,)
    )


def refund(
    cents: int, *, of: str = "in_1", payment: str = "pi_1", status: str = "succeeded"
) -> Subscription:
    facts = RefundFacts(f"re_{payment}_{cents}", cents, status)
    return taken_back_of("sub_1", TakenBack(payment, of, Reversal(refunds=(facts,))))


def dispute(status: str, *, of: str = "in_1", hour: int = 0) -> Subscription:
    facts = DisputeFacts("du_1", status, START + timedelta(hours=hour))
    return taken_back_of("sub_1", TakenBack("pi_1", of, Reversal(disputes=(facts,))))


OPEN = dispute("needs_response")
REVIEWED = dispute("under_review", hour=1)
WON = dispute("won", hour=2)
LOST = dispute("lost", hour=2)
FIRST, SECOND = paid("in_1", END), paid("in_2", NEXT_END)
RENEWED = subscription(changed_at=END, period_end=NEXT_END)


@pytest.mark.parametrize(
    ("news", "why"),
    [
        ([FIRST], None),
        ([FIRST, refund(PRICE)], "refund"),
        ([FIRST, refund(PRICE - 1)], None),
        ([FIRST, refund(PRICE), refund(PRICE, status="failed")], None),
        ([FIRST, refund(1000), refund(999)], "refund"),
        ([FIRST, refund(1000), refund(999, payment="pi_2")], "refund"),
        ([FIRST, OPEN], "dispute"),
        ([FIRST, OPEN, REVIEWED], "dispute"),
        ([FIRST, OPEN, REVIEWED, WON], None),
        ([FIRST, OPEN, LOST], "dispute"),
        ([FIRST, OPEN, WON, refund(PRICE)], "refund"),
        ([FIRST, dispute("warning_needs_response")], None),
        ([FIRST, OPEN, dispute("warning_closed", hour=3)], "dispute"),
        ([paid("in_1", END, cents=0), refund(0)], None),
        ([refund(PRICE)], None),
        ([FIRST, refund(PRICE, of="in_9")], None),
        ([FIRST, SECOND, RENEWED, refund(PRICE)], None),
        ([FIRST, RENEWED, OPEN], None),
        ([FIRST, SECOND, RENEWED, dispute("lost", of="in_2")], "dispute"),
        ([FIRST, SECOND, refund(PRICE, of="in_2")], "refund"),
    ],
)
def test_every_order_of_the_news_says_the_same_of_the_present_period(
    news: list[Subscription], why: Withheld | None
) -> None:
    ends = {reduce(newer, (*order, *order)) for order in permutations([subscription(), *news])}

    (end,) = ends
    assert end.withheld(TERMS) == why
    assert (end.opens_until(TERMS) is None) is (why is not None)


def test_a_renewal_that_is_not_collected_counts_for_the_period_that_went_back() -> None:
    past_due = subscription("past_due", changed_at=END, period_end=NEXT_END)
    known = reduce(newer, [past_due, FIRST, refund(PRICE)])

    assert known.withheld(TERMS) == "refund"
    assert newer(known, SECOND).opens_until(TERMS) == NEXT_END + TERMS.grace


@pytest.mark.parametrize(
    ("news", "terms"),
    [
        (refund(PRICE), Terms(grace=TERMS.grace, refund_ends=False)),
        (LOST, Terms(grace=TERMS.grace, dispute_suspends=False)),
    ],
)
def test_a_deployment_may_let_it_count_all_the_same(news: Subscription, terms: Terms) -> None:
    known = reduce(newer, [subscription(), FIRST, news])

    assert known.opens_until(TERMS) is None
    assert known.opens_until(terms) == END + TERMS.grace


def test_the_terms_are_settings_and_strict_by_default() -> None:
    lenient = Limits(
        subscription_grace_s=60,
        subscription_refund_ends_premium=False,
        subscription_dispute_suspends_premium=False,
    )

    assert terms_of(Limits()) == Terms(grace=timedelta(days=3))
    assert terms_of(lenient) == Terms(
        grace=timedelta(minutes=1), refund_ends=False, dispute_suspends=False
    )


def test_only_the_newest_invoices_are_kept_whatever_order_they_came_in() -> None:
    more = SUBSCRIPTION_INVOICES_KEPT + 5
    invoices = [PaidInvoice(START + timedelta(days=n), f"in_{n}", 1) for n in range(more)]

    for order in (invoices, invoices[::-1]):
        known: tuple[PaidInvoice, ...] = ()
        for one in order:
            known = merge_invoices(known, [one])

        assert known == tuple(invoices[5:])
