"""From classes and bookings to the shapes of the wire."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from greenroom.bookings.domain import (
    OPEN,
    Booking,
    BookingEvent,
    ClassSession,
    customer_columns,
)
from greenroom.bookings.rules import refusals_of_booking
from greenroom.bookings.schema import (
    BookingDetail,
    BookingEventView,
    BookingView,
    ClassView,
    Consumed,
    PaymentOption,
    Use,
    UseMembership,
    UsePackage,
)
from greenroom.bookings.service import PassWanted, Paying
from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import ValidationFailed
from greenroom.kernel.limits import Limits
from greenroom.organizations.principal import CustomerRef, Principal
from greenroom.organizations.studio import Studio
from greenroom.passes.domain import PassOption


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """By whom and when something is looked at: it decides what they may do with it."""

    now: datetime
    staff: bool
    limits: Limits


def class_view(klass: ClassSession, seen: Seen) -> ClassView:
    """A class as whoever may book it sees it."""
    refusals = refusals_of_booking(klass, seen.now, staff=seen.staff, limits=seen.limits)
    return ClassView(
        class_session_id=klass.class_session_id,
        organization_id=klass.organization_id,
        name=klass.name,
        type=klass.type,
        description=klass.description,
        instructor=klass.instructor,
        location=klass.location,
        starts_at=to_text(klass.starts_at),
        ends_at=to_text(klass.ends_at),
        duration_minutes=klass.duration_min,
        capacity=klass.capacity,
        free=klass.free,
        booked=klass.booked,
        held=klass.held,
        waitlist_count=klass.waitlist_count,
        waitlist_max=klass.waitlist_max,
        status=klass.status,
        price_cents=klass.price_cents,
        currency=klass.currency,
        late_cancel_minutes=klass.late_cancel_min,
        late_cancel_fee_cents=klass.late_cancel_fee_cents,
        notice_minutes=klass.notice_min,
        bookable=not refusals,
        reason=refusals[0].code if refusals else None,
    )


def booking_view(booking: Booking, seen: Seen, *, checkout_url: str | None = None) -> BookingView:
    """A booking as its customer, or the staff, see it."""
    return BookingView(
        **_plain(booking),
        allowed=_allowed(booking, seen),
        checkout_url=checkout_url,
    )


def booking_detail(
    booking: Booking, events: list[BookingEvent], seen: Seen, *, position: int | None
) -> BookingDetail:
    """A booking with its moves; who made one is told as a role, never as an id."""
    return BookingDetail(
        **_plain(booking),
        allowed=_allowed(booking, seen),
        waitlist_position=position,
        events=[
            BookingEventView(
                event_type=event.event_type,
                actor=event.actor.partition(":")[0],
                at=to_text(event.at),
                facts=event.facts,
            )
            for event in events
        ],
    )


def _plain(booking: Booking) -> dict[str, Any]:
    client_id, customer_id = customer_columns(booking.customer)
    use, expires_at = booking.use, booking.expires_at
    return {
        "booking_id": booking.booking_id,
        "organization_id": booking.organization_id,
        "class_session_id": booking.class_session_id,
        "class_name": booking.class_name,
        "class_type": booking.class_type,
        "starts_at": to_text(booking.starts_at),
        "ends_at": to_text(booking.ends_at),
        "client_id": client_id,
        "customer_id": customer_id,
        "customer_name": booking.customer_name,
        "booking_status": booking.booking_status,
        "payment_status": booking.payment_status,
        "amount_cents": booking.amount_cents,
        "currency": booking.currency,
        "consumed": Consumed(kind=use.kind, id=use.pass_id, period=use.period) if use else None,
        "expires_at": to_text(expires_at) if expires_at else None,
        "late_cancel_at": to_text(booking.late_from),
        "late_cancel_fee_cents": booking.late_cancel_fee_cents,
        "fee_cents": booking.fee_cents,
        "purchase_id": booking.purchase_id,
        "source": booking.source,
        "created_at": to_text(booking.created_at),
    }


def _allowed(booking: Booking, seen: Seen) -> list[str]:
    """What whoever looks may do with it now: the acts' names in the paths."""
    now, staff, limits = seen.now, seen.staff, seen.limits
    status = booking.booking_status
    found = []
    if status in OPEN and (staff or now < booking.starts_at):
        found.append("cancel")
    if status == "offered" and not booking.has_expired(now):
        found.append("confirm")
    if status == "pending" and not booking.has_expired(now) and not staff:
        found.append("checkout")
    if staff:
        opens_at = booking.starts_at - timedelta(seconds=limits.check_in_opens_s)
        closes_at = booking.ends_at + timedelta(seconds=limits.check_in_closes_s)
        if status in {"confirmed", "no_show"} and opens_at <= now <= closes_at:
            found.append("attend")
        if status in {"confirmed", "attended"} and booking.starts_at <= now <= closes_at:
            found.append("no-show")
        seated = status in {"confirmed", "attended", "no_show", "late_cancelled"}
        if seated and booking.payment_status == "pending":
            found.append("paid")
    return found


def paying_of(use: Use | None, principal: Principal, ref: CustomerRef) -> Paying:
    """How a booking is to be paid, as the caller may say.

    Raises:
        ValidationFailed: by card, and it is somebody else's booking.
    """
    if isinstance(use, UsePackage):
        return PassWanted(kind="package", pass_id=use.package_id)
    if isinstance(use, UseMembership):
        return PassWanted(kind="membership", pass_id=use.membership_id)
    if use == "drop_in" and principal.customer != ref:
        told = "by card pay only the customers themselves, signed in"
        raise ValidationFailed(
            f"use: {told}", errors=[{"field": "use", "message": told, "type": "value_error"}]
        )
    if use == "at_studio" and not principal.is_staff:
        return None  # only the staff can say that they were paid
    return use


def payment_options(
    klass: ClassSession,
    studio: Studio,
    passes: list[PassOption],
    *,
    principal: Principal,
    ref: CustomerRef,
) -> list[PaymentOption]:
    """Every way to pay for a class: passes first, then by card, then at the studio.

    Only the customer ``ref`` pays by card, signed in; the staff take money at any studio.
    """
    found = [_pass_option(one, klass) for one in passes]
    if klass.price_cents > 0:
        by_card = [] if principal.customer == ref else ["PAID_IN_PERSON_ONLY"]
        found.append(_money_option("drop_in", "By card", klass, by_card))
    ahead = studio.requires_prepayment and klass.price_cents > 0 and not principal.is_staff
    at_studio = ["PREPAYMENT_REQUIRED"] if ahead else []
    name = "At the studio" if klass.price_cents > 0 else "Free"
    found.append(_money_option("at_studio", name, klass, at_studio))
    return found


def _pass_option(option: PassOption, klass: ClassSession) -> PaymentOption:
    held, reasons = option.held, [one.code for one in option.reasons]
    return PaymentOption(
        kind=held.kind,
        id=held.pass_id,
        name=held.name,
        usable=option.usable,
        reason=reasons[0] if reasons else None,
        reasons=reasons,
        remaining=option.remaining,
        valid_until=to_text(held.valid_until) if held.valid_until else None,
        amount_cents=0,
        currency=klass.currency,
    )


def _money_option(
    kind: Literal["drop_in", "at_studio"], name: str, klass: ClassSession, reasons: list[str]
) -> PaymentOption:
    return PaymentOption(
        kind=kind,
        id=None,
        name=name,
        usable=not reasons,
        reason=reasons[0] if reasons else None,
        reasons=reasons,
        remaining=None,
        valid_until=None,
        amount_cents=klass.price_cents,
        currency=klass.currency,
    )
