"""What a paid session becomes: the one session of its purchase, and of its intake."""

from datetime import datetime
from typing import Protocol

from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import (
    ActiveSessionExists,
    GreenroomError,
    IntakeExpired,
    IntakeUsed,
    NotFound,
    WaiverRequired,
)
from greenroom.kernel.ids import session_id_of
from greenroom.kernel.limits import Limits
from greenroom.payments.domain import Purchase, fulfilled
from greenroom.payments.effects import Also, Unfollowed
from greenroom.payments.races import EffectStands
from greenroom.sessions.domain import SessionRequest
from greenroom.sessions.factory import SessionFactory, SessionPlan, plan
from greenroom.table.transaction import Transaction


class Consume(Protocol):
    """Adds the step that makes the intake of a purchase into its session.

    The step fails with ``IntakeUsed``, ``IntakeExpired``, ``WaiverRequired`` or ``NotFound``, or is
    left out if it is ``optional`` and would fail.
    """

    def __call__(self, tx: Transaction, purchase: Purchase, *, optional: bool) -> None:
        """Add it, if the purchase has an intake."""


class SessionOpened(Unfollowed):
    """A session with an expert, and the intake that it comes from."""

    def __init__(
        self, *, factory: SessionFactory, consume: Consume, clock: Clock, limits: Limits
    ) -> None:
        self._factory = factory
        self._consume = consume
        self._clock = clock
        self._limits = limits

    def have(
        self, purchase: Purchase, *, rev: int, also: Also, redeeming: bool = False
    ) -> Purchase:
        """Open it; what was banked opens whatever became of its intake meanwhile."""
        planned = session_plan(purchase, now=self._clock(), limits=self._limits)
        done = fulfilled(purchase, session_id=planned.session.session_id)

        def add(tx: Transaction) -> None:
            also(tx, done)
            self._consume(tx, done, optional=redeeming)

        if self._factory.commit(planned, also=add).replayed:
            raise EffectStands(done, reason="opened_before")
        return done

    def why_kept(self, refused: GreenroomError) -> str | None:
        """For whoever has another session; and what is wrong with an intake is not the payer's."""
        if isinstance(refused, ActiveSessionExists):
            return "active_session"
        if isinstance(refused, IntakeUsed):
            return "intake_used"
        unusable = isinstance(refused, IntakeExpired | WaiverRequired | NotFound)
        return "intake_unusable" if unusable else None


def session_plan(purchase: Purchase, *, now: datetime, limits: Limits) -> SessionPlan:
    """The one session that a paid purchase becomes: its id follows from the checkout.

    After one that ended before it began comes another, whose id follows from how many did.

    Raises:
        ValueError: the purchase is of no session, or has no checkout.
    """
    session, checkout_id = purchase.session, purchase.checkout_id
    if session is None or checkout_id is None:
        raise ValueError("only a paid session becomes one")
    request = SessionRequest(
        user_id=purchase.user_id,
        clerk_id=purchase.clerk_id,
        type=session.type,
        payment_method="stripe",
        plan=purchase.sku,
        source="checkout" if purchase.intake_id is None else "intake",
        intake_id=purchase.intake_id,
        stripe_session_id=checkout_id,
        amount_cents=purchase.paid_cents,
        currency=purchase.currency,
        urgent=session.urgent,
        is_specialist=session.is_specialist,
        preferred_expert_id=session.preferred_expert_id,
        routing_type=session.routing_type,
        workshop_id=session.workshop_id,
        waived_at=session.waived_at,
        purchase_id=purchase.purchase_id,
    )
    again = [str(purchase.returns)] if purchase.returns else []
    session_id = session_id_of(checkout_id, *again)
    return plan(request, session_id=session_id, now=now, limits=limits)
