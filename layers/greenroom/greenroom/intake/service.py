"""Use cases of an intake: begin, look, sign the waiver."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from greenroom.accounts.domain import UnknownUser
from greenroom.accounts.identity import Identity
from greenroom.accounts.service import Accounts
from greenroom.experts.service import Experts
from greenroom.intake.domain import Intake, next_of, refusal
from greenroom.intake.store import IntakeChanged, IntakeExists, IntakeStore
from greenroom.intake.waiver import CURRENT
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import (
    IdempotencyMismatch,
    NotFound,
    StoreUnavailable,
    ValidationFailed,
    WaiverVersion,
)
from greenroom.kernel.ids import new_id, session_id_of, user_id_of
from greenroom.kernel.limits import INTAKE_LIFE_S, INTAKE_TRIES_MAX, Limits
from greenroom.payments.catalogue import Catalogue, ExpertSession
from greenroom.sessions.domain import PaymentMethod, RoutingType, Session, SessionRequest
from greenroom.sessions.domain import refusal as refused_move
from greenroom.sessions.factory import Opened, SessionFactory, SessionPlan, plan
from greenroom.sessions.record import SessionOvertaken, SessionRecord
from greenroom.table.transaction import Transaction

ROUTE = "intake"  # in the ids that follow from an Idempotency-Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a customer asks of an expert; ``request_hash`` tells a repeat from a misuse."""

    plan: str
    urgent: bool
    is_specialist: bool
    preferred_expert_id: str | None
    routing_type: RoutingType
    workshop_id: str | None
    vehicle: Any
    concern: str | None
    answers: Any
    request_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """An intake, and whether an earlier request had made it, or paid for it."""

    intake: Intake
    replayed: bool

    @property
    def redirect(self) -> str:
        """Where the customer goes on."""
        return next_of(self.intake)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signs which version, and what their request tells of them."""

    version: str
    name: str
    address: str | None
    user_agent: str | None


class Intakes:
    """From the first question to the signed waiver; ``IntakePayments`` goes on from there."""

    def __init__(
        self,
        store: IntakeStore,
        *,
        accounts: Accounts,
        experts: Experts,
        factory: SessionFactory,
        sessions: SessionRecord,
        catalogue: Catalogue,
        clock: Clock,
        limits: Limits,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._experts = experts
        self._factory = factory
        self._sessions = sessions
        self._catalogue = catalogue
        self._clock = clock
        self._limits = limits

    def product(self, plan_name: str) -> ExpertSession | None:
        """What the plan of an intake is, if it is still in the catalogue."""
        return self._catalogue.plan(plan_name)

    def start(self, identity: Identity, asked: Asked, *, key: str | None) -> Begun:
        """Keep what is asked. A free plan's session is made in the same transaction, and queued.

        Raises:
            ValidationFailed: no such plan or expert, or no workshop where one is needed.
            ActiveSessionExists: the person has a session that is not over.
            PlanUsed: the plan is once per person.
            IdempotencyMismatch: the key was used for another request.
            AccountDeleted: the person's account was deleted.
        """
        product = self.product(asked.plan)
        if product is None:
            raise invalid("plan", "is no plan of ours")
        user_id, now = user_id_of(identity.clerk_id), self._clock()
        intake = Intake(
            intake_id=session_id_of(user_id, ROUTE, key) if key else new_id(),
            user_id=user_id,
            clerk_id=identity.clerk_id,
            plan=product.sku,
            status="submitted",
            created_at=now,
            expires_at=now + timedelta(seconds=INTAKE_LIFE_S),
            urgent=asked.urgent,
            is_specialist=asked.is_specialist,
            preferred_expert_id=asked.preferred_expert_id,
            routing_type=asked.routing_type,
            workshop_id=self._workshop(asked),
            vehicle=asked.vehicle,
            concern=asked.concern,
            answers=asked.answers,
            request_hash=asked.request_hash,
        )
        begin = self._begin_free if product.is_free else self._begin_paid
        try:
            return begin(intake, product)
        except UnknownUser:
            self._accounts.ensure_user(identity)
            return begin(intake, product)

    def load(self, intake_id: str, *, user_id: str) -> Intake:
        """The intake of that person, or of whom they serve as its session's expert.

        Raises:
            NotFound: there is none, or it is none of theirs.
        """
        intake = self._store.find(intake_id)
        if intake is None or not self._may_see(intake, user_id):
            raise NotFound("There is no such intake.")
        return intake

    def sign(self, intake_id: str, signed: Signature, *, user_id: str) -> Intake:
        """Sign the waiver, once; a session that is there already learns of it, too.

        Raises:
            WaiverVersion: another version is current.
            NotFound: there is no such intake of this person.
            IntakeExpired: it was not used in its time.
            InvalidTransition: its session is over.
        """
        if signed.version != CURRENT.version:
            raise WaiverVersion(currentVersion=CURRENT.version)
        for _ in range(INTAKE_TRIES_MAX):
            intake = self.own(intake_id, user_id=user_id)
            if intake.waived_at is not None:
                return intake
            tx = self._store.transaction()
            self._store.add_signature(
                tx,
                intake,
                version=signed.version,
                signature=signed.name,
                address=signed.address,
                user_agent=signed.user_agent,
            )
            if intake.session_id is not None:
                self._sessions.add_waived(tx, self._waiting(intake.session_id), at=self._clock())
            try:
                tx.commit()
            except (IntakeChanged, SessionOvertaken):
                continue
            return self.own(intake_id, user_id=user_id)
        raise StoreUnavailable(log={"reason": "overtaken", "intake_id": intake_id})

    def own(self, intake_id: str, *, user_id: str) -> Intake:
        """The intake of that person, while it can become a session or has become one.

        Raises:
            NotFound: there is no such intake of this person.
            IntakeExpired: it was not used in its time.
        """
        intake = self._store.find(intake_id)
        if intake is None or intake.user_id != user_id:
            raise NotFound("There is no such intake.")
        if intake.status_at(self._clock()) == "expired":
            raise refusal(intake, user_id=user_id, now=self._clock())
        return intake

    def planned(
        self,
        intake: Intake,
        product: ExpertSession,
        *,
        method: PaymentMethod,
        session_id: str,
        cost: int,
    ) -> SessionPlan:
        """The plan of an intake's session, free or for ``cost`` centicredits."""
        request = SessionRequest(
            user_id=intake.user_id,
            clerk_id=intake.clerk_id,
            type=product.type,
            payment_method=method,
            plan=product.sku,
            source="intake",
            cost=cost,
            intake_id=intake.intake_id,
            urgent=intake.urgent,
            is_specialist=intake.is_specialist,
            preferred_expert_id=intake.preferred_expert_id,
            routing_type=intake.routing_type,
            workshop_id=intake.workshop_id,
            waived_at=intake.waived_at,
            request_hash=intake.request_hash,
        )
        return plan(request, session_id=session_id, now=self._clock(), limits=self._limits)

    def _may_see(self, intake: Intake, user_id: str) -> bool:
        if intake.user_id == user_id:
            return True
        session = self._sessions.find(intake.session_id) if intake.session_id else None
        return session is not None and session.expert_id == user_id

    def _begin_free(self, intake: Intake, product: ExpertSession) -> Begun:
        session_id = session_id_of(intake.intake_id, "session")
        made = replace(intake, status="consumed", session_id=session_id, expires_at=None)
        planned = self.planned(made, product, method="free", session_id=session_id, cost=0)

        def also(tx: Transaction) -> None:
            self._store.add_new(tx, made)
            if product.once:
                self._store.add_claim(tx, made)
            self._add_preferred(tx, made)

        try:
            opened: Opened = self._factory.commit(planned, also=also)
        except IntakeExists as misuse:
            # The key has made an intake, and of a plan that is paid: no session was in the way.
            raise IdempotencyMismatch from misuse
        if opened.replayed:
            made = self._store.find(intake.intake_id) or made
        return Begun(intake=made, replayed=opened.replayed)

    def _begin_paid(self, intake: Intake, _product: ExpertSession) -> Begun:
        tx = self._store.transaction()
        self._store.add_new(tx, intake)
        self._accounts.add_existence(tx, intake.user_id)
        self._sessions.add_free_check(tx, intake.user_id)
        self._add_preferred(tx, intake)
        try:
            tx.commit()
        except IntakeExists:
            return self._repeated(intake)
        return Begun(intake=intake, replayed=False)

    def _repeated(self, wanted: Intake) -> Begun:
        found = self._store.find(wanted.intake_id)
        if found is None or found.request_hash != wanted.request_hash:
            raise IdempotencyMismatch
        return Begun(intake=found, replayed=True)

    def _add_preferred(self, tx: Transaction, intake: Intake) -> None:
        if intake.preferred_expert_id is not None:
            refused = invalid("preferredMechanicId", "is no expert of ours")
            self._experts.add_check(tx, intake.preferred_expert_id, otherwise=refused)

    def _workshop(self, asked: Asked) -> str | None:
        """The workshop that is asked: the one named, or that of the preferred expert."""
        if asked.workshop_id is not None or asked.preferred_expert_id is None:
            found = asked.workshop_id
        else:
            found = self._experts.workshop_of(asked.preferred_expert_id)
        if found is None and asked.routing_type == "workshop_only":
            raise invalid("workshopId", "is needed, or a preferred expert who has one")
        return found

    def _waiting(self, session_id: str) -> Session:
        session = self._sessions.find(session_id)
        if session is None:
            raise NotFound("There is no such session.")
        if session.status not in {"pending", "waiting"}:
            raise refused_move(session, "live", "The session is over, or live already.")
        return session


def invalid(field: str, message: str) -> ValidationFailed:
    """The refusal of one field."""
    told = {"field": field, "message": message, "type": "value_error"}
    return ValidationFailed(f"{field}: {message}", errors=[told])
