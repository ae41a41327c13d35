"""The one way in which a session ends: state, credit, guard and event in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from greenroom.accounts.domain import Charge
from greenroom.accounts.service import Accounts
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import (
    Conflict,
    ExchangeInProgress,
    GreenroomError,
    StoreUnavailable,
)
from greenroom.kernel.limits import MATCH_TRIES_MAX
from greenroom.sessions.assigning import Assigning, JobChanged, assignment_status_of
from greenroom.sessions.conditions import When, given
from greenroom.sessions.domain import Calls, Session, Status, refusal
from greenroom.sessions.matching import Job
from greenroom.sessions.store import SessionStore
from greenroom.table.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What other rooms do in the transaction that ends a session with an expert.

    ``give_back`` returns the payment and the intake that opened it, for the reason named;
    ``free_expert`` gives its expert their capacity back.
    """

    give_back: Callable[[Transaction, Session, str], None]
    free_expert: Callable[[Transaction, str], None]


class Closing:
    """Ends sessions and their calls, for whoever decides that it is time."""

    def __init__(
        self,
        store: SessionStore,
        *,
        accounts: Accounts,
        assigning: Assigning,
        aftermath: Aftermath,
        calls: Calls,
        clock: Clock,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._assigning = assigning
        self._aftermath = aftermath
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
        by: str | None = None,
    ) -> Session:
        """End a session in one transaction; who comes second gets what the first one did.

        ``give_back`` returns what was debited or paid, if anything was and it was not returned
        yet; a ``counted`` give-back is limited a day. With ``due_at`` its call is still to be
        hung up. ``by`` is who ended it, if not the customer. The expert, and whoever else was
        offered the session, is free again.

        Raises:
            ExchangeInProgress: an offer is being answered, and ``when`` forbids that.
            InvalidTransition: it is in another state by now.
            TooManyRequests: a counted give-back is over the day's allowance.
            StoreUnavailable: its assignment was moved each time we looked.
        """
        for _ in range(MATCH_TRIES_MAX):
            try:
                return self._close(
                    session,
                    target,
                    event_type,
                    when=when,
                    give_back=give_back,
                    counted=counted,
                    due_at=due_at,
                    by=by,
                )
            except JobChanged:
                continue
        raise StoreUnavailable(log={"reason": "overtaken", "session_id": session.session_id})

    def _close(
        self,
        session: Session,
        target: Status,
        event_type: str,
        *,
        when: When,
        give_back: bool,
        counted: bool,
        due_at: datetime | None,
        by: str | None,
    ) -> Session:
        now = self._clock()
        job = self._assigning.job(session.session_id) if session.with_expert else None
        paid = session.charged or session.payment_method == "stripe"
        gives = give_back and paid and not session.given_back
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
            tx,
            session.session_id,
            changes,
            when=when,
            otherwise=_overtaken(session, target, now),
        )
        if gives:
            self._add_give_back(tx, session, reason=event_type, counted=counted)
        if job is not None:
            self._add_parting(tx, job, target)
        self._store.add_release(tx, session)
        metadata = {"given_back": gives}
        self._store.add_event(tx, session, event_type, metadata=metadata, user_id=by)
        for violation in tx.attempt():
            if violation.step == "session" and violation.old is not None:
                winner = self._store.read(violation.old)
                if winner.status == target:
                    return winner
            raise violation.error
        return self._store.load(session.session_id, user_id=session.user_id)

    def _add_give_back(
        self, tx: Transaction, session: Session, *, reason: str, counted: bool
    ) -> None:
        if session.charged:
            self._accounts.add_void(tx, _charge_of(session), reason=reason, counted=counted)
        if session.with_expert:
            self._aftermath.give_back(tx, session, reason)

    def _add_parting(self, tx: Transaction, job: Job, target: Status) -> None:
        """Add the steps that end the search for an expert, or free the one who came."""
        self._assigning.add_over(tx, job, assignment_status_of(target))
        if job.session.expert_id is not None:
            self._aftermath.free_expert(tx, job.session.expert_id)

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
