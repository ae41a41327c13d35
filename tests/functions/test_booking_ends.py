"""How bookings end, through HTTP: cancelled in time or late, offered, attended or not."""

from datetime import timedelta
from typing import Any

import pytest

from greenroom.kernel.clock import to_text
from greenroom.organizations.principal import CustomerKind
from tests.studios import FUTURE, Class, Studio, codes
from tests.world import START, Person, Reply, World

of_each_kind = pytest.mark.parametrize("kind", ["client", "lead"])
HOUR = timedelta(hours=1)
HALF = timedelta(minutes=30)


@pytest.fixture
def studio(world: World) -> Studio:
    """In a world of its own, since its clock is moved."""
    return Studio(world)


def until_start(studio: Studio, offset: timedelta = timedelta()) -> None:
    """Let time pass until so long after the start of a class that was in three days."""
    studio.world.clock.now = START + FUTURE + offset


def shown(studio: Studio, booking: Reply) -> Any:
    return studio.staff(f"GET /bookings/{booking.body['bookingId']}").body


def act(person: Person, class_: Class, booking: Reply, act: str, body: Any = None) -> Reply:
    """Do something with a booking, as a customer."""
    return person.call(
        f"POST {class_.studio.home}/bookings/{booking.body['bookingId']}/{act}", body
    )


# Cancelled in time


@of_each_kind
def test_in_time_everything_goes_back_once(studio: Studio, kind: CustomerKind) -> None:
    class_ = studio.hold_class(priceCents=1800, lateCancelMinutes=60, lateCancelFeeCents=500)
    ref, person = studio.client_who_signs_in(kind)
    package = studio.package(ref, uses=3)
    booked = class_.book_for(ref, use={"packageId": package})
    assert booked.body["lateCancelAt"] == to_text(START + FUTURE - HOUR)
    until_start(studio, -HOUR - timedelta(microseconds=1))

    cancelled = act(person, class_, booked, "cancel")
    again = act(person, class_, booked, "cancel")

    assert (cancelled.status, again.status) == (200, 200)
    assert cancelled.body == again.body
    assert cancelled.body["bookingStatus"] == "cancelled"
    assert (cancelled.body["paymentStatus"], cancelled.body["feeCents"]) == ("void", 0)
    assert cancelled.body["allowed"] == []
    assert studio.remaining(ref, package) == 3
    assert class_.counters == (10, 0, 0, 0)
    assert class_.book_for(ref, use={"packageId": package}).status == 201  # anew


def test_the_use_of_a_membership_goes_back_into_its_period(studio: Studio) -> None:
    customer = studio.customer()
    membership = studio.membership(customer.ref, limit=1, period="month")
    class_ = studio.hold_class()
    booked = class_.book(customer, use={"membershipId": membership})
    assert booked.body["consumed"]["period"] == "2026-11"
    studio.world.clock.move(86_400)

    class_.act(booked, "cancel")

    assert class_.book(customer, use={"membershipId": membership}).status == 201
    other = studio.hold_class(starts_in=timedelta(days=1))
    assert codes(other.book(customer, use={"membershipId": membership})) == ["NO_REMAINING_USE"]


def test_a_use_goes_back_to_a_pass_that_ended_meanwhile(studio: Studio) -> None:
    class_, customer = studio.hold_class(), studio.customer()
    package = studio.package(customer.ref, uses=1)
    booked = class_.book(customer, use={"packageId": package})
    passes = studio.world.wiring("bookings").passes
    passes.change(studio.repo, customer.ref, "package", package, {"status": "cancelled"})

    assert class_.act(booked, "cancel").body["bookingStatus"] == "cancelled"

    assert studio.remaining(customer.ref, package) == 1
    assert codes(class_.book(customer, use={"packageId": package})) == ["PASS_INACTIVE"]


def test_what_was_paid_at_the_studio_the_studio_gives_back(studio: Studio) -> None:
    class_ = studio.hold_class(priceCents=1800)
    owing, paid = (class_.book(studio.customer()) for _ in range(2))
    class_.act(paid, "paid")

    assert class_.act(owing, "cancel").body["paymentStatus"] == "void"
    assert class_.act(paid, "cancel").body["paymentStatus"] == "paid"


# Late


