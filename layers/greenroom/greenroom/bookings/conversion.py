"""A lead becomes a client, with every booking and every pass.

The kind of a customer is part of their keys, so rows have to move. The lead is fenced first: nobody
books for them until all is moved, so that what is found is all there is. Each booking and each pass
moves in a transaction of its own, and stays good for its class all along; a conversion that dies
goes on where it stopped, by the next request or by the sweeper.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from greenroom.bookings.booking_store import BookingStore
from greenroom.bookings.domain import OPEN, SEATED
from greenroom.bookings.rules import refuse
from greenroom.bookings.seat_store import SeatStore
from greenroom.customers.converting import Converting
from greenroom.customers.domain import Customer
from greenroom.kernel.limits import PAGE_MAX
from greenroom.kernel.turns import in_turn
from greenroom.organizations.principal import CustomerRef
from greenroom.organizations.repo import OrgRepo
from greenroom.passes.service import Passes


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """The client that a lead became, and how much of theirs this very call moved."""

    client: Customer
    bookings: int = 0
    passes: int = 0


class Conversion:
    """Makes clients of leads."""

    def __init__(
        self, store: BookingStore, *, seats: SeatStore, converting: Converting, passes: Passes
    ) -> None:
        self._store = store
        self._seats = seats
        self._converting = converting
        self._passes = passes

    def convert(self, repo: OrgRepo, lead_id: str) -> Converted:
        """Make a client of a lead; who asks again is given the same client.

        Raises:
            NotFound: there is no such lead.
            CustomerInactive: the lead is closed.
        """
        lead = in_turn(lambda: self._converting.begin(repo, CustomerRef("lead", lead_id)))
        client = CustomerRef("client", lead.converted_to or "")
        if lead.status == "converted":
            return Converted(client=self._converting.finish(repo, lead.ref, client))
        passes = in_turn(lambda: self._passes.move_all(repo, lead.ref, client))
        bookings = sum(
            in_turn(lambda one=one: self._move(repo, one, lead.ref, client))  # type: ignore[misc]
            for one in self._bookings(repo, lead.ref)
        )
        done = in_turn(lambda: self._converting.finish(repo, lead.ref, client))
        return Converted(client=done, bookings=bookings, passes=passes)

    def due(self, *, now: datetime, limit: int) -> Iterator[str]:
        """Partitions of the leads whose conversion was begun, and not finished by then."""
        return self._converting.due(now=now, limit=limit)

    def _bookings(self, repo: OrgRepo, ref: CustomerRef) -> list[str]:
        """Every booking of the lead: those on the agenda for certain, older ones by the list."""
        found = dict.fromkeys(sorted(self._seats.agenda(repo, ref)))
        cursor: str | None = None
        while True:
            page, cursor = self._store.of_customer(repo, ref, limit=PAGE_MAX, cursor=cursor)
            found |= dict.fromkeys(booking.booking_id for booking in page)
            if cursor is None:
                return list(found)

    def _move(self, repo: OrgRepo, booking_id: str, old: CustomerRef, new: CustomerRef) -> bool:
        """Make a booking the client's, as it stands: whether this did it."""
        seen = self._store.load(repo, booking_id)
        if seen.customer != old:
            return False
        moved = replace(seen, customer=new)
        tx = self._store.transaction()
        self._store.add_move(tx, repo, seen, moved)
        # A booking of version 1 has no such rows yet: migration 0001 makes them, as the client's.
        if seen.has_rows and seen.booking_status in OPEN | SEATED:
            self._seats.add_seat_left(tx, repo, seen)
            self._seats.add_seat(tx, repo, moved, name="client_seat")
            self._seats.add_off_agenda(tx, repo, seen)
            self._seats.add_to_agenda(tx, repo, moved, takes_time=seen.takes_time)
        facts = {"from": old.customer_id, "to": new.customer_id}
        self._store.add_event(tx, repo, booking_id, "converted", facts=facts)
        refuse(violation.error for violation in tx.attempt())
        return True
