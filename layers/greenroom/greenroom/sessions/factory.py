"""THE factory: every session is made here, of whatever type, however it is paid.

``plan`` decides what is to be written and touches nothing. ``commit`` writes it in ONE
transaction: session, guard, participant, event, and where they apply the debit with its ledger
entry and the assignment. When a session is made (now, or when money has arrived) is its
caller's business; how it is made is the same for all.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from greenroom.accounts.domain import Charge, PremiumChanged, UnknownUser
from greenroom.accounts.service import Accounts
from greenroom.kernel.errors import IdempotencyInProgress, IdempotencyMismatch
from greenroom.kernel.limits import Limits
from greenroom.kernel.telemetry import refusals
from greenroom.sessions.domain import INTERVIEW, Session, SessionRequest, connect_by
from greenroom.sessions.matching import Assignment, first_assignment
from greenroom.sessions.store import SessionStore
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction

REPEATS_MAX = 4  # the other path of payment, the first look at a person, the re-armed session


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPlan:
    """All that one session's creation writes."""

    session: Session
    request: SessionRequest
    assignment: Assignment | None
    charge: Charge | None
    event_metadata: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The session that now exists, and whether an earlier request had made it."""

    session: Session
    replayed: bool


def plan(request: SessionRequest, *, session_id: str, now: datetime, limits: Limits) -> SessionPlan:
    """Decide the writes of a new session.

    An interview is born reserved, since its provider has yet to mint; every other session is
    born pending and queued for an expert.

    Raises:
        ValueError: a Stripe session names no checkout, or another one names one.
    """
    if (request.payment_method == "stripe") is not (request.stripe_session_id is not None):
        raise ValueError("a checkout id belongs to a session paid by Stripe, and only there")
    interview = request.type == INTERVIEW
    metadata = {
        "payment_method": request.payment_method,
        "amount_paid": request.amount_cents,
        "currency": request.currency,
        "urgent": request.urgent,
        "is_specialist": request.is_specialist,
        "preferred_mechanic_id": request.preferred_expert_id,
        "routing_type": request.routing_type,
        "source": request.source,
    }
    if request.workshop_id is not None:
        metadata["workshop_id"] = request.workshop_id
    session = Session(
        session_id=session_id,
        user_id=request.user_id,
        clerk_id=request.clerk_id,
        type=request.type,
        status="reserved" if interview else "pending",
        plan=request.plan,
        payment_method=request.payment_method,
        cost=request.cost,
        charged=False,
        given_back=False,
        attempt=1,
        started_at=now,
        live_at=None,
        connected_at=None,
        ended_at=None,
        due_at=connect_by(request.type, now, limits),
        request_hash=request.request_hash,
        metadata=metadata,
        intake_id=request.intake_id,
        stripe_session_id=request.stripe_session_id,
        purchase_id=request.purchase_id,
        waived_at=request.waived_at,
        round=None if interview else 1,
        job_title=request.brief.job_title if request.brief else None,
        company=request.brief.company if request.brief else None,
        mint=1 if interview else 0,
    )
    paid_in_credits = request.payment_method == "credits"
    return SessionPlan(
        session=session,
        request=request,
        assignment=None if interview else first_assignment(request, now=now),
        charge=_charge(session) if paid_in_credits else None,
        event_metadata={
            "type": request.type,
            "plan": request.plan,
            "payment_method": request.payment_method,
            "amount_paid": request.amount_cents,
            "urgent": request.urgent,
            "source": request.source,
        },
    )


class SessionFactory:
    """Commits plans."""

    def __init__(
        self, table: Table, *, store: SessionStore, accounts: Accounts, limits: Limits
    ) -> None:
        self._table = table
        self._store = store
        self._accounts = accounts
        self._limits = limits

    def commit(
        self, planned: SessionPlan, *, also: Callable[[Transaction], None] = lambda _: None
    ) -> Opened:
        """Write the plan, or answer with the session that an earlier request made of it.

        ``also`` adds the steps of another room, which are done together with ours or not at
        all; they are asked about last, and a session that was there before did not do them.

        Raises:
            UnknownUser: the person has no row yet; make it, then commit again.
            ActiveSessionExists: with the active session's id, type and status.
            InsufficientCredits: the balance does not cover the cost.
            TooManyRequests: too many starts within the hour.
            IdempotencyInProgress: the first request with this key is still at work.
            IdempotencyMismatch: the key was used for another request.
        """
        with refusals("SessionsRejected", label="reason", but=UnknownUser):
            return self._commit(planned, also)

    def _commit(self, planned: SessionPlan, also: Callable[[Transaction], None]) -> Opened:
        failed: Session | None = None
        for _ in range(REPEATS_MAX):
            now = self._table.clock()
            current = _rearmed(planned, failed, now=now, limits=self._limits)
            tx, session = self._write(current, failed=failed)
            also(tx)
            tx.count("SessionsStarted", type=session.type)
            violations = tx.attempt()
            if not violations:
                return Opened(session=session, replayed=False)
            in_the_way = next((one.old for one in violations if one.step == "session"), None)
            if in_the_way is not None:
                failed = _refuse_misuse(self._store.read(in_the_way), planned.session)
                if failed.status != "failed":
                    return Opened(session=failed, replayed=True)
            elif isinstance(violations[0].error, PremiumChanged):
                self._accounts.turn(session.user_id)
            else:
                raise violations[0].error
        raise IdempotencyInProgress(retry_after_s=1)

    def _write(
        self, planned: SessionPlan, *, failed: Session | None
    ) -> tuple[Transaction, Session]:
        """The transaction of a plan, and the session as it will stand.

        Steps are told in this order when several are violated: the session itself first, so
        that a repeat is a repeat whatever else has changed since.
        """
        tx = self._table.transaction()
        debit = self._table.transaction()
        charged = False
        if planned.charge:
            charged = self._accounts.add_debit(debit, planned.charge)
        elif planned.request.payment_method == "free":
            self._accounts.add_start(debit, planned.session.user_id)
        else:
            self._accounts.add_existence(debit, planned.session.user_id)
        session = replace(planned.session, charged=charged)
        if failed is None:
            self._store.add_session(
                tx, session, brief=planned.request.brief, assignment=planned.assignment
            )
        else:
            self._store.add_rearmed(tx, session, failed=failed)
        tx.join(debit)
        self._store.add_event(
            tx,
            session,
            "created" if failed is None else "rearmed",
            metadata=planned.event_metadata,
        )
        return tx, session


def _charge(session: Session) -> Charge:
    return Charge(
        user_id=session.user_id,
        session_id=session.session_id,
        attempt=session.attempt,
        cost=session.cost,
        reason="session" if session.with_expert else "interview",
    )


def _rearmed(
    planned: SessionPlan, failed: Session | None, *, now: datetime, limits: Limits
) -> SessionPlan:
    """The plan as the next attempt of a failed session, or as it is."""
    if failed is None:
        return planned
    session = replace(
        planned.session,
        attempt=failed.attempt + 1,
        started_at=failed.started_at,
        due_at=connect_by(planned.session.type, now, limits),
    )
    return replace(planned, session=session, charge=planned.charge and _charge(session))


def _refuse_misuse(found: Session, wanted: Session) -> Session:
    """The session that a repeat of the same request meets; another request is refused."""
    if found.user_id != wanted.user_id or found.request_hash != wanted.request_hash:
        raise IdempotencyMismatch
    if found.status == "reserved":
        raise IdempotencyInProgress(retry_after_s=1)
    return found