@of_each_kind
def test_late_the_use_stays_used_and_the_fee_is_noted(studio: Studio, kind: CustomerKind) -> None:
    class_ = studio.hold_class(priceCents=1800, lateCancelMinutes=60, lateCancelFeeCents=500)
    ref, person = studio.client_who_signs_in(kind)
    package = studio.package(ref, uses=3)
    booked = class_.book_for(ref, use={"packageId": package})
    owing = class_.book(studio.customer())
    until_start(studio, -HOUR)

    cancelled = act(person, class_, booked, "cancel").body
    owed = class_.act(owing, "cancel").body

    assert (cancelled["bookingStatus"], cancelled["paymentStatus"]) == ("late_cancelled", "covered")
    assert cancelled["feeCents"] == cancelled["lateCancelFeeCents"] == 500
    assert cancelled["consumed"]["id"] == package
    assert studio.remaining(ref, package) == 2
    assert (owed["bookingStatus"], owed["paymentStatus"]) == ("late_cancelled", "pending")
    assert owed["allowed"] == ["paid"]
    assert class_.counters == (10, 0, 0, 0)  # the seats are free all the same
    assert act(person, class_, booked, "cancel").body["bookingStatus"] == "late_cancelled"


def test_the_staff_may_waive_that_it_is_late(studio: Studio) -> None:
    class_ = studio.hold_class(lateCancelMinutes=60, lateCancelFeeCents=500)
    ref, person = studio.client_who_signs_in()
    package = studio.package(ref)
    booked = class_.book_for(ref, use={"packageId": package})
    until_start(studio, -HALF)

    by_customer = act(person, class_, booked, "cancel", {"waiveLate": True})
    assert (by_customer.status, by_customer.code) == (403, "FORBIDDEN")
    assert class_.status(booked) == "confirmed"
    waived = class_.act(booked, "cancel", {"waiveLate": True}).body

    assert (waived["bookingStatus"], waived["feeCents"]) == ("cancelled", 0)
    assert studio.remaining(ref, package) == 10


def test_the_terms_are_those_under_which_it_was_booked(studio: Studio) -> None:
    """What the studio changes later makes nobody's cancellation late, and no other one in time."""
    class_ = studio.hold_class(lateCancelMinutes=60, lateCancelFeeCents=100)
    early, last = (class_.book(studio.customer()) for _ in range(2))
    class_.change(lateCancelMinutes=600, lateCancelFeeCents=900)
    late = class_.book(studio.customer())
    until_start(studio, -2 * HOUR)

    assert class_.act(early, "cancel").body["bookingStatus"] == "cancelled"
    ended = class_.act(late, "cancel").body
    assert (ended["bookingStatus"], ended["feeCents"]) == ("late_cancelled", 900)
    until_start(studio, -HALF)
    ended = class_.act(last, "cancel").body
    assert (ended["bookingStatus"], ended["feeCents"]) == ("late_cancelled", 100)


def test_once_the_class_has_begun_only_the_staff_cancel(studio: Studio) -> None:
    class_ = studio.hold_class(lateCancelMinutes=0)
    ref, person = studio.client_who_signs_in()
    booked = class_.book_for(ref)
    until_start(studio)

    refused = act(person, class_, booked, "cancel")
    assert (refused.status, refused.code) == (409, "BOOKING_CLOSED")
    assert "cancel" not in person.call(f"GET {studio.home}/bookings").body["items"][0]["allowed"]
    assert class_.act(booked, "cancel").body["bookingStatus"] == "late_cancelled"


@pytest.mark.parametrize("waits", ["waitlisted", "offered"])
def test_who_has_no_seat_yet_is_never_late(studio: Studio, waits: str) -> None:
    class_ = studio.hold_class(capacity=1, lateCancelMinutes=5000, lateCancelFeeCents=500)
    seated, waiting = class_.book(studio.customer()), class_.join(studio.customer())
    if waits == "offered":
        class_.act(seated, "cancel")
    assert class_.status(waiting) == waits

    ended = class_.act(waiting, "cancel").body

    assert (ended["bookingStatus"], ended["feeCents"]) == ("cancelled", 0)
    assert class_.counters[2:] == (0, 0)


# Waiting


