"""Reads of sessions, their guard and all that belongs to them."""

from collections.abc import Callable
from datetime import datetime

from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import AccountDeleted, NotFound
from greenroom.kernel.limits import PAGE_MAX
from greenroom.sessions.assignment_items import (
    QUEUE,
    AssignmentItem,
    OfferItem,
    assignment_of,
    offer_of,
)
from greenroom.sessions.domain import Guard, Session
from greenroom.sessions.items import (
    WORK,
    EventItem,
    ExchangeItem,
    GuardItem,
    ParticipantItem,
    SessionItem,
    event_of,
    participant_of,
    session_of,
)
from greenroom.sessions.matching import Assignment, Detail, Job, Offer
from greenroom.table.batch import get_all
from greenroom.table.item import Item, Key
from greenroom.table.paging import Page
from greenroom.table.table import Table

ERASED = "ERASED#"  # the list of a deleted person's sessions that may still be added to

DETAIL_ROWS_MAX = 300  # a session with more rows than this shows the first ones


class SessionReads:
    """What is known of sessions; ``SessionStore`` adds the writes."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def load(self, session_id: str, *, user_id: str) -> Session:
        """The session of that person.

        Raises:
            NotFound: there is none, or it is somebody else's.
            AccountDeleted: the person's account was deleted.
        """
        item = self._table.get(SessionItem.at(session_id))
        if item is None or item.user_uuid != user_id:
            raise NotFound("There is no such session.")
        if item.is_erased:
            raise AccountDeleted
        return self.read(item)

    def find(self, session_id: str) -> Session | None:
        """The session, whosever it is: for schedules and workers only."""
        item = self._table.get(SessionItem.at(session_id))
        return self.read(item) if item else None

    def answer(self, session_id: str, *, offer_sha256: str) -> bytes | None:
        """The provider's answer to that very offer, if it was the newest answered one."""
        item = self._table.get(ExchangeItem.at(session_id))
        return item.answer if item and item.offer_sha256 == offer_sha256 else None

    def load_part(self, session_id: str, *, user_id: str) -> Session:
        """The session in which that person is, as its customer or its expert.

        Raises:
            NotFound: there is none, or they are not in it.
            AccountDeleted: the customer's account was deleted.
        """
        return _shown_to(self._table.get(SessionItem.at(session_id)), user_id)

    def detail(self, session_id: str, *, user_id: str) -> Detail:
        """The session of that person, or that they hold, with all that belongs to it.

        One query.

        Raises:
            NotFound: there is none, or they are not in it.
            AccountDeleted: the customer's account was deleted.
        """
        items = self._rows(session_id)
        item = next((one for one in items if isinstance(one, SessionItem)), None)
        return Detail(
            session=_shown_to(item, user_id),
            participants=[participant_of(one) for one in items if isinstance(one, ParticipantItem)],
            assignments=[assignment_of(one) for one in items if isinstance(one, AssignmentItem)],
            offers=[offer_of(one) for one in items if isinstance(one, OfferItem)],
            events=[event_of(one) for one in items if isinstance(one, EventItem)],
        )

    def job(self, session_id: str) -> Job | None:
        """The session with its newest round of looking for an expert, whosever it is."""
        items = self._rows(session_id)
        session = next((one for one in items if isinstance(one, SessionItem)), None)
        rounds = [one for one in items if isinstance(one, AssignmentItem)]
        if session is None or not rounds:
            return None
        return Job(
            session=self.read(session),
            assignment=assignment_of(rounds[-1]),
            offers=tuple(offer_of(one) for one in items if isinstance(one, OfferItem)),
        )

    def queue(self, *, limit: int) -> list[tuple[str, Assignment]]:
        """The rounds that look for an expert, in the queue's order, ``limit`` a shard."""
        keys = [Key(AssignmentItem, *key) for key in self._table.queued(QUEUE, limit=limit)]
        items = get_all(self._table, keys)
        rounds = [(one.pk.removeprefix("SESSION#"), assignment_of(one)) for one in items]
        return [(session_id, one) for session_id, one in rounds if one.is_looking]

    def inbox(self, expert_id: str, *, limit: int) -> list[Offer]:
        """The expert's offers that nothing has answered, the next to expire first."""
        page = self._table.query(
            OfferItem, f"EXPERT#{expert_id}", sk_prefix="OFFER#", index="GSI1", limit=limit
        )
        return [offer_of(item) for item in get_all(self._table, [_key(o) for o in page.items])]

    def of_expert(
        self, expert_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Session], str | None]:
        """A page of the sessions in which that expert was or is, newest first."""
        page = self._table.query(
            ParticipantItem,
            f"EXPERT#{expert_id}",
            sk_prefix="SESSION#",
            index="GSI1",
            newest_first=True,
            limit=min(limit, PAGE_MAX),
            cursor=cursor,
        )
        keys = [SessionItem.at(one.pk.removeprefix("SESSION#")) for one in page.items]
        items = get_all(self._table, keys)
        shown = [self.read(item) for item in items if not item.is_erased]
        return shown, page.next_cursor

    def _rows(self, session_id: str) -> list[Item]:
        pk = f"SESSION#{session_id}"
        return self._table.query(Item, pk, limit=DETAIL_ROWS_MAX, consistent=True).items

    def guard(self, user_id: str) -> Guard | None:
        """The person's active session, if its deadline has not passed."""
        item = self._table.get(GuardItem.at(user_id))
        if item is None or item.deadline <= self._table.clock():
            return None
        return Guard(
            session_id=item.session_id,
            type=item.type,
            status=item.status,  # type: ignore[arg-type]
            deadline=item.deadline,
        )

    def of_user(
        self,
        user_id: str,
        *,
        limit: int,
        cursor: str | None,
        keep: Callable[[Session], bool] = lambda _: True,
    ) -> tuple[list[Session], str | None]:
        """A page of a person's sessions, newest first, as far as the list's index shows them."""
        page: Page[SessionItem] = self._table.query(
            SessionItem,
            f"USER#{user_id}",
            sk_prefix="SESSION#",
            index="GSI1",
            newest_first=True,
            limit=min(limit, PAGE_MAX),
            cursor=cursor,
            keep=lambda item: keep(self.read(item)),
        )
        return [self.read(item) for item in page.items], page.next_cursor

    def erased(self, user_id: str, *, limit: int) -> list[str]:
        """Ids of a deleted person's erased sessions that are to be looked through once more."""
        page: Page[Item] = self._table.query(
            Item, f"{ERASED}{user_id}", sk_prefix="SESSION#", index="GSI1", limit=limit
        )
        return [item.pk.removeprefix("SESSION#") for item in page.items]

    def due(self, *, now: datetime, limit: int) -> list[str]:
        """Ids of sessions of which something is due, at most ``limit`` a shard."""
        keys = self._table.due(WORK, until_text=to_text(now), limit=limit)
        return [pk.removeprefix("SESSION#") for pk, _ in keys]

    def read(self, item: Item) -> Session:
        """The domain's session of a stored one."""
        if not isinstance(item, SessionItem):
            raise TypeError(f"not a session: {item.KIND}")
        return session_of(item)


def _shown_to(item: SessionItem | None, user_id: str) -> Session:
    if item is None or user_id not in {item.user_uuid, item.expert_id}:
        raise NotFound("There is no such session.")
    if item.is_erased:
        raise AccountDeleted
    return session_of(item)


def _key(item: OfferItem) -> Key[OfferItem]:
    return Key(OfferItem, item.pk, item.sk)
