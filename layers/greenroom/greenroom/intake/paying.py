"""Paying for an intake: by card, whose news makes the session, or with credits, at once."""

from collections.abc import Callable

from greenroom.accounts.identity import Identity
from greenroom.intake.domain import Intake, refusal
from greenroom.intake.service import ROUTE, Intakes, invalid
from greenroom.intake.store import IntakeStore
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import StoreUnavailable
from greenroom.kernel.ids import session_id_of, user_id_of
from greenroom.kernel.limits import INTAKE_TRIES_MAX
from greenroom.payments.catalogue import ExpertSession
from greenroom.payments.checkout import Checkouts, Wish
from greenroom.payments.domain import Purchase, SessionFacts
from greenroom.sessions.domain import Session
from greenroom.sessions.factory import SessionFactory
from greenroom.sessions.record import SessionRecord
from greenroom.table.transaction import Transaction


class IntakePayments:
    """The two ways to pay for the session of an intake whose waiver is signed."""

    def __init__(
        self,
        store: IntakeStore,
        *,
        intakes: Intakes,
        factory: SessionFactory,
        sessions: SessionRecord,
        checkouts: Callable[[], Checkouts],
        clock: Clock,
    ) -> None:
        self._store = store
        self._intakes = intakes
        self._factory = factory
        self._sessions = sessions
        self._checkouts = checkouts
        self._clock = clock

    def checkout(self, identity: Identity, intake_id: str) -> Purchase:
        """Send the customer to pay by card: the open checkout of this intake, or a new one.

        Raises:
            NotFound: there is no such intake of this person.
            ValidationFailed: its plan is free.
            WaiverRequired, IntakeUsed, IntakeExpired: see ``IntakeStore.add_checkout``.
            ActiveSessionExists: the person has a session that is not over.
            ProviderFailed, ProviderThrottled, ProviderTimedOut: begin again; nothing is lost.
        """
        user_id = user_id_of(identity.clerk_id)
        intake = self._intakes.own(intake_id, user_id=user_id)
        product = self._priced(intake)

        def also(tx: Transaction) -> None:
            self._store.add_checkout(tx, intake_id, user_id=user_id)
            self._sessions.add_free_check(tx, user_id)

        wish = Wish(
            product=product,
            intake_id=intake_id,
            session=SessionFacts(
                type=product.type,
                urgent=intake.urgent,
                is_specialist=intake.is_specialist,
                preferred_expert_id=intake.preferred_expert_id,
                routing_type=intake.routing_type,
                workshop_id=intake.workshop_id,
                waived_at=intake.waived_at,
            ),
            also=also,
            success_path=f"/#/intake/paid?intake_id={intake_id}",
            cancel_path=f"/#/intake/pay?intake_id={intake_id}",
        )
        if intake.status == "consumed":
            raise refusal(intake, user_id=user_id, now=self._clock())
        return self._checkouts().begin(identity, wish)

    def with_credits(self, intake_id: str, *, user_id: str) -> tuple[Session, bool]:
        """Pay with credits: the session, and whether this intake had been paid so before.

        Raises:
            NotFound: there is no such intake of this person.
            ValidationFailed: its plan is free, or not sold for credits.
            InsufficientCredits: with the balance and the price.
            WaiverRequired, IntakeUsed, IntakeExpired: see ``IntakeStore.add_consumed``.
            ActiveSessionExists: the person has a session that is not over.
        """
        for _ in range(INTAKE_TRIES_MAX):
            intake = self._intakes.own(intake_id, user_id=user_id)
            product = self._priced(intake)
            if product.credits is None:
                raise invalid("intakeId", "has a plan that is not sold for credits")
            made = session_id_of(ROUTE, intake_id, "credits", str(intake.returns))
            planned = self._intakes.planned(
                intake, product, method="credits", session_id=made, cost=product.credits
            )
            opened = self._factory.commit(planned, also=self._consume(intake, made))
            if not opened.replayed or not opened.session.given_back:
                return opened.session, opened.replayed
            # It was given back since the intake was read, which made that good for another.
        raise StoreUnavailable(log={"reason": "overtaken", "intake_id": intake_id})

    def _consume(self, intake: Intake, session_id: str) -> Callable[[Transaction], None]:
        def also(tx: Transaction) -> None:
            self._store.add_consumed(
                tx,
                intake.intake_id,
                user_id=intake.user_id,
                session_id=session_id,
                returns=intake.returns,
            )

        return also

    def _priced(self, intake: Intake) -> ExpertSession:
        product = self._intakes.product(intake.plan)
        if product is None or product.is_free:
            raise invalid("intakeId", "has a plan with nothing to pay")
        return product
