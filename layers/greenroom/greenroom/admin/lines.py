"""Rows as lines of a story: when, what, who, and facts that are safe to show. Pure.

Which attributes are told stands here by name, so that a new one is not told before somebody has
decided that it may be: no token, no offer or answer, nothing that anybody said.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from greenroom.admin.facts import told
from greenroom.kernel.clock import to_text

# Of what lines tell, causes before what follows from them.
KINDS: Final = (
    *("person", "admin", "intake", "stripe", "payment", "subscription"),
    *("booking", "session", "credits", "feedback", "ai", "browser"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table as it is stored, in plain values."""

    kind: str
    pk: str
    sk: str
    created_at: datetime
    values: Mapping[str, Any]

    @property
    def id(self) -> str:
        """What the partition is named after."""
        return self.pk.rpartition("#")[2]

    @property
    def place(self) -> tuple[str, str]:
        """Where it is."""
        return self.pk, self.sk


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something that happened to ``ref``. ``actor`` is who did it, where that is known."""

    at: datetime
    kind: str
    ref: str
    what: str
    actor: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def lines_of(row: Row) -> list[Line]:
    """What a row tells; nothing where it is of a kind that no story needs."""
    reader = _READERS.get(row.kind)
    return list(reader(row)) if reader else []


def _user(row: Row) -> Iterator[Line]:
    facts = told(row.values, "clerk_id")
    yield Line(at=row.created_at, kind="person", ref=row.id, what="joined", facts=facts)
    if (deleted_at := row.values.get("deleted_at")) is not None:
        yield Line(at=deleted_at, kind="person", ref=row.id, what="deleted")


def _entry(row: Row) -> Iterator[Line]:
    values = row.values
    facts, what = told(values, "amount", "reason", "session_id"), values["entry"]
    yield Line(at=row.created_at, kind="credits", ref=values["key"], what=what, facts=facts)


def _session_event(row: Row) -> Iterator[Line]:
    values = row.values
    facts = told(
        values["metadata"],
        *("type", "plan", "payment_method", "amount_paid", "urgent", "source"),
        *("round", "wave", "revision", "given_back", "reason", "expert_id"),
    )
    yield Line(
        at=row.created_at,
        kind="session",
        ref=row.id,
        what=values["event_type"],
        actor=values.get("user_id"),
        facts=facts,
    )


def _booking_event(row: Row) -> Iterator[Line]:
    facts = told(row.values["facts"], "from", "to", "reason", "source", "purchaseId", "expiresAt")
    yield Line(
        at=row.created_at,
        kind="booking",
        ref=row.id,
        what=row.values["event_type"],
        actor=row.values["actor"],
        facts=facts,
    )


def _purchase(row: Row) -> Iterator[Line]:
    values = row.values
    facts = told(
        values, "sku", "purchase_kind", "quantity", "amount_cents", "currency", "checkout_id"
    )
    yield Line(
        at=row.created_at,
        kind="payment",
        ref=row.id,
        what="checkout",
        actor=values["user_id"],
        facts=facts,
    )
    if (paid_at := values.get("paid_at")) is not None:
        facts = told(values, "paid_cents", "currency", "payment_intent_id")
        yield Line(at=paid_at, kind="payment", ref=row.id, what="paid", facts=facts)


def _stripe_event(row: Row) -> Iterator[Line]:
    values = row.values
    yield Line(
        at=values["happened_at"],
        kind="stripe",
        ref=row.id,
        what=values["event_type"],
        actor="stripe",
        facts={**told(values, "outcome"), "receivedAt": to_text(row.created_at)},
    )


def _subscription(row: Row) -> Iterator[Line]:
    name, values = row.sk.removeprefix("SUBSCRIPTION#"), row.values
    facts = told(values, "period_end", "ends_at", "paid_until")
    what = f"is {values['status']}"
    yield Line(at=values["changed_at"], kind="subscription", ref=name, what=what, facts=facts)


def _intake(row: Row) -> Iterator[Line]:
    values = row.values
    facts = told(values, "plan", "urgent", "routing_type")
    yield Line(
        at=row.created_at,
        kind="intake",
        ref=row.id,
        what="asked",
        actor=values["user_id"],
        facts=facts,
    )


def _waiver(row: Row) -> Iterator[Line]:
    facts = told(row.values, "version")
    yield Line(at=row.values["signed_at"], kind="intake", ref=row.id, what="signed", facts=facts)


def _feedback(row: Row) -> Iterator[Line]:
    values = row.values
    yield Line(at=row.created_at, kind="feedback", ref=row.id, what="due")
    if values["status"] in {"completed", "failed"}:
        facts = told(values, "attempt", "error_code", "prompt_tokens", "completion_tokens")
        at, what = values["updated_at"], values["status"]
        yield Line(at=at, kind="feedback", ref=row.id, what=what, facts=facts)


def _act(row: Row) -> Iterator[Line]:
    values = row.values
    changed = {"before": values["before"], "after": values["after"]}
    yield Line(
        at=row.created_at,
        kind="admin",
        ref=row.sk.partition("#")[2],
        what=values["action"],
        actor=values["actor_id"],
        facts={**told(values, "target", "reason", "request_id"), **changed},
    )


def _ai_log(row: Row) -> Iterator[Line]:
    values = row.values
    facts = told(
        values,
        *("service_type", "model", "attempt", "units", "input_tokens", "output_tokens"),
        *("cost_micros", "processing_time_ms", "error_code", "preschool_id", "organization_id"),
    )
    yield Line(
        at=values["at"],
        kind="ai",
        ref=values["request_id"],
        what=values.get("status") or "used",
        actor=values.get("user_id"),
        facts=facts,
    )


def _client_error(row: Row) -> Iterator[Line]:
    facts = told(row.values, "message", "page", "request_id", "session_id", "release")
    at, ref = row.values["at_moment"], row.sk.removeprefix("ERROR#")
    yield Line(at=at, kind="browser", ref=ref, what="error", facts=facts)


def _reservation(row: Row) -> Iterator[Line]:
    values = row.values
    yield Line(
        at=values["started_at"],
        kind="ai",
        ref=row.pk.rpartition("#")[2],
        what="asked",
        actor=values["user_id"],
        facts=told(values, "service", "units", "period", "state", "attempt", "reason"),
    )


_READERS: Final[dict[str, Callable[[Row], Iterator[Line]]]] = {
    "ai_log": _ai_log,
    "audit_entry": _act,
    "booking_event": _booking_event,
    "client_error": _client_error,
    "feedback": _feedback,
    "intake": _intake,
    "ledger_entry": _entry,
    "purchase": _purchase,
    "reservation": _reservation,
    "session_event": _session_event,
    "stripe_event": _stripe_event,
    "subscription": _subscription,
    "user": _user,
    "waiver": _waiver,
}
