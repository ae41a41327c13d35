"""Reads and writes of the accounts room; ``items`` has the key chart."""

from collections.abc import Mapping
from typing import Any, cast

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from greenroom.accounts.conditions import alive, not_premium, unknown_or_deleted
from greenroom.accounts.domain import (
    WELCOME_KEY,
    Charge,
    EntryKind,
    LedgerEntry,
    PremiumChanged,
    Profile,
    UnknownUser,
    User,
    insufficient,
)
from greenroom.accounts.identity import Identity
from greenroom.accounts.items import (
    GIVE_BACKS_KEPT,
    STARTS_KEPT,
    EmailClaimItem,
    LedgerItem,
    ProfileItem,
    UserItem,
    entry_of,
    profile_of,
    user_of,
)
from greenroom.kernel.clock import epoch_s, to_text
from greenroom.kernel.errors import AccountDeleted, Conflict, GreenroomError, TooManyRequests
from greenroom.kernel.ids import user_id_of
from greenroom.kernel.limits import PAGE_MAX, Limits
from greenroom.table.item import Item, UnreadableItem
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction

HOUR_S = 3600
DAY_S = 86_400

Changes = Mapping[str, Any]


class AccountStore:
    """Reads and writes of the accounts room, and the steps it adds to others' transactions."""

    def __init__(self, table: Table, *, limits: Limits, credits_name: str) -> None:
        self._table = table
        self._limits = limits
        self._credits_name = credits_name

    @property
    def initial(self) -> int:
        """The welcome grant in centicredits."""
        return self._limits.initial_centicredits

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

    def create(self, identity: Identity, *, fingerprint: str | None, grant: bool) -> set[str]:
        """Make the person with their welcome grant, once: the names of violated steps.

        An empty answer means that this call made them. ``fingerprint`` claims the e-mail
        for its one grant; without ``grant`` the balance begins at zero and claims nothing.
        """
        now = self._table.clock()
        user_id = user_id_of(identity.clerk_id)
        key = UserItem.at(user_id)
        amount = self._limits.initial_centicredits if grant else 0
        exists = Conflict("The person exists already.")
        tx = self._table.transaction()
        tx.put(
            "user",
            UserItem(
                key.pk,
                key.sk,
                gsi1pk=f"USERS#{now:%Y-%m}",
                gsi1sk=f"{to_text(now)}#{user_id}",
                clerk_id=identity.clerk_id,
                email=identity.email,
                name=identity.name,
                email_fingerprint=fingerprint,
                credits=amount,
                starts=[0] * STARTS_KEPT,
                give_backs=[0] * GIVE_BACKS_KEPT,
            ),
            otherwise=exists,
        )
        if grant:
            self._add_entry(
                tx, user_id, WELCOME_KEY, "grant", amount, reason="welcome", session_id=None
            )
            if fingerprint:
                claim = EmailClaimItem(f"EMAIL#{fingerprint}", "CLAIM", user_id=user_id)
                tx.put("email_claim", claim, otherwise=exists)
        return {violation.step for violation in tx.attempt()}

    def add_debit(self, tx: Transaction, charge: Charge, *, premium: bool) -> None:
        """Add the steps that take a session's cost, or that show the person to be premium.

        The user step's error says which of unknown, deleted, premium, too often, poor it was.
        """
        now = self._table.clock()
        now_s = epoch_s(now)
        oldest = STARTS_KEPT - self._limits.starts_per_hour
        seldom = UserItem.starts[oldest] <= now_s - HOUR_S
        actions: list[Action] = [
            UserItem.starts[STARTS_KEPT].set(now_s),
            UserItem.starts[0].remove(),
        ]
        if premium:
            when = alive() & (UserItem.premium_until > now) & seldom
        else:
            actions.append(UserItem.credits.add(-charge.cost))
            when = alive() & (UserItem.credits >= charge.cost) & not_premium(now) & seldom

        def meaning(old: UserItem | None) -> GreenroomError:
            if old is None:
                return UnknownUser()
            if old.is_deleted:
                return AccountDeleted()
            if user_of(old).is_premium(now) is not premium:
                return PremiumChanged()
            began_s = int(cast("list[int]", old.starts)[oldest])
            if began_s > now_s - HOUR_S:
                wait_s = began_s + HOUR_S - now_s
                return TooManyRequests(
                    f"At most {self._limits.starts_per_hour} starts an hour.",
                    retry_after_s=max(1, wait_s),
                )
            return insufficient(
                old.credits,
                cost=charge.cost,
                limits=self._limits,
                credits_name=self._credits_name,
            )

        tx.update("user", UserItem.at(charge.user_id), *actions, when=when, otherwise=meaning)
        if not premium:
            self._add_entry(
                tx,
                charge.user_id,
                charge.debit_key,
                "debit",
                -charge.cost,
                reason="interview",
                session_id=charge.session_id,
            )

    def add_existence(self, tx: Transaction, user_id: str) -> None:
        """Add the check that the person exists and was not deleted."""
        tx.check("user", UserItem.at(user_id), when=alive(), otherwise=unknown_or_deleted)

    def add_void(self, tx: Transaction, charge: Charge, *, reason: str, counted: bool) -> None:
        """Add the steps that give a debit back, exactly once by the entry's key.

        A ``counted`` one (a report that the call never connected) is refused with
        ``TooManyRequests`` when the person's allowance of the last 24 hours is used up.
        """
        now_s = epoch_s(self._table.clock())
        oldest = GIVE_BACKS_KEPT - self._limits.connect_failed_per_day
        actions: list[Action] = [UserItem.credits.add(charge.cost)]
        when: Condition = UserItem.pk.exists()
        if counted:
            actions += [
                UserItem.give_backs[GIVE_BACKS_KEPT].set(now_s),
                UserItem.give_backs[0].remove(),
            ]
            when = UserItem.give_backs[oldest] <= now_s - DAY_S

        def meaning(old: UserItem | None) -> GreenroomError:
            if old is None:
                return UnknownUser()
            # With an allowance of none there is no moment at which it opens.
            told_s = [*cast("list[int]", old.give_backs), now_s][oldest]
            return TooManyRequests(
                f"At most {self._limits.connect_failed_per_day} calls that did not connect are "
                "given back a day.",
                retry_after_s=max(1, told_s + DAY_S - now_s),
            )

        tx.update("user", UserItem.at(charge.user_id), *actions, when=when, otherwise=meaning)
        self._add_entry(
            tx,
            charge.user_id,
            charge.void_key,
            "void",
            charge.cost,
            reason=reason,
            session_id=charge.session_id,
        )

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

    def change(self, user_id: str, *, account: Changes, profile: Changes) -> None:
        """Set (or, with None, clear) these attributes of a person and of their profile.

        Raises:
            UnknownUser: there is no such person.
            AccountDeleted: there is none any more.
        """
        tx = self._table.transaction()
        if account:
            actions = _actions(UserItem, account)
            key = UserItem.at(user_id)
            tx.update("user", key, *actions, when=alive(), otherwise=unknown_or_deleted)
        else:
            self.add_existence(tx, user_id)
        if profile:
            made = ProfileItem.created_at.set(ProfileItem.created_at | self._table.clock())
            tx.update(
                "profile",
                ProfileItem.at(user_id),
                ProfileItem.kind.set(ProfileItem.KIND),
                ProfileItem.v.set(ProfileItem.VERSION),
                made,
                *_actions(ProfileItem, profile),
                when=None,
                otherwise=UnknownUser(),
            )
        tx.commit()

    def _add_entry(
        self,
        tx: Transaction,
        user_id: str,
        key: str,
        entry: EntryKind,
        amount: int,
        *,
        reason: str,
        session_id: str | None,
    ) -> None:
        item = LedgerItem(
            f"USER#{user_id}",
            f"LEDGER#{key}",
            key=key,
            entry=entry,
            amount=amount,
            reason=reason,
            session_id=session_id,
        )
        tx.put("ledger", item, otherwise=Conflict("This entry is in the ledger already."))


def _actions(of: type[Item], changes: Changes) -> list[Action]:
    return [
        getattr(of, name).remove() if value is None else getattr(of, name).set(value)
        for name, value in changes.items()
    ]
