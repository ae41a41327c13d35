"""A booking's row between its first two versions, and the rows that decide about it. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, get_args

from greenroom.bookings.agenda import buckets_of, mark_of
from greenroom.bookings.domain import HELD, OPEN, SEATED, BookingStatus
from greenroom.kernel.clock import from_text
from greenroom.kernel.limits import CLASS_MINUTES_MAX
from greenroom.migrations.domain import (
    Place,
    Raw,
    Row,
    Unreadable,
    number_of,
    required,
    text_of,
)
from greenroom.organizations.principal import CustomerKind, CustomerRef
from greenroom.organizations.repo import OrgRepo, organization_of

KINDS: Final = frozenset({"booking"})
LOOKED_UP: Final = "kind_looked_up"  # nothing had told the customer's kind: we looked
_STATUSES: Final = frozenset(get_args(BookingStatus))
_OTHER: Final[dict[CustomerKind, CustomerKind]] = {"client": "lead", "lead": "client"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What both versions tell. ``told`` is the customer's kind, if anything tells it.

    ``customer_id`` is a client's or a lead's.
    """

    row: Row
    version: int
    booking_id: str
    class_session_id: str
    customer_id: str
    told: CustomerKind | None
    status: str
    starts_at: datetime
    duration_min: int
    created_at: Raw
    repo: OrgRepo

    @property
    def is_in_class(self) -> bool:
        """Whether it has a seat, is held one, waits, or was there."""
        return self.status in OPEN | SEATED

    @property
    def takes_time(self) -> bool:
        """Whether it keeps its customer from another class at the time."""
        return self.status in SEATED | (HELD - {"offered"})

    @property
    def kinds(self) -> tuple[CustomerKind, ...]:
        """The kinds that its customer may be of."""
        return (self.told,) if self.told else ("client", "lead")

    def ref(self, kind: CustomerKind) -> CustomerRef:
        """Its customer, if that is of this kind."""
        return CustomerRef(kind, self.customer_id)

    def customer_place(self, kind: CustomerKind) -> Place:
        """Where the customer's own row is."""
        return self.repo.customer_pk(self.ref(kind)), "CUSTOMER"

    def seat_place(self, kind: CustomerKind) -> Place:
        """Where the seat is."""
        return self.class_place[0], f"SEAT#{self.ref(kind).token}"

    @property
    def class_place(self) -> Place:
        """Where the class is."""
        return self.repo.pk("K", self.class_session_id), "CLASS"

    def days(self, kind: CustomerKind) -> Iterator[tuple[Place, list[str]]]:
        """Where the customer's agendas of its days are, with all buckets of its class there."""
        for day, buckets in buckets_of(self.starts_at, self.duration_min).items():
            yield (self.repo.customer_pk(self.ref(kind)), f"DAY#{day}"), buckets

    def agendas(self, kind: CustomerKind) -> Iterator[tuple[Place, list[str]]]:
        """The same for a booking that is in them, with the buckets that it takes."""
        if self.is_in_class:
            for place, buckets in self.days(kind):
                yield place, buckets if self.takes_time else []

    def places(self) -> Iterator[Place]:
        """Every row that decides about it."""
        yield self.class_place
        for kind in ("client", "lead"):
            yield self.customer_place(kind)
        for kind in self.kinds:
            yield self.seat_place(kind)
            yield from (place for place, _ in self.days(kind))

    @property
    def mark(self) -> Raw:
        """Its id as it stands in an agenda's bucket."""
        return {"S": mark_of(self.booking_id)}

    @property
    def listed_before(self) -> Raw:
        """Its partition in version 1's lists, which tell no kinds."""
        return {"S": self.repo.pk("C", self.customer_id)}

    def listed(self, kind: CustomerKind) -> Raw:
        """Its partition in its customer's list."""
        return {"S": self.repo.customer_pk(self.ref(kind))}


def stored(row: Row) -> Stored:
    """What a row of a booking tells, of either version.

    Raises:
        Unreadable: it is no booking's row, or something is missing.
    """
    pk, sk = required(row, "PK"), required(row, "SK")
    client_id = text_of(row, "client_id")
    if client_id == "":
        raise Unreadable("client_id is empty")
    version, status = number_of(row, "v"), required(row, "booking_status")
    if status not in _STATUSES:
        raise Unreadable(f"booking_status is {status}")
    try:
        repo, booking_id = OrgRepo.of_system(organization_of(pk)), pk.rpartition("#")[2]
        starts_at, at = from_text(required(row, "starts_at")), repo.pk("B", booking_id)
        mark_of(booking_id)
    except Unreadable:
        raise
    except ValueError as cause:
        raise Unreadable(str(cause)) from cause
    if (pk, sk) != (at, "BOOKING"):
        raise Unreadable("it is at no booking's place")
    found = Stored(
        row=row,
        version=version,
        booking_id=booking_id,
        class_session_id=required(row, "class_session_id"),
        customer_id=client_id or required(row, "customer_id"),
        told=_told(row, version=version, client_id=client_id),
        status=status,
        starts_at=starts_at,
        duration_min=number_of(row, "duration_min"),
        created_at={"S": required(row, "created_at")},
        repo=repo,
    )
    if not 0 < found.duration_min <= CLASS_MINUTES_MAX:
        raise Unreadable(f"duration_min is {found.duration_min}")
    try:
        list(found.places())
    except ValueError as cause:  # an id that is no part of a key
        raise Unreadable(str(cause)) from cause
    return found


def other(kind: CustomerKind) -> CustomerKind:
    """The other kind of customer."""
    return _OTHER[kind]


def members(row: Row, name: str) -> frozenset[str]:
    """The members of a set of texts; none where there is no such set."""
    found: Any = row.get(name, {}).get("SS", ())
    return frozenset(found)


def _told(row: Row, *, version: int, client_id: str | None) -> CustomerKind | None:
    if client_id is not None:
        return "client"
    if version >= 2:
        return "lead"
    told = text_of(row, "customer_type")
    if told not in {None, "client", "lead"}:
        raise Unreadable(f"customer_type is {told}")
    return "client" if told == "client" else "lead" if told == "lead" else None
