"""What is true of a booking when it is read is a condition of what is written of it."""

from collections.abc import Callable
from typing import Any

import pytest

from greenroom.bookings.rules import BookingChanged
from greenroom.kernel.errors import InvalidRequest
from greenroom.kernel.limits import CLASS_MINUTES_MAX
from greenroom.migrations.domain import Change, Found, Left, Row
from greenroom.migrations.m0001_clients_and_leads import ClientsAndLeads
from greenroom.migrations.m0002_version_1_of_bookings import Version1OfBookings
from greenroom.migrations.service import Migrations
from greenroom.migrations.store import MigrationStore
from greenroom.organizations.principal import CustomerRef
from tests.books import Vandal
from tests.old_studio import Studio, rows
from tests.store.moving import unhurried
from tests.world import World

Meddle = Callable[[], object]


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


class Meddled(ClientsAndLeads):
    """Somebody acts once, between the look at a row and the write."""

    def __init__(self, act: Meddle) -> None:
        self.acts = [act]

    def forward(self, row: Row, found: Found) -> Change | Left | None:
        planned = super().forward(row, found)
        if self.acts:
            self.acts.pop()()
        return planned

    def back(self, row: Row, found: Found) -> Change | Left | None:
        planned = super().back(row, found)
        if self.acts:
            self.acts.pop()()
        return planned


def migrations(world: World, first: ClientsAndLeads | None = None) -> Migrations:
    known = (first or ClientsAndLeads(), Version1OfBookings())
    return Migrations(MigrationStore(world.table), known, clock=world.clock, pace=unhurried)


def change(studio: Studio, booking_id: str, **values: Any) -> None:
    Vandal(studio.world).change(studio.repo.pk("B", booking_id), "BOOKING", **values)


def kinds(studio: Studio) -> list[str]:
    return sorted(row["kind"]["S"] for row in rows(studio.world))


def test_a_customer_who_comes_between_makes_the_kind_ambiguous(studio: Studio) -> None:
    client = studio.customer("client")
    studio.first.book(studio.klass(), client)
    act = Meddled(lambda: studio.customer("lead", customer_id=client))

    outcome = migrations(studio.world, act).run(1)

    assert (outcome.counts.changed, outcome.counts.left) == (0, 1)
    assert outcome.troubles[0].word.startswith("customer_is_of_both_kinds")


def test_a_customer_who_goes_between_makes_the_kind_unknown(studio: Studio) -> None:
    client = studio.customer("client")
    studio.first.book(studio.klass(), client)
    pk = studio.repo.customer_pk(CustomerRef("client", client))
    act = Meddled(lambda: Vandal(studio.world).remove(pk, "CUSTOMER"))

    outcome = migrations(studio.world, act).run(1)

    assert outcome.troubles[0].word.startswith("customer_is_unknown")


def test_a_booking_that_is_cancelled_between_gets_no_seat(studio: Studio) -> None:
    booking_id = studio.first.book(studio.klass(), studio.customer("client"))

    outcome = migrations(studio.world, Meddled(lambda: studio.first.cancel(booking_id))).run(1)

    assert outcome.counts.changed == 1
    assert kinds(studio) == ["booking", "class_session", "studio_customer"]
    assert migrations(studio.world).verify(1).count == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("customer_type", "lead"),
        ("customer_id", "somebody-else"),
        ("org_id", "another"),
        ("starts_at", "2026-12-24T12:00:00.000000Z"),
        ("duration_min", 30),
        ("class_session_id", "another"),
        ("booking_status", "attended"),
    ],
)
def test_whatever_decides_is_read_again_when_it_has_changed(
    studio: Studio, name: str, value: Any
) -> None:
    booking_id = studio.first.book(studio.klass(), studio.customer("client"), "client")
    tries: list[Row] = []

    class Watched(Meddled):
        def forward(self, row: Row, found: Found) -> Change | Left | None:
            tries.append(row)
            return super().forward(row, found)

    migrations(studio.world, Watched(lambda: change(studio, booking_id, **{name: value}))).run(1)

    assert len(tries) == 2


