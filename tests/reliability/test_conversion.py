"""A lead becomes a client with everything, wherever it dies and whoever comes between."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from greenroom.bookings.conversion import Converted
from greenroom.customers.domain import Customer, NewCustomer
from greenroom.kernel.errors import CustomerInactive, NotFound
from greenroom.organizations.principal import CustomerRef
from tests.functions.test_edge_errors import raw_set
from tests.parallel import together
from tests.reliability import faults
from tests.reliability.every_call import sampled
from tests.studios import Class, Studio
from tests.world import Reply, World


class Story:
    """A lead with a package, a membership, and bookings that stand in different ways.

    One used the package and one waits for a seat; with ``all_of_it`` there are also one of the
    membership, an unpaid one and a cancelled one.
    """

    def __init__(self, world: World, *, all_of_it: bool = True) -> None:
        self.world = world
        self.studio = Studio(world)
        self.lead = self.studio.customer("lead", name="Ada")
        self.package = self.studio.package(self.lead.ref, uses=5)
        self.member = self.studio.membership(self.lead.ref, limit=3)
        self.full = self.hold_class(9, capacity=1)
        self.seated = self.full.book(self.studio.customer())
        self.classes = [self.hold_class(1)]
        self.bookings = [
            self.classes[0].book(self.lead, use={"packageId": self.package}),
            self.full.join(self.lead),
        ]
        self.statuses = ["confirmed", "waitlisted"]
        if all_of_it:
            self._book_more()
        assert {one.status for one in self.bookings} == {201}

    def _book_more(self) -> None:
        self.classes += [self.hold_class(2), self.hold_class(3), self.hold_class(4)]
        self.bookings += [
            self.classes[1].book(self.lead, use={"membershipId": self.member}),
            self.classes[2].book(self.lead),
            self.classes[3].book(self.lead),
        ]
        assert self.classes[3].act(self.bookings[-1], "cancel").status == 200
        self.statuses += ["confirmed", "confirmed", "cancelled"]

    def hold_class(self, day: int, **told: Any) -> Class:
        return self.studio.hold_class(starts_in=timedelta(days=day), **told)

    def convert(self) -> Converted:
        wired = self.world.wiring("bookings")
        return wired.conversion.convert(self.studio.repo, self.lead.ref.customer_id)

    def shown(self, booking: Reply) -> dict[str, Any]:
        found: dict[str, Any] = self.studio.staff(f"GET /bookings/{booking.body['bookingId']}").body
        return found

    def left_behind(self) -> list[str]:
        """Rows that are still under the lead's key, besides the lead itself and empty days."""
        pk = self.studio.repo.customer_pk(self.lead.ref)
        rows = [row for row in self.world.rows() if row["PK"]["S"] == pk]
        taken = [row for row in rows if row["SK"]["S"].startswith("DAY#")]
        assert all("bookings" not in row for row in taken)
        return sorted(
            row["SK"]["S"] for row in rows if not row["SK"]["S"].startswith(("DAY#", "CUSTOMER"))
        )

    def check(self, client: Customer) -> None:
        """Everything is the client's, and stands as it stood."""
        shown = [self.shown(booking) for booking in self.bookings]
        assert [one["bookingStatus"] for one in shown] == self.statuses
        assert {one["clientId"] for one in shown} == {client.ref.customer_id}
        assert {one["customerId"] for one in shown} == {None}
        assert self.left_behind() == []
        assert self.studio.remaining(client.ref, self.package) == 4
        listed = self.studio.staff(f"GET /bookings?clientId={client.ref.customer_id}")
        assert len(listed.body["items"]) == len(self.bookings)
        assert self.classes[0].book(client).code == "ALREADY_BOOKED"
        assert self.hold_class(1).book(client).code == "OVERLAP"


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


def test_a_client_has_all_that_the_lead_had(story: Story) -> None:
    converted = story.convert()

    assert (converted.bookings, converted.passes) == (5, 2)
    assert converted.client.status == "active"
    assert (converted.client.name, converted.client.ref.kind) == ("Ada", "client")
    story.check(converted.client)


def test_what_is_cancelled_afterwards_gives_back_to_the_client(story: Story) -> None:
    client = story.convert().client

    assert story.classes[0].act(story.bookings[0], "cancel").status == 200

    assert story.studio.remaining(client.ref, story.package) == 5


def test_a_client_moves_up_the_waitlist_in_the_leads_place(story: Story) -> None:
    story.convert()

    assert story.full.act(story.seated, "cancel").status == 200

    assert story.shown(story.bookings[1])["bookingStatus"] == "offered"
    assert story.full.act(story.bookings[1], "confirm").status == 200