def test_who_waits_uses_nothing_until_they_take_the_seat(studio: Studio) -> None:
    class_ = studio.hold_class(capacity=1, priceCents=1800)
    seated = class_.book(studio.customer())
    ref, person = studio.client_who_signs_in()
    package = studio.package(ref, uses=1)
    waiting = class_.book_for(ref, use={"packageId": package}, joinWaitlist=True)
    assert (waiting.status, waiting.body["bookingStatus"]) == (201, "waitlisted")
    behind = class_.join(studio.customer())
    assert [shown(studio, one)["waitlistPosition"] for one in (seated, waiting, behind)] == [
        None,
        1,
        2,
    ]
    class_.act(seated, "cancel")
    offered = shown(studio, waiting)
    assert (offered["bookingStatus"], offered["waitlistPosition"]) == ("offered", None)
    assert offered["expiresAt"] == to_text(studio.world.clock() + HALF)
    assert set(offered["allowed"]) == {"cancel", "confirm"}
    assert shown(studio, behind)["waitlistPosition"] == 1
    assert studio.remaining(ref, package) == 1

    taken = act(person, class_, waiting, "confirm", {"use": {"packageId": package}})
    again = act(person, class_, waiting, "confirm", {"use": {"packageId": package}})

    assert (taken.status, taken.body["bookingStatus"]) == (200, "confirmed")
    assert (taken.body["paymentStatus"], taken.body["expiresAt"]) == ("covered", None)
    assert again.body == taken.body
    assert studio.remaining(ref, package) == 0
    assert class_.counters == (0, 1, 0, 1)


def test_an_offer_that_nobody_takes_goes_to_the_next_whether_swept_or_not(
    studio: Studio,
) -> None:
    class_ = studio.hold_class(capacity=1)
    seated = class_.book(studio.customer())
    first, second = (class_.join(studio.customer()) for _ in range(2))
    class_.act(seated, "cancel")
    studio.world.clock.move(1799)
    assert shown(studio, first)["allowed"] == ["cancel", "confirm"]
    studio.world.clock.move(1)

    late = class_.act(first, "confirm")
    assert (late.status, late.code) == (409, "OFFER_EXPIRED")
    assert shown(studio, first)["allowed"] == ["cancel"]
    studio.world.sweep()

    assert [class_.status(one) for one in (first, second)] == ["expired", "offered"]
    assert class_.act(first, "confirm").code == "OFFER_EXPIRED"
    assert class_.act(second, "confirm").body["bookingStatus"] == "confirmed"


def test_an_offer_ends_with_the_cutoff_and_then_the_seat_is_anybodys(studio: Studio) -> None:
    class_ = studio.hold_class(capacity=1)
    seated, waiting = class_.book(studio.customer()), class_.join(studio.customer())
    until_start(studio, -HOUR - timedelta(minutes=10))
    class_.act(seated, "cancel")
    assert shown(studio, waiting)["expiresAt"] == to_text(START + FUTURE - HOUR)
    assert codes(class_.book(studio.customer())) == ["CLASS_FULL"]
    until_start(studio, -HOUR)
    studio.world.sweep()

    assert class_.status(waiting) == "expired"
    assert codes(class_.join(studio.customer())) == ["WAITLIST_CLOSED", "CLASS_NOT_FULL"]
    assert class_.book(studio.customer()).status == 201


def test_a_waitlist_is_as_long_as_the_class_says(studio: Studio) -> None:
    class_ = studio.hold_class(capacity=1, waitlistMax=1)
    assert codes(class_.join(studio.customer())) == ["CLASS_NOT_FULL"]
    class_.book(studio.customer())
    customer = studio.customer()
    class_.join(customer)

    full = class_.join(studio.customer())
    assert codes(full) == ["WAITLIST_FULL"]
    assert full.body["waitlistMax"] == 1
    assert set(codes(class_.join(customer))) == {"WAITLIST_FULL", "ALREADY_BOOKED"}
    assert class_.counters == (0, 1, 0, 1)


def test_who_waits_when_the_class_begins_waits_no_more(studio: Studio) -> None:
    class_ = studio.hold_class(capacity=1)
    class_.book(studio.customer())
    waiting = class_.join(studio.customer())
    until_start(studio)

    studio.world.sweep()

    assert class_.status(waiting) == "expired"
    assert class_.counters == (0, 1, 0, 0)


# Who came


def test_attendance_is_noted_from_half_an_hour_before_until_a_week_after(studio: Studio) -> None:
    class_ = studio.hold_class()
    booked = class_.book(studio.customer())
    end = START + FUTURE + HOUR

    until_start(studio, -HALF - timedelta(seconds=1))
    early = class_.act(booked, "attend")
    assert (early.status, early.code) == (409, "CHECK_IN_CLOSED")
    assert early.body["opensAt"] == to_text(START + FUTURE - HALF)
    assert early.body["closesAt"] == to_text(end + timedelta(days=7))
    until_start(studio, -HALF)
    assert shown(studio, booked)["allowed"] == ["cancel", "attend"]
    assert class_.act(booked, "attend").body["bookingStatus"] == "attended"
    until_start(studio, HOUR + timedelta(days=7))
    assert class_.act(booked, "no-show").body["bookingStatus"] == "no_show"
    until_start(studio, HOUR + timedelta(days=7, seconds=1))
    assert class_.act(booked, "attend").code == "CHECK_IN_CLOSED"
    assert class_.act(booked, "no-show").body["bookingStatus"] == "no_show"  # as it stands


