"""Making, changing and cancelling classes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from greenroom.bookings.booking_store import BookingStore
from greenroom.bookings.conditions import is_scheduled, nobody_in
from greenroom.bookings.domain import Booking, ClassSession
from greenroom.bookings.rules import refuse
from greenroom.bookings.seat_store import SeatStore
from greenroom.bookings.store import ClassStore
from greenroom.bookings.vacating import Vacating
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import (
    CapacityTaken,
    ClassCancelled,
    ClassHasBookings,
    GreenroomError,
    IdempotencyMismatch,
    InvalidTransition,
    ValidationFailed,
)
from greenroom.kernel.ids import new_id, studio_id_of
from greenroom.kernel.limits import CLASS_AHEAD_DAYS_MAX, CLASS_CLEARED_MAX, Limits
from greenroom.kernel.turns import in_turn
from greenroom.organizations.repo import OrgRepo

Changes = dict[str, Any]  # of a class's own attributes, by name


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A class, and whether an earlier request with the same key had made it."""

    klass: ClassSession
    replayed: bool = False


class Classes:
    """The classes of studios."""

    def __init__(
        self,
        store: ClassStore,
        *,
        bookings: BookingStore,
        seats: SeatStore,
        vacating: Vacating,
        clock: Clock,
    ) -> None:
        self._store = store
        self._bookings = bookings
        self._seats = seats
        self._vacating = vacating
        self._clock = clock

    def load(self, repo: OrgRepo, class_session_id: str) -> ClassSession:
        """A class; NotFound if there is none."""
        return self._store.load(repo, class_session_id)

    def month(self, repo: OrgRepo, month: str | None) -> tuple[str, list[ClassSession]]:
        """A UTC month's schedule (``2026-12``; without it this month's), and which month it is."""
        wanted = month or f"{self._clock():%Y-%m}"
        return wanted, self._store.month(repo, wanted)

    def roster(self, repo: OrgRepo, class_session_id: str) -> tuple[ClassSession, list[Booking]]:
        """A class and everybody who has a seat or is held one, by name.

        Raises:
            NotFound: there is no such class.
        """
        klass = self._store.load(repo, class_session_id)
        found = self._bookings.all_of(repo, self._seats.roster(repo, class_session_id))
        seated = [one for one in found if one.booking_status != "waitlisted"]
        return klass, sorted(seated, key=lambda one: (one.customer_name.casefold(), one.created_at))

    def waitlist(self, repo: OrgRepo, class_session_id: str) -> tuple[ClassSession, list[Booking]]:
        """A class and everybody who waits, the head first.

        Raises:
            NotFound: there is no such class.
        """
        klass = self._store.load(repo, class_session_id)
        waiting = self._seats.waiting(repo, class_session_id, limit=klass.waitlist_count + 1)
        return klass, self._bookings.all_of(repo, waiting)

    def make(self, repo: OrgRepo, told: Changes, *, key: str | None, request_hash: str) -> Made:
        """Make a class; ``told`` names all that ``ClassSession`` is made of.

        Raises:
            ValidationFailed: it would be over by now, or is too far ahead.
            IdempotencyMismatch: the key was used for another request.
        """
        org = repo.organization_id
        actor = repo.principal.actor
        made = studio_id_of("class", org, actor, key) if key else new_id()
        klass = ClassSession(
            class_session_id=made,
            organization_id=org,
            created_at=self._clock(),
            free=told["capacity"],
            booked=0,
            held=0,
            waitlist_count=0,
            waitlist_joins=0,
            status="scheduled",
            edition=1,
            request_hash=request_hash,
            **told,
        )
        refusal = _refused_time(klass, self._clock())
        tx = self._store.transaction()
        self._store.add_class(tx, repo, klass, due_at=klass.starts_at)
        if tx.rehearse() if refusal else tx.attempt():
            found = self._store.load(repo, made)
            if found.request_hash != request_hash:
                raise IdempotencyMismatch
            return Made(klass=found, replayed=True)
        if refusal is not None:
            raise refusal
        return Made(klass=klass)

    def change(self, repo: OrgRepo, class_session_id: str, changes: Changes) -> ClassSession:
        """Change a class; seats that it gains are offered to whoever waits.

        Raises:
            NotFound: there is no such class.
            ValidationFailed: it would be over by now, or is too far ahead.
            CapacityTaken: more seats are booked or held than it would have.
            ClassHasBookings: its time does not move while somebody is in it.
            ClassCancelled, InvalidTransition: it does not take place, or is over.
        """
        klass = in_turn(lambda: self._change(repo, class_session_id, changes))
        if klass.waitlist_count > 0 and klass.free > 0:
            self._vacating.fill(repo, class_session_id)
            klass = self._store.load(repo, class_session_id)
        return klass

    def cancel(self, repo: OrgRepo, class_session_id: str) -> ClassSession:
        """Cancel a class and give everything back that was used or paid for it.

        From here on nobody books it. As many bookings as fit into one request are given back
        here, the rest by the sweeper; the counters of the class say how many are left.

        Raises:
            NotFound: there is no such class.
            InvalidTransition: it is over.
        """
        in_turn(lambda: self._cancel(repo, class_session_id))
        self.clear(repo, class_session_id)
        return self._store.load(repo, class_session_id)

    def clear(self, repo: OrgRepo, class_session_id: str) -> bool:
        """Give back what bookings of a cancelled class used: whether none is left."""
        found = self._bookings.all_of(repo, self._seats.roster(repo, class_session_id))
        left = [booking for booking in found if booking.is_open]
        for booking in left[:CLASS_CLEARED_MAX]:
            self._vacating.withdraw(repo, booking.booking_id)
        return len(left) <= CLASS_CLEARED_MAX

    def _change(self, repo: OrgRepo, class_session_id: str, changes: Changes) -> ClassSession:
        seen = self._store.load(repo, class_session_id)
        wanted = replace(seen, **changes)
        if wanted == seen:
            return seen
        moves = (wanted.starts_at, wanted.duration_min) != (seen.starts_at, seen.duration_min)
        if moves and (refusal := _refused_time(wanted, self._clock())) is not None:
            raise refusal
        gains = wanted.capacity > seen.capacity
        tx = self._store.transaction()
        self._store.add_edited(
            tx,
            repo,
            seen,
            wanted,
            when=is_scheduled() & nobody_in() if moves else is_scheduled(),
            refusals=_why_not(wanted, moves=moves),
            due_at=self._clock() if gains else wanted.starts_at if moves else None,
        )
        refuse(violation.error for violation in tx.attempt())
        return self._store.load(repo, class_session_id)

    def _cancel(self, repo: OrgRepo, class_session_id: str) -> None:
        seen = self._store.load(repo, class_session_id)
        if seen.status == "cancelled":
            return
        tx = self._store.transaction()
        self._store.add_edited(
            tx,
            repo,
            seen,
            replace(seen, status="cancelled"),
            when=is_scheduled(),
            refusals=_why_not(seen, moves=False),
            due_at=self._clock(),
        )
        refuse(violation.error for violation in tx.attempt())


