"""What other rooms note on a session: a saved interview, how its feedback stands, a waiver."""

from datetime import datetime, timedelta
from typing import Any

from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import Conflict, NotFound
from greenroom.kernel.limits import Limits
from greenroom.sessions.conditions import exists, given, is_status
from greenroom.sessions.domain import Session, refusal
from greenroom.sessions.items import SessionItem, change_actions
from greenroom.sessions.store import SessionStore
from greenroom.table.transaction import Transaction

SHOWN = frozenset({"live", "completed", "expired"})  # and answered: what was given back is not


class SessionOvertaken(Conflict):
    """Somebody else changed the session since it was read: read it again."""


class SessionRecord:
    """Steps and reads that the interviews and feedback rooms ask of the sessions room."""

    def __init__(self, store: SessionStore, *, clock: Clock, limits: Limits) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits

    def transaction(self) -> Transaction:
        """An empty transaction on the table."""
        return self._store.transaction()

    def load(self, session_id: str, *, user_id: str) -> Session:
        """The person's interview session.

        Raises:
            NotFound: there is none, it is somebody else's, no interview, or was deleted.
        """
        session = self._store.load(session_id, user_id=user_id)
        if session.type != "interview" or session.deleted_at is not None:
            raise NotFound("There is no such session.")  # as of one that never was
        return session

    def find(self, session_id: str) -> Session | None:
        """The session, whosever it is: for the feedback worker."""
        return self._store.find(session_id)

    def add_saved(self, tx: Transaction, session: Session, changes: dict[str, Any]) -> None:
        """Add the steps that point a session at its new transcript and complete a live one.

        The call of a completed one is due to be hung up: the sweeper does, within a minute.

        The step fails with ``SessionOvertaken`` when another save or move came first.
        """
        completes = session.status == "live"
        now = self._clock()
        ended: dict[str, Any] = {}
        if completes:
            due_at = now if session.call_id else None
            ended = {"status": "completed", "ended_at": now, "completed_at": now, "due_at": due_at}
        revision = session.transcript_rev
        self._store.add_change(
            tx,
            session.session_id,
            {**ended, **changes, "transcript_rev": revision + 1},
            when=is_status(session.status)
            & given(user_id=session.user_id, transcript_rev=revision, deleted_at=None),
            otherwise=lambda _: SessionOvertaken(),
        )
        if completes:
            self._store.add_release(tx, session)
        self._store.add_event(tx, session, "saved", metadata={"revision": revision + 1})

    def add_waived(self, tx: Transaction, session: Session, *, at: datetime) -> None:
        """Add the steps that note the signed waiver on a session that has not gone live.

        Whose expert waits for them gets the whole time to begin from here.
        """
        due_at = session.due_at
        if session.status == "waiting":
            due_at = at + timedelta(seconds=self._limits.expert_window_s)
        self._store.add_change(
            tx,
            session.session_id,
            {"waived_at": at, "due_at": due_at},
            when=is_status(session.status)
            & given(user_id=session.user_id, waived_at=None, due_at=session.due_at),
            otherwise=lambda _: SessionOvertaken(),
        )
        if due_at is not None:
            self._store.add_guard_change(tx, session, status=session.status, deadline=due_at)
        self._store.add_event(tx, session, "waiver_signed")

    def add_free_check(self, tx: Transaction, user_id: str) -> None:
        """Add the check that the person has no active session.

        The step fails with ``ActiveSessionExists``, which names it.
        """
        self._store.add_free_check(tx, user_id)

    def add_feedback(
        self, tx: Transaction, session_id: str, *, status: str, score: int | None = None
    ) -> None:
        """Add the step that shows the feedback's state (and score, 0..100) in lists.

        It is left out where there is no such session any more: a job must end all the same.
        """
        changes: dict[str, Any] = {"feedback_status": status}
        if score is not None:
            changes["overall_score"] = score
        tx.update(
            "session",
            SessionItem.at(session_id),
            *change_actions(session_id, changes),
            when=exists(),
            otherwise=NotFound("There is no such session."),
            optional=True,
        )

    def history(
        self, user_id: str, *, limit: int, cursor: str | None, status: str | None
    ) -> tuple[list[Session], str | None]:
        """A page of a person's interviews, newest first; without a status the answered ones."""

        def keep(session: Session) -> bool:
            if session.type != "interview" or session.deleted_at is not None:
                return False
            if status is not None:
                return session.status == status
            return session.status in SHOWN and session.live_at is not None

        return self._store.of_user(user_id, limit=limit, cursor=cursor, keep=keep)

    def delete(self, session_id: str, *, user_id: str) -> None:
        """Hide an interview that is over from its person, for good.

        Raises:
            NotFound: there is none, or it is somebody else's.
            InvalidTransition: it is still open.
        """
        session = self._store.load(session_id, user_id=user_id)
        if session.deleted_at is not None:
            return
        if session.type != "interview":
            raise NotFound("There is no such session.")
        over = is_status("completed", "expired", "cancelled", "failed")
        self._store.change(
            session_id,
            {"deleted_at": self._clock()},
            when=over & given(user_id=user_id),
            otherwise=lambda old: refusal(old or session, "cancelled", "End the interview first."),
        )
