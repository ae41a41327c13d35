"""Classes through HTTP: being made, listed, changed and cancelled."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from greenroom.kernel.clock import to_text
from greenroom.kernel.limits import CLASS_CLEARED_MAX
from tests.studios import FUTURE, Class, Studio, codes, named, on_five_minutes
from tests.world import Reply, World

NEW: dict[str, Any] = {
    "name": "Morning flow",
    "type": "yoga",
    "startsAt": "2027-01-11T07:00:00Z",
    "durationMinutes": 60,
    "capacity": 3,
}


@pytest.fixture
def studio(edge: World) -> Studio:
    return Studio(edge)


def made(studio: Studio, **told: Any) -> Any:
    reply = studio.staff("POST /classes", NEW | told)
    assert reply.status == 201, reply.text
    return reply.body


def fields(reply: Reply) -> set[str]:
    """The fields that a refusal names."""
    assert (reply.status, reply.code) == (422, "VALIDATION_FAILED"), reply.text
    return {one["field"] for one in reply.body["errors"]}


# Being made


def test_a_class_begins_free_and_as_it_was_told(studio: Studio) -> None:
    told = {
        "description": "Slow.\nBring a mat.",
        "instructor": "Grace",
        "location": "Room 2",
        "priceCents": 1800,
        "currency": "eur",
        "lateCancelMinutes": 60,
        "lateCancelFeeCents": 500,
        "noticeMinutes": 10,
        "waitlistMax": 4,
    }

    body = made(studio, **told)

    assert {name: body[name] for name in told} == told
    assert body == studio.staff(f"GET /classes/{body['classSessionId']}").body
    assert body["organizationId"] == studio.organization_id
    assert (body["startsAt"], body["endsAt"]) == (
        "2027-01-11T07:00:00.000000Z",
        "2027-01-11T08:00:00.000000Z",
    )
    assert (body["capacity"], body["free"], body["booked"], body["held"]) == (3, 3, 0, 0)
    assert (body["waitlistCount"], body["status"]) == (0, "scheduled")
    assert (body["bookable"], body["reason"]) == (True, None)


def test_what_a_class_leaves_out_is_as_the_studio_has_it(studio: Studio) -> None:
    usual = made(studio)
    studio.set(currency="chf", late_cancel_minutes=90, notice_minutes=15, waitlist_max=2)
    own = made(studio)
    told = made(studio, currency="sek", lateCancelMinutes=0, noticeMinutes=0, waitlistMax=0)

    def terms(body: Any) -> tuple[Any, ...]:
        names = ("currency", "lateCancelMinutes", "noticeMinutes", "waitlistMax")
        return tuple(body[name] for name in names)

    assert terms(usual) == ("usd", 720, 0, 20)
    assert terms(own) == ("chf", 90, 15, 2)
    assert terms(told) == ("sek", 0, 0, 0)  # nothing is not left out
    assert (own["priceCents"], own["lateCancelFeeCents"]) == (0, 0)
    assert studio.staff(f"GET /classes/{usual['classSessionId']}").body == usual


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("name", [None, "", "   ", "x" * 121, "a\nb", "\0", 1]),
        ("type", [None, "", "Yoga", "yo ga", "x" * 33, "yoga\n", "1a"]),
        ("startsAt", [None, "", "tomorrow", "2027-01-11", "2027-01-11T07:00:00", 1_800_000_000]),
        ("startsAt", ["1800000000", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+05:00", True]),
        ("startsAt", ["9999-12-31T23:55:00Z", "9999-12-31T23:55:00-05:00", "2027-02-29T07:00:00Z"]),
        ("durationMinutes", [None, 0, 4, 7, -5, 485, 60.0, "60", True]),
        ("capacity", [None, 0, -1, 1001, 2.5, "3", True]),
        ("description", ["x" * 2001, 1]),
        ("instructor", ["", "x" * 121, "a\tb"]),
        ("location", ["", " ", "x" * 121]),
        ("priceCents", [-1, 1, 49, 1.5, 1_000_001, "1", None]),
        ("currency", ["", "USD", "us", "usd\n", "euro", 1]),
        ("lateCancelMinutes", [-1, 43_201, 1.5, "1"]),
        ("lateCancelFeeCents", [-1, 1_000_001, None]),
        ("noticeMinutes", [-1, 43_201, True]),
        ("waitlistMax", [-1, 501, "2"]),
        ("freeSeats", [1]),
        ("free", [3]),
        ("status", ["completed"]),
        ("classSessionId", ["0199f3a8-7c1e-7d43-9a55-3f0f6c2b8e11"]),
    ],
)
def test_a_field_that_is_wrong_is_named_and_nothing_is_made(
    studio: Studio, field: str, values: list[Any]
) -> None:
    before = studio.world.rows()

    for value in values:
        assert fields(studio.staff("POST /classes", NEW | {field: value})) == {field}, value
    assert studio.world.rows() == before


@pytest.mark.parametrize("field", ["name", "type", "startsAt", "durationMinutes", "capacity"])
def test_a_class_needs_what_is_said_of_every_class(studio: Studio, field: str) -> None:
    assert fields(studio.staff("POST /classes", {k: v for k, v in NEW.items() if k != field})) == {
        field
    }


@pytest.mark.parametrize(
    ("told", "starts_at"),
    [
        ("2027-01-11T07:05:00+05:30", "2027-01-11T01:35:00.000000Z"),  # India
        ("2027-01-11T07:00:00+05:45", "2027-01-11T01:15:00.000000Z"),  # Nepal
        ("2027-01-11T00:00:00+14:00", "2027-01-10T10:00:00.000000Z"),  # Kiritimati: the day before
        ("2026-12-31T23:30:00-09:30", "2027-01-01T09:00:00.000000Z"),  # the Marquesas: next year
        ("2027-03-28T01:30:00+01:00", "2027-03-28T00:30:00.000000Z"),  # Berlin, before the jump
        ("2027-03-28T03:30:00+02:00", "2027-03-28T01:30:00.000000Z"),  # an hour later, after it
        ("2026-10-25T02:30:00+02:00", None),  # before the test's present
        ("2027-10-31T02:30:00+02:00", "2027-10-31T00:30:00.000000Z"),  # the first half past two
        ("2027-10-31T02:30:00+01:00", "2027-10-31T01:30:00.000000Z"),  # and the second
        ("2027-01-11T07:01:00+00:01", "2027-01-11T07:00:00.000000Z"),
        ("2027-01-11t07:00:00z", "2027-01-11T07:00:00.000000Z"),
    ],
)
def test_a_start_is_told_with_its_offset_and_kept_in_utc(
    studio: Studio, told: str, starts_at: str | None
) -> None:
    reply = studio.staff("POST /classes", NEW | {"startsAt": told})

    if starts_at is None:
        assert fields(reply) == {"startsAt"}
    else:
        assert reply.body["startsAt"] == starts_at


@pytest.mark.parametrize(
    "odd",
    [
        "2027-01-11T07:01:00Z",
        "2027-01-11T07:00:01Z",
        "2027-01-11T07:00:00.5Z",
        "2027-01-11T07:00:00+00:01",  # full by its own clock, and not by anybody else's
    ],
)
def test_a_class_starts_on_a_full_five_minutes(studio: Studio, odd: str) -> None:
    assert fields(studio.staff("POST /classes", NEW | {"startsAt": odd})) == {"startsAt"}


def test_a_class_is_not_over_when_it_is_made_and_at_most_two_years_ahead(studio: Studio) -> None:
    now = on_five_minutes(studio.world.clock())

    def make(starts_at: datetime) -> Reply:
        return studio.staff("POST /classes", NEW | {"startsAt": to_text(starts_at)})

    assert make(now - timedelta(minutes=55)).status == 201  # under way
    assert fields(make(now - timedelta(minutes=60))) == {"startsAt"}
    assert make(now + timedelta(days=730)).status == 201
    assert fields(make(now + timedelta(days=730, minutes=5))) == {"startsAt"}


def test_a_key_makes_one_class_also_when_it_is_over_by_then(studio: Studio) -> None:
    key = {"idempotency-key": "k"}
    first = studio.staff("POST /classes", NEW, headers=key)
    again = studio.staff("POST /classes", NEW, headers=key)
    other = studio.staff("POST /classes", NEW | {"capacity": 4}, headers=key)
    studio.world.clock.move(400 * 86_400)
    late = studio.staff("POST /classes", NEW, headers=key)
    late_other = studio.staff("POST /classes", NEW | {"capacity": 4}, headers=key)
    studio.world.clock.move(-400 * 86_400)

    assert (first.status, again.status, late.status) == (201, 201, 201)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == late.headers["Idempotency-Replayed"] == "true"
    assert first.body == again.body
    assert late.body["classSessionId"] == first.body["classSessionId"]
    assert (other.code, late_other.code) == ("IDEMPOTENCY_MISMATCH",) * 2
    assert len(studio.staff("GET /classes?month=2027-01").body["items"]) == 1


# The schedule


def test_a_schedule_is_of_one_utc_month_in_the_order_of_the_starts(studio: Studio) -> None:
    starts = [
        "2027-01-31T23:55:00Z",
        "2027-01-01T00:00:00Z",
        "2027-02-01T00:00:00Z",
        "2026-12-31T23:55:00Z",
        "2027-01-31T19:00:00-05:00",  # the first of February in UTC
        "2027-01-15T12:00:00Z",
    ]
    for start in starts:
        made(studio, startsAt=start)

    def month(name: str) -> list[str]:
        body = studio.staff(f"GET /classes?month={name}").body
        assert body["month"] == name
        return [one["startsAt"][:16] for one in body["items"]]

    assert month("2026-12") == ["2026-12-31T23:55"]
    assert month("2027-01") == ["2027-01-01T00:00", "2027-01-15T12:00", "2027-01-31T23:55"]
    assert month("2027-02") == ["2027-02-01T00:00", "2027-02-01T00:00"]
    assert month("2027-03") == []


def test_without_a_month_the_schedule_is_that_of_this_one(studio: Studio) -> None:
    class_ = studio.hold_class()

    shown = studio.staff("GET /classes").body

    assert shown["month"] == f"{studio.world.clock():%Y-%m}"
    assert [one["classSessionId"] for one in shown["items"]] == [class_.class_session_id]


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "2026", "26-12", "2026-12-01", "", "x"])
def test_a_month_that_is_none_is_named(studio: Studio, month: str) -> None:
    assert fields(studio.staff(f"GET /classes?month={month}")) == {"month"}


def test_who_has_the_schedule_is_told_that_nothing_has_changed(studio: Studio) -> None:
    class_ = studio.hold_class()
    tag = studio.staff("GET /classes").headers["ETag"]

    same = studio.staff("GET /classes", headers={"if-none-match": tag})
    class_.book(studio.customer())
    other = studio.staff("GET /classes", headers={"if-none-match": tag})

    assert (same.status, same.text) == (304, "")
    assert other.status == 200


def test_a_class_says_why_it_cannot_be_booked(studio: Studio) -> None:
    """To customers; the staff still let in who comes late, and see for themselves."""
    class_ = studio.hold_class(capacity=1, noticeMinutes=60)
    _, client = studio.client_who_signs_in()

    def reason() -> tuple[str | None, str | None]:
        path = f"GET {studio.home}/classes/{class_.class_session_id}"
        seen, staff = client.call(path).body, class_.shown
        assert seen["bookable"] == (seen["reason"] is None)
        return seen["reason"], staff["reason"]

    assert reason() == (None, None)
    booked = class_.book(studio.customer())
    assert reason() == ("CLASS_FULL", "CLASS_FULL")
    class_.act(booked, "cancel")
    studio.world.clock.move((FUTURE - timedelta(minutes=60)).total_seconds())
    assert reason() == ("BOOKING_CLOSED", None)
    class_.cancel()
    assert reason() == ("CLASS_CANCELLED", "CLASS_CANCELLED")
    studio.world.clock.move(-(FUTURE - timedelta(minutes=60)).total_seconds())


# Being changed


def test_what_a_change_leaves_out_stays_and_null_takes_a_text_away(studio: Studio) -> None:
    texts = {"description": "Slow", "instructor": "Grace", "location": "Room 2"}
    class_ = Class(studio, made(studio, **texts)["classSessionId"])
    before = class_.shown

    assert class_.change().body == before
    assert class_.change(**before_of(before)).body == before
    changed = class_.change(name="Evening flow", priceCents=2000, description=None)

    assert changed.body == before | {
        "name": "Evening flow",
        "priceCents": 2000,
        "description": None,
    }
    assert class_.shown == changed.body


def before_of(shown: Any) -> dict[str, Any]:
    """All that can be changed, as it is."""
    fixed = {"classSessionId", "organizationId", "endsAt", "free", "booked", "held", "status"}
    fixed |= {"waitlistCount", "currency", "bookable", "reason"}
    return {name: value for name, value in shown.items() if name not in fixed}


@pytest.mark.parametrize(
    "change",
    [
        {"name": None},
        {"capacity": None},
        {"startsAt": None},
        {"waitlistMax": None},
        {"priceCents": None},
        {"currency": "eur"},
        {"free": 2},
        {"status": "cancelled"},
        {"capacity": 0},
        {"startsAt": "2027-01-11T07:02:00Z"},
        {"startsAt": "2020-01-11T07:00:00Z"},
        {"startsAt": "2090-01-11T07:00:00Z"},
    ],
)
def test_a_change_that_is_wrong_is_named_and_changes_nothing(
    studio: Studio, change: dict[str, Any]
) -> None:
    class_ = studio.hold_class()
    before = studio.world.rows()

    assert fields(class_.change(**{"location": "Room 3", **change})) == set(change)
    assert studio.world.rows() == before


def test_a_class_moves_only_while_nobody_is_in_it(studio: Studio) -> None:
    """Nobody booked, nobody held a seat, nobody waiting; then also into another month."""
    class_ = studio.hold_class(capacity=1)
    booked = class_.book(studio.customer())
    later = {"startsAt": "2027-02-02T09:30:00Z"}

    for change in (later, {"durationMinutes": 30}):
        refused = class_.change(**change)
        assert (refused.status, codes(refused)) == (409, ["CLASS_HAS_BOOKINGS"])
    assert class_.change(startsAt=class_.shown["startsAt"], name="Same").status == 200
    waiting = class_.join(studio.customer())
    class_.act(booked, "cancel")
    assert class_.counters == (0, 0, 1, 0)
    assert codes(class_.change(**later)) == ["CLASS_HAS_BOOKINGS"]
    class_.act(waiting, "cancel")

    assert class_.change(**later).body["endsAt"] == "2027-02-02T10:30:00.000000Z"
    assert studio.staff("GET /classes").body["items"] == []
    (listed,) = studio.staff("GET /classes?month=2027-02").body["items"]
    assert listed == class_.shown


def test_seats_that_are_taken_cannot_be_taken_away(studio: Studio) -> None:
    class_ = studio.hold_class(capacity=3)
    seated = [class_.book(studio.customer()) for _ in range(2)]

    refused = class_.change(capacity=1)
    assert (refused.status, codes(refused), refused.body["taken"]) == (409, ["CAPACITY_TAKEN"], 2)
    assert class_.change(capacity=2).body["free"] == 0
    class_.act(seated[0], "cancel")
    assert class_.change(capacity=1).body["free"] == 0
    assert class_.change(capacity=9).body["free"] == 8
    assert class_.counters == (8, 1, 0, 0)


def test_seats_that_a_class_gains_are_offered_to_who_has_waited_longest(studio: Studio) -> None:
    class_ = studio.hold_class(capacity=1)
    class_.book(studio.customer())
    waiting = [class_.join(studio.customer()) for _ in range(3)]

    grown = class_.change(capacity=3).body

    assert (grown["free"], grown["booked"], grown["held"], grown["waitlistCount"]) == (0, 1, 2, 1)
    assert [class_.status(one) for one in waiting] == ["offered", "offered", "waitlisted"]


def test_a_change_of_terms_is_for_who_books_from_then_on(studio: Studio) -> None:
    class_ = studio.hold_class(priceCents=1000, lateCancelMinutes=60, lateCancelFeeCents=100)
    early = class_.book(studio.customer()).body
    class_.change(priceCents=2000, lateCancelMinutes=0, lateCancelFeeCents=900, name="Other")
    late = class_.book(studio.customer()).body

    def terms(body: Any) -> tuple[int, int]:
        return body["amountCents"], body["lateCancelFeeCents"]

    shown = studio.staff(f"GET /bookings/{early['bookingId']}").body
    assert (terms(early), terms(shown), terms(late)) == ((1000, 100), (1000, 100), (2000, 900))
    assert shown["lateCancelAt"] == early["lateCancelAt"] != late["lateCancelAt"]
    assert (shown["className"], late["className"]) == ("Morning flow", "Other")


# Being cancelled


def test_a_cancelled_class_gives_back_everything_and_books_nobody(studio: Studio) -> None:
    class_ = studio.hold_class(capacity=3, priceCents=1800, lateCancelMinutes=10_000)
    paying, member, at_studio = (studio.customer() for _ in range(3))
    package = studio.package(paying.ref, uses=1)
    membership = studio.membership(member.ref, limit=1)
    seated = [
        class_.book(paying, use={"packageId": package}),
        class_.book(member, use={"membershipId": membership}),
        class_.book(at_studio),
    ]
    waiting = class_.join(studio.customer("lead"))
    assert studio.remaining(paying.ref, package) == 0

    cancelled = class_.cancel()

    assert (cancelled.status, cancelled.body["status"]) == (200, "cancelled")
    assert class_.counters == (3, 0, 0, 0)
    shown = [studio.staff(f"GET /bookings/{one.body['bookingId']}").body for one in seated]
    assert [one["bookingStatus"] for one in shown] == ["cancelled"] * 3  # late or not
    assert [one["paymentStatus"] for one in shown] == ["void"] * 3
    assert [one["feeCents"] for one in shown] == [0] * 3
    assert shown[0]["events"][-1]["facts"]["reason"] == "class_cancelled"
    assert class_.status(waiting) == "cancelled"
    assert studio.remaining(paying.ref, package) == 1
    other = studio.hold_class()
    assert other.book(member, use={"membershipId": membership}).status == 201
    for refused in (class_.book(studio.customer()), class_.change(name="Other")):
        assert (refused.status, codes(refused)) == (409, ["CLASS_CANCELLED"])
    assert class_.cancel().body == class_.shown == cancelled.body
    assert studio.staff("GET /classes").body["items"][0]["status"] == "cancelled"


def test_a_seat_that_is_offered_goes_with_its_class(studio: Studio) -> None:
    class_ = studio.hold_class(capacity=1)
    seated, offered = class_.book(studio.customer()), class_.join(studio.customer())
    class_.act(seated, "cancel")
    assert class_.status(offered) == "offered"

    class_.cancel()

    assert class_.counters == (1, 0, 0, 0)
    assert class_.status(offered) == "cancelled"
    assert class_.act(offered, "confirm").code == "INVALID_TRANSITION"


def test_a_large_class_is_cleared_step_by_step_and_its_counters_say_how_far(
    studio: Studio,
) -> None:
    many = CLASS_CLEARED_MAX + 3
    class_ = studio.hold_class(capacity=many)
    customers = [studio.customer() for _ in range(many)]
    package = studio.package(customers[-1].ref, uses=1)
    for customer in customers[:-1]:
        class_.book(customer)
    class_.book(customers[-1], use={"packageId": package})

    class_.cancel()
    assert class_.counters == (CLASS_CLEARED_MAX, 3, 0, 0)
    assert class_.book(studio.customer()).code == "CLASS_CANCELLED"  # also of what is free
    studio.world.sweep()

    assert class_.counters == (many, 0, 0, 0)
    assert studio.remaining(customers[-1].ref, package) == 1
    before = studio.world.rows()
    studio.world.sweep()
    assert studio.world.rows() == before  # nothing is left to be done about it


def test_a_class_that_is_over_is_neither_changed_nor_cancelled(world: World) -> None:
    studio = Studio(world)
    class_ = studio.hold_class()
    world.clock.move((FUTURE + timedelta(hours=4)).total_seconds())
    world.sweep()
    assert class_.shown["status"] == "completed"

    for refused in (class_.cancel(), class_.change(name="Other"), class_.change(capacity=20)):
        assert (refused.status, codes(refused)) == (409, ["INVALID_TRANSITION"])
        assert refused.body["from"] == "completed"


# Who is in it


def test_the_roster_is_by_name_and_the_waitlist_by_joining(studio: Studio) -> None:
    class_ = studio.hold_class(capacity=3)
    for name in ("zoe", "Ada", "álvaro"):
        class_.book(studio.customer(name=name))
    for name in ("Yara", "Ben"):
        class_.join(studio.customer("lead", name=name))

    def names(kind: str) -> list[str]:
        body = studio.staff(f"GET /classes/{class_.class_session_id}/{kind}").body
        assert body["classSession"] == class_.shown
        return [one["customerName"] for one in body["items"]]

    assert names("roster") == ["Ada", "zoe", "álvaro"]
    assert names("waitlist") == ["Yara", "Ben"]


def test_whoever_left_is_on_no_roster(studio: Studio) -> None:
    class_ = studio.hold_class(capacity=1)
    ref, person = studio.client_who_signs_in()
    booked = person.call(
        f"POST {studio.home}/bookings", {"classSessionId": class_.class_session_id, **named(ref)}
    )
    class_.act(booked, "cancel")

    for kind in ("roster", "waitlist"):
        path = f"GET /classes/{class_.class_session_id}/{kind}"
        assert studio.staff(path).body["items"] == []
