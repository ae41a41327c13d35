"""States of a booking, when a cancellation is late, and what goes back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, get_args

import pytest

from greenroom.bookings.domain import (
    HELD,
    OPEN,
    SEATED,
    Booking,
    BookingStatus,
    ClassSession,
    Seats,
    cancelled_as,
    customer_columns,
    first_payment,
    payment_after,
    refuse_move,
)
from greenroom.kernel.errors import InvalidTransition
from greenroom.kernel.limits import Limits
from greenroom.organizations.principal import CustomerRef

STARTS = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
STATUSES: tuple[BookingStatus, ...] = get_args(BookingStatus)
ALLOWED = {
    ("pending", "confirmed"),
    ("pending", "cancelled"),
    ("pending", "expired"),
    ("waitlisted", "offered"),
    ("waitlisted", "cancelled"),
    ("waitlisted", "expired"),
    ("offered", "confirmed"),
    ("offered", "pending"),
    ("offered", "cancelled"),
    ("offered", "expired"),
    ("confirmed", "cancelled"),
    ("confirmed", "late_cancelled"),
    ("confirmed", "attended"),
    ("confirmed", "no_show"),
    ("attended", "no_show"),
    ("no_show", "attended"),
    ("expired", "confirmed"),
}


def booking(**told: Any) -> Booking:
    return Booking(
        **{
            "booking_id": "b",
            "organization_id": "o",
            "class_session_id": "k",
            "customer": CustomerRef("client", "c"),
            "customer_name": "Ada",
            "booking_status": "confirmed",
            "payment_status": "pending",
            "class_name": "Flow",
            "class_type": "yoga",
            "starts_at": STARTS,
            "duration_min": 60,
            "amount_cents": 1500,
            "currency": "usd",
            "created_at": STARTS - timedelta(days=3),
            "source": "staff",
            "late_cancel_min": 720,
            "late_cancel_fee_cents": 500,
            **told,
        }
    )


def class_session(**told: Any) -> ClassSession:
    return ClassSession(
        **{
            "class_session_id": "k",
            "organization_id": "o",
            "name": "Flow",
            "type": "yoga",
            "starts_at": STARTS,
            "duration_min": 60,
            "capacity": 10,
            "free": 10,
            "booked": 0,
            "held": 0,
            "waitlist_count": 0,
            "waitlist_joins": 0,
            "waitlist_max": 20,
            "status": "scheduled",
            "price_cents": 1500,
            "currency": "usd",
            "late_cancel_min": 720,
            "late_cancel_fee_cents": 500,
            "notice_min": 30,
            "edition": 1,
            "created_at": STARTS - timedelta(days=3),
            **told,
        }
    )


@pytest.mark.parametrize(("before", "after"), list(product(STATUSES, STATUSES)))
def test_a_booking_moves_only_as_its_state_allows(
    before: BookingStatus, after: BookingStatus
) -> None:
    seen = booking(booking_status=before)
    if (before, after) in ALLOWED:
        refuse_move(seen, after)
        return

    with pytest.raises(InvalidTransition) as refused:
        refuse_move(seen, after)

    told = refused.value.facts
    assert (told["from"], told["to"]) == (before, after)
    assert {(before, one) for one in told["allowed"]} == {
        move for move in ALLOWED if move[0] == before
    }


def test_each_state_says_whether_the_booking_is_over_and_whether_it_takes_time() -> None:
    is_open = {one for one in STATUSES if booking(booking_status=one).is_open}
    takes_time = {one for one in STATUSES if booking(booking_status=one).takes_time}

    assert is_open == OPEN
    assert sorted(OPEN) == ["confirmed", "offered", "pending", "waitlisted"]
    assert takes_time == {"pending", "confirmed", "attended", "no_show"}
    assert sorted(HELD) == ["offered", "pending"]
    assert sorted(SEATED) == ["attended", "confirmed", "no_show"]


@pytest.mark.parametrize("status", ["pending", "offered", "waitlisted", "confirmed"])
@pytest.mark.parametrize("waived", [False, True])
@pytest.mark.parametrize("ahead", [MOMENT, timedelta(0), -MOMENT])
def test_only_a_confirmed_booking_is_cancelled_late_and_the_staff_may_waive_it(
    status: BookingStatus, waived: bool, ahead: timedelta
) -> None:
    seen = booking(booking_status=status)
    late = status == "confirmed" and not waived and ahead <= timedelta(0)

    became = cancelled_as(seen, seen.late_from - ahead, waived=waived)

    assert became == ("late_cancelled" if late else "cancelled")
    assert seen.late_from == STARTS - timedelta(hours=12)


PAYMENTS = [
    # before, by card?, in time -> late
    ("free", None, "free", "free"),
    ("covered", None, "void", "covered"),
    ("pending", None, "void", "pending"),
    ("void", None, "void", "void"),
    ("paid", None, "paid", "paid"),
    ("paid", "purchase", "refund_due", "paid"),
]


@pytest.mark.parametrize(("before", "purchase_id", "in_time", "late"), PAYMENTS)
def test_in_time_what_was_paid_by_card_goes_back_by_card(
    before: Any, purchase_id: str | None, in_time: str, late: str
) -> None:
    seen = booking(payment_status=before, purchase_id=purchase_id)

    assert payment_after(seen, gives_back=True) == in_time
    assert payment_after(seen, gives_back=False) == late


@pytest.mark.parametrize(
    ("amount_cents", "has_pass", "status"),
    [(0, False, "free"), (1, False, "pending"), (0, True, "covered"), (1, True, "covered")],
)
def test_a_new_booking_is_covered_by_a_pass_or_free_or_to_be_paid(
    amount_cents: int, has_pass: bool, status: str
) -> None:
    assert first_payment(amount_cents, has_pass=has_pass) == status


def test_a_hold_counts_until_its_last_moment_and_no_longer() -> None:
    held = booking(booking_status="pending", expires_at=STARTS)

    assert not held.has_expired(STARTS - MOMENT)
    assert held.has_expired(STARTS)
    assert not replace(held, expires_at=None).has_expired(STARTS)


def test_the_changes_of_counters_add_up() -> None:
    left, offered = Seats(booked=-1, free=2, joins=3), Seats(held=1, waiting=-1, free=-1, joins=1)

    assert left + offered == Seats(free=1, booked=-1, held=1, waiting=-1, joins=4)
    assert Seats() + left == left


def test_exactly_one_column_names_the_customer() -> None:
    assert customer_columns(CustomerRef("client", "1")) == ("1", None)
    assert customer_columns(CustomerRef("lead", "1")) == (None, "1")


def test_a_class_closes_with_its_notice_and_for_the_staff_with_its_end() -> None:
    klass = class_session()

    assert klass.closes_at(staff=False) == STARTS - timedelta(minutes=30)
    assert klass.closes_at(staff=True) == klass.ends_at == STARTS + timedelta(hours=1)
    assert klass.offers_until(Limits(waitlist_cutoff_s=60)) == STARTS - timedelta(minutes=1)
    assert (klass.facts.class_type, klass.facts.starts_at) == ("yoga", STARTS)
    assert booking().ends_at == klass.ends_at
