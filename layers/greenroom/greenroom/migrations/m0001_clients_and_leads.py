"""0001: bookings of clients and of leads are told apart, as origin 004's fix did. Pure.

It adds what version 2 reads (``organization_id``, ``client_id``, the seat's row, the time in the
agenda) and neither changes nor removes what version 1 reads: readers of before go on until 0002.
A client's booking so has both ``client_id`` and, for them alone, ``customer_id``.
"""

from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

from greenroom.migrations.bookings import KINDS, LOOKED_UP, Stored, members, other, stored
from greenroom.migrations.domain import (
    Change,
    Edit,
    Expect,
    Fault,
    Found,
    Left,
    Make,
    Place,
    Raw,
    Row,
    Step,
    Unmake,
    place_of,
    required,
    text_of,
)
from greenroom.organizations.principal import CustomerKind

MADE_BY: Final = "migration"  # on rows that this migration made
PLACED: Final = "migrated"  # on agendas: the bookings that this migration placed there
_ONE: Final[Raw] = {"N": "1"}
_TWO: Final[Raw] = {"N": "2"}
_BASE: Final = frozenset({"PK", "SK", "kind", "v", "created_at", "updated_at"})
_DECIDES: Final = (
    *("v", "org_id", "organization_id", "client_id", "customer_id", "customer_type"),
    *("booking_status", "class_session_id", "starts_at", "duration_min"),
)


class ClientsAndLeads:
    """Writes version 2 of bookings beside what version 1 reads."""

    number: ClassVar[int] = 1
    name: ClassVar[str] = "clients and leads"
    kinds: ClassVar[frozenset[str]] = KINDS
    takes_away: ClassVar[bool] = False

    def needs(self, row: Row) -> Iterable[Place]:
        """The class, both customers that it may be of, the seat, and the agendas of its days."""
        return stored(row).places()

    def forward(self, row: Row, found: Found) -> Change | Left | None:
        """Version 2, with the seat and the time that version 1 had no rows for."""
        booking = stored(row)
        if booking.version >= 2:
            return _left_behind(booking, found)
        told_org = required(row, "org_id")
        if told_org != booking.repo.organization_id:
            return Left(why="organization_is_another", facts={"org_id": told_org})
        kind = _kind(booking, found)
        if isinstance(kind, Left):
            return kind
        put: dict[str, Raw] = {"v": _TWO, "organization_id": {"S": told_org}}
        if kind == "client":
            put["client_id"] = {"S": booking.customer_id}
        if booking.told is None:
            put[LOOKED_UP] = {"BOOL": True}
        seen = {name: row.get(name) for name in _DECIDES}
        steps: list[Step] = [Edit(place=place_of(row), seen=seen, put=put)]
        if booking.told is None:
            steps.append(Expect(place=booking.customer_place(kind), there=True))
            steps.append(Expect(place=booking.customer_place(other(kind)), there=False))
        rows = _rows(booking, kind, found)
        if isinstance(rows, Left):
            return rows
        steps += rows
        word = f"{kind} {booking.customer_id}" + (" (looked up)" if booking.told is None else "")
        return Change(does=f"becomes a booking of {word}", steps=tuple(steps))

    def back(self, row: Row, found: Found) -> Change | Left | None:
        """Version 1, also of what was version 2 from the start; the seat stays if it was."""
        booking = stored(row)
        if booking.version < 2 or booking.told is None:
            return None
        kind = booking.told
        put: dict[str, Raw] = {
            "v": _ONE,
            "org_id": {"S": booking.repo.organization_id},
            "customer_id": {"S": booking.customer_id},
            "GSI1PK": booking.listed_before,
        }
        if LOOKED_UP not in row:
            put["customer_type"] = {"S": kind}
        seen = {name: row.get(name) for name in (*_DECIDES, LOOKED_UP, "GSI1PK")}
        drop = frozenset({"organization_id", "client_id", LOOKED_UP} & set(row))
        steps: list[Step] = [Edit(place=place_of(row), seen=seen, put=put, drop=drop)]
        seat = found.get(booking.seat_place(kind))
        if seat is not None and _names(seat, booking) and MADE_BY in seat:
            kept = {"booking_id": seat["booking_id"], MADE_BY: seat[MADE_BY]}
            steps.append(Unmake(place=booking.seat_place(kind), seen=kept))
        for place, buckets in booking.days(kind):
            steps += _day_back(booking, buckets, found.get(place))
        return Change(
            does=f"becomes a booking of customer {booking.customer_id}", steps=tuple(steps)
        )

    def faults(self, row: Row, found: Found) -> Iterator[Fault]:
        """The origin's verification query: one organisation, exactly one customer; and its rows."""
        booking, place = stored(row), place_of(row)
        if booking.version < 2:
            wanted = self.forward(row, found)
            facts = {"left": wanted.why, **wanted.facts} if isinstance(wanted, Left) else {}
            yield Fault(rule="is_of_version_2", place=place, facts=facts)
            return
        told = {text_of(row, name) for name in ("organization_id", "org_id")} - {None}
        if text_of(row, "organization_id") is None or told != {booking.repo.organization_id}:
            facts = {"told": " ".join(sorted(one or "" for one in told))}
            yield Fault(rule="names_its_organization", place=place, facts=facts)
        # For readers of before a client's booking has the same id under both names.
        if text_of(row, "customer_id") not in {None, booking.customer_id}:
            yield Fault(rule="has_exactly_one_customer", place=place)
        if booking.told is None:
            return
        if not booking.is_in_class:
            if _left_behind(booking, found) is not None:
                yield Fault(rule="has_left_its_class", place=place, facts={"is": booking.status})
            return
        seat = found.get(booking.seat_place(booking.told))
        if seat is None or not _names(seat, booking):
            yield Fault(rule="has_its_seat", place=place, facts=_holder(seat))
        for at, buckets in booking.agendas(booking.told):
            day = found.get(at, {})
            mine = booking.booking_id in members(day, "bookings")
            if not mine or any(day.get(bucket) != booking.mark for bucket in buckets):
                yield Fault(rule="has_its_time", place=place, facts={"day": at[1]})


