"""Writes and reads of bookings and their events; ``booking_items`` has the key chart."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from greenroom.bookings.booking_items import (
    WORK,
    BookingEventItem,
    BookingItem,
    booking_item,
    booking_of,
    event_of,
    owner_key,
)
from greenroom.bookings.domain import Booking, BookingEvent, customer_columns
from greenroom.bookings.rules import BookingChanged
from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import Conflict, GreenroomError, NotFound
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import PAGE_MAX
from greenroom.organizations.principal import CustomerRef
from greenroom.organizations.repo import OrgRepo
from greenroom.passes.domain import Use
from greenroom.table.batch import get_all
from greenroom.table.item import Item, Key, due_key
from greenroom.table.paging import cursor_after, cursor_in
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction, Violation


class BookingExists(Conflict):
    """An earlier request with the same key has made this booking."""


class BookingStore:
    """Bookings in the table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def transaction(self) -> Transaction:
        """An empty transaction on the table."""
        return self._table.transaction()

    def load(self, repo: OrgRepo, booking_id: str) -> Booking:
        """A booking of the organisation.

        Raises:
            NotFound: there is none.
        """
        item = self._table.get(BookingItem.at(repo, booking_id))
        if item is None:
            raise NotFound
        return booking_of(item)

    def detail(self, repo: OrgRepo, booking_id: str) -> tuple[Booking, list[BookingEvent]]:
        """A booking with its newest hundred events, in the order of time.

        Raises:
            NotFound: there is none.
        """
        page = self._table.query(
            Item, repo.pk("B", booking_id), newest_first=True, limit=PAGE_MAX, consistent=True
        )
        events = [event_of(one) for one in page.items if isinstance(one, BookingEventItem)]
        for one in page.items:
            if isinstance(one, BookingItem):
                return booking_of(one), events[::-1]
        return self.load(repo, booking_id), events[::-1]

    def of_customer(
        self, repo: OrgRepo, ref: CustomerRef, *, limit: int, cursor: str | None
    ) -> tuple[list[Booking], str | None]:
        """A page of a customer's bookings, the last class first.

        Those of version 1 are in a list of their own, until migration 0002 has moved them.
        """
        lists = repo.customer_pk(ref), repo.pk("C", ref.customer_id)
        pages = [
            self._table.query(
                BookingItem,
                pk,
                sk_prefix="B#",
                index="GSI1",
                newest_first=True,
                limit=limit,
                cursor=cursor_in(pk, cursor, among=lists),
                keep=lambda _: True,
            )
            for pk in lists
        ]
        found = [item for page in pages for item in page.items]
        found.sort(key=lambda item: str(item.gsi1sk), reverse=True)
        shown = found[:limit]
        more = len(found) > limit or any(page.next_cursor for page in pages)
        keys = [Key(BookingItem, item.pk, item.sk) for item in shown]
        listed = [booking_of(item) for item in get_all(self._table, keys)]
        following = cursor_after(shown[-1]) if more and shown else None
        return [booking for booking in listed if booking.customer == ref], following

    def all_of(self, repo: OrgRepo, booking_ids: list[str]) -> list[Booking]:
        """These bookings, in that order, without those that cannot be read."""
        keys = [BookingItem.at(repo, booking_id) for booking_id in booking_ids]
        return [booking_of(item) for item in get_all(self._table, keys)]

    def due(self, *, now: datetime, limit: int) -> Iterator[str]:
        """Partitions of the bookings whose hold or offer is over by then."""
        for pk, _ in self._table.due(WORK, until_text=to_text(now), limit=limit):
            yield pk

    def add_booking(self, tx: Transaction, repo: OrgRepo, booking: Booking) -> None:
        """Add the step that makes a booking; ``BookingExists`` where there is one."""
        item = booking_item(repo, booking)
        if booking.expires_at is not None:
            due = due_key(WORK, booking.booking_id, to_text(booking.expires_at))
            item.gsi2pk, item.gsi2sk = due
        tx.put("booking", item, otherwise=BookingExists())

    def add_move(
        self,
        tx: Transaction,
        repo: OrgRepo,
        seen: Booking,
        moved: Booking,
        *,
        name: str = "booking",
        when: Condition | None = None,
        otherwise: Callable[[Booking], GreenroomError] = lambda _: BookingChanged(),
    ) -> None:
        """Add the step that moves a booking which is as it was read; else ``BookingChanged``."""
        condition: Condition = BookingItem.rev == seen.rev
        if not seen.has_rows:  # the steps of its rows are optional as long as it has none
            condition &= BookingItem.v < BookingItem.VERSION
        changes = _changed(seen, moved)
        if seen.customer != moved.customer:
            changes["gsi1pk"], changes["gsi1sk"] = owner_key(repo, moved)
        attributes = BookingItem.get_attributes()
        actions: list[Action] = [
            Path(attributes[each]).set(value)
            if value is not None
            else Path(attributes[each]).remove()
            for each, value in changes.items()
        ]
        tx.update(
            name,
            BookingItem.at(repo, seen.booking_id),
            *actions,
            BookingItem.rev.set(seen.rev + 1),
            when=condition if when is None else condition & when,
            otherwise=lambda old: otherwise(booking_of(old)) if old else NotFound(),
        )

    def add_event(
        self,
        tx: Transaction,
        repo: OrgRepo,
        booking_id: str,
        event_type: str,
        *,
        facts: dict[str, Any] | None = None,
        name: str = "event",
    ) -> None:
        """Add the step that notes what happened, and by whom."""
        key = BookingEventItem.at(repo, booking_id, new_id())
        row = BookingEventItem(
            key.pk,
            key.sk,
            event_type=event_type,
            actor=repo.principal.actor,
            facts=facts or {},
        )
        tx.put(name, row, otherwise=Conflict("This event was noted already."))

    def existing(self, violations: tuple[Violation, ...]) -> Booking | None:
        """The booking that an earlier request with the same key has made, if one did."""
        for violation in violations:
            if isinstance(violation.error, BookingExists) and isinstance(
                violation.old, BookingItem
            ):
                return booking_of(violation.old)
        return None

    def row(self, tx: Transaction) -> dict[str, Any]:
        """The very item that the transaction would write as its booking, as plain values."""
        for step in tx.steps:
            if step.name == "booking" and step.item is not None:
                return {name: _plain(value) for name, value in step.item.items()}
        raise ValueError("the transaction makes no booking")


