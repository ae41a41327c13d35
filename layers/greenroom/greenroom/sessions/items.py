"""Sessions and their guard in the table.

| item | PK | SK |
|---|---|---|
| session | SESSION#{id} | SESSION |
| participant | SESSION#{id} | PARTICIPANT#{user_id} |
| session_event | SESSION#{id} | EVENT#{uuid7} |
| exchange | EXCHANGE#{session_id} | EXCHANGE |
| active_guard | USER#{user_id} | ACTIVE |

A session is in GSI1 under USER#{user_id} / SESSION#{started_at}#{id}, and while something is due
in GSI2 under DUE#session#{shard} / {due_at}#{id}. An erased one is in GSI1 under ERASED#{user_id} /
SESSION#{id} until nobody can have anything under way that adds to it.

A session's detail is one query. ``due_at`` and the work index say the same moment; both are gone
when nothing is due. The guard names the one active session of a person; whoever ends a session
deletes the guard only if it still names that session, and never fails for it.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, UnicodeAttribute
from pynamodb.expressions.update import Action

from greenroom.kernel.clock import to_text
from greenroom.sessions.domain import Brief, Participant, Session, SessionEvent
from greenroom.table.attributes import IntegerAttribute, JsonAttribute, MomentAttribute
from greenroom.table.item import Item, Key, due_key

WORK = "session"


class SessionItem(Item):
    """A session. Short texts only: every change of state writes it."""

    KIND = "session"

    session_id = UnicodeAttribute()
    user_uuid = UnicodeAttribute()
    user_id = UnicodeAttribute()
    type = UnicodeAttribute()
    status = UnicodeAttribute()
    plan = UnicodeAttribute()
    payment_method = UnicodeAttribute()
    cost = IntegerAttribute()
    charged = BooleanAttribute()
    given_back = BooleanAttribute()
    attempt = IntegerAttribute()
    started_at = MomentAttribute()
    live_at = MomentAttribute(null=True)
    connected_at = MomentAttribute(null=True)
    ended_at = MomentAttribute(null=True)
    due_at = MomentAttribute(null=True)
    request_hash = UnicodeAttribute(null=True)
    metadata = JsonAttribute()
    intake_id = UnicodeAttribute(null=True)
    stripe_session_id = UnicodeAttribute(null=True)
    job_title = UnicodeAttribute(null=True)
    company = UnicodeAttribute(null=True)

    purchase_id = UnicodeAttribute(null=True)
    waived_at = MomentAttribute(null=True)
    expert_id = UnicodeAttribute(null=True)
    round = IntegerAttribute(null=True)

    balance_after = IntegerAttribute(null=True)
    token = UnicodeAttribute(null=True)
    token_expires_at = MomentAttribute(null=True)
    model = UnicodeAttribute(null=True)
    dialect = UnicodeAttribute(null=True)
    mint = IntegerAttribute()
    answered_mint = IntegerAttribute(null=True)
    claim = UnicodeAttribute(null=True)
    claim_until = MomentAttribute(null=True)
    offer_sha256 = UnicodeAttribute(null=True)
    call_id = UnicodeAttribute(null=True)

    transcript_rev = IntegerAttribute()
    message_count = IntegerAttribute()
    completed_at = MomentAttribute(null=True)
    feedback_status = UnicodeAttribute(null=True)
    overall_score = IntegerAttribute(null=True)
    duration_s = IntegerAttribute(null=True)
    deleted_at = MomentAttribute(null=True)
    erased_at = MomentAttribute(null=True)  # its person was deleted: only ids are left

    @property
    def is_erased(self) -> bool:
        """Whether its person was deleted, and what they told with them."""
        return "erased_at" in self.attribute_values

    @classmethod
    def at(cls, session_id: str) -> "Key[SessionItem]":
        """Where the session is."""
        return Key(cls, f"SESSION#{session_id}", "SESSION")


class ParticipantItem(Item):
    """Somebody in a session; the customer's item holds the brief, which may be long.

    An expert's is in GSI1 under EXPERT#{user_id} / SESSION#{joined_at}#{id}: their history.
    """

    KIND = "participant"

    user_id = UnicodeAttribute()
    role = UnicodeAttribute()
    brief = JsonAttribute(null=True)

    @classmethod
    def at(cls, session_id: str, user_id: str) -> "Key[ParticipantItem]":
        """Where that person's part in the session is."""
        return Key(cls, f"SESSION#{session_id}", f"PARTICIPANT#{user_id}")


