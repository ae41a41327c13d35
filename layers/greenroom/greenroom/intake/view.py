"""From intakes to the shapes of the wire."""

from datetime import datetime

from greenroom.intake.domain import Intake, next_of
from greenroom.intake.schema import IntakeStarted, IntakeView, WaiverState, WaiverView
from greenroom.intake.service import Begun
from greenroom.intake.waiver import CURRENT
from greenroom.kernel.clock import to_text
from greenroom.kernel.money import credits_to_json
from greenroom.payments.catalogue import ExpertSession


def intake_started(begun: Begun) -> IntakeStarted:
    """Where the customer goes on."""
    intake = begun.intake
    return IntakeStarted(
        redirect=begun.redirect, intake_id=intake.intake_id, session_id=intake.session_id
    )


def current_waiver() -> WaiverView:
    """The text that is to be signed now."""
    return WaiverView(version=CURRENT.version, title=CURRENT.title, text=CURRENT.text)


def intake_view(intake: Intake, product: ExpertSession | None, *, now: datetime) -> IntakeView:
    """An intake as its customer and its expert see it."""
    price = product.credits if product else None
    return IntakeView(
        intake_id=intake.intake_id,
        plan=intake.plan,
        plan_name=product.name if product else intake.plan,
        session_type=product.type if product else None,
        status=intake.status_at(now),
        is_free=product.is_free if product else False,
        amount_cents=product.price_cents if product else 0,
        currency=product.currency if product else "usd",
        credits=None if price is None else credits_to_json(price),
        vehicle=intake.vehicle,
        concern=intake.concern,
        answers=intake.answers,
        urgent=intake.urgent,
        is_specialist=intake.is_specialist,
        preferred_mechanic_id=intake.preferred_expert_id,
        routing_type=intake.routing_type,
        workshop_id=intake.workshop_id,
        waiver=WaiverState(
            version=intake.waiver_version,
            signed_at=to_text(intake.waived_at) if intake.waived_at else None,
        ),
        session_id=intake.session_id,
        created_at=to_text(intake.created_at),
        expires_at=to_text(intake.expires_at) if intake.expires_at else None,
        next=next_of(intake),
    )
