"""Reads and writes of the accounts room; ``items`` has the key chart."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from pynamodb.attributes import Attribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from greenroom.accounts.conditions import (
    alive,
    all_of_today,
    not_all_of_today,
    not_premium,
    unknown_or_deleted,
)
from greenroom.accounts.domain import (
    WELCOME_KEY,
    WELCOME_TAKEN_BACK_KEY,
    Charge,
    Posting,
    PremiumChanged,
    UnknownUser,
    insufficient,
)
from greenroom.accounts.identity import Identity
from greenroom.accounts.items import (
    GIVE_BACKS_KEPT,
    STARTS_KEPT,
    EmailClaimItem,
    ProfileItem,
    UserItem,
    user_of,
)
from greenroom.accounts.postings import Postings
from greenroom.accounts.reads import AccountReads
from greenroom.kernel.clock import epoch_s, to_text
from greenroom.kernel.errors import AccountDeleted, Conflict, GreenroomError, TooManyRequests
from greenroom.kernel.ids import user_id_of
from greenroom.kernel.limits import Limits
from greenroom.table.item import Item
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction

HOUR_S = 3600
DAY_S = 86_400

Changes = Mapping[str, Any]


class AccountStore(AccountReads, Postings):
    """Reads and writes of the accounts room, and the steps it adds to others' transactions."""

    def __init__(
        self,
        table: Table,
        *,
        limits: Limits,
        credits_name: str,
        daily_interviews: int | None = None,
    ) -> None:
        super().__init__(table)
        self._daily_interviews = daily_interviews
        self._limits = limits
        self._credits_name = credits_name

    @property
    def initial(self) -> int:
        """The welcome grant in centicredits."""
        return self._limits.initial_centicredits

    def create(self, identity: Identity, *, fingerprint: str | None, grant: bool) -> set[str]:
        """Make the person with their welcome grant, once: the names of violated steps.

        An empty answer means that this call made them. ``fingerprint`` claims the e-mail
        for its one grant; without ``grant`` the balance begins at zero and claims nothing.
        """
        tx = self._table.transaction()
        self.add_new(tx, identity, fingerprint=fingerprint, grant=grant)
        return {violation.step for violation in tx.attempt()}

    def add_new(
        self,
        tx: Transaction,
        identity: Identity,
        *,
        fingerprint: str | None,
        grant: bool,
        synced_at: datetime | None = None,
    ) -> None:
        """Add the steps of ``create``; ``synced_at`` where Clerk's news made the person.

        What Clerk has told is kept apart from what the person may change.
        """
        now = self._table.clock()
        user_id = user_id_of(identity.clerk_id)
        key = UserItem.at(user_id)
        amount = self._limits.initial_centicredits if grant else 0
        exists = Conflict("The person exists already.")
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
                synced_at=synced_at,
                told_name=identity.name if synced_at else None,
                told_image_url=identity.image_url if synced_at else None,
            ),
            otherwise=exists,
        )
        if synced_at and identity.image_url:
            self._add_profile(tx, user_id, {"image_url": identity.image_url})
        if grant:
            welcome = Posting(key=WELCOME_KEY, kind="grant", amount=amount, reason="welcome")
            self.add_entries(tx, user_id, [welcome])
            if fingerprint:
                self.add_claim(tx, user_id, fingerprint)

    def add_debit(self, tx: Transaction, charge: Charge, *, premium: bool) -> None:
        """Add the steps that take a session's cost, or that show the person to be premium.

        The user step's error says which of unknown, deleted, premium, too often, poor it was.
        """
        now = self._table.clock()
        actions = _counted(now)
        when = alive() & self._seldom(now)
        if premium:
            when &= UserItem.premium_until > now
        else:
            actions.append(UserItem.credits.add(-charge.cost))
            when &= UserItem.credits >= charge.cost
            if charge.is_covered:
                when &= not_premium(now)
                if self._daily_interviews is not None:
                    when &= not_all_of_today(now, self._daily_interviews)

        def meaning(old: UserItem | None) -> GreenroomError:
            if old is None or old.is_deleted:
                return unknown_or_deleted(old)
            if charge.is_covered and user_of(old).is_premium(now) is not premium:
                return PremiumChanged()
            refusal: GreenroomError | None = self._too_often(old, now)
            daily = self._daily_interviews if charge.is_covered and not premium else None
            if refusal is None and daily is not None:
                refusal = all_of_today(old, now, daily)
            return refusal or insufficient(
                old.credits, charge, limits=self._limits, credits_name=self._credits_name
            )

        tx.update("user", UserItem.at(charge.user_id), *actions, when=when, otherwise=meaning)
        if not premium:
            debit = Posting(
                key=charge.debit_key,
                kind="debit",
                amount=-charge.cost,
                reason=charge.reason,
                session_id=charge.session_id,
            )
            self.add_entries(tx, charge.user_id, [debit])

    def add_start(self, tx: Transaction, user_id: str) -> None:
        """Add the step that counts a start for which nothing is taken.

        Its error says which of unknown, deleted, too often it was.
        """
        now = self._table.clock()

        def meaning(old: UserItem | None) -> GreenroomError:
            if old is None or old.is_deleted:
                return unknown_or_deleted(old)
            return self._too_often(old, now) or Conflict()

        when = alive() & self._seldom(now)
        tx.update("user", UserItem.at(user_id), *_counted(now), when=when, otherwise=meaning)

    def _seldom(self, now: datetime) -> Condition:
        """The condition that another start is within the allowance of the last hour."""
        oldest = STARTS_KEPT - self._limits.starts_per_hour
        seldom: Condition = UserItem.starts[oldest] <= epoch_s(now) - HOUR_S
        return seldom

    def _too_often(self, old: UserItem, now: datetime) -> TooManyRequests | None:
        oldest = STARTS_KEPT - self._limits.starts_per_hour
        wait_s = int(cast("list[int]", old.starts)[oldest]) + HOUR_S - epoch_s(now)
        if wait_s <= 0:
            return None
        return TooManyRequests(
            f"At most {self._limits.starts_per_hour} starts an hour.", retry_after_s=wait_s
        )

    def add_existence(self, tx: Transaction, user_id: str) -> None:
        """Add the check that the person exists and was not deleted."""
        tx.check("user", UserItem.at(user_id), when=alive(), otherwise=unknown_or_deleted)

    def add_no_tombstone(self, tx: Transaction, user_id: str) -> None:
        """Add the step that fails with ``AccountDeleted`` for somebody who was deleted."""
        when = UserItem.deleted_at.does_not_exist()
        tx.check("user", UserItem.at(user_id), when=when, otherwise=AccountDeleted())

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
        void = Posting(
            key=charge.void_key,
            kind="void",
            amount=charge.cost,
            reason=reason,
            session_id=charge.session_id,
        )
        self.add_entries(tx, charge.user_id, [void])

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
            self._add_profile(tx, user_id, profile)
        tx.commit()

    # What Clerk tells

    def add_claim(self, tx: Transaction, user_id: str, fingerprint: str) -> None:
        """Add the step that claims an e-mail address's one grant for a person."""
        key = EmailClaimItem.at(fingerprint)
        claim = EmailClaimItem(key.pk, key.sk, user_id=user_id)
        tx.put("email_claim", claim, otherwise=Conflict("This address has had its grant."))

    def add_news(
        self,
        tx: Transaction,
        before: UserItem,
        *,
        account: Changes,
        profile: Changes,
        taken_back: int = 0,
    ) -> None:
        """Add the steps that change a person as Clerk told, if they still are as they were read.

        ``taken_back`` (centicredits) of their welcome grant goes, once for ever.
        """
        user_id = before.pk.removeprefix("USER#")
        actions = _actions(UserItem, account)
        if taken_back:
            actions.append(UserItem.credits.add(-taken_back))
            correction = Posting(
                key=WELCOME_TAKEN_BACK_KEY,
                kind="adjustment",
                amount=-taken_back,
                reason="welcome_grant_of_another_account",
            )
            self.add_entries(tx, user_id, [correction])
        when = alive() & _unchanged(UserItem.synced_at, before.synced_at)
        when &= _unchanged(UserItem.email_fingerprint, before.email_fingerprint)
        key = UserItem.at(user_id)
        tx.update("user", key, *actions, when=when, otherwise=unknown_or_deleted)
        if profile:
            self._add_profile(tx, user_id, profile)

    def _add_profile(self, tx: Transaction, user_id: str, changes: Changes) -> None:
        tx.update(
            "profile",
            ProfileItem.at(user_id),
            ProfileItem.kind.set(ProfileItem.KIND),
            ProfileItem.v.set(ProfileItem.VERSION),
            ProfileItem.created_at.set(ProfileItem.created_at | self._table.clock()),
            *_actions(ProfileItem, changes),
            when=None,
            otherwise=UnknownUser(),
        )


def _counted(now: datetime) -> list[Action]:
    """The actions that note a start and forget the oldest."""
    return [UserItem.starts[STARTS_KEPT].set(epoch_s(now)), UserItem.starts[0].remove()]


def _unchanged(attribute: Attribute[Any], before: Any) -> Condition:
    """The condition that an attribute is as it was read."""
    same: Condition = attribute.does_not_exist() if before is None else attribute == before
    return same


def _actions(of: type[Item], changes: Changes) -> list[Action]:
    return [
        getattr(of, name).remove() if value is None else getattr(of, name).set(value)
        for name, value in changes.items()
    ]
