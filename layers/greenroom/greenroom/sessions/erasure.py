"""Ends a deleted person's sessions and takes out of them all that was told."""

from collections.abc import Callable, Sequence

from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import Conflict
from greenroom.kernel.limits import ERASURE_SESSIONS_MAX
from greenroom.sessions.closing import Closing
from greenroom.sessions.conditions import exists, is_status
from greenroom.sessions.domain import OPEN, Session, Status
from greenroom.sessions.items import ExchangeItem, ParticipantItem, SessionItem, change_actions
from greenroom.sessions.reads import ERASED
from greenroom.sessions.store import SessionStore

# What a person told, what was made of it, and what opens doors.
_TOLD = (
    "job_title",
    "company",
    "token",
    "token_expires_at",
    "request_hash",
    "offer_sha256",
    "feedback_status",
    "overall_score",
    "duration_s",
)


class SessionErasure:
    """Erases sessions. ``forget`` are the other rooms that keep something of a session."""

    def __init__(
        self,
        store: SessionStore,
        *,
        closing: Closing,
        forget: Sequence[Callable[[str], None]],
        clock: Clock,
    ) -> None:
        self._store = store
        self._closing = closing
        self._forget = forget
        self._clock = clock

    def run(self, user_id: str) -> bool:
        """Erase some of the person's sessions: whether none is left.

        A session that is open ends. Credits are not given back to an account that is no more;
        a payment for what never began is.
        """
        guard = self._store.guard(user_id)
        listed, _ = self._store.of_user(user_id, limit=ERASURE_SESSIONS_MAX, cursor=None)
        found = {session.session_id for session in listed}
        if guard is not None:
            found.add(guard.session_id)  # the list's index may not show it yet
        for session_id in sorted(found):
            self._erase(session_id, user_id)
        return not found

    def run_again(self, user_id: str) -> bool:
        """Forget once more what was told in erased sessions: whether none is left.

        A save that was under way at the mark has failed on it, and may have left what it had
        written before: so this is for when every such request is over.
        """
        erased = self._store.erased(user_id, limit=ERASURE_SESSIONS_MAX)
        for session_id in erased:
            for forget in self._forget:
                forget(session_id)
            self._store.change(
                session_id,
                {"gsi1pk": None, "gsi1sk": None},
                when=exists(),
                otherwise=lambda _: Conflict("The session has gone."),
            )
        return not erased

    def _erase(self, session_id: str, user_id: str) -> None:
        session = self._store.find(session_id)
        if session is None or session.user_id != user_id:
            return
        if session.status in OPEN:
            session = self._end(session)
        now = self._clock()
        # First the mark: no save that is under way can add anything from here on.
        self._store.change(
            session_id,
            {"deleted_at": now, "erased_at": now},
            when=exists(),
            otherwise=lambda _: Conflict("The session has gone."),
        )
        for forget in self._forget:
            forget(session_id)
        self._strip(session)

    def _end(self, session: Session) -> Session:
        """Close an open session; its call is hung up by the sweeper."""
        target: Status = "completed" if session.status == "live" else "cancelled"
        return self._closing.close(
            session,
            target,
            "account_deleted",
            when=is_status(session.status),
            give_back=session.payment_method == "stripe" and session.live_at is None,
            due_at=self._clock() if session.call_id else None,
        )

    def _strip(self, session: Session) -> None:
        """Take what was told out of the session's rows, and it from its list to the erased."""
        tx = self._store.transaction()
        gone = Conflict("There is none.")
        tx.update(
            "session",
            SessionItem.at(session.session_id),
            *change_actions(
                session.session_id,
                dict.fromkeys(_TOLD)
                | {
                    "gsi1pk": f"{ERASED}{session.user_id}",
                    "gsi1sk": f"SESSION#{session.session_id}",
                },
            ),
            when=exists(),
            otherwise=gone,
        )
        tx.update(
            "participant",
            ParticipantItem.at(session.session_id, session.user_id),
            ParticipantItem.brief.remove(),
            when=ParticipantItem.pk.exists(),
            otherwise=gone,
            optional=True,
        )
        tx.delete(
            "answer",
            ExchangeItem.at(session.session_id),
            when=ExchangeItem.pk.exists(),
            otherwise=gone,
            optional=True,
        )
        self._store.add_release(tx, session)
        tx.commit()
