"""One event on its way through the webhook, and the answers that it can get. Pure."""

from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from greenroom.payments.events import StripeEvent

# Applied: it changed something. Duplicate: what it tells was known. Ignored: no rule is about
# it. Banked: paid for, kept until the person can have it. Unmatched: kept for an operator.
Outcome = Literal["applied", "duplicate", "ignored", "banked", "unmatched"]

EventType_co = TypeVar("EventType_co", bound=StripeEvent, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class News(Generic[EventType_co]):
    """An event with the bytes that it came in; ``again`` where it is replayed on purpose."""

    event: EventType_co
    raw: bytes
    again: bool = False
