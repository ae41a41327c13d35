"""Bookings of version 1 through the API: read, listed, cancelled, checked in; before and after."""

from datetime import timedelta
from typing import Any

import pytest

from greenroom.kernel.clock import to_text
from tests.books import Operator, Vandal
from tests.first_version import FirstDesk
from tests.studios import Class, Studio
from tests.world import World

UNKNOWN = {"mystery": {"M": {"deep": {"L": [{"N": "7"}, {"NULL": True}]}}}, "odd.name": {"S": "x"}}
FAST = ("--rate", "1000")


class Before:
    """A studio with bookings that the version before this one has made."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.studio = Studio(world)
        self.first = FirstDesk(world, self.studio.organization_id)
        self.ref, self.person = self.studio.client_who_signs_in()
        self.lead = self.studio.customer("lead").ref
        self.klass = self.studio.hold_class(capacity=5, priceCents=1500, currency="eur")
        self.of_client = self.book(self.klass, self.ref.customer_id, "client")
        self.of_lead = self.book(self.klass, self.lead.customer_id)

    def book(self, klass: Class, customer_id: str, told: str | None = None) -> str:
        stored = self.world.wiring("bookings").class_store.load(
            self.studio.repo, klass.class_session_id
        )
        return self.first.book(stored, customer_id, told, unknown=UNKNOWN)

    def row(self, booking_id: str) -> dict[str, Any]:
        return Vandal(self.world).row(self.studio.repo.pk("B", booking_id), "BOOKING")

    def ids(self, path: str) -> list[str]:
        return [one["bookingId"] for one in self.studio.staff(f"GET {path}").body["items"]]

    @property
    def roster(self) -> set[str]:
        return set(self.ids(f"/classes/{self.klass.class_session_id}/roster"))

    def migrate(self, number: int = 1) -> None:
        code, _ = Operator(self.world).run("migrate", "run", str(number), *FAST)
        assert code == 0
        assert Operator(self.world).run("migrate", "verify", str(number))[0] == 0


@pytest.fixture
def before(world: World) -> Before:
    return Before(world)


@pytest.fixture(params=[0, 1, 2], ids=["as_it_is", "after_0001", "after_0002"])
def stage(request: pytest.FixtureRequest, before: Before) -> Before:
    """The same studio before the migrations, between them, and after."""
    for number in range(1, request.param + 1):
        before.migrate(number)
    return before


def test_migration_runs_without_errors(before: Before) -> None:
    operator = Operator(before.world)
    for number in ("1", "2"):
        code, told = operator.run("migrate", "run", number, *FAST)
        counts = told["items"][0]["counts"]
        assert (code, counts["changed"]) == (0, 2)
        assert counts["left"] + counts["unreadable"] + counts["overtaken"] == 0
    assert [one["faults"] for one in operator.run("migrate", "verify")[1]["items"]] == [0, 0]


def test_existing_bookings_still_work(stage: Before) -> None:
    studio, ref = stage.studio, stage.ref
    for booking_id, client_id, customer_id in (
        (stage.of_client, ref.customer_id, None),
        (stage.of_lead, None, stage.lead.customer_id),
    ):
        shown = studio.staff(f"GET /bookings/{booking_id}").body
        assert (shown["clientId"], shown["customerId"]) == (client_id, customer_id)
        assert shown["organizationId"] == studio.organization_id
        assert (shown["bookingStatus"], shown["amountCents"]) == ("confirmed", 1500)
    assert stage.ids(f"/bookings?clientId={ref.customer_id}") == [stage.of_client]
    assert stage.ids(f"/bookings?customerId={stage.lead.customer_id}") == [stage.of_lead]
    mine = stage.person.call(f"GET {studio.home}/bookings?clientId={ref.customer_id}").body
    assert [one["bookingId"] for one in mine["items"]] == [stage.of_client]
    assert stage.klass.counters == (3, 2, 0, 0)


def test_their_own_client_cancels_them_and_what_nobody_knows_is_kept(stage: Before) -> None:
    path = f"POST {stage.studio.home}/bookings/{stage.of_client}/cancel"

    assert stage.person.call(path).body["bookingStatus"] == "cancelled"
    assert stage.studio.staff(f"POST /bookings/{stage.of_lead}/cancel").status == 200

    assert stage.klass.counters == (5, 0, 0, 0)
    assert stage.roster == set()
    for booking_id in (stage.of_client, stage.of_lead):
        row = stage.row(booking_id)
        assert {name: row[name] for name in UNKNOWN} == UNKNOWN
    shown = stage.studio.staff(f"GET /bookings/{stage.of_client}").body
    assert [event["eventType"] for event in shown["events"]] == ["cancelled"]
    Operator(stage.world).run("migrate", "run", "1", *FAST)
    assert Operator(stage.world).run("migrate", "verify", "1")[0] == 0
    assert stage.roster == set()
    assert stage.row(stage.of_client)["mystery"] == UNKNOWN["mystery"]


def test_they_are_checked_in_and_paid_at_the_studio(stage: Before) -> None:
    starts_at = (
        stage.world.wiring("bookings")
        .class_store.load(stage.studio.repo, stage.klass.class_session_id)
        .starts_at
    )
    stage.world.clock.now = starts_at + timedelta(minutes=5)

    for act in ("attend", "paid"):
        assert stage.studio.staff(f"POST /bookings/{stage.of_client}/{act}").status == 200
    assert stage.studio.staff(f"POST /bookings/{stage.of_lead}/no-show").status == 200

    shown = stage.studio.staff(f"GET /bookings/{stage.of_client}").body
    assert (shown["bookingStatus"], shown["paymentStatus"]) == ("attended", "paid")
    if not Operator(stage.world).run("migrate", "verify")[1]["items"]:
        stage.migrate()
    assert stage.roster == {stage.of_client, stage.of_lead}


def test_a_full_class_of_before_is_full(before: Before) -> None:
    for _ in range(3):
        before.book(before.klass, before.studio.customer("client").ref.customer_id)

    assert before.klass.book(before.studio.customer()).code == "CLASS_FULL"
    assert before.studio.staff(f"POST /bookings/{before.of_lead}/cancel").status == 200
    assert before.klass.book(before.studio.customer()).status == 201
    before.migrate()
    assert before.klass.counters == (0, 5, 0, 0)
    assert len(before.roster) == 5


def test_once_migrated_they_keep_their_customer_from_a_second_seat(before: Before) -> None:
    before.migrate()

    assert before.klass.book_for(before.ref).code == "ALREADY_BOOKED"
    other = before.studio.hold_class(capacity=5)
    assert other.book_for(before.ref).code == "OVERLAP"
    assert before.roster == {before.of_client, before.of_lead}


def test_once_migrated_they_are_cleared_when_their_class_is_cancelled(before: Before) -> None:
    before.migrate()

    cancelled = before.studio.staff(f"POST /classes/{before.klass.class_session_id}/cancel")

    assert cancelled.body["booked"] == 0
    assert before.first.read(before.of_client).booking_status == "cancelled"


def test_a_class_that_was_cancelled_before_is_cleared_by_cancelling_it_again(
    before: Before,
) -> None:
    route = f"POST /classes/{before.klass.class_session_id}/cancel"
    assert before.studio.staff(route).body["booked"] == 2

    before.migrate()

    assert before.studio.staff(route).body["booked"] == 0
    assert before.first.read(before.of_client).booking_status == "cancelled"


def test_a_freed_seat_of_before_goes_to_the_head_of_the_waitlist(before: Before) -> None:
    before.klass.change(capacity=2)
    waits = before.klass.join(before.studio.customer())
    assert waits.status == 201

    assert before.studio.staff(f"POST /bookings/{before.of_lead}/cancel").status == 200

    assert before.klass.status(waits) == "offered"
    assert before.klass.counters == (0, 1, 1, 0)


def test_a_client_of_no_told_kind_is_found_once_they_were_looked_up(before: Before) -> None:
    untold = before.book(
        before.studio.hold_class(starts_in=timedelta(days=9)), before.ref.customer_id
    )
    mine = f"/bookings?clientId={before.ref.customer_id}"
    path = f"POST {before.studio.home}/bookings/{untold}/cancel"
    assert untold not in before.ids(mine)
    assert before.person.call(path).code == "FORBIDDEN"

    before.migrate()

    assert before.ids(mine) == [untold, before.of_client]
    assert before.person.call(path).status == 200
    assert to_text(before.world.clock()) == before.row(untold)["updated_at"]["S"]


def test_a_lead_who_becomes_a_client_takes_them_along(stage: Before) -> None:
    later = stage.studio.hold_class(starts_in=timedelta(days=9))
    told = stage.book(later, stage.lead.customer_id, "lead")
    reply = stage.studio.staff(f"POST /leads/{stage.lead.customer_id}/convert")
    client_id = reply.body["client"]["clientId"]

    for booking_id in (stage.of_lead, told):
        shown = stage.studio.staff(f"GET /bookings/{booking_id}").body
        assert (shown["clientId"], shown["customerId"]) == (client_id, None)
        row = stage.row(booking_id)
        assert {name: row[name] for name in UNKNOWN} == UNKNOWN
    assert stage.ids(f"/bookings?clientId={client_id}") == [told, stage.of_lead]
    stage.migrate(1)
    stage.migrate(2)
    assert stage.ids(f"/bookings?clientId={client_id}") == [told, stage.of_lead]
    assert stage.roster == {stage.of_client, stage.of_lead}
    assert stage.klass.counters == (3, 2, 0, 0)


def test_a_lead_who_was_in_two_classes_at_once_still_becomes_a_client(before: Before) -> None:
    """Version 1 let them; which of the two counts is for a person to say, when it is migrated."""
    twice = before.book(before.studio.hold_class(), before.lead.customer_id)

    reply = before.studio.staff(f"POST /leads/{before.lead.customer_id}/convert")

    client_id = reply.body["client"]["clientId"]
    assert set(before.ids(f"/bookings?clientId={client_id}")) == {before.of_lead, twice}
    code, told = Operator(before.world).run("migrate", "run", "1", *FAST)
    assert (code, told["items"][0]["counts"]["left"]) == (1, 1)
    assert told["items"][0]["troubles"][0]["what"].startswith("time_is_anothers")
    assert before.studio.staff(f"POST /bookings/{twice}/cancel").status == 200
    before.migrate()
