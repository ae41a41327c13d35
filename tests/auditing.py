"""What holds at every instant in a studio, told from the raw rows and from nothing of ours.

``audit(world, studio)`` is for every test that books: after a race, after a crash, at the end. The
rules are written here once more, in other words than the product's, so that both would have to be
wrong in the same way.
"""

import base64
import json
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from tests.studios import Studio
from tests.world import World

Row = dict[str, Any]

BOOKED = {"confirmed", "attended", "no_show"}
HELD = {"pending", "offered"}
SEATED = BOOKED | HELD | {"waitlisted"}  # who has a row among the seats of the class
BUSY = BOOKED | {"pending"}  # who cannot be elsewhere at the time
USED = BOOKED | {"late_cancelled"}  # who has used up what they booked with
OVER = {"cancelled", "late_cancelled", "expired"}
BUCKET = timedelta(minutes=5)


@dataclass
class Rows:
    """The rows of one organisation, as plain values."""

    rows: list[Row]
    by_kind: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    by_place: dict[tuple[str, str], list[Row]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for row in self.rows:
            assert "kind" in row, row
            self.by_kind[row["kind"]].append(row)
            self.by_place[row["PK"], row["kind"]].append(row)

    def under(self, pk: str, kind: str) -> list[Row]:
        """The rows of a kind in one partition."""
        return self.by_place[pk, kind]


def audit(world: World, studio: Studio) -> Rows:
    """Fail on the first thing that does not agree; the rows, for whoever wants to ask more."""
    home = f"T#org#{studio.organization_id}"
    found = Rows(
        [
            {name: _plain(value) for name, value in row.items()}
            for row in world.rows()
            if row["PK"]["S"] == home or row["PK"]["S"].startswith(f"{home}#")
        ]
    )
    bookings = {_id(row): row for row in found.by_kind["booking"]}
    for booking in bookings.values():
        _audit_booking(found, booking)
    for klass in found.by_kind["class_session"]:
        _audit_class(found, klass, bookings)
    _audit_agendas(found, bookings)
    _audit_passes(found, bookings)
    return found


# Classes


def _audit_class(found: Rows, klass: Row, bookings: dict[str, Row]) -> None:
    seats = found.under(klass["PK"], "seat")
    statuses = Counter(seat["booking_status"] for seat in seats)
    waits = found.under(klass["PK"], "waiting")
    told = {name: klass[name] for name in ("capacity", "free", "booked", "held", "waitlist_count")}
    assert min(told.values()) >= 0, told
    assert klass["free"] + klass["booked"] + klass["held"] == klass["capacity"], told
    assert klass["booked"] == sum(statuses[one] for one in BOOKED), (told, statuses)
    assert klass["held"] == sum(statuses[one] for one in HELD), (told, statuses)
    assert klass["waitlist_count"] == statuses["waitlisted"] == len(waits), (told, statuses)
    assert set(statuses) <= SEATED, statuses
    assert len({seat["booking_id"] for seat in seats}) == len(seats)
    for seat in seats:
        booking = bookings[seat["booking_id"]]
        assert booking["booking_status"] == seat["booking_status"], (seat, booking)
        assert booking["class_session_id"] == _id(klass), (seat, booking)
        assert seat["SK"] == f"SEAT#{_token(booking)}", (seat, booking)
    for wait in waits:
        booking = bookings[wait["booking_id"]]
        assert booking["booking_status"] == "waitlisted", (wait, booking)
        assert wait["SK"] == f"WAIT#{booking['joined_at']}#{wait['booking_id']}", (wait, booking)
        assert booking["class_session_id"] == _id(klass), (wait, booking)
    left = sum(statuses[one] for one in HELD | {"confirmed", "waitlisted"})
    if "GSI2PK" not in klass:  # nobody looks at it any more
        assert klass["status"] in {"cancelled", "completed"}, klass
        assert left == 0, (klass, statuses)
    if klass["status"] == "completed":
        assert left == 0, (klass, statuses)


# Bookings


def _audit_booking(found: Rows, booking: Row) -> None:
    status = booking["booking_status"]
    klass_pk = booking["PK"].rpartition("#B#")[0] + f"#K#{booking['class_session_id']}"
    mine = [one for one in found.under(klass_pk, "seat") if one["booking_id"] == _id(booking)]
    assert (len(mine) == 1) is (status in SEATED), booking
    assert status in SEATED | OVER, booking
    waits = [one for one in found.under(klass_pk, "waiting") if one["booking_id"] == _id(booking)]
    assert (len(waits) == 1) is (status == "waitlisted"), booking
    assert ("client_id" in booking) is not ("customer_id" in booking), booking
    owner = f"{booking['PK'].rpartition('#B#')[0]}#C#{_token(booking)}"
    assert booking["GSI1PK"] == owner, booking
    assert ("expires_at" in booking) is (status in HELD), booking
    assert ("GSI2PK" in booking) is (status in HELD), booking
    if status in HELD:
        assert booking["GSI2SK"].startswith(booking["expires_at"]), booking
    if status in USED:
        assert (booking["payment_status"] == "covered") is ("use_pass_id" in booking), booking
    _audit_events(found, booking)


def _audit_events(found: Rows, booking: Row) -> None:
    """The moves that were noted lead from the first state to the present one, each once."""
    moves: list[tuple[str | None, str]] = []
    events = found.under(booking["PK"], "booking_event")
    for event in events:
        facts = json.loads(event["facts"])
        if event["event_type"] == "created":
            moves.append((None, facts["to"]))
        elif facts.get("to") in SEATED | OVER:
            moves.append((facts["from"], facts["to"]))
    degrees: Counter[str | None] = Counter()
    for before, after in moves:
        degrees[before] += 1
        degrees[after] -= 1
    wanted = Counter({None: 1, booking["booking_status"]: -1})
    assert {one: n for one, n in degrees.items() if n} == dict(wanted), (booking, events)
    assert booking["rev"] == len(events), (booking, events)


# Agendas


def _audit_agendas(found: Rows, bookings: dict[str, Row]) -> None:
    """Whoever is busy has their buckets, whoever is expected is noted, and nobody else is."""
    busy: dict[tuple[str, str, str], str] = {}
    noted: dict[tuple[str, str], set[str]] = defaultdict(set)
    for booking_id, booking in bookings.items():
        if booking["booking_status"] in OVER:
            continue
        for day, bucket in _buckets(*_time(booking)):
            noted[booking["GSI1PK"], day].add(booking_id)
            if booking["booking_status"] in BUSY:
                place = (booking["GSI1PK"], day, bucket)
                assert place not in busy, (booking, bookings[busy[place]])
                busy[place] = booking_id
    assert _told_by_agendas(found) == (busy, noted)
    _audit_overlaps(bookings)


def _told_by_agendas(found: Rows) -> tuple[dict[tuple[str, str, str], str], Any]:
    """Whose each bucket is, and who is noted on each day."""
    taken: dict[tuple[str, str, str], str] = {}
    noted: dict[tuple[str, str], set[str]] = {}
    for row in found.by_kind["agenda"]:
        day = row["SK"].removeprefix("DAY#")
        if row.get("bookings"):
            noted[row["PK"], day] = set(row["bookings"])
        for name, value in row.items():
            if name.startswith("b") and name[1:].isdigit():
                taken[row["PK"], day, name] = _unmarked(value)
    return taken, noted


def _audit_overlaps(bookings: dict[str, Row]) -> None:
    """Nobody is in two classes at a time, whatever their agendas say."""
    times: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for booking in bookings.values():
        if booking["booking_status"] in BUSY:
            times[booking["GSI1PK"]].append(_time(booking))
    for whole in times.values():
        for earlier, later in pairwise(sorted(whole)):
            assert earlier[1] <= later[0], (earlier, later)


def _time(booking: Row) -> tuple[datetime, datetime]:
    begins = datetime.fromisoformat(booking["starts_at"]).astimezone(UTC)
    return begins, begins + timedelta(minutes=booking["duration_min"])


def _buckets(begins: datetime, ends: datetime) -> Iterator[tuple[str, str]]:
    """Day and name of every five minutes of the UTC day that touch that time."""
    moment = begins.replace(hour=0, minute=0, second=0, microsecond=0)
    while moment < ends:
        if moment + BUCKET > begins:
            number = (moment - moment.replace(hour=0, minute=0)) // BUCKET
            yield f"{moment:%Y-%m-%d}", f"b{number}"
        moment += BUCKET


# Passes


def _audit_passes(found: Rows, bookings: dict[str, Row]) -> None:
    uses: Counter[str] = Counter()
    in_period: Counter[tuple[str, str]] = Counter()
    for booking in bookings.values():
        pass_id = booking.get("use_pass_id")
        if pass_id is None or booking["booking_status"] not in USED:
            continue
        uses[pass_id] += 1
        if "use_period" in booking:
            in_period[pass_id, booking["use_period"]] += 1
    for package in found.by_kind["package"]:
        used = uses[package["SK"].removeprefix("PACKAGE#")]
        assert 0 <= package["remaining"] == package["uses"] - used, (package, used)
    limits = {
        row["SK"].removeprefix("MEMBERSHIP#"): row.get("uses_per_period")
        for row in found.by_kind["membership"]
    }
    counted: dict[tuple[str, str], int] = {}
    for row in found.by_kind["membership_use"]:
        _, pass_id, period = row["SK"].split("#")
        counted[pass_id, period] = row["used"]
        assert 0 <= row["used"] <= limits[pass_id], (row, limits[pass_id])
    assert {place: n for place, n in counted.items() if n} == dict(in_period)


# Rows


def _plain(value: Row) -> Any:
    ((sign, inner),) = value.items()
    return int(inner) if sign == "N" else inner


def _id(row: Row) -> str:
    return str(row["PK"].rpartition("#")[2])


def _token(booking: Row) -> str:
    client_id = booking.get("client_id")
    return f"ld#{booking['customer_id']}" if client_id is None else f"cl#{client_id}"


def _unmarked(mark: str) -> str:
    return str(uuid.UUID(bytes=base64.urlsafe_b64decode(mark + "==")))
