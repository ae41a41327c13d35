"""The verification checklist of origin 004, "Booking System Debug Summary": a test for each point.

Its points "Migration runs without errors" and "Existing bookings still work" are tests of those
names beside the bookings of version 1 (``test_old_bookings``).
"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from greenroom.kernel.ids import new_id
from greenroom.organizations.principal import CustomerKind
from tests.fakes.stripe import Stripe, open_stripe
from tests.functions import test_old_bookings
from tests.studios import Studio, codes, named
from tests.world import World

POINTS = [
    "Migration runs without errors",
    "Bookings can be created for clients",
    "Bookings can be created for leads",
    "RLS policies allow authorized access",
    "RLS policies block unauthorized access",
    "Existing bookings still work",
    "Payment method queries work for both types",
    "Membership usage updates work",
    "Package usage updates work",
]
of_both_types = pytest.mark.parametrize("kind", ["client", "lead"])


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


@pytest.fixture
def stripe(world: World, tmp_path: Path) -> Iterator[Stripe]:
    with open_stripe(tmp_path, world) as running:
        yield running


@pytest.mark.parametrize("point", POINTS)
def test_the_point_has_its_test(point: str) -> None:
    name = "test_" + point.lower().replace(" ", "_")

    assert name in globals() or hasattr(test_old_bookings, name)


def created_for(studio: Studio, kind: CustomerKind) -> None:
    """Book as the document's test does, and verify the state of the table as its query does."""
    class_, ref = studio.hold_class(), studio.customer(kind).ref
    told = {
        "customerId": ref.customer_id,
        "customerType": kind,
        "classSessionId": class_.class_session_id,
        "organizationId": studio.organization_id,
    }

    checked = studio.admin.call("POST /api/test-booking", told)
    made = studio.admin.call("POST /api/test-booking", {**told, "commit": True})
    by_the_way = studio.hold_class(starts_in=timedelta(days=5)).book_for(ref)

    assert (checked.status, made.status, by_the_way.status) == (200, 201, 201)
    (row,) = [
        row
        for row in studio.world.rows()
        if row["kind"]["S"] == "booking" and row["class_session_id"]["S"] == class_.class_session_id
    ]
    own, other = ("client_id", "customer_id") if kind == "client" else ("customer_id", "client_id")
    assert row[own]["S"] == ref.customer_id
    assert other not in row
    assert row["booking_status"]["S"] == "confirmed"
    assert row["organization_id"]["S"] == studio.organization_id


def test_bookings_can_be_created_for_clients(studio: Studio) -> None:
    created_for(studio, "client")


def test_bookings_can_be_created_for_leads(studio: Studio) -> None:
    created_for(studio, "lead")


@of_both_types
def test_rls_policies_allow_authorized_access(studio: Studio, kind: CustomerKind) -> None:
    """There is no row-level security in DynamoDB: the keys, and who gets them, stand for it."""
    class_, (ref, person) = studio.hold_class(), studio.client_who_signs_in(kind)
    member = studio.member()
    booked = person.call(
        f"POST {studio.home}/bookings", {"classSessionId": class_.class_session_id}
    )
    assert booked.status == 201
    who = "&".join(f"{name}={value}" for name, value in named(ref).items())

    for reader in (person, member, studio.admin):
        listed = reader.call(f"GET {studio.home}/bookings?{who}").body["items"]
        assert [one["bookingId"] for one in listed] == [booked.body["bookingId"]]
        one = reader.call(f"GET {studio.home}/bookings/{booked.body['bookingId']}")
        assert (one.status, one.body["classSessionId"]) == (200, class_.class_session_id)
    cancelled = member.call(f"POST {studio.home}/bookings/{booked.body['bookingId']}/cancel")
    assert cancelled.body["bookingStatus"] == "cancelled"


