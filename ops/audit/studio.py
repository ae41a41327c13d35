"""What classes, seats, bookings, waitlists, agendas and passes obey."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from greenroom.bookings.agenda import buckets_of, mark_of
from greenroom.bookings.domain import HELD, OPEN, SEATED
from ops.audit.rows import Check, Fault, Look, Row, fault_of

TAKING: Final = HELD | SEATED | {"waitlisted"}  # who has a row among the seats
AHEAD: Final = OPEN - {"waitlisted", "offered"}  # whose time is taken


def _is_new(row: Row) -> bool:
    """Whether a booking has the rows that version 2 has; ``migrate verify`` tells of others."""
    return row.kind == "booking" and row.raw["v"]["N"] == "2"


def _customer_of(booking: Row) -> str:
    values = booking.values
    client = values.get("client_id")
    return f"cl#{client}" if client else f"ld#{values.get('customer_id')}"


def _booking_at(row: Row, booking_id: str) -> tuple[str, str]:
    return f"{row.pk.partition('#K#')[0]}#B#{booking_id}", "BOOKING"


def _one_customer(row: Row, look: Look) -> Iterator[Fault]:
    """A booking is of a client or of a lead, and of one of them."""
    del look
    if _is_new(row):
        named = [name for name in ("client_id", "customer_id") if row.values.get(name)]
        if len(named) != 1:
            yield fault_of("booking_is_of_one_customer", row, named=tuple(named))


def _has_seat(row: Row, look: Look) -> Iterator[Fault]:
    if not _is_new(row) or row.values["booking_status"] not in TAKING:
        return
    organization = row.pk.partition("#B#")[0]
    place = f"{organization}#K#{row.values['class_session_id']}", f"SEAT#{_customer_of(row)}"
    seat = look.get(*place)
    named = seat.values.get("booking_id") if seat else None
    if named != row.pk.rpartition("#")[2]:
        yield fault_of(
            "booking_has_its_seat", row, status=row.values["booking_status"], seat=named or "none"
        )


def _is_booked(row: Row, look: Look) -> Iterator[Fault]:
    """A seat is that of a booking, and says of it what the booking says."""
    if row.kind != "seat":
        return
    booking = look.get(*_booking_at(row, row.values["booking_id"]))
    status = booking.values["booking_status"] if booking else None
    told = row.values["booking_status"]
    if status != told:
        yield fault_of("seat_is_its_booking", row, seat=told, booking=status or "none")


def _waits(row: Row, look: Look) -> Iterator[Fault]:
    if row.kind != "waiting":
        return
    booking = look.get(*_booking_at(row, row.values["booking_id"]))
    status = booking.values["booking_status"] if booking else None
    if status != "waitlisted":
        yield fault_of("who_waits_is_waitlisted", row, booking=status or "none")


def _agenda(row: Row, look: Look) -> Iterator[Fault]:
    """The time of a booking that is ahead is taken in its customer's agenda."""
    if not _is_new(row) or row.values["booking_status"] not in AHEAD:
        return
    values: Mapping[str, Any] = row.values
    if values["starts_at"] <= look.now:
        return
    organization = row.pk.partition("#B#")[0]
    mark = mark_of(row.pk.rpartition("#")[2])
    for day, buckets in buckets_of(values["starts_at"], values["duration_min"]).items():
        agenda = look.get(f"{organization}#C#{_customer_of(row)}", f"DAY#{day}")
        raw = agenda.raw if agenda else {}
        free = [bucket for bucket in buckets if raw.get(bucket, {}).get("S") != mark]
        if free:
            yield fault_of("booked_time_is_taken", row, day=day, free=len(free), of=len(buckets))


def _package(row: Row, look: Look) -> Iterator[Fault]:
    """What remains of a package is what its bookings have not used."""
    if row.kind != "package":
        return
    uses, remaining = row.values["uses"], row.values["remaining"]
    used = _used(row, look, row.sk.removeprefix("PACKAGE#"), period=None)
    if remaining != uses - used:
        yield fault_of(
            "package_counts_its_bookings", row, uses=uses, remaining=remaining, booked=used
        )


def _membership(row: Row, look: Look) -> Iterator[Fault]:
    """The uses of a period are its bookings."""
    if row.kind != "membership_use":
        return
    _, pass_id, period = row.sk.split("#", 2)
    used = _used(row, look, pass_id, period=period)
    if row.values["used"] != used:
        yield fault_of("membership_counts_its_bookings", row, used=row.values["used"], booked=used)


def _used(row: Row, look: Look, pass_id: str, *, period: str | None) -> int:
    """How many bookings use the pass: what was given back is covered no longer."""
    bookings = look.of_list(row.pk, prefix="B#")
    return sum(
        booking.values["payment_status"] == "covered"
        and booking.values.get("use_pass_id") == pass_id
        and (period is None or booking.values.get("use_period") == period)
        for booking in bookings
    )


CHECKS: Final[Mapping[str, Check]] = {
    "booking_is_of_one_customer": _one_customer,
    "booking_has_its_seat": _has_seat,
    "seat_is_its_booking": _is_booked,
    "who_waits_is_waitlisted": _waits,
    "booked_time_is_taken": _agenda,
    "package_counts_its_bookings": _package,
    "membership_counts_its_bookings": _membership,
}
