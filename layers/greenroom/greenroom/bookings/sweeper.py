"""What the clock does to classes and bookings: holds and offers end, absences are noted.

The work index says what may be due; class and booking themselves decide, by conditions.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from greenroom.bookings.attendance import Attendance
from greenroom.bookings.booking_store import BookingStore
from greenroom.bookings.classes import Classes, next_due
from greenroom.bookings.conditions import is_scheduled
from greenroom.bookings.conversion import Conversion
from greenroom.bookings.domain import Booking, ClassSession
from greenroom.bookings.seat_store import SeatStore
from greenroom.bookings.store import ClassStore
from greenroom.bookings.vacating import Vacating
from greenroom.kernel.errors import Conflict, GreenroomError
from greenroom.kernel.limits import CLASS_CLEARED_MAX, SWEEP_SHARD_MAX, Limits
from greenroom.organizations.repo import OrgRepo, organization_of
from greenroom.sessions.domain import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one sweep did, in bookings, and leads ``converted``; what ``failed`` is tried again."""

    expired: int = 0
    offered: int = 0
    withdrawn: int = 0
    no_show: int = 0
    converted: int = 0
    failed: int = 0


class BookingSweeper:
    """Does what is due."""

    def __init__(
        self,
        store: BookingStore,
        *,
        classes: ClassStore,
        seats: SeatStore,
        vacating: Vacating,
        attendance: Attendance,
        schedule: Classes,
        conversion: Conversion,
        limits: Limits,
        note: Note,
    ) -> None:
        self._store = store
        self._classes = classes
        self._seats = seats
        self._vacating = vacating
        self._attendance = attendance
        self._schedule = schedule
        self._conversion = conversion
        self._limits = limits
        self._note = note

    def sweep(self, now: datetime) -> Swept:
        """Do what is due by ``now``; one row that resists does not stop the others."""
        counts: Counter[str] = Counter()
        for repo, booking_id in _named(self._store.due(now=now, limit=SWEEP_SHARD_MAX)):
            with self._guarded(counts, booking_id):
                counts["expired"] += self._vacating.expire(repo, booking_id, now)
        for repo, class_id in _named(self._classes.due(now=now, limit=SWEEP_SHARD_MAX)):
            with self._guarded(counts, class_id):
                counts.update(self._tend(repo, class_id, now))
        for repo, lead_id in _named(self._conversion.due(now=now, limit=SWEEP_SHARD_MAX)):
            with self._guarded(counts, lead_id):
                self._conversion.convert(repo, lead_id)
                counts["converted"] += 1
        return Swept(**counts)

    def _tend(self, repo: OrgRepo, class_session_id: str, now: datetime) -> dict[str, int]:
        """Do what is to be done about one class, and say when to look at it again."""
        klass = self._classes.load(repo, class_session_id)
        if klass.status == "cancelled":
            before = self._open_in(repo, klass)
            if self._schedule.clear(repo, class_session_id):
                self._plan(repo, self._classes.load(repo, class_session_id), None)
            return {"withdrawn": min(len(before), CLASS_CLEARED_MAX)}
        done = {"offered": self._vacating.fill(repo, class_session_id), "no_show": 0}
        if now >= klass.starts_at:
            done["expired"] = self._end_waits(repo, klass, now)
        over = klass.ends_at + timedelta(seconds=self._limits.no_show_after_s)
        if now >= over:
            done["no_show"] = self._note_absences(repo, klass)
            if not self._open_in(repo, klass):
                self._complete(repo, class_session_id)
        else:
            klass = self._classes.load(repo, class_session_id)
            self._plan(repo, klass, next_due(klass, now, self._limits))
        return done

    def _end_waits(self, repo: OrgRepo, klass: ClassSession, now: datetime) -> int:
        waiting = self._seats.waiting(repo, klass.class_session_id, limit=CLASS_CLEARED_MAX)
        return sum(self._vacating.give_up(repo, booking_id, now) for booking_id in waiting)

    def _note_absences(self, repo: OrgRepo, klass: ClassSession) -> int:
        """Whoever has a seat and was not checked in did not come."""
        missing = [one for one in self._open_in(repo, klass) if one.booking_status == "confirmed"]
        for booking in missing[:CLASS_CLEARED_MAX]:
            self._attendance.note(repo, booking.booking_id, "no_show")
        return len(missing[:CLASS_CLEARED_MAX])

    def _open_in(self, repo: OrgRepo, klass: ClassSession) -> list[Booking]:
        roster = self._seats.roster(repo, klass.class_session_id)
        return [one for one in self._store.all_of(repo, roster) if one.is_open]

    def _complete(self, repo: OrgRepo, class_session_id: str) -> None:
        klass = self._classes.load(repo, class_session_id)
        tx = self._classes.transaction()
        done = replace(klass, status="completed")
        self._classes.add_edited(tx, repo, klass, done, when=is_scheduled(), settled=True)
        tx.commit()

    def _plan(self, repo: OrgRepo, klass: ClassSession, due_at: datetime | None) -> None:
        """Say when to look at a class again that is as it was read; else it stays due."""
        tx = self._classes.transaction()
        self._classes.add_due(tx, repo, klass, due_at)
        tx.commit()

    @contextmanager
    def _guarded(self, counts: "Counter[str]", row_id: str) -> Iterator[None]:
        try:
            yield
        except Conflict:
            pass  # somebody was faster; what is left is still due
        except Exception as error:  # noqa: BLE001 (one bad row never stops the rest)
            counts["failed"] += 1
            code = error.code if isinstance(error, GreenroomError) else "INTERNAL_ERROR"
            facts = {"row_id": row_id, "error_code": code}
            facts["error_type"] = type(error).__qualname__
            self._note("a due class or booking could not be swept", facts)


def _named(partitions: Iterator[str]) -> Iterator[tuple[OrgRepo, str]]:
    """The organisation and the id of each partition's row."""
    for pk in partitions:
        yield OrgRepo.of_system(organization_of(pk)), pk.rpartition("#")[2]
