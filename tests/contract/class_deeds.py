"""What is done with classes and bookings, as the use cases of docs/table.md."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Self

from tests.studios import FUTURE, Studio
from tests.world import Reply, World


class Front:
    """The front desk of a studio with one class, and a client with passes of their own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.studio = Studio(world)
        self.client = self.studio.customer()
        self.package = {"packageId": self.studio.package(self.client.ref)}
        self.membership = {"membershipId": self.studio.membership(self.client.ref, limit=2)}
        self.class_ = self.studio.hold_class(capacity=1, priceCents=1500)
        self.booking: Reply
        self.waiting: Reply

    def books(self, **told: Any) -> Self:
        """The client has a booking."""
        self.booking = self.class_.book(self.client, **told)
        assert self.booking.status == 201
        return self

    def is_full(self) -> Self:
        """Somebody else has the seat."""
        self.booking = self.class_.book(self.studio.customer())
        return self

    def waits(self) -> Self:
        """The client waits for the seat of somebody else."""
        self.is_full()
        self.waiting = self.class_.join(self.client)
        assert self.waiting.status == 201
        return self

    def is_offered(self) -> Self:
        """The client is offered the seat."""
        self.waits().acts(self.booking, "cancel")
        return self

    def acts(self, booking: Reply, act: str, body: Any = None) -> None:
        """The staff do something with a booking."""
        assert self.class_.act(booking, act, body).status == 200

    def sweeps(self, after: timedelta) -> None:
        """The clock moves, and the sweeper comes."""
        self.world.clock.move(after.total_seconds())
        self.world.sweep()

    def converts(self) -> None:
        """A lead with a booking and a package becomes a client."""
        route = f"POST /leads/{self.client.ref.customer_id}/convert"
        assert self.studio.staff(route).status == 200

    def with_a_lead(self) -> Self:
        """The customer is a lead instead, with one booking by a package."""
        self.client = self.studio.customer("lead", email="lead@example.org")
        return self.books(use={"packageId": self.studio.package(self.client.ref)})


Deed = tuple[Callable[[Front], object], Callable[[Front], object]]

DEEDS: dict[str, Deed] = {
    "new class": (lambda _: None, lambda front: front.studio.hold_class()),
    "another name of a class": (lambda _: None, lambda front: front.class_.change(name="Slow")),
    "more seats while somebody waits": (Front.waits, lambda front: front.class_.change(capacity=2)),
    "booking that is paid at the studio": (lambda _: None, Front.books),
    "booking with a package": (lambda _: None, lambda front: front.books(use=front.package)),
    "booking with a membership": (lambda _: None, lambda front: front.books(use=front.membership)),
    "place on a waitlist": (Front.is_full, lambda front: front.class_.join(front.client)),
    "cancel of a booking with a package": (
        lambda front: front.books(use=front.package),
        lambda front: front.acts(front.booking, "cancel"),
    ),
    "cancel while somebody waits": (
        Front.waits,
        lambda front: front.acts(front.booking, "cancel"),
    ),
    "leaving a waitlist": (Front.waits, lambda front: front.acts(front.waiting, "cancel")),
    "taking an offered seat with a package": (
        Front.is_offered,
        lambda front: front.acts(front.waiting, "confirm", {"use": front.package}),
    ),
    "note that somebody came": (
        lambda front: (front.books(), front.world.clock.move(FUTURE.total_seconds())),
        lambda front: front.acts(front.booking, "attend"),
    ),
    "note that the studio was paid": (Front.books, lambda front: front.acts(front.booking, "paid")),
    "cancel of a class that somebody booked": (
        lambda front: front.books(use=front.package),
        lambda front: front.class_.cancel(),
    ),
    "sweep of an offer that nobody took": (
        Front.is_offered,
        lambda front: front.sweeps(timedelta(minutes=30)),
    ),
    "sweep of a class that is over": (
        Front.books,
        lambda front: front.sweeps(FUTURE + timedelta(hours=3)),
    ),
    "lead with a booking becomes a client": (Front.with_a_lead, Front.converts),
}
