"""Writes and reads of classes; ``class_items`` has the key chart."""

from collections.abc import Callable, Iterator
from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from greenroom.bookings.class_items import (
    WORK,
    ClassItem,
    class_item,
    class_of,
    schedule_pk,
)
from greenroom.bookings.domain import ClassSession, Seats
from greenroom.bookings.rules import ClassChanged, meaning
from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import Conflict, GreenroomError, NotFound
from greenroom.kernel.limits import CLASSES_LISTED_MAX
from greenroom.organizations.repo import OrgRepo
from greenroom.table.batch import get_all
from greenroom.table.item import Key, due_key
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction

Refusals = Callable[[ClassSession], list[GreenroomError]]


class ClassExists(Conflict):
    """An earlier request with the same key has made this class."""


class ClassStore:
    """Classes in the table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def transaction(self) -> Transaction:
        """An empty transaction on the table."""
        return self._table.transaction()

    # Classes

    def load(self, repo: OrgRepo, class_session_id: str) -> ClassSession:
        """A class of the organisation.

        Raises:
            NotFound: there is none.
        """
        item = self._table.get(ClassItem.at(repo, class_session_id))
        if item is None:
            raise NotFound
        return class_of(item)

    def month(self, repo: OrgRepo, month: str) -> list[ClassSession]:
        """The classes of a UTC month (``2026-12``) in the order of their start, at most 500."""
        page = self._table.query(
            ClassItem,
            schedule_pk(repo, month),
            index="GSI1",
            limit=CLASSES_LISTED_MAX,
            keep=lambda _: True,
        )
        keys = [Key(ClassItem, item.pk, item.sk) for item in page.items]
        return [class_of(item) for item in get_all(self._table, keys)]

    def due(self, *, now: datetime, limit: int) -> Iterator[str]:
        """Partitions of the classes that something is to be done about by then."""
        for pk, _ in self._table.due(WORK, until_text=to_text(now), limit=limit):
            yield pk

    def add_class(
        self, tx: Transaction, repo: OrgRepo, klass: ClassSession, *, due_at: datetime
    ) -> None:
        """Add the step that makes a class; ``ClassExists`` where there is one."""
        item = class_item(repo, klass)
        item.gsi2pk, item.gsi2sk = due_key(WORK, klass.class_session_id, to_text(due_at))
        tx.put("class", item, otherwise=ClassExists())

    def add_seats(
        self,
        tx: Transaction,
        repo: OrgRepo,
        seen: ClassSession,
        seats: Seats,
        *,
        when: Condition | None = None,
        refusals: Refusals = lambda _: [],
        due_at: datetime | None = None,
    ) -> None:
        """Add the step that changes the counters of a class, which is as it was read otherwise.

        No counter falls below nothing: that it would means ``ClassChanged``, unless ``refusals``
        of the class as it then was say more. ``due_at`` has the sweep look at the class.
        """
        counters = (
            (ClassItem.free, seats.free),
            (ClassItem.booked, seats.booked),
            (ClassItem.held, seats.held),
            (ClassItem.waitlist_count, seats.waiting),
        )
        condition: Condition = ClassItem.edition == seen.edition
        actions: list[Action] = []
        for counter, change in counters:
            if change:
                actions.append(counter.add(change))
            if change < 0:
                condition &= counter >= -change
        if seats.joins:
            actions.append(ClassItem.waitlist_joins.add(seats.joins))
        if due_at is not None:
            actions += _due(seen.class_session_id, due_at)
        tx.update(
            "class",
            ClassItem.at(repo, seen.class_session_id),
            *actions,
            when=condition if when is None else condition & when,
            otherwise=lambda old: meaning(
                class_of(old) if old else None, seen, refusals(class_of(old)) if old else []
            ),
        )

    def add_edited(
        self,
        tx: Transaction,
        repo: OrgRepo,
        seen: ClassSession,
        wanted: ClassSession,
        *,
        when: Condition | None = None,
        refusals: Refusals = lambda _: [],
        due_at: datetime | None = None,
        settled: bool = False,
    ) -> None:
        """Add the step that changes a class itself, and its free seats by as many as its capacity.

        ``due_at`` None leaves the work index as it is; a time in the past is now. Of a ``settled``
        class nothing is to be done any more.
        """
        more = wanted.capacity - seen.capacity
        told = class_item(repo, wanted)
        names = (
            *("name", "type", "description", "instructor", "location", "starts_at", "ends_at"),
            *("duration_min", "waitlist_max", "status", "price_cents", "currency"),
            *("late_cancel_min", "late_cancel_fee_cents", "notice_min", "gsi1pk", "gsi1sk"),
        )
        attributes = ClassItem.get_attributes()
        actions: list[Action] = [Path(attributes[name]).set(getattr(told, name)) for name in names]
        actions += [ClassItem.capacity.add(more), ClassItem.free.add(more)] if more else []
        condition: Condition = ClassItem.edition == seen.edition
        if more < 0:
            condition &= ClassItem.free >= -more
        tx.update(
            "class",
            ClassItem.at(repo, seen.class_session_id),
            *actions,
            ClassItem.edition.set(seen.edition + 1),
            *(_due(seen.class_session_id, due_at) if due_at else []),
            *(_never() if settled else []),
            when=condition if when is None else condition & when,
            otherwise=lambda old: meaning(
                class_of(old) if old else None, seen, refusals(class_of(old)) if old else []
            ),
        )

    def add_due(
        self, tx: Transaction, repo: OrgRepo, seen: ClassSession, due_at: datetime | None
    ) -> None:
        """Add the step that says when the class is to be looked at next; None for never."""
        tx.update(
            "class",
            ClassItem.at(repo, seen.class_session_id),
            *(_due(seen.class_session_id, due_at) if due_at else _never()),
            when=(ClassItem.edition == seen.edition)
            & (ClassItem.waitlist_joins == seen.waitlist_joins)
            & (ClassItem.free == seen.free)
            & (ClassItem.waitlist_count == seen.waitlist_count),
            otherwise=ClassChanged(),
        )


def _due(class_session_id: str, due_at: datetime) -> list[Action]:
    pk, sk = due_key(WORK, class_session_id, to_text(due_at))
    return [ClassItem.gsi2pk.set(pk), ClassItem.gsi2sk.set(sk)]


def _never() -> list[Action]:
    return [ClassItem.gsi2pk.remove(), ClassItem.gsi2sk.remove()]
