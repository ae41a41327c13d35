"""Leaving a class: what is given back, and to whom the seat goes, in the transaction that frees it.

A freed seat is never free while somebody waits: the head of the waitlist is offered it in the very
same transaction, so that nobody can come between (until the cutoff, when nothing is offered).
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from greenroom.bookings.booking_store import BookingStore
from greenroom.bookings.conditions import head_stays, is_scheduled, nobody_waits
from greenroom.bookings.domain import (
    HELD,
    Booking,
    BookingStatus,
    ClassSession,
    Seats,
    cancelled_as,
    payment_after,
    refuse_move,
)
from greenroom.bookings.rules import WaitlistMoved, refuse
from greenroom.bookings.seat_store import SeatStore
from greenroom.bookings.store import ClassStore
from greenroom.kernel.clock import Clock, to_text
from greenroom.kernel.errors import BookingClosed
from greenroom.kernel.limits import CLASS_FILLED_MAX, Limits
from greenroom.kernel.turns import in_turn
from greenroom.organizations.repo import OrgRepo
from greenroom.passes.service import Passes
from greenroom.table.transaction import Transaction

# Adds the steps that return the card payment of a booking, for the reason named.
GiveBack = Callable[[Transaction, Booking, str], None]


class Vacating:
    """Ends bookings before their class, and offers the seats that become free."""

    def __init__(
        self,
        store: BookingStore,
        *,
        classes: ClassStore,
        seats: SeatStore,
        passes: Passes,
        give_back: GiveBack,
        clock: Clock,
        limits: Limits,
    ) -> None:
        self._store = store
        self._classes = classes
        self._seats = seats
        self._passes = passes
        self._give_back = give_back
        self._clock = clock
        self._limits = limits

    def cancel(self, repo: OrgRepo, booking_id: str, *, waived: bool = False) -> Booking:
        """Cancel a booking; who cancels again is told how it stands.

        In time everything goes back: the use of a pass, a card payment. Late (see the class), the
        use stays used and the class's fee is recorded, unless the staff have ``waived`` that, or
        the class does not take place.

        Raises:
            NotFound: there is no such booking.
            InvalidTransition: it is over.
            BookingClosed: the class has begun, and only the staff may still cancel.
        """
        return in_turn(lambda: self._cancel(repo, booking_id, waived=waived))

    def withdraw(self, repo: OrgRepo, booking_id: str) -> Booking:
        """Cancel a booking because its class is: never late, and nobody is offered the seat."""

        def withdraw() -> Booking:
            seen = self._store.load(repo, booking_id)
            if not seen.is_open:
                return seen
            klass = self._classes.load(repo, seen.class_session_id)
            return self._left(repo, klass, seen, "cancelled", reason="class_cancelled")

        return in_turn(withdraw)

    def expire(self, repo: OrgRepo, booking_id: str, now: datetime) -> bool:
        """End a hold or an offer whose time is over: whether this did it."""

        def expire() -> bool:
            seen = self._store.load(repo, booking_id)
            if seen.booking_status not in HELD or not seen.has_expired(now):
                return False
            klass = self._classes.load(repo, seen.class_session_id)
            reason = "hold_over" if seen.booking_status == "pending" else "offer_over"
            self._left(repo, klass, seen, "expired", reason=reason)
            return True

        return in_turn(expire)

    def end(self, repo: OrgRepo, booking_id: str, now: datetime, *, waits: bool) -> bool:
        """End a hold or an offer whose time is over, as ``expire``: whether this did it.

        With ``waits`` also the wait of somebody to whom nothing will be offered, since seats that
        are free so close to the start are everybody's.
        """

        def end_wait() -> bool:
            seen = self._store.load(repo, booking_id)
            klass = self._classes.load(repo, seen.class_session_id)
            if seen.booking_status != "waitlisted" or now < klass.offers_until(self._limits):
                return False
            self._left(repo, klass, seen, "expired", reason="waitlist_over")
            return True

        return self.expire(repo, booking_id, now) or (waits and in_turn(end_wait))

    def give_up(self, repo: OrgRepo, booking_id: str, now: datetime) -> bool:
        """End the wait of somebody whose class has begun: whether this did it."""

        def give_up() -> bool:
            seen = self._store.load(repo, booking_id)
            if seen.booking_status != "waitlisted" or seen.starts_at > now:
                return False
            klass = self._classes.load(repo, seen.class_session_id)
            self._left(repo, klass, seen, "expired", reason="class_began")
            return True

        return in_turn(give_up)

    def fill(self, repo: OrgRepo, class_session_id: str) -> int:
        """Offer free seats of a class to whoever waits: how many were offered, at most 40."""
        offered = 0
        while offered < CLASS_FILLED_MAX and in_turn(
            lambda: self._fill_one(repo, class_session_id)
        ):
            offered += 1
        return offered

    def _cancel(self, repo: OrgRepo, booking_id: str, *, waived: bool) -> Booking:
        seen = self._store.load(repo, booking_id)
        if seen.booking_status in {"cancelled", "late_cancelled"}:
            return seen
        refuse_move(seen, "cancelled")
        klass = self._classes.load(repo, seen.class_session_id)
        now = self._clock()
        if now >= klass.starts_at and not repo.principal.is_staff:
            raise BookingClosed(closedAt=to_text(klass.starts_at))
        target = cancelled_as(seen, now, waived=waived or klass.status == "cancelled")
        return self._left(repo, klass, seen, target, reason=target)

    def _left(
        self,
        repo: OrgRepo,
        klass: ClassSession,
        seen: Booking,
        target: BookingStatus,
        *,
        reason: str,
    ) -> Booking:
        """Take a booking out of its class, in one transaction, as it was read."""
        late = target == "late_cancelled"
        moved = replace(
            seen,
            booking_status=target,
            payment_status=payment_after(seen, gives_back=not late),
            fee_cents=seen.late_cancel_fee_cents if late else 0,
            expires_at=None,
        )
        tx = self._store.transaction()
        self._store.add_move(tx, repo, seen, moved)
        self._seats.add_seat_left(tx, repo, seen)
        self._seats.add_off_agenda(tx, repo, seen)
        if seen.booking_status == "waitlisted":
            self._classes.add_seats(tx, repo, klass, Seats(waiting=-1))
            self._seats.add_place_left(tx, repo, seen)
        else:
            self._add_vacated(tx, repo, klass, seen)
        if not late:
            if seen.use is not None and seen.booking_status == "confirmed":
                self._passes.add_return(tx, repo, seen.customer, seen.use)
            if moved.payment_status == "refund_due":
                self._give_back(tx, seen, reason)
        facts = {"from": seen.booking_status, "to": target, "reason": reason}
        self._store.add_event(tx, repo, seen.booking_id, target, facts=facts)
        refuse(violation.error for violation in tx.attempt())
        return replace(moved, rev=seen.rev + 1)

    def _add_vacated(
        self, tx: Transaction, repo: OrgRepo, klass: ClassSession, seen: Booking
    ) -> None:
        """Add the steps that hand a seat on: to the head of the waitlist, or to everybody."""
        held = seen.booking_status in HELD
        left = Seats(held=-1) if held else Seats(booked=-1)
        offers = self._offers(klass)
        head = self._head(repo, klass) if offers else None
        if head is None:
            when = nobody_waits() if offers else None
            self._classes.add_seats(tx, repo, klass, left + Seats(free=1), when=when)
            return
        handed = left + Seats(held=1, waiting=-1)
        when = head_stays(klass) & is_scheduled()
        self._classes.add_seats(tx, repo, klass, handed, when=when)
        self._add_offer(tx, repo, klass, head)

    def _fill_one(self, repo: OrgRepo, class_session_id: str) -> bool:
        klass = self._classes.load(repo, class_session_id)
        if klass.free < 1 or not self._offers(klass):
            return False
        head = self._head(repo, klass)
        if head is None:
            return False
        tx = self._store.transaction()
        self._classes.add_seats(
            tx,
            repo,
            klass,
            Seats(free=-1, held=1, waiting=-1),
            when=head_stays(klass) & is_scheduled(),
        )
        self._add_offer(tx, repo, klass, head)
        refuse(violation.error for violation in tx.attempt())
        return True

    def _offers(self, klass: ClassSession) -> bool:
        """Whether seats that become free are still offered to whoever waits."""
        in_time = self._clock() < klass.offers_until(self._limits)
        return klass.status == "scheduled" and in_time

    def _head(self, repo: OrgRepo, klass: ClassSession) -> Booking | None:
        for booking_id in self._seats.waiting(repo, klass.class_session_id, limit=1):
            head = self._store.load(repo, booking_id)
            if head.booking_status != "waitlisted":
                raise WaitlistMoved
            return head
        return None

    def _add_offer(
        self, tx: Transaction, repo: OrgRepo, klass: ClassSession, head: Booking
    ) -> None:
        """Add the steps that offer a held seat to the head of the waitlist."""
        now = self._clock()
        over = now + timedelta(seconds=self._limits.waitlist_offer_s)
        until = min(over, klass.offers_until(self._limits))
        offered = replace(head, booking_status="offered", expires_at=until)
        self._store.add_move(tx, repo, head, offered, name="next_booking")
        self._seats.add_seat_move(tx, repo, head, "offered", name="next_seat")
        self._seats.add_place_left(tx, repo, head)
        self._store.add_event(
            tx,
            repo,
            head.booking_id,
            "offered",
            facts={"from": "waitlisted", "to": "offered", "expiresAt": to_text(until)},
            name="next_event",
        )
