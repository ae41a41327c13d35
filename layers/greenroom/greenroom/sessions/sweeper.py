"""What the clock does to sessions: given back when never answered, closed when too long.

The work index says what may be due; the session itself decides, by conditions. Several sweeps at
once, and a sweep that died half-way, do nothing twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from greenroom.kernel.errors import Conflict, GreenroomError
from greenroom.kernel.limits import SWEEP_LEASE_S, SWEEP_SHARD_MAX, Limits
from greenroom.sessions.closing import Closing
from greenroom.sessions.conditions import given, is_status
from greenroom.sessions.domain import OPEN, Note, Session, Status, guard_until
from greenroom.sessions.store import SessionStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one sweep did, in sessions."""

    given_back: int = 0
    closed: int = 0
    hung_up: int = 0
    untouched: int = 0
    failed: int = 0


class Sweeper:
    """Does what is due."""

    def __init__(
        self, store: SessionStore, *, closing: Closing, limits: Limits, note: Note
    ) -> None:
        self._store = store
        self._closing = closing
        self._limits = limits
        self._note = note

    def sweep(self, now: datetime) -> Swept:
        """Do what is due by ``now``; one session that resists does not stop the others."""
        counts = dict.fromkeys(Swept.__dataclass_fields__, 0)
        for session_id in self._store.due(now=now, limit=SWEEP_SHARD_MAX):
            try:
                counts[self._sweep_one(session_id, now)] += 1
            except Conflict:
                counts["untouched"] += 1  # somebody was faster
            except Exception as error:  # noqa: BLE001 (one bad row never stops the rest)
                counts["failed"] += 1
                code = error.code if isinstance(error, GreenroomError) else "INTERNAL_ERROR"
                facts = {"session_id": session_id, "error_code": code}
                facts["error_type"] = type(error).__qualname__
                self._note("a due session could not be swept", facts)
        return Swept(**counts)

    def _sweep_one(self, session_id: str, now: datetime) -> str:
        session = self._store.find(session_id)
        if session is None or session.due_at is None or session.due_at > now:
            return "untouched"
        if session.status not in OPEN:
            return self._hang_up(session, now)
        if session.status == "live":
            return self._close_overlong(session, now)
        if session.claimed(now):
            return "untouched"
        target: Status = "failed" if session.status == "reserved" else "expired"
        when = is_status(session.status) & given(
            attempt=session.attempt, due_at=session.due_at, claim=session.claim
        )
        self._closing.close(session, target, "not_connected", when=when, give_back=True)
        return "given_back"

    def _close_overlong(self, session: Session, now: datetime) -> str:
        """Close a live session that has reached its maximum, its call first.

        Only who moves the deadline hangs up; a crash after that is made good when the lease is
        over. A provider that does not confirm is asked again until the grace is over, and then
        left to its own maximum.
        """
        taken = self._take(session, now)
        try:
            self._closing.hang_up(taken)
        except GreenroomError:
            if now < guard_until(session.live_at or session.started_at, self._limits):
                raise
        when = is_status("live") & given(call_id=taken.call_id)
        self._closing.close(taken, "expired", "maximum_reached", when=when)
        return "closed"

    def _hang_up(self, session: Session, now: datetime) -> str:
        """Hang up the call that a closed session left behind, for as long as the grace lasts."""
        taken = self._take(session, now)
        grace = timedelta(seconds=self._limits.session_grace_s)
        late = session.ended_at is None or session.ended_at + grace <= now
        self._closing.settle(taken, surely=not late)
        return "hung_up"

    def _take(self, session: Session, now: datetime) -> Session:
        return self._store.change(
            session.session_id,
            {"due_at": now + timedelta(seconds=SWEEP_LEASE_S)},
            when=given(status=session.status, due_at=session.due_at),
            otherwise=lambda _: Conflict("Somebody else sweeps this session."),
        )
