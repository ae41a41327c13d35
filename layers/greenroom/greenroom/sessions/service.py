"""What happens to a session after it was made: connected, failed to connect, ended, cancelled."""

from datetime import timedelta

from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import (
    ExchangeInProgress,
    GreenroomError,
    NotFound,
    TooManyRequests,
    WaiverRequired,
)
from greenroom.kernel.limits import Limits
from greenroom.sessions.closing import Closing
from greenroom.sessions.conditions import given, is_in_time, is_status, is_waived
from greenroom.sessions.domain import OPEN, Guard, Note, Session, guard_until, live_until, refusal
from greenroom.sessions.matching import Detail
from greenroom.sessions.store import SessionStore

UNANSWERED = ("reserved", "pending", "waiting")


class Sessions:
    """The life cycle, the same for every type of session."""

    def __init__(
        self,
        store: SessionStore,
        *,
        closing: Closing,
        clock: Clock,
        limits: Limits,
        note: Note,
    ) -> None:
        self._store = store
        self._closing = closing
        self._clock = clock
        self._limits = limits
        self._note = note

    def active(self, user_id: str) -> Session | None:
        """The person's active session, if any."""
        guard = self.guard(user_id)
        if guard is None:
            return None
        try:
            return self._store.load(guard.session_id, user_id=user_id)
        except NotFound:
            return None

    def guard(self, user_id: str) -> Guard | None:
        """What keeps the person from starting another session, if anything."""
        return self._store.guard(user_id)

    def detail(self, session_id: str, *, user_id: str) -> Detail:
        """The session of that person with all that belongs to it; NotFound otherwise."""
        return self._store.detail(session_id, user_id=user_id)

    def of_user(
        self, user_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Session], str | None]:
        """A page of a person's sessions, newest first."""
        return self._store.of_user(user_id, limit=limit, cursor=cursor)

    def connected(self, session_id: str, *, user_id: str) -> Session:
        """The client says that the call is heard. Moves what people see, never the charge."""
        session = self._store.load(session_id, user_id=user_id)
        if session.connected_at is not None:
            return session
        return self._store.change(
            session_id,
            {"connected_at": self._clock()},
            when=is_status("live") & given(user_id=user_id),
            otherwise=lambda old: refusal(old or session, "live", "The call is not live."),
        )

    def connect_failed(self, session_id: str, *, user_id: str) -> Session:
        """The client says that the call never came about.

        Within ``connect_failed_window_s`` of the answer the call is hung up first and then
        given back, at most ``connect_failed_per_day`` times a day a person; beyond that the
        session ends and stays charged. Before any answer it is a cancellation.

        Raises:
            InvalidTransition: it is over, or was answered too long ago.
            Unavailable: the provider did not confirm that the call is over.
        """
        session = self._store.load(session_id, user_id=user_id)
        if session.status in ("reserved", "pending"):
            return self._cancel(session, by=user_id)
        if session.status == "cancelled":
            return session
        since = self._clock() - timedelta(seconds=self._limits.connect_failed_window_s)
        if session.status != "live" or session.live_at is None or session.live_at <= since:
            raise refusal(session, "cancelled", "Too late to report that the call failed.")
        self._closing.hang_up(session)
        when = is_status("live") & given(call_id=session.call_id, mint=session.mint)
        try:
            return self._closing.close(
                session, "cancelled", "connect_failed", when=when, give_back=True, counted=True
            )
        except TooManyRequests:
            return self._closing.close(session, "cancelled", "connect_failed", when=when)

    def start(self, session_id: str, *, user_id: str) -> Session:
        """Begin a session with an expert: customer and expert are in it, the waiver is signed.

        Raises:
            NotFound: there is none, or the person is not in it.
            WaiverRequired: the customer has not signed.
            InvalidTransition: no expert has come yet, it is over, or it is an interview.
        """
        session = self._store.load_part(session_id, user_id=user_id)
        if session.with_expert and session.status == "live":
            return session
        now = self._clock()
        tx = self._store.transaction()
        self._store.add_change(
            tx,
            session_id,
            {"status": "live", "live_at": now, "due_at": live_until(now, self._limits)},
            when=is_status("waiting") & is_waived() & is_in_time(now),
            otherwise=lambda old: _not_yet(old or session),
        )
        deadline = guard_until(now, self._limits)
        self._store.add_guard_change(tx, session, status="live", deadline=deadline)
        self._store.add_event(tx, session, "live", user_id=user_id)
        if session.charged:
            tx.count("CreditsDebited", session.cost / 100)
        for violation in tx.attempt():
            old = violation.old and self._store.read(violation.old)
            if not (old and old.with_expert and old.status == "live"):
                raise violation.error
        return self._store.load_part(session_id, user_id=user_id)

    def cancel(self, session_id: str, *, user_id: str, by_admin: bool = False) -> Session:
        """Give up a session before it was answered, or went live: it is given back, once.

        The customer may; the expert, while it waits for them; an admin also when it is live
        with an expert.

        Raises:
            NotFound: there is none, or the person is not in it.
            ExchangeInProgress: an offer is being answered right now.
            InvalidTransition: it was answered or went live, or is over.
        """
        if not by_admin:
            return self._cancel(self._store.load_part(session_id, user_id=user_id), by=user_id)
        session = self._store.find(session_id)
        if session is None:
            raise NotFound("There is no such session.")
        if session.with_expert and session.status in OPEN:
            when = is_status(*OPEN)
            return self._closing.close(
                session, "cancelled", "cancelled_by_admin", when=when, give_back=True, by=user_id
            )
        return self._cancel(session, by=user_id)

    def end(self, session_id: str, *, user_id: str) -> Session:
        """End a live session, then hang its call up at the provider, as its mode allows.

        Its customer may, and its expert.

        The state moves first, so that no new call can be attached to the session behind our
        back; a call that is not confirmed to be over stays due, and the sweeper asks again.

        Raises:
            InvalidTransition: it is not live.
        """
        session = self._store.load_part(session_id, user_id=user_id)
        if session.status == "completed":
            return session
        if session.status != "live":
            raise refusal(session, "completed")
        due_at = self._clock() if session.call_id else None
        ended = self._closing.close(
            session, "completed", "completed", when=is_status("live"), due_at=due_at, by=user_id
        )
        try:
            if ended.due_at is not None:
                self._closing.settle(ended)
        except GreenroomError as error:
            facts = {"session_id": session_id, "error_code": error.code}
            self._note("a call could not be hung up", facts)
        return ended

    def reverse(self, session: Session, *, reason: str) -> None:
        """Undo a reserved session whose provider failed: credit back, guard free, ``failed``."""
        when = is_status("reserved") & given(attempt=session.attempt)
        self._closing.close(session, "failed", reason, when=when, give_back=True)

    def _cancel(self, session: Session, *, by: str) -> Session:
        if session.status == "cancelled":
            return session
        if session.status not in UNANSWERED:
            raise refusal(session, "cancelled")
        if session.claimed(self._clock()):
            raise ExchangeInProgress(retry_after_s=1)
        when = is_status(*UNANSWERED) & given(attempt=session.attempt, claim=session.claim)
        return self._closing.close(
            session, "cancelled", "cancelled", when=when, give_back=True, by=by
        )


def _not_yet(session: Session) -> GreenroomError:
    """Why a session does not begin."""
    unsigned = session.with_expert and session.waived_at is None
    if unsigned and session.status == "waiting":
        return WaiverRequired()
    return refusal(session, "live")
