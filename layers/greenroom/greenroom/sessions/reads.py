"""Reads of sessions, their guard and all that belongs to them."""

from collections.abc import Callable
from datetime import datetime

from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import AccountDeleted, NotFound
from greenroom.kernel.limits import PAGE_MAX
from greenroom.sessions.domain import Detail, Guard, Session
from greenroom.sessions.items import (
    WORK,
    AssignmentItem,
    EventItem,
    ExchangeItem,
    GuardItem,
    ParticipantItem,
    SessionItem,
    assignment_of,
    event_of,
    participant_of,
    session_of,
)
from greenroom.table.item import Item
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

    def detail(self, session_id: str, *, user_id: str) -> Detail:
        """The session of that person with all that belongs to it, in one query.

        Raises:
            NotFound: there is none, or it is somebody else's.
            AccountDeleted: the person's account was deleted.
        """
        page = self._table.query(
            Item, f"SESSION#{session_id}", limit=DETAIL_ROWS_MAX, consistent=True
        )
        item = next((one for one in page.items if isinstance(one, SessionItem)), None)
        if item is None or self.read(item).user_id != user_id:
            raise NotFound("There is no such session.")
        if item.is_erased:
            raise AccountDeleted
        return Detail(
            session=self.read(item),
            participants=[participant_of(o) for o in page.items if isinstance(o, ParticipantItem)],
            assignments=[assignment_of(o) for o in page.items if isinstance(o, AssignmentItem)],
            events=[event_of(one) for one in page.items if isinstance(one, EventItem)],
        )

    def guard(self, user_id: str) -> Guard | None:
        """The person's active session, if its deadline has not passed."""
        item = self._table.get(GuardItem.at(user_id))
        if item is None or item.deadline <= self._table.clock():
            return None
        return Guard(
            session_id=item.session_id,
            type=item.type,  # type: ignore[arg-type]
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
