"""What whoever looks at a payment at Stripe is told of it; we ourselves trust our own row. Pure."""

from greenroom.payments.domain import BookingFacts, Purchase, SessionFacts


def told_of(purchase: Purchase) -> dict[str, str]:
    """The metadata of a purchase's checkout and payment."""
    told: dict[str, str | None] = {
        "purchase_id": purchase.purchase_id,
        "user_id": purchase.user_id,
        "clerk_id": purchase.clerk_id,
        "sku": purchase.sku,
    }
    if purchase.session is not None:
        told |= _of_session(purchase, purchase.session)
    if purchase.booking is not None:
        told |= _of_booking(purchase.booking)
    return {name: value for name, value in told.items() if value is not None}


def _of_session(purchase: Purchase, facts: SessionFacts) -> dict[str, str | None]:
    return {
        "plan": purchase.sku,
        "intake_id": purchase.intake_id,
        "urgent": str(facts.urgent).lower(),
        "is_specialist": str(facts.is_specialist).lower(),
        "preferred_mechanic_id": facts.preferred_expert_id,
        "routing_type": facts.routing_type,
        "workshop_id": facts.workshop_id,
    }


def _of_booking(facts: BookingFacts) -> dict[str, str | None]:
    return {
        "organization_id": facts.organization_id,
        "booking_id": facts.booking_id,
        "class_session_id": facts.class_session_id,
    }
