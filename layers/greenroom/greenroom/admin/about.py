"""What a reference means, and which of its attributes are told. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from greenroom.admin.facts import told
from greenroom.admin.lines import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a reference means, and how that is now."""

    kind: str
    id: str
    user_id: str | None
    facts: Mapping[str, Any]


def about_of(row: Row) -> About:
    """What a row is about."""
    kind, names = _ABOUT.get(row.kind, (row.kind, ()))
    values = row.values
    owner = values.get("user_uuid") or values.get("user_id")
    if row.kind in {"user", "subscription"}:
        owner = row.pk.removeprefix("USER#")
    named = row.sk.removeprefix("SUBSCRIPTION#") if row.kind == "subscription" else row.id
    return About(kind=kind, id=named, user_id=owner, facts=told(values, *names))


_ABOUT: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "session": (
        "session",
        (
            *("type", "status", "plan", "payment_method", "cost", "charged", "given_back"),
            *("attempt", "started_at", "live_at", "ended_at", "feedback_status"),
            *("intake_id", "purchase_id", "expert_id"),
        ),
    ),
    "purchase": (
        "purchase",
        (
            *("standing", "sku", "purchase_kind", "amount_cents", "paid_cents", "currency"),
            *("credits", "reversed_credits", "reason", "checkout_id", "payment_intent_id"),
            *("subscription_id", "session_id", "intake_id", "refund_id", "refund_due_at"),
        ),
    ),
    "booking": (
        "booking",
        (
            *("booking_status", "payment_status", "organization_id", "class_session_id"),
            *("class_name", "starts_at", "amount_cents", "currency", "client_id", "customer_id"),
            *("purchase_id", "expires_at"),
        ),
    ),
    "intake": ("intake", ("status", "plan", "urgent", "session_id", "expires_at")),
    "reservation": ("ai", ("service", "units", "period", "state", "attempt", "reason")),
    "user": ("user", ("clerk_id", "credits", "premium_until", "deleted_at")),
    "stripe_event": ("stripe_event", ("event_type", "outcome", "happened_at")),
    "subscription": ("subscription", ("status", "customer_id", "period_end", "paid_until")),
    "audit_entry": ("admin", ("action", "target", "request_id")),
}