def test_a_booking_that_gets_its_seat_back_between_is_not_tidied_away(studio: Studio) -> None:
    booking_id = studio.first.book(studio.klass(), studio.customer("client"))
    migrations(studio.world).run(1)
    change(studio, booking_id, booking_status="expired")
    act = Meddled(lambda: change(studio, booking_id, booking_status="confirmed"))

    outcome = migrations(studio.world, act).run(1)

    assert outcome.counts.changed == 0
    assert migrations(studio.world).verify(1).count == 0
    studio.assert_sound()


def test_a_booking_that_is_cancelled_before_the_way_back_stays_cancelled(studio: Studio) -> None:
    booking_id = studio.first.book(studio.klass(), studio.customer("client"))
    migrations(studio.world).run(1)

    migrations(studio.world, Meddled(lambda: studio.cancel(booking_id))).run(1, "back")

    assert studio.first.read(booking_id).booking_status == "cancelled"
    assert "seat" not in kinds(studio)
    assert "agenda" not in kinds(studio)


def test_a_lead_that_becomes_a_client_between_is_listed_as_one(studio: Studio) -> None:
    lead, client = studio.customer("lead"), studio.customer("client")
    booking_id = studio.first.book(studio.klass(), lead)
    migrations(studio.world).run(1)

    class Converted(Version1OfBookings):
        def forward(self, row: Row, found: Found) -> Change | Left | None:
            planned = super().forward(row, found)
            change(studio, booking_id, client_id=client, customer_id=None)
            return planned

    converted = (ClientsAndLeads(), Converted())
    store = MigrationStore(studio.world.table)
    Migrations(store, converted, clock=studio.world.clock, pace=unhurried).run(2)

    assert studio.listed(CustomerRef("client", client)) == [booking_id]
    assert migrations(studio.world).verify(2).count == 0


def test_a_move_that_was_planned_for_version_1_is_not_done_to_version_2(studio: Studio) -> None:
    """Its steps would leave out the rows which the booking has by then."""
    booking_id = studio.first.book(studio.klass(), studio.customer("client"), "client")
    booking = studio.bookings.load(studio.repo, booking_id)
    tx = studio.world.table.transaction()
    studio.bookings.add_move(tx, studio.repo, booking, booking)

    migrations(studio.world).run(1)

    with pytest.raises(BookingChanged):
        tx.commit()


def test_an_offer_of_version_1_is_given_up_without_a_trace_in_the_agenda(studio: Studio) -> None:
    klass = studio.klass()
    booking_id = studio.first.book(klass, studio.customer("client"), booking_status="offered")
    pk = studio.repo.pk("K", klass.class_session_id)
    Vandal(studio.world).change(pk, "CLASS", free=19, held=1)

    studio.cancel(booking_id)

    assert kinds(studio) == ["booking", "booking_event", "class_session", "studio_customer"]
    studio.assert_sound()


def test_a_client_and_a_lead_of_one_id_have_lists_of_their_own(studio: Studio) -> None:
    same = studio.customer("client")
    studio.customer("lead", customer_id=same)
    of_client = [studio.first.book(studio.klass(in_hours=h), same, "client") for h in (50, 40, 30)]
    of_lead = [studio.first.book(studio.klass(in_hours=h), same, "lead") for h in (45, 35)]

    for _ in range(2):
        for limit in (1, 2, 9):
            assert studio.listed(CustomerRef("client", same), limit=limit) == of_client
            assert studio.listed(CustomerRef("lead", same), limit=limit) == of_lead
        migrations(studio.world).run(1)
        migrations(studio.world).run(2)


def test_a_cursor_of_another_customers_list_is_refused(studio: Studio) -> None:
    ada, bob = (CustomerRef("client", studio.customer("client")) for _ in range(2))
    for hours in (9, 48):
        studio.book(studio.klass(in_hours=hours), ada)
    _, cursor = studio.bookings.of_customer(studio.repo, ada, limit=1, cursor=None)
    assert cursor is not None

    for broken in (cursor, "x", "W10"):
        with pytest.raises(InvalidRequest):
            studio.bookings.of_customer(studio.repo, bob, limit=1, cursor=broken)


