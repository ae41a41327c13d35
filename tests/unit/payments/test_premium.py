"""Premium: every order of the news ends in one state, and one paid period is enough."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.payments.events import InvoiceFailed, InvoicePaid, RefundFacts, SubscriptionChanged
from greenroom.payments.periods import (
    PaidInvoice,
    TakenBack,
    Terms,
    merge_invoices,
    merge_taken_back,
)
from greenroom.payments.premium import (
    UNHEARD,
    Subscription,
    newer,
    premium_until,
    subscription_of,
)
from greenroom.payments.reversals import DisputeFacts, Reversal
from greenroom.payments.shapes import read_event
from tests.unit.payments.stripe_events import Json, changed, fixture, raw

GRACE = timedelta(days=3)
TERMS = Terms(grace=GRACE)
START = datetime.fromtimestamp(1_790_000_030, UTC)
END = datetime.fromtimestamp(1_792_592_030, UTC)
NEXT_END = END + timedelta(days=30)
NOW = START + timedelta(days=1)


def heard(event: Json) -> Subscription:
    found = read_event(raw(event))
    assert isinstance(found, SubscriptionChanged | InvoicePaid | InvoiceFailed)
    subscription = subscription_of(found)
    assert subscription is not None
    return subscription


def subscription(status: str = "active", **changes: object) -> Subscription:
    known = Subscription(
        subscription_id="sub_1",
        customer_id="cus_1",
        status=status,
        changed_at=START,
        period_end=END,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def past_due() -> Json:
    return changed(fixture(12, at_s=1_792_592_090), status="past_due")


@pytest.mark.parametrize(
    "events",
    [
        [fixture(11), fixture(12), fixture(13), past_due(), fixture(18)],
        [fixture(11), fixture(12, at_s=1_790_000_030), past_due(), fixture(13), fixture(20)],
        [fixture(12), past_due(), fixture(20), fixture(21), fixture(22)],
    ],
    ids=["to its end", "alive, two in one second", "with invoices"],
)
def test_all_orders_of_five_events_end_in_one_state(events: list[Json]) -> None:
    news = [heard(event) for event in events]
    expected = reduce(newer, news)

    for order in permutations(news):
        assert reduce(newer, (*order, *order)) == expected


def test_a_deleted_subscription_stays_deleted() -> None:
    late = heard(fixture(12, at_s=1_799_999_999))

    stands = newer(heard(fixture(18)), late)

    assert stands.deleted
    assert stands.opens_until(TERMS) is None
    assert newer(late, heard(fixture(18))) == stands


def test_a_deleted_subscription_opens_nothing_whatever_status_it_had() -> None:
    assert premium_until([subscription("active", deleted=True)], NOW, TERMS) is None


def test_its_birth_never_overwrites_what_it_became() -> None:
    for at_s in (1_790_000_000, 1_790_000_032, 1_799_999_999):
        born, active = heard(fixture(11, at_s=at_s)), heard(fixture(12))

        assert newer(born, active).status == newer(active, born).status == "active"


def test_a_later_second_wins_and_within_one_the_more_advanced_status() -> None:
    active = subscription("active", changed_at=START + timedelta(seconds=1))

    assert newer(subscription("past_due"), active).status == "active"
    assert newer(subscription("past_due"), subscription("active")).status == "past_due"
    assert newer(subscription("trialing"), subscription("active")).status == "active"


def test_news_of_two_subscriptions_is_never_mixed() -> None:
    with pytest.raises(ValueError, match="two subscriptions"):
        newer(subscription(), subscription(subscription_id="sub_2"))


@pytest.mark.parametrize(
    ("status", "until"),
    [
        ("active", END + GRACE),
        ("trialing", END + GRACE),
        ("past_due", END + GRACE),
        *((status, None) for status in ("incomplete", "incomplete_expired", "unpaid", "paused")),
        *((status, None) for status in ("canceled", UNHEARD, "a_new_word")),
    ],
)
def test_the_status_decides_whether_it_opens_anything(status: str, until: datetime | None) -> None:
    assert premium_until([subscription(status)], NOW, TERMS) == until


def test_premium_ends_with_its_period_and_grace_without_any_more_news() -> None:
    one = [subscription()]
    moment = timedelta(seconds=1)

    assert premium_until(one, END + GRACE - moment, TERMS) == END + GRACE
    assert premium_until(one, END + GRACE, TERMS) is None


def test_what_was_told_to_stop_stops_then_and_has_no_grace() -> None:
    told = heard(fixture(13))

    assert told.status == "active"
    assert premium_until([told], NOW, TERMS) == END
    assert premium_until([told], END, TERMS) is None


def test_any_live_subscription_keeps_premium() -> None:
    ended = subscription("canceled", subscription_id="sub_2", deleted=True)
    longer = subscription(subscription_id="sub_3", period_end=NEXT_END)

    assert premium_until([ended, subscription()], NOW, TERMS) == END + GRACE
    assert premium_until([subscription(), longer, ended], NOW, TERMS) == NEXT_END + GRACE
    assert premium_until([ended], NOW, TERMS) is None
    assert premium_until([], NOW, TERMS) is None


def test_a_paid_invoice_extends_the_period() -> None:
    paid = subscription(UNHEARD, paid_until=NEXT_END, paid_at=END)

    assert premium_until([newer(subscription(), paid)], NOW, TERMS) == NEXT_END + GRACE


def test_a_period_that_began_without_being_paid_gives_only_the_grace() -> None:
    renewed = subscription("past_due", changed_at=END, period_end=NEXT_END, paid_until=END)
    collected = newer(renewed, subscription(UNHEARD, paid_until=NEXT_END, paid_at=END))

    assert premium_until([renewed], END, TERMS) == END + GRACE
    assert premium_until([collected], END, TERMS) == NEXT_END + GRACE


def test_an_invoice_alone_opens_nothing_until_the_subscription_is_heard_of() -> None:
    invoice = heard(fixture(20))

    assert premium_until([invoice], NOW, TERMS) is None
    stands = newer(invoice, heard(fixture(12)))
    assert premium_until([stands], NOW, TERMS) == END + GRACE
    assert stands.paid_until == END


def test_an_active_subscription_without_any_period_has_the_grace_of_its_news() -> None:
    assert premium_until([subscription(period_end=None)], NOW, TERMS) == START + GRACE


def test_a_failed_collection_shows_until_one_succeeds() -> None:
    failed, paid = heard(fixture(22)), heard(fixture(21))

    assert failed.in_dunning
    assert not newer(failed, paid).in_dunning
    assert not paid.in_dunning


def test_an_invoice_of_no_subscription_is_about_none() -> None:
    event = changed(fixture(20), parent=None)
    event["data"]["object"]["lines"] = None
    found = read_event(raw(event))

    assert isinstance(found, InvoicePaid)
    assert subscription_of(found) is None


GONE = st.sampled_from(
    [
        Reversal(),
        Reversal(charge_refunded_cents=2900),
        Reversal(refunds=(RefundFacts("re_1", 2900, "succeeded"),)),
        Reversal(refunds=(RefundFacts("re_1", 2900, "failed"),)),
        *(Reversal(disputes=(DisputeFacts("du_1", word, START),)) for word in ("lost", "won")),
    ]
)
MOMENTS = st.sampled_from([None, START, END, NEXT_END])
ANY = st.builds(
    Subscription,
    subscription_id=st.just("sub_1"),
    customer_id=st.sampled_from([None, "cus_1"]),
    status=st.sampled_from([UNHEARD, "incomplete", "active", "past_due", "canceled", "new"]),
    changed_at=st.sampled_from([START, END]),
    deleted=st.booleans(),
    period_end=MOMENTS,
    ends_at=MOMENTS,
    price_id=st.sampled_from([None, "price_1"]),
    paid_until=MOMENTS,
    paid_at=MOMENTS,
    payment_failed_at=MOMENTS,
    invoices=st.lists(
        st.builds(
            PaidInvoice,
            st.sampled_from([START, END, NEXT_END]),
            st.sampled_from(["in_1", "in_2"]),
            st.sampled_from([0, 2900]),
            st.sampled_from([(), ("pi_1",)]),
        ),
        max_size=3,
    ).map(lambda some: merge_invoices(some, ())),
    taken_back=st.lists(
        st.builds(
            TakenBack, st.sampled_from(["pi_1", "pi_2"]), st.sampled_from(["in_1", "in_2"]), GONE
        ),
        max_size=3,
    ).map(lambda some: merge_taken_back(some, ())),
)


@given(ANY, ANY, ANY)
def test_merging_knows_no_order_and_no_repeats(
    one: Subscription, two: Subscription, three: Subscription
) -> None:
    assert newer(one, two) == newer(two, one)
    assert newer(one, newer(two, three)) == newer(newer(one, two), three)
    assert newer(one, one) == one


def test_every_pair_of_statuses_has_a_winner() -> None:
    words = ("incomplete", "trialing", "active", "past_due", "unpaid", "paused", "canceled", "new")
    for one, other in product(words, words):
        winner = newer(subscription(one), subscription(other))

        assert winner == newer(subscription(other), subscription(one))