def next_due(klass: ClassSession, now: datetime, limits: Limits) -> datetime:
    """When a class that may take place is to be looked at next: at its start, or after its end.

    At once, if it was cancelled, or if whoever waits is still to be offered a free seat, or to be
    told that the class has begun.
    """
    offers = klass.free >= 1 and now < klass.offers_until(limits)
    waits = klass.waitlist_count >= 1 and (offers or now >= klass.starts_at)
    if waits or klass.status == "cancelled":
        return now
    if now < klass.starts_at:
        return klass.starts_at
    return klass.ends_at + timedelta(seconds=limits.no_show_after_s)


def _refused_time(klass: ClassSession, now: datetime) -> ValidationFailed | None:
    """Why a class cannot be at that time. Its end is not asked for: time itself has one."""
    told = None
    if klass.starts_at > now + timedelta(days=CLASS_AHEAD_DAYS_MAX):
        told = f"must be at most {CLASS_AHEAD_DAYS_MAX} days ahead"
    if klass.starts_at <= now - timedelta(minutes=klass.duration_min):
        told = "must not be over by now"
    if told is None:
        return None
    field = {"field": "startsAt", "message": told, "type": "value_error"}
    return ValidationFailed(f"startsAt: {told}", errors=[field])


def _why_not(
    wanted: ClassSession, *, moves: bool
) -> Callable[[ClassSession], list[GreenroomError]]:
    """Why a class cannot be changed so, told from the class as it was."""

    def refusals(old: ClassSession) -> list[GreenroomError]:
        found: list[GreenroomError] = []
        if old.status == "cancelled":
            found.append(ClassCancelled())
        if old.status == "completed":
            facts: dict[str, Any] = {"from": "completed", "to": wanted.status, "allowed": []}
            found.append(InvalidTransition("The class is over.", **facts))
        taken = old.booked + old.held
        if wanted.capacity - old.capacity + old.free < 0:
            found.append(CapacityTaken(taken=taken))
        if moves and (taken or old.waitlist_count):
            found.append(ClassHasBookings())
        return found

    return refusals
