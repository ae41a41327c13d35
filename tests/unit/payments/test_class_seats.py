"""A seat in a class as a purchase: what it names, how it is paid, and where its money stands."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from greenroom.kernel.errors import ValidationFailed
from greenroom.payments.catalogue import CATALOGUE, ClassSeat
from greenroom.payments.checkout import Wish
from greenroom.payments.domain import (
    BookingFacts,
    Purchase,
    banked,
    fulfilled,
    money_of,
    order,
    unmatched,
)
from greenroom.payments.events import CheckoutCompleted, RefundFacts
from greenroom.payments.items import PurchaseItem, purchase_of, purchase_values
from greenroom.payments.kinds import NATURES
from greenroom.payments.reversals import DisputeFacts, Reversal
from greenroom.payments.settlement import decide
from greenroom.payments.shapes import read_event
from greenroom.payments.telling import told_of
from greenroom.payments.view import purchase_view, redeemed
from tests.unit.payments.stripe_events import changed, fixture, raw

NOW = datetime(2026, 12, 1, 9, 0, tzinfo=UTC)
SEAT = ClassSeat(name="Morning flow", price_cents=1800, currency="eur")
FACTS = BookingFacts(
    organization_id="01980000-0000-7000-8000-000000000001",
    booking_id="01980000-0000-7000-8000-000000000002",
    class_session_id="01980000-0000-7000-8000-000000000003",
    class_name="Morning flow",
)


def seat(**changes: Any) -> Purchase:
    asked: dict[str, Any] = {
        "purchase_id": "01980000-0000-7000-8000-000000000004",
        "user_id": "01980000-0000-7000-8000-000000000005",
        "clerk_id": "user_1",
        "livemode": False,
        "created_at": NOW,
        "expires_at": NOW + timedelta(minutes=40),
        "booking": FACTS,
        **changes,
    }
    return order(asked.pop("product", SEAT), **asked)


def paid(purchase: Purchase, **members: Any) -> CheckoutCompleted:
    told = {
        "client_reference_id": purchase.purchase_id,
        "amount_total": 1800,
        "amount_subtotal": 1800,
        "currency": "eur",
        **members,
    }
    event = read_event(raw(changed(fixture(1), **told)))
    assert isinstance(event, CheckoutCompleted)
    return event


def refund(status: str = "succeeded", cents: int = 1800) -> Reversal:
    return Reversal(refunds=(RefundFacts(refund_id="re_1", amount_cents=cents, status=status),))


def dispute(status: str) -> Reversal:
    return Reversal(disputes=(DisputeFacts("dp_1", status, NOW),))


def test_a_seat_costs_what_its_class_costs_and_names_its_booking() -> None:
    purchase = seat()

    assert (purchase.kind, purchase.sku, purchase.quantity) == ("booking", "class", 1)
    assert (purchase.amount_cents, purchase.currency, purchase.credits) == (1800, "eur", 0)
    assert purchase.booking == FACTS


def test_a_seat_is_not_in_the_catalogue_and_nobody_buys_it_by_its_sku() -> None:
    assert CATALOGUE.get("class") is None


@pytest.mark.parametrize("changes", [{"booking": None}, {"product": CATALOGUE.get("credits_3")}])
def test_a_bookings_facts_belong_to_a_seat_and_only_there(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="the facts of a booking"):
        seat(**changes)


def test_one_checkout_is_one_seat() -> None:
    with pytest.raises(ValidationFailed):
        seat(quantity=2)


def test_there_is_one_open_checkout_a_booking() -> None:
    wish = Wish(product=SEAT, booking=FACTS, success_path="/", cancel_path="/")

    assert wish.thing == f"booking:{FACTS.booking_id}"


def test_stripe_is_told_which_booking_of_which_class() -> None:
    assert told_of(seat()) == {
        "purchase_id": "01980000-0000-7000-8000-000000000004",
        "user_id": "01980000-0000-7000-8000-000000000005",
        "clerk_id": "user_1",
        "sku": "class",
        "organization_id": FACTS.organization_id,
        "booking_id": FACTS.booking_id,
        "class_session_id": FACTS.class_session_id,
    }


def test_a_seat_is_paid_at_once_and_its_page_is_not_open_for_long() -> None:
    nature = NATURES["booking"]

    assert (nature.mode, nature.at_once, nature.life_s) == ("payment", True, 2400)
    assert not any(one.at_once for kind, one in NATURES.items() if kind != "booking")


def test_what_was_paid_is_fulfilled_and_another_amount_is_looked_at() -> None:
    purchase = seat()

    assert decide(purchase, paid(purchase)).action == "fulfil"
    wrong = decide(purchase, paid(purchase, amount_total=1, amount_subtotal=1))
    assert (wrong.action, wrong.reason, wrong.alarming) == ("unmatch", "amount", True)


@pytest.mark.parametrize("reversal", [refund(), dispute("needs_response"), dispute("lost")])
def test_a_payment_that_went_back_before_its_news_came_confirms_nothing(reversal: Reversal) -> None:
    purchase = seat()

    decision = decide(replace(purchase, reversal=reversal), paid(purchase))

    assert (decision.action, decision.reason) == ("bank", "reversed")


@pytest.mark.parametrize(
    ("reversal", "had", "kept"),
    [
        (Reversal(), "paid", "refund_due"),
        (refund(cents=1799), "paid", "refund_due"),
        (refund(), "refunded", "refunded"),
        (refund("pending"), "refunded", "refunded"),
        (refund("failed"), "paid", "refund_due"),
        (dispute("warning_needs_response"), "paid", "refund_due"),
        (dispute("needs_response"), "paid", "refund_due"),
        (dispute("won"), "paid", "refund_due"),
        (dispute("lost"), "refunded", "refunded"),
    ],
)
def test_where_the_money_stands_follows_from_all_that_is_known(
    reversal: Reversal, had: str, kept: str
) -> None:
    purchase = replace(seat(), paid_cents=1800, reversal=reversal)

    assert money_of(fulfilled(purchase)) == had
    assert money_of(banked(purchase, "class_full")) == kept


@pytest.mark.parametrize("standing", ["open", "expired", "processing", "failed"])
def test_money_that_has_not_come_stands_nowhere(standing: Any) -> None:
    assert money_of(replace(seat(), standing=standing)) is None
    assert money_of(unmatched(seat(), "amount")) is None


def test_a_purchase_is_read_as_it_was_stored_also_by_older_and_newer_members() -> None:
    purchase = seat()
    values = purchase_values(purchase)
    stored = {**values["booking"], "seat": "3B"}
    item = PurchaseItem(
        f"PURCHASE#{purchase.purchase_id}",
        "PURCHASE",
        created_at=NOW,
        rev=1,
        **{**values, "booking": stored},
    )

    assert purchase_of(item) == purchase


def test_its_owner_sees_the_class_by_name_and_the_booking_that_it_became() -> None:
    purchase = fulfilled(replace(seat(), paid_cents=1800, paid_at=NOW))
    view = purchase_view(purchase, catalogue=CATALOGUE, credits_name="credits", now=NOW)

    assert (view.name, view.kind, view.status) == ("Morning flow", "booking", "fulfilled")
    became = redeemed(view)
    assert (became.session_id, became.booking_id) == (None, FACTS.booking_id)
    assert view.organization_id == FACTS.organization_id