def _left_behind(booking: Stored, found: Found) -> Change | None:
    """What a writer of version 1, who knows no such rows, left of a booking that it ended."""
    kind = booking.told
    if booking.is_in_class or kind is None:
        return None
    steps: list[Step] = []
    seat = found.get(booking.seat_place(kind))
    if seat is not None and _names(seat, booking):
        seen = {"booking_id": seat["booking_id"]}
        steps.append(Unmake(place=booking.seat_place(kind), seen=seen))
    for place, buckets in booking.days(kind):
        day = found.get(place, {})
        if booking.booking_id in members(day, "bookings"):
            steps.append(_off_day(booking, buckets, day))
    if not steps:
        return None
    status = {"booking_status": booking.row["booking_status"]}
    steps.append(Expect(place=place_of(booking.row), there=True, seen=status))
    return Change(does="gives up its seat: it is over", steps=tuple(steps))


def _kind(booking: Stored, found: Found) -> CustomerKind | Left:
    """Of which kind its customer is: as told, unless the customers say otherwise."""
    client, lead = (booking.customer_place(kind) in found for kind in ("client", "lead"))
    facts = {"customer_id": booking.customer_id}
    if booking.told is not None:
        there = client if booking.told == "client" else lead
        if not there and (client or lead):
            return Left(why="customer_is_of_the_other_kind", facts=facts | {"told": booking.told})
        return booking.told
    if client and lead:
        return Left(why="customer_is_of_both_kinds", facts=facts)
    if not client and not lead:
        return Left(why="customer_is_unknown", facts=facts)
    return "client" if client else "lead"


