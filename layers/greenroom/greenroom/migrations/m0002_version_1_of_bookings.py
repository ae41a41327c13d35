"""0002: what only readers of version 1 read of bookings goes. Pure.

From here on they no longer find a client's booking, nor any in a customer's list: run it when none
of them is left, and no deployment may have to go back to one. The way back puts all of it there
again, also for bookings that were version 2 from the start.
"""

from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

from greenroom.migrations.bookings import KINDS, LOOKED_UP, stored
from greenroom.migrations.domain import (
    Change,
    Edit,
    Fault,
    Found,
    Left,
    Place,
    Raw,
    Row,
    place_of,
)

_BEFORE: Final = ("org_id", "customer_type")
_DECIDES: Final = ("v", "organization_id", "client_id", "customer_id", *_BEFORE, "GSI1PK")


class Version1OfBookings:
    """Removes the names of version 1, and lists each booking with its customer's kind."""

    number: ClassVar[int] = 2
    name: ClassVar[str] = "version 1 of bookings goes"
    kinds: ClassVar[frozenset[str]] = KINDS
    takes_away: ClassVar[bool] = True

    def needs(self, row: Row) -> Iterable[Place]:
        """Nothing but the row itself."""
        return ()

    def forward(self, row: Row, found: Found) -> Change | Left | None:
        """Only what version 2 reads."""
        booking = stored(row)
        if booking.version < 2 or booking.told is None:
            return Left(why="is_of_version_1")
        gone = {name for name in _old_names(row) if name in row}
        put: dict[str, Raw] = {}
        if row.get("GSI1PK") not in (None, booking.listed(booking.told)):
            put["GSI1PK"] = booking.listed(booking.told)
        return _change(row, put, gone, "loses what version 1 read")

    def back(self, row: Row, found: Found) -> Change | Left | None:
        """What version 1 reads, beside what version 2 does."""
        booking = stored(row)
        if booking.version < 2 or booking.told is None:
            return None
        wanted: dict[str, Raw] = {
            "org_id": {"S": booking.repo.organization_id},
            "customer_id": {"S": booking.customer_id},
        }
        if LOOKED_UP not in row:
            wanted["customer_type"] = {"S": booking.told}
        if "GSI1PK" in row:
            wanted["GSI1PK"] = booking.listed_before
        put = {name: raw for name, raw in wanted.items() if row.get(name) != raw}
        return _change(row, put, set(), "can be read by version 1 again")

    def faults(self, row: Row, found: Found) -> Iterator[Fault]:
        """What version 2 does not read is not there."""
        booking, place = stored(row), place_of(row)
        if booking.version < 2 or booking.told is None:
            yield Fault(rule="is_of_version_2", place=place)
            return
        for name in _old_names(row):
            if name in row:
                yield Fault(rule="has_no_name_of_version_1", place=place, facts={"name": name})
        if row.get("GSI1PK") != booking.listed(booking.told):
            yield Fault(rule="is_in_its_customers_list", place=place)


def _old_names(row: Row) -> tuple[str, ...]:
    """The names that only version 1 reads: of a client's booking also ``customer_id``."""
    return (*_BEFORE, "customer_id") if "S" in row.get("client_id", {}) else _BEFORE


def _change(row: Row, put: dict[str, Raw], gone: set[str], does: str) -> Change | None:
    if not put and not gone:
        return None
    seen = {name: row.get(name) for name in _DECIDES}
    edit = Edit(place=place_of(row), seen=seen, put=put, drop=frozenset(gone))
    return Change(does=does, steps=(edit,))
