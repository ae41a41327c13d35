"""Who is in a class, who waits, and when customers are in class; ``class_items`` has the chart."""

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from greenroom.bookings.agenda import buckets_of, mark_of, marked
from greenroom.bookings.class_items import AgendaItem, SeatItem, WaitItem
from greenroom.bookings.domain import Booking, BookingStatus
from greenroom.bookings.rules import BookingChanged, WaitlistMoved
from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import AlreadyBooked, GreenroomError, Overlap
from greenroom.kernel.limits import CAPACITY_MAX
from greenroom.organizations.principal import CustomerRef
from greenroom.organizations.repo import OrgRepo
from greenroom.table.item import Key
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction


class SeatStore:
    """Seats, waitlists and agendas in the table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    # Seats

    def roster(self, repo: OrgRepo, class_session_id: str) -> list[str]:
        """The bookings of everybody who has a seat, is held one, or waits."""
        page = self._table.query(
            SeatItem,
            repo.pk("K", class_session_id),
            sk_prefix="SEAT#",
            limit=2 * CAPACITY_MAX,
            consistent=True,
        )
        return [item.booking_id for item in page.items]

    def add_seat(
        self, tx: Transaction, repo: OrgRepo, booking: Booking, *, name: str = "seat"
    ) -> None:
        """Add the step that puts a customer into a class, once; else ``AlreadyBooked``."""
        key = SeatItem.at(repo, booking.class_session_id, booking.customer)
        seat = SeatItem(
            key.pk,
            key.sk,
            booking_id=booking.booking_id,
            booking_status=booking.booking_status,
            customer_name=booking.customer_name,
        )
        tx.put(name, seat, otherwise=_taken_by)

    def add_seat_move(
        self, tx: Transaction, repo: OrgRepo, booking: Booking, status: BookingStatus, *, name: str
    ) -> None:
        """Add the step that tells the roster how a booking stands."""
        tx.update(
            name,
            SeatItem.at(repo, booking.class_session_id, booking.customer),
            SeatItem.booking_status.set(status),
            when=SeatItem.booking_id == booking.booking_id,
            otherwise=BookingChanged(),
            optional=not booking.has_rows,
        )

    def add_seat_left(self, tx: Transaction, repo: OrgRepo, booking: Booking) -> None:
        """Add the step that takes a customer out of a class."""
        tx.delete(
            "seat",
            SeatItem.at(repo, booking.class_session_id, booking.customer),
            when=SeatItem.booking_id == booking.booking_id,
            otherwise=BookingChanged(),
            optional=not booking.has_rows,
        )

    # Waitlists

    def waiting(self, repo: OrgRepo, class_session_id: str, *, limit: int) -> list[str]:
        """The bookings that wait, the head first."""
        page = self._table.query(
            WaitItem,
            repo.pk("K", class_session_id),
            sk_prefix="WAIT#",
            limit=limit,
            consistent=True,
        )
        return [item.booking_id for item in page.items]

    def add_place(self, tx: Transaction, repo: OrgRepo, booking: Booking) -> None:
        """Add the step that puts a booking at the end of the waitlist."""
        key = _place_of(repo, booking)
        row = WaitItem(key.pk, key.sk, booking_id=booking.booking_id)
        tx.put("waiting", row, otherwise=BookingChanged())

    def add_place_left(self, tx: Transaction, repo: OrgRepo, booking: Booking) -> None:
        """Add the step that takes a booking off the waitlist."""
        key = _place_of(repo, booking)
        tx.delete("waiting", key, when=WaitItem.pk.exists(), otherwise=WaitlistMoved())

    # Agendas

    def agenda(self, repo: OrgRepo, ref: CustomerRef) -> set[str]:
        """Every booking on a customer's agendas, read consistently."""
        page = self._table.query(
            AgendaItem,
            repo.customer_pk(ref),
            sk_prefix="DAY#",
            limit=2 * CAPACITY_MAX,
            consistent=True,
        )
        return {one for item in page.items for one in item.bookings or ()}

    def add_to_agenda(
        self, tx: Transaction, repo: OrgRepo, booking: Booking, *, takes_time: bool
    ) -> None:
        """Add the steps that note a booking, one a day; ``Overlap`` if its time is taken."""
        mark = mark_of(booking.booking_id)
        for day, buckets in buckets_of(booking.starts_at, booking.duration_min).items():
            taken = buckets if takes_time else []
            tx.update(
                "agenda",
                AgendaItem.at(repo, booking.customer, day),
                *self._made(),
                *(Path(bucket).set(mark) for bucket in taken),
                AgendaItem.bookings.add({booking.booking_id}),
                when=_all([Path(bucket).does_not_exist() for bucket in taken]),
                otherwise=lambda old, taken=taken: _overlap(old, taken),  # type: ignore[misc]
            )

    def add_off_agenda(self, tx: Transaction, repo: OrgRepo, booking: Booking) -> None:
        """Add the steps that forget a booking, and free the time that it takes."""
        mark = mark_of(booking.booking_id)
        for day, buckets in buckets_of(booking.starts_at, booking.duration_min).items():
            taken = buckets if booking.takes_time else []
            noted: Condition = AgendaItem.bookings.contains(booking.booking_id)
            tx.update(
                "agenda",
                AgendaItem.at(repo, booking.customer, day),
                *(Path(bucket).remove() for bucket in taken),
                AgendaItem.bookings.delete({booking.booking_id}),
                when=_all([noted, *(Path(bucket) == mark for bucket in taken)]),
                otherwise=BookingChanged(),
                optional=not booking.has_rows,
            )

    def _made(self) -> list[Action]:
        """What an update sets that may be the first one."""
        return [
            AgendaItem.kind.set(AgendaItem.KIND),
            AgendaItem.v.set(AgendaItem.VERSION),
            AgendaItem.created_at.set(AgendaItem.created_at | self._table.clock()),
        ]


def _place_of(repo: OrgRepo, booking: Booking) -> Key[WaitItem]:
    if booking.joined_at is None:
        raise ValueError("it never waited")
    joined = to_text(booking.joined_at)
    return WaitItem.at(repo, booking.class_session_id, joined, booking.booking_id)


def _taken_by(old: SeatItem | None) -> GreenroomError:
    if old is None:
        return BookingChanged()
    return AlreadyBooked(bookingId=old.booking_id, bookingStatus=old.booking_status)


def _overlap(old: AgendaItem | None, buckets: list[str]) -> GreenroomError:
    marks = [old.taken[bucket] for bucket in buckets if bucket in old.taken] if old else []
    return Overlap(bookingId=marked(marks[0])) if marks else BookingChanged()


def _all(conditions: list[Condition]) -> Condition | None:
    """All of them, as a balanced tree: DynamoDB bounds how deep an expression nests."""
    if len(conditions) <= 1:
        return conditions[0] if conditions else None
    middle = len(conditions) // 2
    left, right = _all(conditions[:middle]), _all(conditions[middle:])
    return left & right if left is not None and right is not None else left