def _changed(seen: Booking, moved: Booking) -> dict[str, Any]:
    """The attributes that differ; None removes one."""
    before, after = _columns(seen), _columns(moved)
    return {name: value for name, value in after.items() if value != before[name]}


def _columns(booking: Booking) -> dict[str, Any]:
    client_id, customer_id = customer_columns(booking.customer)
    use: Use | None = booking.use
    due: tuple[str | None, str | None] = (None, None)
    if booking.expires_at is not None:
        due = due_key(WORK, booking.booking_id, to_text(booking.expires_at))
    return {
        "client_id": client_id,
        "customer_id": customer_id,
        "customer_name": booking.customer_name,
        "booking_status": booking.booking_status,
        "payment_status": booking.payment_status,
        "use_kind": use.kind if use else None,
        "use_pass_id": use.pass_id if use else None,
        "use_period": use.period if use else None,
        "expires_at": booking.expires_at,
        "joined_at": booking.joined_at,
        "purchase_id": booking.purchase_id,
        "fee_cents": booking.fee_cents or None,
        "gsi2pk": due[0],
        "gsi2sk": due[1],
    }


def _plain(value: dict[str, Any]) -> Any:
    """A stored value without DynamoDB's letters."""
    ((sign, inner),) = value.items()
    if sign == "N":
        return int(inner)
    if sign == "NULL":
        return None
    if sign == "M":
        return {name: _plain(one) for name, one in inner.items()}
    if sign == "L":
        return [_plain(one) for one in inner]
    return inner
