"""Who came and who did not: noted by the staff around the class, and corrected for a week."""

from dataclasses import replace
from datetime import timedelta

from greenroom.bookings.booking_store import BookingStore
from greenroom.bookings.domain import Attended, Booking, refuse_move
from greenroom.bookings.rules import refuse
from greenroom.bookings.seat_store import SeatStore
from greenroom.kernel.clock import Clock, to_text
from greenroom.kernel.errors import CheckInClosed
from greenroom.kernel.limits import Limits
from greenroom.kernel.turns import in_turn
from greenroom.organizations.repo import OrgRepo


class Attendance:
    """Notes who came."""

    def __init__(
        self, store: BookingStore, *, seats: SeatStore, clock: Clock, limits: Limits
    ) -> None:
        self._store = store
        self._seats = seats
        self._clock = clock
        self._limits = limits

    def note(self, repo: OrgRepo, booking_id: str, came: Attended) -> Booking:
        """Note that a customer came, or did not; who notes it again is told how it stands.

        Raises:
            NotFound: there is no such booking.
            InvalidTransition: it has no seat in the class.
            CheckInClosed: too early, or too late to correct.
        """
        return in_turn(lambda: self._note(repo, booking_id, came))

    def _note(self, repo: OrgRepo, booking_id: str, came: Attended) -> Booking:
        seen = self._store.load(repo, booking_id)
        if seen.booking_status == came:
            return seen
        refuse_move(seen, came)
        self._refuse_time(seen, came, at_last=repo.principal.role != "system")
        moved = replace(seen, booking_status=came)
        tx = self._store.transaction()
        self._store.add_move(tx, repo, seen, moved)
        self._seats.add_seat_move(tx, repo, seen, came, name="seat")
        facts = {"from": seen.booking_status, "to": came}
        self._store.add_event(tx, repo, booking_id, came, facts=facts)
        refuse(violation.error for violation in tx.attempt())
        return replace(moved, rev=seen.rev + 1)

    def _refuse_time(self, seen: Booking, came: Attended, *, at_last: bool) -> None:
        """Nobody has missed a class that has not begun; ``at_last`` it can be told no more."""
        early = timedelta(seconds=self._limits.check_in_opens_s if came == "attended" else 0)
        opens_at = seen.starts_at - early
        closes_at = seen.ends_at + timedelta(seconds=self._limits.check_in_closes_s)
        now = self._clock()
        if now < opens_at or (at_last and now > closes_at):
            raise CheckInClosed(opensAt=to_text(opens_at), closesAt=to_text(closes_at))
