"""From an organisation, its classes and bookings to what visitors are shown."""

from typing import Literal
from urllib.parse import urlencode

from greenroom.bookings.domain import ClassSession
from greenroom.bookings.rules import refusals_of_waiting
from greenroom.bookings.view import Seen, booking_view, class_view
from greenroom.organizations.domain import Organization
from greenroom.organizations.studio import Studio
from greenroom.widget.schema import (
    WidgetBooked,
    WidgetBooking,
    WidgetClass,
    WidgetSchedule,
    WidgetView,
)
from greenroom.widget.service import Kept, Shown, is_signed_in_business


def widget_view(organization: Organization, studio: Studio) -> WidgetView:
    """An organisation."""
    return WidgetView(
        name=organization.name,
        image_url=organization.image_url,
        timezone=studio.timezone,
        requires_prepayment=studio.requires_prepayment,
    )


def schedule_view(
    month: str, classes: list[ClassSession], studio: Studio, seen: Seen
) -> WidgetSchedule:
    """A month."""
    items = [_class(one, studio, seen) for one in classes]
    return WidgetSchedule(month=month, items=items)


def booked_view(kept: Kept, seen: Seen, *, app_url: str, key: str) -> WidgetBooked:
    """A booking that was made, with the link that manages it."""
    page = f"{app_url.rstrip('/')}/manage.html?{urlencode({'key': key})}"
    return WidgetBooked(
        booking=shown_view(kept.shown, seen),
        manage_token=kept.token,
        # What stands after # stays in the browser: no server and no log sees the token.
        manage_url=f"{page}#greenroom={kept.token}" if app_url else None,
    )


def shown_view(shown: Shown, seen: Seen) -> WidgetBooking:
    """A booking, without whose it is."""
    full = booking_view(shown.booking, seen)
    acts = () if is_signed_in_business(shown.booking) else _ACTS
    return WidgetBooking(
        class_name=full.class_name,
        instructor=shown.klass.instructor,
        location=shown.klass.location,
        starts_at=full.starts_at,
        ends_at=full.ends_at,
        booking_status=full.booking_status,
        payment_status=full.payment_status,
        amount_cents=full.amount_cents,
        currency=full.currency,
        expires_at=full.expires_at,
        waitlist_position=shown.position,
        late_cancel_at=full.late_cancel_at,
        late_cancel_fee_cents=full.late_cancel_fee_cents,
        fee_cents=full.fee_cents,
        allowed=[act for act in acts if act in full.allowed],
    )


_ACTS: tuple[Literal["cancel", "confirm"], ...] = ("cancel", "confirm")


def _class(one: ClassSession, studio: Studio, seen: Seen) -> WidgetClass:
    full = class_view(one, seen)
    unpaid = studio.requires_prepayment and one.price_cents > 0
    reason = "PREPAYMENT_REQUIRED" if full.bookable and unpaid else full.reason
    waiting = refusals_of_waiting(one, seen.now, limits=seen.limits)
    return WidgetClass(
        class_session_id=full.class_session_id,
        name=full.name,
        type=full.type,
        description=full.description,
        instructor=full.instructor,
        location=full.location,
        starts_at=full.starts_at,
        ends_at=full.ends_at,
        # Seats that are kept for whoever waits are nobody else's.
        free=full.free if full.bookable else 0,
        price_cents=full.price_cents,
        currency=full.currency,
        bookable=reason is None,
        waitlist_open=not waiting and not unpaid,
        reason=reason,
    )
