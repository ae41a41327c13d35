"""Bookings and what happened to them, in the table.

| item | PK | SK | GSI1PK / GSI1SK | GSI2PK / GSI2SK |
|---|---|---|---|---|
| booking | T#org#{o}#B#{id} | BOOKING | T#org#{o}#C#{customer} / B#{starts_at}#{id} | DUE#booking |
| booking_event | T#org#{o}#B#{id} | EVENT#{event_id} | | |

A booking is in the work index while its hold or offer runs. ``client_id`` and ``customer_id`` are
the names of origin 004: exactly one of them stands, for a client or a lead.
"""

from typing import Any, Final

from pynamodb.attributes import UnicodeAttribute

from greenroom.bookings.domain import Booking, BookingEvent, customer_columns
from greenroom.bookings.versions import upgraded
from greenroom.kernel.clock import to_text
from greenroom.kernel.limits import LATE_CANCEL_MINUTES_DEFAULT
from greenroom.organizations.principal import CustomerKind, CustomerRef
from greenroom.organizations.repo import OrgRepo
from greenroom.passes.domain import PassKind, Use
from greenroom.table.attributes import IntegerAttribute, JsonAttribute, MomentAttribute
from greenroom.table.item import Item, Key, RawItem

WORK = "booking"


class BookingItem(Item):
    """A customer's place in a class, or on its waitlist."""

    KIND = "booking"
    VERSION = 2

    organization_id = UnicodeAttribute()
    class_session_id = UnicodeAttribute()
    client_id = UnicodeAttribute(null=True)
    customer_id = UnicodeAttribute(null=True)
    customer_name = UnicodeAttribute(null=True)
    user_id = UnicodeAttribute(null=True)
    booking_status = UnicodeAttribute()
    payment_status = UnicodeAttribute()
    class_name = UnicodeAttribute()
    class_type = UnicodeAttribute()
    starts_at = MomentAttribute()
    duration_min = IntegerAttribute()
    amount_cents = IntegerAttribute()
    currency = UnicodeAttribute()
    source = UnicodeAttribute(null=True)
    late_cancel_min = IntegerAttribute(null=True)
    late_cancel_fee_cents = IntegerAttribute(null=True)
    rev = IntegerAttribute()
    use_kind = UnicodeAttribute(null=True)
    use_pass_id = UnicodeAttribute(null=True)
    use_period = UnicodeAttribute(null=True)
    expires_at = MomentAttribute(null=True)
    joined_at = MomentAttribute(null=True)
    purchase_id = UnicodeAttribute(null=True)
    fee_cents = IntegerAttribute(null=True)
    request_hash = UnicodeAttribute(null=True)

    @classmethod
    def upgrade(cls, raw: RawItem, version: int) -> RawItem:
        """Bookings of before clients and leads were told apart: see ``versions``."""
        return upgraded(raw) if version < 2 else raw

    @classmethod
    def at(cls, repo: OrgRepo, booking_id: str) -> "Key[BookingItem]":
        """Where the booking is."""
        return Key(cls, repo.pk("B", booking_id), "BOOKING")


class BookingEventItem(Item):
    """One move of a booking; never changed."""

    KIND = "booking_event"

    event_type = UnicodeAttribute()
    actor = UnicodeAttribute()
    facts = JsonAttribute()

    @classmethod
    def at(cls, repo: OrgRepo, booking_id: str, event_id: str) -> "Key[BookingEventItem]":
        """Where the event is."""
        return Key(cls, repo.pk("B", booking_id), f"EVENT#{event_id}")


def booking_item(repo: OrgRepo, booking: Booking) -> BookingItem:
    """The item of a booking; the caller adds when it is due."""
    key = BookingItem.at(repo, booking.booking_id)
    plain: dict[str, Any] = {name: getattr(booking, name) for name in _SHARED}
    plain["client_id"], plain["customer_id"] = customer_columns(booking.customer)
    use = booking.use
    item = BookingItem(
        key.pk,
        key.sk,
        created_at=booking.created_at,
        **plain,
        use_kind=use.kind if use else None,
        use_pass_id=use.pass_id if use else None,
        use_period=use.period if use else None,
    )
    item.gsi1pk, item.gsi1sk = owner_key(repo, booking)
    return item


def owner_key(repo: OrgRepo, booking: Booking) -> tuple[str, str]:
    """Partition and sort key of a booking in its customer's list."""
    place = f"B#{to_text(booking.starts_at)}#{booking.booking_id}"
    return repo.customer_pk(booking.customer), place


def booking_of(item: BookingItem) -> Booking:
    """The domain's booking of a stored one."""
    plain = item.told(_SHARED)
    client_id: str | None = item.client_id
    kind: CustomerKind = "lead" if client_id is None else "client"
    for name, usual in _USUAL.items():
        plain[name] = usual if plain[name] is None else plain[name]
    return Booking(
        **plain,
        booking_id=item.pk.rpartition("#")[2],
        customer=CustomerRef(kind, client_id or item.customer_id or ""),
        use=_use_of(item),
        created_at=item.created_at,
        has_rows=item.v >= 2,
    )


def event_of(item: BookingEventItem) -> BookingEvent:
    """The domain's event of a stored one."""
    return BookingEvent(
        event_id=item.sk.removeprefix("EVENT#"),
        event_type=item.event_type,
        actor=item.actor,
        at=item.created_at,
        facts=item.facts,
    )


def _use_of(item: BookingItem) -> Use | None:
    pass_id: str | None = item.use_pass_id
    if pass_id is None:
        return None
    kind: PassKind = "package" if item.use_kind == "package" else "membership"
    return Use(kind=kind, pass_id=pass_id, period=item.use_period)


# What bookings of earlier days were made without.
_USUAL: Final[dict[str, Any]] = {
    "customer_name": "",
    "fee_cents": 0,
    "late_cancel_fee_cents": 0,
    "late_cancel_min": LATE_CANCEL_MINUTES_DEFAULT,
    "source": "staff",
}
_SHARED = frozenset(Booking.__dataclass_fields__) - {
    "booking_id",
    "customer",
    "use",
    "created_at",
    "has_rows",
}
