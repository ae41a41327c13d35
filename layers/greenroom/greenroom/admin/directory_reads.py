"""People in the table, as their lists by month of joining show them."""

from collections.abc import Mapping, Sequence
from typing import Any

from greenroom.admin.domain import KnownPerson
from greenroom.table.batch import get_all
from greenroom.table.item import Item, Key
from greenroom.table.paging import cursor_after
from greenroom.table.table import Table


class DirectoryReads:
    """Reads who there is."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def joined(
        self, month: str, *, limit: int, after: str | None
    ) -> tuple[list[tuple[KnownPerson, str]], str | None]:
        """A page of those who joined in a month, newest first, and where the next begins.

        Each with the cursor of what follows them. Two reads.

        Raises:
            InvalidRequest: ``after`` is no cursor of that month.
        """
        page = self._table.query(
            Item, f"USERS#{month}", index="GSI1", newest_first=True, limit=limit, cursor=after
        )
        cursors = {item.pk.removeprefix("USER#"): cursor_after(item) for item in page.items}
        people = self.people(list(cursors))
        return [(one, cursors[one.user_id]) for one in people], page.next_cursor

    def people(self, user_ids: Sequence[str]) -> list[KnownPerson]:
        """Those of these people who have joined, deleted ones too, in this order."""
        keys = [Key(Item, f"USER#{one}", "ACCOUNT") for one in user_ids]
        return [_person(item) for item in get_all(self._table, keys)]


def _person(item: Item) -> KnownPerson:
    stored: Mapping[str, Any] = item.attribute_values
    return KnownPerson(
        user_id=item.pk.removeprefix("USER#"),
        clerk_id=stored["clerk_id"],
        email=stored.get("email"),
        name=stored.get("name"),
        credits=stored["credits"],
        premium_until=stored.get("premium_until"),
        created_at=item.created_at,
        deleted_at=stored.get("deleted_at"),
    )
