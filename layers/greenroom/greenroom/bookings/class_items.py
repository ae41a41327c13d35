"""Classes, their seats, their waitlist, and the agendas of customers, in the table.

| item | PK | SK | GSI1PK / GSI1SK | GSI2PK / GSI2SK |
|---|---|---|---|---|
| class_session | T#org#{o}#K#{id} | CLASS | T#org#{o}#SCHEDULE#{month} / {starts_at} | DUE#class |
| seat | T#org#{o}#K#{id} | SEAT#{cl or ld}#{customer_id} | | |
| waiting | T#org#{o}#K#{id} | WAIT#{joined_at}#{booking_id} | | |
| agenda | T#org#{o}#C#{cl or ld}#{customer_id} | DAY#{day} | | |

The counters of a class change with every booking and are in no index.
"""

from collections.abc import Mapping
from typing import Any, Self

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute

from greenroom.bookings.domain import ClassSession
from greenroom.kernel.clock import to_text
from greenroom.organizations.principal import CustomerRef
from greenroom.organizations.repo import OrgRepo, organization_of
from greenroom.table.attributes import IntegerAttribute, MomentAttribute
from greenroom.table.item import Item, Key

WORK = "class"


class ClassItem(Item):
    """One class with its counters."""

    KIND = "class_session"

    name = UnicodeAttribute()
    type = UnicodeAttribute()
    description = UnicodeAttribute(null=True)
    instructor = UnicodeAttribute(null=True)
    location = UnicodeAttribute(null=True)
    starts_at = MomentAttribute()
    ends_at = MomentAttribute()
    duration_min = IntegerAttribute()
    capacity = IntegerAttribute()
    free = IntegerAttribute()
    booked = IntegerAttribute()
    held = IntegerAttribute()
    waitlist_count = IntegerAttribute()
    waitlist_joins = IntegerAttribute()
    waitlist_max = IntegerAttribute()
    status = UnicodeAttribute()
    price_cents = IntegerAttribute()
    currency = UnicodeAttribute()
    late_cancel_min = IntegerAttribute()
    late_cancel_fee_cents = IntegerAttribute()
    notice_min = IntegerAttribute()
    edition = IntegerAttribute()
    request_hash = UnicodeAttribute(null=True)

    @classmethod
    def at(cls, repo: OrgRepo, class_session_id: str) -> "Key[ClassItem]":
        """Where the class is."""
        return Key(cls, repo.pk("K", class_session_id), "CLASS")


class SeatItem(Item):
    """A customer in a class, or on its waitlist: once, by its key. The seats are the roster."""

    KIND = "seat"

    booking_id = UnicodeAttribute()
    booking_status = UnicodeAttribute()
    customer_name = UnicodeAttribute()

    @classmethod
    def at(cls, repo: OrgRepo, class_session_id: str, ref: CustomerRef) -> "Key[SeatItem]":
        """Where that customer's seat in the class is."""
        return Key(cls, repo.pk("K", class_session_id), f"SEAT#{ref.token}")


class WaitItem(Item):
    """A place on a waitlist; they stand in the order of joining."""

    KIND = "waiting"

    booking_id = UnicodeAttribute()

    @classmethod
    def at(
        cls, repo: OrgRepo, class_session_id: str, joined_at: str, booking_id: str
    ) -> "Key[WaitItem]":
        """Where that place on the waitlist is; ``joined_at`` is a moment's text."""
        return Key(cls, repo.pk("K", class_session_id), f"WAIT#{joined_at}#{booking_id}")


class AgendaItem(Item):
    """A customer's bookings of one UTC day, and the five minutes that each of them takes.

    A taken bucket is an attribute of its own (``b216``), so that a condition can ask for several.
    ``taken`` has those that were read; ``bookings`` also names who waits or is offered a seat.
    """

    KIND = "agenda"

    bookings = UnicodeSetAttribute(null=True)
    taken: Mapping[str, str]

    @classmethod
    def at(cls, repo: OrgRepo, ref: CustomerRef, day: str) -> "Key[AgendaItem]":
        """Where the customer's agenda of that day is."""
        return Key(cls, repo.customer_pk(ref), f"DAY#{day}")

    @classmethod
    def from_raw_data(cls, data: dict[str, Any]) -> Self:
        """The item with the buckets that it has."""
        item = super().from_raw_data(data)
        buckets = {
            name: value["S"] for name, value in data.items() if name[:1] == "b" and "S" in value
        }
        object.__setattr__(item, "taken", buckets)
        return item


def class_item(repo: OrgRepo, klass: ClassSession) -> ClassItem:
    """The item of a class."""
    key = ClassItem.at(repo, klass.class_session_id)
    plain = {name: getattr(klass, name) for name in _SHARED}
    item = ClassItem(key.pk, key.sk, ends_at=klass.ends_at, created_at=klass.created_at, **plain)
    item.gsi1pk, item.gsi1sk = schedule_key(repo, klass)
    return item


def class_of(item: ClassItem) -> ClassSession:
    """The domain's class of a stored one."""
    plain = item.told(_SHARED)
    return ClassSession(
        **plain,
        class_session_id=item.pk.rpartition("#")[2],
        organization_id=organization_of(item.pk),
        created_at=item.created_at,
    )


def schedule_key(repo: OrgRepo, klass: ClassSession) -> tuple[str, str]:
    """Partition and sort key of a class in the schedule of its UTC month."""
    month = f"{klass.starts_at:%Y-%m}"
    return schedule_pk(repo, month), f"{to_text(klass.starts_at)}#{klass.class_session_id}"


def schedule_pk(repo: OrgRepo, month: str) -> str:
    """The partition of a month's schedule (``2026-12``)."""
    return repo.pk("SCHEDULE", month)


_SHARED = frozenset(ClassSession.__dataclass_fields__) - {
    "class_session_id",
    "organization_id",
    "created_at",
}