def _rows(booking: Stored, kind: CustomerKind, found: Found) -> list[Step] | Left:
    """The rows of its seat and its time, where they are not there yet."""
    if not booking.is_in_class:
        return []
    steps = _seat(booking, kind, found)
    for place, buckets in booking.agendas(kind):
        day = _day(booking, place, buckets, found)
        if isinstance(steps, Left) or isinstance(day, Left):
            return steps if isinstance(steps, Left) else day
        steps = [*steps, *day]
    return steps


def _seat(booking: Stored, kind: CustomerKind, found: Found) -> list[Step] | Left:
    if booking.class_place not in found:
        return Left(why="class_is_unknown", facts={"class_session_id": booking.class_session_id})
    seat = found.get(booking.seat_place(kind))
    if seat is not None:
        return [] if _names(seat, booking) else Left(why="seat_is_anothers", facts=_holder(seat))
    customer = found.get(booking.customer_place(kind), {})
    name = text_of(booking.row, "customer_name") or text_of(customer, "name") or ""
    row = _row(booking, booking.seat_place(kind), "seat")
    row |= {"booking_id": {"S": booking.booking_id}, "customer_name": {"S": name}}
    return [Make(row | {"booking_status": booking.row["booking_status"], MADE_BY: _ONE})]


def _day(booking: Stored, place: Place, buckets: list[str], found: Found) -> list[Step] | Left:
    """Its time on one day, unless another booking takes some of it."""
    day = found.get(place)
    taken = dict.fromkeys(buckets, booking.mark)
    placed: dict[str, Raw] = {name: {"SS": [booking.booking_id]} for name in ("bookings", PLACED)}
    if day is None:
        return [Make(_row(booking, place, "agenda") | taken | placed)]
    others = [bucket for bucket in buckets if day.get(bucket, booking.mark) != booking.mark]
    if others:
        return Left(why="time_is_anothers", facts={"day": place[1], "bucket": others[0]})
    if booking.booking_id in members(day, "bookings") and all(one in day for one in buckets):
        return []
    seen = {"kind": day.get("kind"), **{bucket: day.get(bucket) for bucket in buckets}}
    return [Edit(place=place, seen=seen, put=taken, join=placed)]


def _day_back(booking: Stored, buckets: list[str], day: Row | None) -> list[Step]:
    """What this migration placed there; the row goes if it made it and nobody else uses it."""
    if day is None or booking.booking_id not in members(day, PLACED):
        return []
    mine = {bucket for bucket in buckets if day.get(bucket) == booking.mark}
    alone = members(day, "bookings") | members(day, PLACED) == {booking.booking_id}
    if alone and set(day) <= _BASE | mine | {"bookings", PLACED}:
        return [Unmake(place=place_of(day), seen=dict(day))]
    # Whoever is the last to leave takes the row along, so nobody may have left unseen.
    return [_off_day(booking, buckets, day, with_whom=("bookings", PLACED))]


def _off_day(
    booking: Stored, buckets: list[str], day: Row, *, with_whom: tuple[str, ...] = ()
) -> Edit:
    mine = frozenset(bucket for bucket in buckets if day.get(bucket) == booking.mark)
    id_alone: Raw = {"SS": [booking.booking_id]}
    return Edit(
        place=place_of(day),
        seen={name: day.get(name) for name in ("kind", *mine, *with_whom)},
        drop=mine,
        leave={"bookings": id_alone, PLACED: id_alone},
    )


def _row(booking: Stored, place: Place, kind: str) -> dict[str, Raw]:
    """A new row, as old as its booking."""
    pk, sk = place
    at = booking.created_at
    made: dict[str, Raw] = {"PK": {"S": pk}, "SK": {"S": sk}, "kind": {"S": kind}, "v": _ONE}
    return made | {"created_at": at, "updated_at": at}


def _names(seat: Row, booking: Stored) -> bool:
    return text_of(seat, "booking_id") == booking.booking_id


def _holder(seat: Row | None) -> dict[str, str]:
    return {} if seat is None else {"booking_id": text_of(seat, "booking_id") or ""}
