"""Assignments and offers in the table; they live with their session.

| item | PK | SK |
|---|---|---|
| assignment | SESSION#{id} | ASSIGNMENT#{round:04} |
| offer | SESSION#{id} | OFFER#{expert_id} |

While a round looks for an expert it is in GSI2 under QUEUE#{shard} / {priority}#{queued_at}#{id}:
the queue that experts see and the list of what the router has to do are one. A pending offer is
in GSI1 under EXPERT#{expert_id} / OFFER#{expires_at}#{id}; it leaves the expert's inbox with
whatever answers it.
"""

from typing import Any, cast

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from greenroom.kernel.clock import to_text
from greenroom.sessions.matching import Assignment, Offer
from greenroom.table.attributes import IntegerAttribute, MomentAttribute
from greenroom.table.item import Item, Key, shard_of

QUEUE = "QUEUE"


class AssignmentItem(Item):
    """One round of looking for an expert."""

    KIND = "assignment"

    round = IntegerAttribute()
    rev = IntegerAttribute()
    status = UnicodeAttribute()
    queued_at = MomentAttribute()
    type = UnicodeAttribute()
    plan = UnicodeAttribute()
    customer_id = UnicodeAttribute()
    urgent = BooleanAttribute()
    is_specialist = BooleanAttribute()
    preferred_expert_id = UnicodeAttribute(null=True)
    routing_type = UnicodeAttribute()
    workshop_id = UnicodeAttribute(null=True)
    wave = IntegerAttribute()
    wave_until = MomentAttribute(null=True)
    offered_at = MomentAttribute(null=True)
    expert_id = UnicodeAttribute(null=True)
    accepted_at = MomentAttribute(null=True)

    @classmethod
    def at(cls, session_id: str, number: int) -> "Key[AssignmentItem]":
        """Where that round is."""
        return Key(cls, f"SESSION#{session_id}", f"ASSIGNMENT#{number:04}")


class OfferItem(Item):
    """A session offered to one expert."""

    KIND = "offer"

    session_id = UnicodeAttribute()
    expert_id = UnicodeAttribute()
    round = IntegerAttribute()
    wave = IntegerAttribute()
    status = UnicodeAttribute()
    offered_at = MomentAttribute()
    expires_at = MomentAttribute()
    type = UnicodeAttribute()
    plan = UnicodeAttribute()
    urgent = BooleanAttribute()

    @classmethod
    def at(cls, session_id: str, expert_id: str) -> "Key[OfferItem]":
        """Where the session's offer to that expert is."""
        return Key(cls, f"SESSION#{session_id}", f"OFFER#{expert_id}")


def queue_key(session_id: str, assignment: Assignment) -> tuple[str, str]:
    """Partition and sort key in the queue: urgent ones first, then who has waited longest."""
    priority = 1 if assignment.urgent else 5
    sort = f"{priority}#{to_text(assignment.queued_at)}#{session_id}"
    return f"{QUEUE}#{shard_of(session_id)}", sort


def assignment_item(session_id: str, assignment: Assignment) -> AssignmentItem:
    """The item of a round that begins."""
    key = AssignmentItem.at(session_id, assignment.round)
    item = AssignmentItem(key.pk, key.sk, **_values(AssignmentItem, assignment))
    item.gsi2pk, item.gsi2sk = queue_key(session_id, assignment)
    return item


def assignment_of(item: AssignmentItem) -> Assignment:
    """The domain's assignment of a stored one."""
    names = Assignment.__dataclass_fields__
    return Assignment(**{name: getattr(item, name) for name in names})


def offer_item(offer: Offer) -> OfferItem:
    """The item of an offer, in its expert's inbox while it is pending."""
    key = OfferItem.at(offer.session_id, offer.expert_id)
    item = OfferItem(key.pk, key.sk, **_values(OfferItem, offer))
    if offer.status == "pending":
        item.gsi1pk = f"EXPERT#{offer.expert_id}"
        item.gsi1sk = f"OFFER#{to_text(offer.expires_at)}#{offer.session_id}"
    return item


def offer_of(item: OfferItem) -> Offer:
    """The domain's offer of a stored one."""
    return Offer(**{name: getattr(item, name) for name in Offer.__dataclass_fields__})


def _values(of: type[Item], thing: object) -> dict[str, Any]:
    names = of.get_attributes()
    fields = cast("Any", thing).__dataclass_fields__
    return {name: getattr(thing, name) for name in fields if name in names}