def test_who_asks_again_is_given_the_same_client(story: Story) -> None:
    first = story.convert().client

    again = story.convert()

    assert again.client == first
    assert (again.bookings, again.passes) == (0, 0)


def test_a_lead_who_became_a_client_is_booked_for_no_more(story: Story) -> None:
    story.convert()

    assert story.hold_class(8).book(story.lead).code == "CUSTOMER_INACTIVE"


def test_the_leads_e_mail_is_the_clients(world: World) -> None:
    studio, wired = Studio(world), world.wiring("bookings")
    told = NewCustomer(name="Ada", email="ada@example.com")
    lead = wired.customers.create(studio.repo, "lead", told).customer

    client = wired.conversion.convert(studio.repo, lead.ref.customer_id).client

    assert wired.customers.by_email(studio.repo, "ada@example.com") == client


def test_who_signs_in_as_the_lead_signs_in_as_the_client(world: World) -> None:
    studio = Studio(world)
    ref, person = studio.client_who_signs_in("lead")
    raw_set(world, studio.repo.customer_pk(ref), "CUSTOMER", "user_id", {"S": person.user_id})
    held = studio.hold_class()
    body = {"classSessionId": held.class_session_id}
    assert person.call(f"POST {studio.home}/bookings", body).body["customerId"] == ref.customer_id

    client = world.wiring("bookings").conversion.convert(studio.repo, ref.customer_id).client

    (booking,) = person.call(f"GET {studio.home}/bookings").body["items"]
    assert (booking["clientId"], booking["customerId"]) == (client.ref.customer_id, None)


def test_what_is_unknown_of_a_lead_is_the_clients_too(story: Story) -> None:
    pk = story.studio.repo.customer_pk(story.lead.ref)
    raw_set(story.world, pk, "CUSTOMER", "shoe_size", {"N": "38"})
    client = story.convert().client

    (row,) = [
        row
        for row in story.world.rows()
        if row["PK"]["S"] == story.studio.repo.customer_pk(client.ref)
        and row["SK"]["S"] == "CUSTOMER"
    ]
    assert row["shoe_size"] == {"N": "38"}


def test_a_closed_lead_and_nobody_are_not_converted(world: World) -> None:
    studio = Studio(world)
    lead = studio.customer("lead")
    wired = world.wiring("bookings")
    wired.customers.change(studio.repo, lead.ref, {"status": "closed"})

    with pytest.raises(CustomerInactive):
        wired.conversion.convert(studio.repo, lead.ref.customer_id)
    with pytest.raises(NotFound):
        wired.conversion.convert(studio.repo, studio.customer().ref.customer_id)


@pytest.mark.parametrize("kind", ["crash_before", "crash_after"])
def test_a_conversion_that_dies_at_any_call_goes_on_where_it_stopped(
    world: World, kind: faults.Kind
) -> None:
    for at in sampled(100):
        story = Story(world, all_of_it=False)
        with faults.plan(faults.Fault(kind=kind, at=at)) as plan, suppress(faults.Crash):
            story.convert()
        client = CustomerRef("client", story.convert().client.ref.customer_id)
        found = world.wiring("bookings").customers.find(story.studio.repo, client)
        assert found is not None
        story.check(found)
        if not plan.fired:
            return
    pytest.fail("a conversion makes more calls than that")


def test_what_a_dead_conversion_left_is_finished_by_the_sweeper(world: World) -> None:
    story = Story(world)
    dies = faults.Fault(kind="crash_before", at=8)
    with faults.plan(dies), pytest.raises(faults.Crash):
        story.convert()

    world.clock.move(61)
    swept = world.sweep()

    assert swept["bookings_converted"] == 1
    again = story.convert()
    assert (again.bookings, again.passes) == (0, 0)
    story.check(again.client)


def test_bookings_that_are_moved_on_meanwhile_stay_right(world: World) -> None:
    story = Story(world)
    acts: list[Any] = [
        story.convert,
        story.convert,
        lambda: story.classes[0].act(story.bookings[0], "cancel"),
        lambda: story.classes[1].act(story.bookings[2], "cancel"),
        lambda: story.classes[2].book(story.lead),
    ]

    together(*acts)

    client = story.convert().client
    for held, number in ((story.classes[0], 0), (story.classes[1], 2)):
        booking = story.bookings[number]
        assert held.act(booking, "cancel").status == 200
        assert story.shown(booking)["clientId"] == client.ref.customer_id
    assert story.left_behind() == []
    assert story.studio.remaining(client.ref, story.package) == 5
