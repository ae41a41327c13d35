"""How far the hourly reconciliation has come, and what admins did, in the table.

| item | PK | SK | GSI1PK / GSI1SK |
|---|---|---|---|
| reconciliation | RECONCILIATION | ROUND | |
| audit_entry | AUDIT#{yyyy-mm} | {at}#{entry_id} | ABOUT#{target} / {at}#{entry_id} |
| admin_operation | OPERATION#{operation_id} | OPERATION | |
"""

from typing import Any

from pynamodb.attributes import UnicodeAttribute

from greenroom.admin.domain import Act, Actor, Entry
from greenroom.kernel.clock import to_text
from greenroom.table.attributes import JsonAttribute
from greenroom.table.item import Item, Key


class RoundItem(Item):
    """Where the present round goes on; without a month the next run begins a new one."""

    KIND = "reconciliation"

    month = UnicodeAttribute(null=True)
    cursor = UnicodeAttribute(null=True)

    @classmethod
    def at(cls) -> "Key[RoundItem]":
        """Where the one row is."""
        return Key(cls, "RECONCILIATION", "ROUND")


class EntryItem(Item):
    """Something that an admin did. Only ever put."""

    KIND = "audit_entry"

    actor_id = UnicodeAttribute()
    actor_clerk_id = UnicodeAttribute()
    request_id = UnicodeAttribute()
    action = UnicodeAttribute()
    target = UnicodeAttribute()
    reason = UnicodeAttribute()
    before = JsonAttribute()
    after = JsonAttribute()

    @classmethod
    def of(cls, entry: Entry) -> "EntryItem":
        """The item of an entry."""
        act, sort = entry.act, f"{to_text(entry.at)}#{entry.entry_id}"
        return cls(
            f"AUDIT#{entry.at:%Y-%m}",
            sort,
            gsi1pk=f"ABOUT#{act.target}",
            gsi1sk=sort,
            created_at=entry.at,
            actor_id=act.actor.user_id,
            actor_clerk_id=act.actor.clerk_id,
            request_id=act.actor.request_id,
            action=act.action,
            target=act.target,
            reason=act.reason,
            before=dict(act.before),
            after=dict(act.after),
        )


class OperationItem(Item):
    """What an Idempotency-Key of an admin named, and where the trail tells of it."""

    KIND = "admin_operation"

    request_hash = UnicodeAttribute()
    entry_pk = UnicodeAttribute()
    entry_sk = UnicodeAttribute()

    @classmethod
    def at(cls, operation_id: str) -> "Key[OperationItem]":
        """Where the operation is."""
        return Key(cls, f"OPERATION#{operation_id}", "OPERATION")


def entry_of(item: EntryItem) -> Entry:
    """The entry of a stored one."""
    actor = Actor(user_id=item.actor_id, clerk_id=item.actor_clerk_id, request_id=item.request_id)
    before: dict[str, Any] = item.before
    after: dict[str, Any] = item.after
    act = Act(
        actor=actor,
        action=item.action,
        target=item.target,
        reason=item.reason,
        before=before,
        after=after,
    )
    return Entry(entry_id=item.sk.partition("#")[2], at=item.created_at, act=act)
