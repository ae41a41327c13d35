"""Intakes, signatures and plans that are had once, in the table.

| item | PK | SK | GSI1PK / GSI1SK |
|---|---|---|---|
| intake | INTAKE#{id} | INTAKE | USER#{user_id} / INTAKE#{created_at}#{id} |
| waiver | INTAKE#{id} | WAIVER | |
| plan_claim | USER#{user_id} | ONCE#{plan} | |

``ttl`` forgets an intake that nobody signed; whatever was signed stays until its person is erased,
so that no signature is left without its intake.
"""

from typing import Any

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from greenroom.intake.domain import Intake
from greenroom.kernel.clock import epoch_s, to_text
from greenroom.table.attributes import IntegerAttribute, JsonAttribute, MomentAttribute
from greenroom.table.item import Item, Key


class IntakeItem(Item):
    """What somebody asks of an expert."""

    KIND = "intake"

    user_id = UnicodeAttribute()
    clerk_id = UnicodeAttribute()
    plan = UnicodeAttribute()
    status = UnicodeAttribute()
    expires_at = MomentAttribute(null=True)
    urgent = BooleanAttribute()
    is_specialist = BooleanAttribute()
    preferred_expert_id = UnicodeAttribute(null=True)
    routing_type = UnicodeAttribute()
    workshop_id = UnicodeAttribute(null=True)
    vehicle = JsonAttribute(null=True)
    concern = UnicodeAttribute(null=True)
    answers = JsonAttribute(null=True)
    request_hash = UnicodeAttribute(null=True)
    waiver_version = UnicodeAttribute(null=True)
    waived_at = MomentAttribute(null=True)
    session_id = UnicodeAttribute(null=True)
    returns = IntegerAttribute(null=True)

    @classmethod
    def at(cls, intake_id: str) -> "Key[IntakeItem]":
        """Where the intake is."""
        return Key(cls, f"INTAKE#{intake_id}", "INTAKE")


class WaiverItem(Item):
    """A signature: by whom, to which text, when, and from where the request came."""

    KIND = "waiver"

    version = UnicodeAttribute()
    signature = UnicodeAttribute()
    signed_at = MomentAttribute()
    address = UnicodeAttribute(null=True)
    user_agent = UnicodeAttribute(null=True)

    @classmethod
    def at(cls, intake_id: str) -> "Key[WaiverItem]":
        """Where the intake's signature is."""
        return Key(cls, f"INTAKE#{intake_id}", "WAIVER")


class PlanClaimItem(Item):
    """A plan that is once per person for ever, and that this person has had."""

    KIND = "plan_claim"

    intake_id = UnicodeAttribute()

    @classmethod
    def at(cls, user_id: str, plan: str) -> "Key[PlanClaimItem]":
        """Where the person's claim of that plan is."""
        return Key(cls, f"USER#{user_id}", f"ONCE#{plan}")


def intake_item(intake: Intake) -> IntakeItem:
    """The item of an intake."""
    key = IntakeItem.at(intake.intake_id)
    item = IntakeItem(key.pk, key.sk, created_at=intake.created_at, **_plain(intake))
    item.gsi1pk = f"USER#{intake.user_id}"
    item.gsi1sk = f"INTAKE#{to_text(intake.created_at)}#{intake.intake_id}"
    if intake.expires_at is not None:
        item.ttl = epoch_s(intake.expires_at)
    return item


def intake_of(item: IntakeItem) -> Intake:
    """The domain's intake of a stored one."""
    plain: dict[str, Any] = {name: getattr(item, name) for name in _SHARED}
    plain["returns"] = plain["returns"] or 0
    intake_id = item.pk.removeprefix("INTAKE#")
    return Intake(**plain, intake_id=intake_id, created_at=item.created_at)


def _plain(intake: Intake) -> dict[str, Any]:
    return {name: getattr(intake, name) for name in _SHARED}


_SHARED = frozenset(Intake.__dataclass_fields__) - {"intake_id", "created_at"}
