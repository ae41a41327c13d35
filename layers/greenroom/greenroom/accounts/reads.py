"""What is known of people: their row, profile and ledger, and who had which welcome grant."""

from collections.abc import Sequence

from greenroom.accounts.domain import (
    WELCOME_KEY,
    WELCOME_TAKEN_BACK_KEY,
    LedgerEntry,
    Profile,
    User,
)
from greenroom.accounts.items import (
    EmailClaimItem,
    LedgerItem,
    ProfileItem,
    UserItem,
    entry_of,
    profile_of,
    user_of,
)
from greenroom.kernel.errors import AccountDeleted
from greenroom.kernel.limits import PAGE_MAX
from greenroom.table.batch import get_all
from greenroom.table.item import Item, UnreadableItem
from greenroom.table.table import Table


class AccountReads:
    """Reads of the accounts room; ``AccountStore`` adds the writes."""

    _table: Table

    def load(self, user_id: str) -> tuple[User, Profile] | None:
        """The person and their profile in one query, or None.

        Raises:
            AccountDeleted: the person's account was deleted.
            UnreadableItem: there is a row that cannot be read: not the same as none.
        """
        page = self._table.query(
            Item, f"USER#{user_id}", sk_prefix="ACCOUNT", limit=2, consistent=True
        )
        user = next((item for item in page.items if isinstance(item, UserItem)), None)
        profile = next((item for item in page.items if isinstance(item, ProfileItem)), None)
        if user is None and page.skipped:
            raise UnreadableItem("the person's row is there and cannot be read")
        if user is None:
            return None
        if user.is_deleted:
            raise AccountDeleted
        return user_of(user), profile_of(profile)

    def ledger(self, user_id: str) -> list[LedgerEntry]:
        """All entries of a person, newest first.

        Entries are unique by business key, so their order by time is made here: a person's
        ledger is short (a start and, rarely, its void).
        """
        entries: list[LedgerEntry] = []
        cursor: str | None = None
        while True:
            page = self._table.query(
                LedgerItem,
                f"USER#{user_id}",
                sk_prefix="LEDGER#",
                limit=10 * PAGE_MAX,
                cursor=cursor,
                consistent=True,
            )
            entries += map(entry_of, page.items)
            cursor = page.next_cursor
            if cursor is None:
                return sorted(entries, key=lambda entry: (entry.at, entry.key), reverse=True)

    def stored(self, user_id: str) -> UserItem | None:
        """The person as they are stored, tombstones included."""
        return self._table.get(UserItem.at(user_id))

    def people(self, user_ids: Sequence[str]) -> list[User]:
        """Those of these people who exist and were not deleted: one batch read a hundred."""
        rows = get_all(self._table, [UserItem.at(one) for one in dict.fromkeys(user_ids)])
        return [user_of(row) for row in rows if not row.is_deleted]

    def claimant(self, fingerprint: str) -> str | None:
        """Our id of whoever has had the welcome grant of an e-mail address."""
        claim = self._table.get(EmailClaimItem.at(fingerprint))
        return claim.user_id if claim else None

    def welcome(self, user_id: str) -> int:
        """What the person has of the welcome grant, in centicredits: none once taken back."""
        keys = [LedgerItem.at(user_id, key) for key in (WELCOME_KEY, WELCOME_TAKEN_BACK_KEY)]
        return sum(entry.amount for entry in get_all(self._table, keys))
