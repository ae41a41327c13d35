"""Migrations 0001 and 0002: bookings of version 1 become those of clients and of leads."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

import pytest

from greenroom.kernel.errors import AlreadyBooked, Overlap
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import MIGRATION_LEASE_S
from greenroom.migrations.m0001_clients_and_leads import ClientsAndLeads
from greenroom.migrations.m0002_version_1_of_bookings import Version1OfBookings
from greenroom.migrations.service import Migrations
from greenroom.migrations.store import MigrationStore
from greenroom.organizations.principal import CustomerRef
from tests.books import Vandal
from tests.first_version import CannotBeRead
from tests.old_studio import UNKNOWN, Old, Rows, Studio, rows
from tests.parallel import together
from tests.reliability import faults
from tests.reliability.faults import Crash, Fault
from tests.store.moving import unhurried
from tests.world import World, client_of


def migrations(world: World, *, page_rows: int = 4) -> Migrations:
    known = (ClientsAndLeads(), Version1OfBookings())
    store = MigrationStore(world.table, page_rows=page_rows)
    return Migrations(store, known, clock=world.clock, pace=unhurried)


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


@pytest.fixture
def old(world: World) -> Old:
    return Old(world)


# What the present version makes of version 1, at once


def test_what_was_told_of_a_customer_is_read_at_once(old: Old) -> None:
    client = old.bookings.load(old.repo, old.told_client)
    lead = old.bookings.load(old.repo, old.told_lead)

    assert client.customer == CustomerRef("client", old.client)
    assert lead.customer == CustomerRef("lead", old.lead)
    assert client.organization_id == lead.organization_id == old.organization_id
    assert not client.has_rows


def test_who_is_of_no_told_kind_is_taken_for_a_lead_until_looked_up(old: Old) -> None:
    before = old.bookings.load(old.repo, old.client_of_old)
    migrations(old.world).run(1)
    after = old.bookings.load(old.repo, old.client_of_old)

    assert before.customer == CustomerRef("lead", old.client)
    assert after.customer == CustomerRef("client", old.client)


def test_a_customers_list_has_both_versions_in_one_order_at_every_stage(old: Old) -> None:
    ref = CustomerRef("client", old.client)
    classes = [old.klass(in_hours=hours) for hours in (1, 30, 90)]
    new = [old.book(klass, ref) for klass in classes]
    told = [old.first.book(old.klass(in_hours=hours), old.client, "client") for hours in (20, 80)]
    wanted = [new[2], told[1], new[1], old.told_client, told[0], new[0]]

    for limit in (1, 2, 3, 100):
        assert old.listed(ref, limit=limit) == wanted

    migrations(old.world).run(1)
    wanted = [new[2], told[1], old.cancelled, old.client_of_old, new[1]]
    wanted += [old.told_client, told[0], new[0]]
    for number in (1, 2):
        migrations(old.world).run(number)
        for limit in (1, 2, 3, 100):
            assert old.listed(ref, limit=limit) == wanted


def test_a_booking_of_version_1_is_cancelled_at_once_and_keeps_what_nobody_knows(old: Old) -> None:
    before = old.row(old.told_client)

    old.cancel(old.told_client)

    after = old.row(old.told_client)
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    assert changed == {"booking_status", "payment_status", "rev"}
    assert old.first.read(old.told_client).booking_status == "cancelled"
    klass = old.classes.load(old.repo, old.today.class_session_id)
    assert (klass.free, klass.booked) == (19, 1)
    assert not any(row["SK"]["S"].startswith(("SEAT#", "DAY#")) for row in rows(old.world))


# 0001


def test_0001_adds_what_version_2_reads_and_takes_nothing_from_version_1(old: Old) -> None:
    before = {booking_id: old.row(booking_id) for booking_id in old.by_id}

    outcome = migrations(old.world).run(1)

    assert (outcome.counts.changed, outcome.counts.troubled) == (6, 0)
    for booking_id, ref in old.by_id.items():
        row = old.row(booking_id)
        added: dict[str, Any] = {"organization_id": {"S": old.organization_id}, "v": {"N": "2"}}
        if ref.kind == "client":
            added["client_id"] = {"S": ref.customer_id}
        if "customer_type" not in row:
            added["kind_looked_up"] = {"BOOL": True}
        assert row == before[booking_id] | added
        booking = old.bookings.load(old.repo, booking_id)
        assert (booking.customer, booking.has_rows) == (ref, True)
    old.assert_sound()
    assert migrations(old.world).verify(1).count == 0


def test_0001_gives_a_booking_its_seat_and_its_time(old: Old) -> None:
    migrations(old.world).run(1)

    assert set(old.seats.roster(old.repo, old.today.class_session_id)) == {
        old.told_client,
        old.told_lead,
    }
    assert old.seats.agenda(old.repo, CustomerRef("client", old.client)) == {
        old.told_client,
        old.client_of_old,
    }
    days = [row for row in rows(old.world) if row["kind"]["S"] == "agenda"]
    taken = [name for row in days for name in row if name[0] == "b" and name != "bookings"]
    assert len(taken) == (2 + 2 + 1) * 12
    seat = next(row for row in rows(old.world) if row["kind"]["S"] == "seat")
    assert seat["created_at"] == old.row(old.told_client)["created_at"]
    with pytest.raises(AlreadyBooked):
        old.book(old.today, CustomerRef("client", old.client))
    with pytest.raises(Overlap):
        old.book(old.klass(in_hours=26.5), CustomerRef("client", old.client))


def test_a_migrated_booking_is_cancelled_as_any_other(old: Old) -> None:
    migrations(old.world).run(1)
    for booking_id in (old.told_client, old.told_lead, old.client_of_old, old.lead_of_old):
        old.cancel(booking_id)

    assert old.row(old.told_client)["mystery"] == UNKNOWN["mystery"]
    assert [row for row in rows(old.world) if row["kind"]["S"] == "seat"] == [
        row for row in rows(old.world) if row["SK"]["S"] == f"SEAT#ld#{old.lead}"
    ]
    old.assert_sound()
    assert migrations(old.world).verify(1).count == 0


def test_an_agenda_that_is_there_is_shared(old: Old) -> None:
    ref = CustomerRef("client", old.client)
    new = old.book(old.klass(in_hours=29), ref)

    migrations(old.world).run(1)

    assert old.seats.agenda(old.repo, ref) == {new, old.told_client, old.client_of_old}
    old.assert_sound()


# What a person has to decide


def ambiguous(studio: Studio) -> tuple[str, str]:
    same = studio.customer("client")
    studio.customer("lead", customer_id=same)
    return studio.first.book(studio.klass(), same), "customer_is_of_both_kinds"


def unknown(studio: Studio) -> tuple[str, str]:
    return studio.first.book(studio.klass(), new_id()), "customer_is_unknown"


def other_kind(studio: Studio) -> tuple[str, str]:
    lead = studio.customer("lead")
    return studio.first.book(studio.klass(), lead, "client"), "customer_is_of_the_other_kind"


def other_organization(studio: Studio) -> tuple[str, str]:
    booking_id = studio.first.book(studio.klass(), studio.customer("lead"))
    Vandal(studio.world).change(studio.repo.pk("B", booking_id), "BOOKING", org_id=new_id())
    return booking_id, "organization_is_another"


def unknown_class(studio: Studio) -> tuple[str, str]:
    klass = studio.klass()
    booking_id = studio.first.book(klass, studio.customer("lead"))
    Vandal(studio.world).remove(studio.repo.pk("K", klass.class_session_id), "CLASS")
    return booking_id, "class_is_unknown"


def booked_twice(studio: Studio) -> tuple[str, str]:
    client, klass = studio.customer("client"), studio.klass()
    booking_id = studio.first.book(klass, client)
    studio.book(klass, CustomerRef("client", client))
    return booking_id, "seat_is_anothers"


def booked_at_the_time(studio: Studio) -> tuple[str, str]:
    client = studio.customer("client")
    booking_id = studio.first.book(studio.klass(), client)
    studio.book(studio.klass(in_hours=48.5), CustomerRef("client", client))
    return booking_id, "time_is_anothers"


CASES = [
    ambiguous,
    unknown,
    other_kind,
    other_organization,
    unknown_class,
    booked_twice,
    booked_at_the_time,
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_what_nobody_can_know_is_left_as_it_is_and_named(
    studio: Studio, case: Callable[[Studio], tuple[str, str]]
) -> None:
    booking_id, why = case(studio)
    before = studio.row(booking_id)

    outcome = migrations(studio.world).run(1)

    assert (outcome.counts.changed, outcome.counts.left) == (0, 1)
    assert outcome.troubles[0].word.startswith(f"{why} (")
    assert studio.row(booking_id) == before
    (fault,) = migrations(studio.world).verify(1).faults
    assert (fault.rule, fault.facts["left"]) == ("is_of_version_2", why)


def test_what_a_person_has_decided_is_migrated_by_the_next_run(studio: Studio) -> None:
    booking_id, _ = ambiguous(studio)
    migrations(studio.world).run(1)
    Vandal(studio.world).change(studio.repo.pk("B", booking_id), "BOOKING", customer_type="lead")

    outcome = migrations(studio.world).run(1)

    assert (outcome.counts.changed, outcome.counts.left) == (1, 0)
    assert studio.bookings.load(studio.repo, booking_id).customer.kind == "lead"
    assert migrations(studio.world).verify(1).count == 0


def test_a_told_kind_is_believed_where_no_customer_is_left_to_contradict(studio: Studio) -> None:
    booking_id = studio.first.book(studio.klass(), new_id(), "client")

    assert migrations(studio.world).run(1).counts.changed == 1
    assert studio.bookings.load(studio.repo, booking_id).customer.kind == "client"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("customer_id", None),
        ("customer_id", 7),
        ("org_id", None),
        ("customer_type", "guest"),
        ("booking_status", "lost"),
        ("class_session_id", "a#b"),
        ("starts_at", "soon"),
        ("duration_min", 0),
        ("duration_min", 10_000),
        ("v", None),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_stops_nobody(
    old: Old, name: str, value: Any
) -> None:
    Vandal(old.world).change(old.repo.pk("B", old.told_lead), "BOOKING", **{name: value})

    outcome = migrations(old.world).run(1)

    assert (outcome.counts.changed, outcome.counts.unreadable) == (5, 1)
    assert outcome.troubles[0].place[0].endswith(old.told_lead)
    assert {fault.rule for fault in migrations(old.world).verify(1).faults} == {"can_be_read"}


# Readers of before


@contextmanager
def reading(old: Old) -> Iterator[list[int]]:
    """Version 1 reads all the time, and always the same."""
    wanted = old.first_reads()
    over, reads, broken = Event(), [0], list[BaseException]()

    def read() -> None:
        while not over.is_set():
            try:
                assert old.first_reads() == wanted
            except BaseException as error:  # noqa: BLE001 (told to the test)
                broken.append(error)
                return
            reads[0] += 1

    readers = [Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        yield reads
    finally:
        over.set()
        for reader in readers:
            reader.join()
    assert not broken, broken


def test_readers_of_before_are_served_all_along_0001_and_its_way_back(old: Old) -> None:
    with reading(old) as reads:
        for _ in range(3):
            migrations(old.world, page_rows=2).run(1)
            assert migrations(old.world).verify(1).count == 0
            migrations(old.world, page_rows=2).run(1, "back")
        migrations(old.world).run(1)
    assert reads[0] > 0


def test_readers_of_before_are_served_until_0002_and_after_its_way_back(old: Old) -> None:
    before = old.first_reads()
    migrations(old.world).run(1)
    assert old.first_reads() == before

    migrations(old.world).run(2)
    with pytest.raises(CannotBeRead):
        old.first.read(old.told_client)

    migrations(old.world).run(2, "back")
    assert old.first_reads() == before


def test_writers_of_before_go_on_until_0002(old: Old) -> None:
    migrations(old.world).run(1)
    assert old.first.cancel(old.told_client)
    later = old.first.book(old.classes.load(old.repo, old.later.class_session_id), old.client)

    seen = migrations(old.world).verify(1)
    assert {fault.rule for fault in seen.faults} == {"is_of_version_2", "has_left_its_class"}
    migrations(old.world).run(1)
    assert migrations(old.world).verify(1).count == 0

    assert old.bookings.load(old.repo, later).customer.kind == "client"
    assert old.bookings.load(old.repo, old.told_client).booking_status == "cancelled"


# 0002


def test_0002_leaves_what_version_2_reads_and_nothing_else_of_before(old: Old) -> None:
    migrations(old.world).run(1)
    native = old.book(old.klass(in_hours=100), CustomerRef("client", old.client))
    before = {booking_id: old.bookings.load(old.repo, booking_id) for booking_id in old.by_id}
    untouched = old.row(native)

    outcome = migrations(old.world).run(2)

    assert (outcome.counts.changed, outcome.counts.as_it_should_be) == (6, 1)
    assert old.row(native) == untouched
    for booking_id, ref in old.by_id.items():
        row = old.row(booking_id)
        assert {"org_id", "customer_type"}.isdisjoint(row)
        assert ("client_id" in row) + ("customer_id" in row) == 1
        assert row["GSI1PK"] == {"S": old.repo.customer_pk(ref)}
        assert old.bookings.load(old.repo, booking_id) == before[booking_id]
    assert migrations(old.world).verify(1).count == 0
    assert migrations(old.world).verify(2).count == 0
    assert old.row(old.told_client)["mystery"] == UNKNOWN["mystery"]


def test_0002_leaves_a_booking_of_version_1_alone(old: Old) -> None:
    migrations(old.world).run(1)
    late = old.first.book(old.klass(), old.client)
    before = old.row(late)

    outcome = migrations(old.world).run(2)

    assert (outcome.counts.changed, outcome.counts.left) == (6, 1)
    assert old.row(late) == before
    assert [fault.rule for fault in migrations(old.world).verify(2).faults] == ["is_of_version_2"]


# The way back


def test_the_ways_back_give_back_the_very_rows(old: Old) -> None:
    shared = old.book(old.klass(in_hours=29), CustomerRef("client", old.client))
    native = old.row(shared)
    original = rows(old.world)
    migrations(old.world).run(1)
    migrated = rows(old.world)
    migrations(old.world).run(2)

    migrations(old.world).run(2, "back")
    for was, now in zip(migrated, rows(old.world), strict=True):
        assert now == was or now["PK"]["S"].endswith(shared)

    migrations(old.world).run(1, "back")
    for was, now in zip(original, rows(old.world), strict=True):
        assert now == was or now["PK"]["S"].endswith(shared)
    # What was of version 2 from the start is left so that version 1 reads it, too.
    assert old.first.read(shared).customer_type == "client"
    assert old.row(shared)["rev"] == native["rev"]
    migrations(old.world).run(1)
    migrations(old.world).run(2)
    assert old.row(shared) == native


def test_the_way_back_of_0001_alone_gives_back_the_very_table(old: Old) -> None:
    original = rows(old.world)
    migrations(old.world).run(1)

    outcome = migrations(old.world).run(1, "back")

    assert outcome.counts.changed == 6
    assert rows(old.world) == original


def test_the_way_back_shows_version_1_what_was_made_since(old: Old) -> None:
    migrations(old.world).run(1)
    new = [
        old.book(old.klass(in_hours=100), CustomerRef("client", old.client)),
        old.book(old.klass(in_hours=110), CustomerRef("lead", old.lead)),
    ]
    assert len(old.first.of_customer(old.client)) == 3

    migrations(old.world).run(1, "back")

    for booking_id, kind, customer_id in zip(
        new, ("client", "lead"), (old.client, old.lead), strict=True
    ):
        shown = old.first.read(booking_id)
        assert (shown.customer_id, shown.customer_type) == (customer_id, kind)
        assert old.first.of_customer(customer_id)[-1] == shown
    assert old.seats.roster(old.repo, old.today.class_session_id) == []
    assert old.bookings.load(old.repo, new[0]).customer == CustomerRef("client", old.client)


def test_the_way_back_keeps_what_has_happened_since(old: Old) -> None:
    migrations(old.world).run(1)
    old.cancel(old.told_client)
    old.cancel(old.client_of_old)

    migrations(old.world).run(1, "back")

    assert old.first.read(old.told_client).booking_status == "cancelled"
    left = [
        row["SK"]["S"] for row in rows(old.world) if row["PK"]["S"].endswith(f"cl#{old.client}")
    ]
    assert left == ["CUSTOMER"]
    migrations(old.world).run(1)
    old.assert_sound()


# Dying, and others who write


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("direction", ["forward", "back"])
def test_a_migration_that_dies_at_any_call_ends_as_if_it_had_not(
    old: Old, make_world: Callable[..., World], number: int, direction: Any
) -> None:
    for done in range(1, number + (direction == "back")):
        migrations(old.world).run(done)
    original = rows(old.world)
    progress = [row for row in old.world.rows() if row["PK"]["S"] == "SYS#MIG"]
    points = faults.points(lambda: migrations(old.world).run(number, direction))
    wanted = rows(old.world)

    for point in range(1, points + 1):
        world = make_world()
        copy(world, original + progress)
        kind: Any = "crash_after" if point % 2 else "crash_before"
        with faults.plan(Fault(kind=kind, at=point)), pytest.raises(Crash):
            migrations(world).run(number, direction)
        world.clock.move(MIGRATION_LEASE_S + 1)

        migrations(world).run(number, direction)

        assert rows(world) == wanted, point


def copy(world: World, some: Rows) -> None:
    for row in some:
        client_of(world.endpoint).put_item(TableName=world.table_name, Item=row)


def test_both_versions_book_and_cancel_beside_a_migration(studio: Studio) -> None:
    """Nobody loses a seat or gets one twice, whoever is first at any row."""
    classes = [studio.klass(in_hours=24 * day) for day in range(1, 5)]
    clients = [studio.customer("client") for _ in range(6)]
    leads = [studio.customer("lead") for _ in range(6)]
    seeds = [
        studio.first.book(klass, who, None if place % 2 else kind)
        for klass in classes[:2]
        for kind, people in (("client", clients), ("lead", leads))
        for place, who in enumerate(people)
    ]

    def first_books() -> list[str]:
        return [studio.first.book(classes[2], who) for who in clients + leads]

    def first_cancels() -> list[str]:
        return [one for one in seeds[::3] if any(studio.first.cancel(one) for _ in range(50))]

    def now_cancels() -> list[str]:
        for one in seeds[1::3]:
            studio.cancel(one)
        return seeds[1::3]

    def now_books() -> list[str]:
        return [studio.book(classes[3], CustomerRef("client", who)) for who in clients]

    def migrates() -> list[str]:
        for _ in range(3):
            migrations(studio.world).run(1)
        return []

    together(first_books, first_cancels, now_cancels, now_books, migrates)

    assert all(studio.first.read(one).booking_status == "cancelled" for one in seeds[::3])
    assert migrations(studio.world).run(1).counts.troubled == 0
    assert migrations(studio.world).verify(1).count == 0
    studio.assert_sound()
    booked = [studio.classes.load(studio.repo, one.class_session_id).booked for one in classes]
    assert booked == [4, 4, 12, 6]


def test_what_a_writer_of_before_leaves_behind_is_found_and_tidied(old: Old) -> None:
    migrations(old.world).run(1)
    assert old.first.cancel(old.told_client)
    assert old.first.cancel(old.lead_of_old)

    seen = migrations(old.world).verify(1)
    assert [fault.rule for fault in seen.faults] == ["has_left_its_class"] * 2
    assert migrations(old.world).run(1).counts.changed == 2

    assert migrations(old.world).verify(1).count == 0
    old.assert_sound()
    ref = CustomerRef("client", old.client)
    assert old.seats.agenda(old.repo, ref) == {old.client_of_old}