def test_nobody_has_missed_a_class_that_has_not_begun(studio: Studio) -> None:
    class_ = studio.hold_class()
    booked = class_.book(studio.customer())
    until_start(studio, -timedelta(seconds=1))
    refused = class_.act(booked, "no-show")
    assert (refused.code, refused.body["opensAt"]) == ("CHECK_IN_CLOSED", to_text(START + FUTURE))
    until_start(studio)

    assert class_.act(booked, "no-show").body["bookingStatus"] == "no_show"


def test_who_came_is_corrected_as_often_as_need_be(studio: Studio) -> None:
    class_, customer = studio.hold_class(), studio.customer()
    package = studio.package(customer.ref, uses=1)
    booked = class_.book(customer, use={"packageId": package})
    until_start(studio, HALF)

    for came in ("attend", "attend", "no-show"):
        class_.act(booked, came)
    noted = class_.act(booked, "attend").body

    assert noted["bookingStatus"] == "attended"
    assert noted["allowed"] == ["no-show"]
    told = [one["eventType"] for one in shown(studio, booked)["events"]]
    assert told == ["created", "attended", "no_show", "attended"]  # what was said twice is once
    assert class_.counters == (9, 1, 0, 0)
    assert studio.remaining(customer.ref, package) == 0
    assert class_.act(booked, "cancel").code == "INVALID_TRANSITION"


@pytest.mark.parametrize("act", ["attend", "no-show"])
def test_only_who_has_a_seat_comes_or_does_not(studio: Studio, act: str) -> None:
    class_ = studio.hold_class(capacity=1)
    cancelled = class_.book(studio.customer())
    class_.act(cancelled, "cancel")
    class_.book(studio.customer())
    waiting = class_.join(studio.customer())
    until_start(studio, HALF)

    for booking, status in ((cancelled, "cancelled"), (waiting, "waitlisted")):
        refused = class_.act(booking, act)
        assert (refused.status, refused.code) == (409, "INVALID_TRANSITION")
        assert refused.body["from"] == status


def test_who_was_not_checked_in_did_not_come_and_the_class_is_over(studio: Studio) -> None:
    """Two hours after its end, by the sweeper; a correction is possible all the same."""
    class_ = studio.hold_class()
    came, missed = (class_.book(studio.customer()) for _ in range(2))
    until_start(studio)
    class_.act(came, "attend")
    studio.world.sweep()
    until_start(studio, 3 * HOUR - timedelta(seconds=1))
    studio.world.sweep()
    assert (class_.status(missed), class_.shown["status"]) == ("confirmed", "scheduled")
    until_start(studio, 3 * HOUR)

    swept = studio.world.sweep()

    assert [class_.status(one) for one in (came, missed)] == ["attended", "no_show"]
    assert class_.shown["status"] == "completed", swept
    assert shown(studio, missed)["events"][-1]["actor"] == "system"
    assert codes(class_.book(studio.customer())) == ["BOOKING_CLOSED"]
    assert class_.act(missed, "attend").body["bookingStatus"] == "attended"
    before = studio.world.rows()
    studio.world.sweep()
    assert studio.world.rows() == before


def test_a_class_that_nobody_booked_is_over_all_the_same(studio: Studio) -> None:
    class_ = studio.hold_class()
    until_start(studio, 3 * HOUR)

    studio.world.sweep()

    assert (class_.shown["status"], class_.shown["bookable"]) == ("completed", False)


# Too late to book


def test_customers_book_until_the_notice_and_the_staff_until_the_end(studio: Studio) -> None:
    class_ = studio.hold_class(noticeMinutes=60)
    people = [studio.client_who_signs_in()[1] for _ in range(2)]
    body = {"classSessionId": class_.class_session_id}
    until_start(studio, -HOUR - timedelta(microseconds=1))
    assert people[0].call(f"POST {studio.home}/bookings", body).status == 201
    until_start(studio, -HOUR)

    refused = people[1].call(f"POST {studio.home}/bookings", body)
    assert codes(refused) == ["BOOKING_CLOSED"]
    assert refused.body["closedAt"] == to_text(START + FUTURE - HOUR)
    until_start(studio, HOUR - timedelta(microseconds=1))
    assert class_.book(studio.customer()).status == 201
    until_start(studio, HOUR)
    assert codes(class_.book(studio.customer())) == ["BOOKING_CLOSED"]
