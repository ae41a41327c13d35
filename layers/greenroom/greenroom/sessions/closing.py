"""The one way in which a session ends: state, credit, guard and event in one transaction."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from greenroom.accounts.domain import Charge
from greenroom.accounts.service import Accounts
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import Conflict, ExchangeInProgress, GreenroomError
from greenroom.sessions.conditions import When, given
from greenroom.sessions.domain import Calls, Session, Status, refusal
from greenroom.sessions.store import SessionStore


class Closing:
    """Ends sessions and their calls, for whoever decides that it is time."""

    def __init__(
        self, store: SessionStore, *, accounts: Accounts, calls: Calls, clock: Clock
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._calls = calls
        self._clock = clock

    def close(
        self,
        session: Session,
        target: Status,
        event_type: str,
        *,
        when: When,
        give_back: bool = False,
        counted: bool = False,
        due_at: datetime | None = None,
    ) -> Session:
        """End a session in one transaction; who comes second gets what the first one did.

        ``give_back`` returns what was debited, if anything was and it was not returned yet; a
        ``counted`` give-back is limited a day. With ``due_at`` its call is still to be hung up.

        Raises:
            ExchangeInProgress: an offer is being answered, and ``when`` forbids that.
            InvalidTransition: it is in another state by now.
            TooManyRequests: a counted give-back is over the day's allowance.
        """
        now = self._clock()
        gives = give_back and session.charged and not session.given_back
        changes: dict[str, Any] = {
            "status": target,
            "ended_at": now,
            "due_at": due_at,
            "claim": None,
            "claim_until": None,
        }
        if target == "completed":
            changes["completed_at"] = now
        if gives:
            changes["given_back"] = True
        tx = self._store.transaction()
        self._store.add_change(
            tx, session.session_id, changes, when=when, otherwise=_overtaken(session, target, now)
        )
        if gives:
            charge = _charge_of(session)
            self._accounts.add_void(tx, charge, reason=event_type, counted=counted)
        self._store.add_release(tx, session)
        self._store.add_event(tx, session, event_type, metadata={"given_back": gives})
        for violation in tx.attempt():
            if violation.step == "session" and violation.old is not None:
                winner = self._store.read(violation.old)
                if winner.status == target:
                    return winner
            raise violation.error
        return self._store.load(session.session_id, user_id=session.user_id)

    def hang_up(self, session: Session) -> None:
        """End the session's call at the provider, as its mode allows.

        Raises:
            Unavailable: the provider did not say that the call is over.
        """
        if session.call_id is not None:
            self._calls.hang_up(session.call_id)

    def settle(self, closed: Session, *, surely: bool = True) -> None:
        """Hang up the call of a closed session; from then on nothing of it is due.

        Raises:
            Unavailable: the provider did not say that the call is over; it stays due. Unless
                ``surely`` is False: then it is left to itself.
        """
        try:
            self.hang_up(closed)
        except GreenroomError:
            if surely:
                raise
        self._store.change(
            closed.session_id,
            {"due_at": None},
            when=given(due_at=closed.due_at, status=closed.status),
            otherwise=lambda _: Conflict("Somebody else has settled this call."),
        )


def _overtaken(
    session: Session, target: Status, now: datetime
) -> Callable[[Session | None], GreenroomError]:
    """What it means that the session is not as it was when its end was decided."""

    def meaning(old: Session | None) -> GreenroomError:
        stands = old or session
        return (
            ExchangeInProgress(retry_after_s=1) if stands.claimed(now) else refusal(stands, target)
        )

    return meaning


def _charge_of(session: Session) -> Charge:
    return Charge(
        user_id=session.user_id,
        session_id=session.session_id,
        attempt=session.attempt,
        cost=session.cost,
    )