@of_both_types
def test_rls_policies_block_unauthorized_access(studio: Studio, kind: CustomerKind) -> None:
    """Of others, by 404; of other customers, by 403. Every route is in ``test_isolation``."""
    class_, ref = studio.hold_class(), studio.customer(kind).ref
    booking_id = class_.book_for(ref).body["bookingId"]
    other = Studio(studio.world)
    strangers = [other.admin, other.client_who_signs_in(kind)[1], studio.world.person()]
    others = [studio.client_who_signs_in(one)[1] for one in ("client", "lead")]
    book = {"classSessionId": class_.class_session_id, **named(ref)}
    before = studio.world.rows()

    for act, body in (
        (f"GET {studio.home}/bookings/{booking_id}", None),
        (f"POST {studio.home}/bookings/{booking_id}/cancel", None),
        (f"POST {studio.home}/bookings", book),
    ):
        assert {one.call(act, body).status for one in strangers} == {404}
        assert {one.call(act, body).status for one in others} == {403}
        assert studio.world.call(act, body).status == 401
    assert studio.world.rows() == before


@of_both_types
@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
def test_payment_method_queries_work_for_both_types(stripe: Stripe, kind: CustomerKind) -> None:
    """The cards that they keep at Stripe, and every way in which they may pay for a class."""
    studio = Studio(stripe.world)
    class_ = studio.hold_class(priceCents=1800)
    ref, person = studio.client_who_signs_in(kind)
    package, membership = studio.package(ref), studio.membership(ref)
    stripe.pay(person.call("POST /api/checkout", {"sku": "credits_3"}))
    who = "&".join(f"{name}={value}" for name, value in named(ref).items())

    for reader in (person, studio.admin):
        cards = reader.call(f"GET {studio.home}/payment-methods?{who}")
        assert [one["last4"] for one in cards.body["items"]] == ["4242"]
        query = f"classSessionId={class_.class_session_id}&{who}"
        found = reader.call(f"GET {studio.home}/bookings/payment-options?{query}").body["items"]
        assert [one["id"] for one in found] == [membership, package, None, None]
        assert [one["kind"] for one in found] == ["membership", "package", "drop_in", "at_studio"]


@of_both_types
def test_membership_usage_updates_work(studio: Studio, kind: CustomerKind) -> None:
    """Counted once on the booking, given back once on its cancellation."""
    ref = studio.customer(kind).ref
    membership = studio.membership(ref, limit=1)
    use = {"membershipId": membership}
    first, second = (studio.hold_class(starts_in=timedelta(days=day)) for day in (1, 2))

    def used() -> int:
        who = "&".join(f"{name}={value}" for name, value in named(ref).items())
        (shown,) = studio.staff(f"GET /memberships?{who}").body["items"]
        count: int = shown["usedInPeriod"]
        return count

    assert used() == 0
    booked = first.book_for(ref, use=use)
    assert (booked.status, used()) == (201, 1)
    assert codes(second.book_for(ref, use=use)) == ["NO_REMAINING_USE"]
    for _ in range(2):
        first.act(booked, "cancel")
        assert used() == 0
    assert second.book_for(ref, use=use).status == 201


@of_both_types
def test_package_usage_updates_work(studio: Studio, kind: CustomerKind) -> None:
    """Taken once on the booking, given back once on its cancellation; never below nothing."""
    ref = studio.customer(kind).ref
    package = studio.package(ref, uses=1)
    use = {"packageId": package}
    first, second = (studio.hold_class(starts_in=timedelta(days=day)) for day in (1, 2))

    booked = first.book_for(ref, use=use)

    assert (booked.status, studio.remaining(ref, package)) == (201, 0)
    assert codes(second.book_for(ref, use=use)) == ["NO_REMAINING_USE"]
    assert second.book_for(ref, use={"packageId": new_id()}).code == "NOT_FOUND"
    for _ in range(2):
        first.act(booked, "cancel")
        assert studio.remaining(ref, package) == 1
    assert second.book_for(ref, use=use).status == 201