def test_the_longest_class_fits_into_one_change_and_its_way_back(studio: Studio) -> None:
    client = studio.customer("client")
    studio.book(studio.klass(in_hours=1, minutes=30), CustomerRef("client", client))
    booking_id = studio.first.book(studio.klass(in_hours=2, minutes=CLASS_MINUTES_MAX), client)
    before = rows(studio.world)

    assert migrations(studio.world).run(1).counts.changed == 1
    assert migrations(studio.world).verify(1).count == 0
    assert studio.bookings.load(studio.repo, booking_id).customer.kind == "client"
    migrations(studio.world).run(1, "back")

    assert [row for row in rows(studio.world) if row["kind"]["S"] != "booking"] == [
        row for row in before if row["kind"]["S"] != "booking"
    ]


# Verification


def half_a_day(studio: Studio, booking_id: str) -> None:
    day = next(row for row in rows(studio.world) if row["kind"]["S"] == "agenda")
    bucket = next(name for name in day if name[0] == "b" and name != "bookings")
    Vandal(studio.world).change(day["PK"]["S"], day["SK"]["S"], **{bucket: None})


def no_day(studio: Studio, booking_id: str) -> None:
    day = next(row for row in rows(studio.world) if row["kind"]["S"] == "agenda")
    Vandal(studio.world).change(day["PK"]["S"], day["SK"]["S"], bookings={"another"})


def seat_gone(studio: Studio, booking_id: str) -> None:
    seat = next(row for row in rows(studio.world) if row["kind"]["S"] == "seat")
    Vandal(studio.world).remove(seat["PK"]["S"], seat["SK"]["S"])


def seat_of_another(studio: Studio, booking_id: str) -> None:
    seat = next(row for row in rows(studio.world) if row["kind"]["S"] == "seat")
    Vandal(studio.world).change(seat["PK"]["S"], seat["SK"]["S"], booking_id="another")


FAULTS: list[tuple[int, str, Callable[[Studio, str], object]]] = [
    (1, "is_of_version_2", lambda studio, one: change(studio, one, v=1)),
    (1, "names_its_organization", lambda studio, one: change(studio, one, organization_id="x")),
    (1, "names_its_organization", lambda studio, one: change(studio, one, org_id="x")),
    (1, "names_its_organization", lambda studio, one: change(studio, one, organization_id=None)),
    (1, "has_exactly_one_customer", lambda studio, one: change(studio, one, customer_id="x")),
    (1, "can_be_read", lambda studio, one: change(studio, one, client_id=None, customer_id=None)),
    (1, "can_be_read", lambda studio, one: change(studio, one, client_id="")),
    (1, "has_its_seat", seat_gone),
    (1, "has_its_seat", seat_of_another),
    (1, "has_its_time", half_a_day),
    (1, "has_its_time", no_day),
    (1, "has_left_its_class", lambda studio, one: change(studio, one, booking_status="cancelled")),
    (2, "is_of_version_2", lambda studio, one: change(studio, one, v=1)),
    (2, "has_no_name_of_version_1", lambda studio, one: change(studio, one, org_id="x")),
    (2, "has_no_name_of_version_1", lambda studio, one: change(studio, one, customer_id="x")),
    (2, "has_no_name_of_version_1", lambda studio, one: change(studio, one, customer_type="lead")),
    (2, "is_in_its_customers_list", lambda studio, one: change(studio, one, GSI1PK="x")),
]


@pytest.mark.parametrize(
    ("number", "rule", "spoil"),
    FAULTS,
    ids=[f"{n}-{rule}-{i}" for i, (n, rule, _) in enumerate(FAULTS)],
)
def test_a_fault_is_found_by_its_rule(
    studio: Studio, number: int, rule: str, spoil: Callable[[Studio, str], object]
) -> None:
    booking_id = studio.first.book(studio.klass(), studio.customer("client"))
    for done in range(1, number + 1):
        migrations(studio.world).run(done)
    assert migrations(studio.world).verify(number).count == 0

    spoil(studio, booking_id)

    (fault,) = migrations(studio.world).verify(number).faults
    assert (fault.rule, fault.place) == (rule, (studio.repo.pk("B", booking_id), "BOOKING"))
