"""What the broken condition of a class's step means, told from the class as it was. Pure.

Each function is the counterpart of a condition in ``store``: the two are held together by tests
that break each rule alone.
"""

from collections.abc import Iterable
from datetime import datetime

from greenroom.bookings.domain import ClassSession
from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import (
    BookingClosed,
    ClassCancelled,
    ClassFull,
    ClassNotFull,
    GreenroomError,
    NotFound,
    WaitlistClosed,
    WaitlistFull,
    refusal_of,
    several,
)
from greenroom.kernel.limits import Limits
from greenroom.kernel.turns import Overtaken


class ClassChanged(Overtaken):
    """Somebody changed the class since it was read: read it again."""


class BookingChanged(Overtaken):
    """Somebody moved the booking since it was read: read it again."""


class WaitlistMoved(Overtaken):
    """Somebody else is the head of the waitlist by now, or a seat became free: read it again."""


def refusals_of_booking(
    old: ClassSession, now: datetime, *, staff: bool, limits: Limits
) -> list[GreenroomError]:
    """Every rule that keeps somebody from a seat now, what a cancellation may mend the last."""
    found: list[GreenroomError] = _refusals(old, now, staff=staff)
    kept = old.waitlist_count > 0 and now < old.offers_until(limits)
    if old.free < 1 or kept:
        found.append(ClassFull(waitlistCount=old.waitlist_count))
    return found


def refusals_of_waiting(
    old: ClassSession, now: datetime, *, limits: Limits
) -> list[GreenroomError]:
    """Every rule that keeps somebody from the waitlist now."""
    found: list[GreenroomError] = _refusals(old, now, staff=False)
    if now >= old.offers_until(limits):
        found.append(WaitlistClosed(closedAt=to_text(old.offers_until(limits))))
    if old.free >= 1 and old.waitlist_count == 0:
        found.append(ClassNotFull())
    if old.waitlist_count >= old.waitlist_max:
        found.append(WaitlistFull(waitlistMax=old.waitlist_max))
    return found


def meaning(
    old: ClassSession | None, seen: ClassSession, found: list[GreenroomError]
) -> GreenroomError:
    """The one error of a class's step: gone, changed since it was read, or the rules violated."""
    if old is None:
        return NotFound()
    if old.edition != seen.edition:
        return ClassChanged()
    return several(found) if found else ClassChanged()


def _refusals(old: ClassSession, now: datetime, *, staff: bool) -> list[GreenroomError]:
    found: list[GreenroomError] = []
    if old.status == "cancelled":
        found.append(ClassCancelled())
    if old.status == "completed" or now >= old.closes_at(staff=staff):
        found.append(BookingClosed(closedAt=to_text(old.closes_at(staff=staff))))
    return found


def refuse(errors: Iterable[GreenroomError]) -> None:
    """Begin anew, or refuse with every violated rule; nothing where none was violated.

    Raises:
        Overtaken: what was read has changed, and what else is violated may be gone with it.
        GreenroomError: the first violated rule, which names all.
    """
    found = list(errors)
    for error in found:
        if isinstance(error, Overtaken):
            raise error
    if found:
        raise refusal_of(found)