class EventItem(Item):
    """Something that happened; never changed."""

    KIND = "session_event"

    event_id = UnicodeAttribute()
    event_type = UnicodeAttribute()
    user_id = UnicodeAttribute(null=True)
    metadata = JsonAttribute()


class ExchangeItem(Item):
    """The provider's answer to the newest offer, for a client that asks again."""

    KIND = "exchange"

    offer_sha256 = UnicodeAttribute()
    answer = BinaryAttribute(legacy_encoding=False)

    @classmethod
    def at(cls, session_id: str) -> "Key[ExchangeItem]":
        """Where the answer is."""
        return Key(cls, f"EXCHANGE#{session_id}", "EXCHANGE")


class GuardItem(Item):
    """The one active session of a person."""

    KIND = "active_guard"

    session_id = UnicodeAttribute()
    type = UnicodeAttribute()
    status = UnicodeAttribute()
    deadline = MomentAttribute()

    @classmethod
    def at(cls, user_id: str) -> "Key[GuardItem]":
        """Where the person's guard is."""
        return Key(cls, f"USER#{user_id}", "ACTIVE")


def due_actions(session_id: str, due_at: datetime | None) -> list[Action]:
    """The actions that set when something is due, in the work index, too."""
    if due_at is None:
        return [
            SessionItem.due_at.remove(),
            SessionItem.gsi2pk.remove(),
            SessionItem.gsi2sk.remove(),
        ]
    partition, sort = due_key(WORK, session_id, to_text(due_at))
    return [
        SessionItem.due_at.set(due_at),
        SessionItem.gsi2pk.set(partition),
        SessionItem.gsi2sk.set(sort),
    ]


def change_actions(session_id: str, changes: dict[str, Any]) -> list[Action]:
    """The actions that set, or with None remove, attributes of a session."""
    actions: list[Action] = []
    for name, value in changes.items():
        if name == "due_at":
            actions += due_actions(session_id, value)
            continue
        attribute = getattr(SessionItem, name)
        actions.append(attribute.remove() if value is None else attribute.set(value))
    return actions


def attributes_of(session: Session) -> dict[str, Any]:
    """The attributes of a session's item."""
    values = {name: getattr(session, name) for name in SHARED}
    return values | {"user_uuid": session.user_id, "user_id": session.clerk_id}


# What item and domain call by the same name.
SHARED = frozenset(Session.__dataclass_fields__) - {"user_id", "clerk_id"}


def session_of(item: SessionItem) -> Session:
    """The domain's session of a stored one."""
    values = item.told(SHARED)
    counters = {
        name: values[name] or 0
        for name in ("attempt", "cost", "mint", "transcript_rev", "message_count")
    }
    flags = {name: bool(values[name]) for name in ("charged", "given_back")}
    rest = {"metadata": values["metadata"] or {}, "session_id": _id_of(item)}
    owner = {
        "user_id": item.user_uuid or item.gsi1pk.removeprefix("USER#"),
        "clerk_id": item.user_id,
    }
    return Session(**(values | counters | flags | rest | owner))


def _id_of(item: SessionItem) -> str:
    return item.pk.removeprefix("SESSION#")


def brief_to_json(brief: Brief) -> dict[str, Any]:
    """The stored form of a brief: what was told."""
    return {name: value for name, value in asdict(brief).items() if value is not None}


def participant_of(item: ParticipantItem) -> Participant:
    """The domain's participant of a stored one."""
    known = (
        {name: item.brief[name] for name in Brief.__dataclass_fields__ if name in item.brief}
        if item.brief
        else {}
    )
    return Participant(
        user_id=item.user_id,
        role="expert" if item.role == "expert" else "customer",
        joined_at=item.created_at,
        brief=Brief(**known) if known else None,
    )


def event_of(item: EventItem) -> SessionEvent:
    """The domain's event of a stored one."""
    return SessionEvent(
        event_id=item.event_id,
        event_type=item.event_type,
        user_id=item.user_id,
        at=item.created_at,
        metadata=item.metadata,
    )
