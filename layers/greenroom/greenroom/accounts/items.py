"""Users, balances and the ledger in the table.

| item | PK | SK | GSI1PK / GSI1SK |
|---|---|---|---|
| user | USER#{user_id} | ACCOUNT | USERS#{yyyy-mm} / {created_at}#{user_id} |
| user_profile | USER#{user_id} | ACCOUNT#PROFILE | |
| ledger_entry | USER#{user_id} | LEDGER#{business key} | |
| email_claim | EMAIL#{fingerprint} | CLAIM | |
| erasure | USER#{user_id} | ERASURE | |
| clerk_event | EVENT#clerk#{message_id} | EVENT | |

An erasure is in GSI2 under DUE#erasure#{shard} / {due_at}#{user_id} until it is done.

The balance lives on the user item: that the person exists, may spend, and does not start too
often is ONE conditional update. A debit changes nothing that an index shows.
"""

from typing import cast

from pynamodb.attributes import ListAttribute, UnicodeAttribute

from greenroom.accounts.domain import EntryKind, LedgerEntry, Profile, User
from greenroom.table.attributes import IntegerAttribute, JsonAttribute, MomentAttribute
from greenroom.table.item import Item, Key

STARTS_KEPT = 20  # moments of the newest starts on the user item: Limits.starts_per_hour at most
GIVE_BACKS_KEPT = 3  # moments of the newest give-backs by report: at most that many a day


class UserItem(Item):
    """A person and their balance; small, since every debit writes it."""

    KIND = "user"

    clerk_id = UnicodeAttribute()
    email = UnicodeAttribute(null=True)
    name = UnicodeAttribute(null=True)
    email_fingerprint = UnicodeAttribute(null=True)
    credits = IntegerAttribute()
    premium_until = MomentAttribute(null=True)
    # Counts changes of the person's subscriptions: the sum of their own counters.
    subscriptions_rev = IntegerAttribute(null=True)
    starts = ListAttribute(of=IntegerAttribute)
    give_backs = ListAttribute(of=IntegerAttribute)
    deleted_at = MomentAttribute(null=True)
    synced_at = MomentAttribute(null=True)  # when the newest of Clerk's news was true
    told_name = UnicodeAttribute(null=True)  # as Clerk last told it: theirs may differ
    told_image_url = UnicodeAttribute(null=True)

    @property
    def is_deleted(self) -> bool:
        """Whether only a tombstone is left."""
        return "deleted_at" in self.attribute_values

    @classmethod
    def at(cls, user_id: str) -> "Key[UserItem]":
        """Where the person is."""
        return Key(cls, f"USER#{user_id}", "ACCOUNT")


class ProfileItem(Item):
    """What a person tells about themselves: apart from the balance, for it may be long."""

    KIND = "user_profile"

    headline = UnicodeAttribute(null=True)
    bio = UnicodeAttribute(null=True)
    image_url = UnicodeAttribute(null=True)
    resume_text = UnicodeAttribute(null=True)
    resume_data = JsonAttribute(null=True)

    @classmethod
    def at(cls, user_id: str) -> "Key[ProfileItem]":
        """Where the person's profile is."""
        return Key(cls, f"USER#{user_id}", "ACCOUNT#PROFILE")


class LedgerItem(Item):
    """One immutable change of a balance."""

    KIND = "ledger_entry"

    key = UnicodeAttribute()
    entry = UnicodeAttribute()
    amount = IntegerAttribute()
    reason = UnicodeAttribute()
    session_id = UnicodeAttribute(null=True)

    @classmethod
    def at(cls, user_id: str, key: str) -> "Key[LedgerItem]":
        """Where the entry with that business key is."""
        return Key(cls, f"USER#{user_id}", f"LEDGER#{key}")


class EmailClaimItem(Item):
    """An e-mail address, as a fingerprint, that has had its welcome grant. Outlives accounts."""

    KIND = "email_claim"

    user_id = UnicodeAttribute()

    @classmethod
    def at(cls, fingerprint: str) -> "Key[EmailClaimItem]":
        """Where the claim is."""
        return Key(cls, f"EMAIL#{fingerprint}", "CLAIM")


class ClerkEventItem(Item):
    """A message of Clerk that was dealt with. What it told is not kept: it is personal."""

    KIND = "clerk_event"

    event_type = UnicodeAttribute()
    happened_at = MomentAttribute()
    outcome = UnicodeAttribute()

    @classmethod
    def at(cls, message_id: str) -> "Key[ClerkEventItem]":
        """Where the message is."""
        return Key(cls, f"EVENT#clerk#{message_id}", "EVENT")


class ErasureItem(Item):
    """How far the erasure of a deleted person's data has come; afterwards its receipt."""

    KIND = "erasure"

    clerk_id = UnicodeAttribute()
    step = UnicodeAttribute()
    round = IntegerAttribute()
    due_at = MomentAttribute(null=True)
    done_at = MomentAttribute(null=True)

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return "done_at" in self.attribute_values

    @classmethod
    def at(cls, user_id: str) -> "Key[ErasureItem]":
        """Where the erasure is."""
        return Key(cls, f"USER#{user_id}", "ERASURE")


def user_of(item: UserItem) -> User:
    """The domain's person of a stored one."""
    return User(
        user_id=item.pk.removeprefix("USER#"),
        clerk_id=item.clerk_id,
        email=item.email,
        name=item.name,
        credits=item.credits,
        premium_until=item.premium_until,
        created_at=item.created_at,
    )


def profile_of(item: ProfileItem | None) -> Profile:
    """The domain's profile of a stored one; an empty one of none."""
    if item is None:
        return Profile()
    return Profile(
        headline=item.headline,
        bio=item.bio,
        image_url=item.image_url,
        resume_text=item.resume_text,
        resume_data=item.resume_data,
    )


def entry_of(item: LedgerItem) -> LedgerEntry:
    """The domain's ledger entry of a stored one."""
    return LedgerEntry(
        key=item.key,
        kind=cast("EntryKind", item.entry),
        amount=item.amount,
        reason=item.reason,
        at=item.created_at,
        session_id=item.session_id,
    )
