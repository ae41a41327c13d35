"""What admins see and say, on the wire. Credits are in credits."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from greenroom.accounts.schema import LedgerView
from greenroom.kernel.ids import ID_PATTERN, is_id
from greenroom.kernel.limits import ADJUSTMENT_CENTICREDITS_MAX, ADJUSTMENT_REASON_CHARS_MAX
from greenroom.kernel.money import CENTICREDITS_PER_CREDIT, credits_to_json
from greenroom.payments.schema import PurchasePage, SubscriptionView
from greenroom.sessions.schema import SessionPage
from greenroom.web.wire import Timestamp, Wire, storable

_MOST = credits_to_json(ADJUSTMENT_CENTICREDITS_MAX)


def _centicredits(value: Any) -> int:
    """A JSON number of credits as centicredits, exactly."""
    if type(value) not in {int, float}:
        raise ValueError("is a number")
    scaled = Decimal(repr(value)) * CENTICREDITS_PER_CREDIT
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise ValueError("has two places at most")
    if not 1 <= abs(scaled) <= ADJUSTMENT_CENTICREDITS_MAX:
        raise ValueError(f"is not 0, and at most {_MOST} either way")
    return int(scaled)


def _known(value: str) -> str:
    if not is_id(value):
        raise ValueError("is one of our ids")
    return value


def _worded(value: str) -> str:
    words = value.strip()
    if not words.isprintable() or len(words) < 3:
        raise ValueError("is at least three printable characters")
    return words


OurId = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"pattern": ID_PATTERN})]
Reason = Annotated[
    str,
    Field(max_length=ADJUSTMENT_REASON_CHARS_MAX, json_schema_extra={"minLength": 3}),
    storable,
    AfterValidator(_worded),
]


class PersonRow(Wire):
    """Somebody who has joined. Of the deleted a tombstone is left, with ``deletedAt``."""

    user_id: str
    clerk_id: str
    email: str | None
    name: str | None
    credits: float
    is_premium: bool
    premium_until: Timestamp | None
    created_at: Timestamp
    deleted_at: Timestamp | None


class PeoplePage(Wire):
    """Some people, newest first. A search goes on while there is a cursor, found or not."""

    items: list[PersonRow]
    next_cursor: str | None


class AdjustCredits(Wire):
    """``POST /api/admin/credits``: credits to give, or with a minus to take.

    At most two places. What is taken is never more than the person has. The reason stands in the
    person's ledger.
    """

    user_id: OurId
    credits: Annotated[
        int,
        BeforeValidator(_centicredits),
        Field(
            json_schema_extra={
                "type": "number",
                "minimum": -_MOST,
                "maximum": _MOST,
                "multipleOf": 0.01,
                "not": {"const": 0},
            }
        ),
    ]
    reason: Reason


class CreditsAdjusted(Wire):
    """The balance before and after, and where ledger and trail tell of it."""

    user_id: str
    credits_before: float
    credits: float
    ledger_entry: str
    entry_id: str
    at: Timestamp


class TrailEntry(Wire):
    """Something that an admin did. ``before`` and ``after`` are what it changed."""

    entry_id: str
    at: Timestamp
    actor_id: str
    actor_clerk_id: str
    action: str
    target: str
    reason: str
    before: dict[str, Any]
    after: dict[str, Any]
    request_id: str


class TrailPage(Wire):
    """What admins did in a month, newest first."""

    items: list[TrailEntry]
    next_cursor: str | None


class Subject(Wire):
    """What a reference means, and how that is now."""

    kind: str
    id: str
    user_id: str | None
    facts: dict[str, Any]


class StoryLine(Wire):
    """Something that happened to ``ref``; ``actor`` is who did it, where that is known."""

    at: Timestamp
    kind: str
    ref: str
    actor: str | None
    what: str
    facts: dict[str, Any]


class StoryPage(Wire):
    """What happened, in the order of time. Only a person's story has more than one page."""

    ref: str
    about: Subject
    items: list[StoryLine]
    next_cursor: str | None


class TroublePage(Wire):
    """What went wrong in one month, newest first; the cursor leads to the month before."""

    items: list[StoryLine]
    next_cursor: str | None


class FindingView(Wire):
    """A rule of the books that does not hold. ``repairable`` by `python -m ops reconcile --fix`."""

    rule: str
    user_id: str
    subject: str
    facts: dict[str, Any]
    repairable: bool


class QuotaState(Wire):
    """How a month's quota stands; ``limit`` has adjustments in it, ``used`` what is under way."""

    service_type: str
    period: str
    limit: int
    used: int
    remaining: int
    reset_at: Timestamp
    enforcement: Literal["hard", "soft"]


class PersonDetail(Wire):
    """All that is known of a person; of lists the first page, which a route of its own goes on."""

    person: PersonRow
    ledger: LedgerView
    sessions: SessionPage
    purchases: PurchasePage
    subscriptions: list[SubscriptionView]
    quotas: list[QuotaState]
    errors: TroublePage
    acts: list[TrailEntry]
    findings: list[FindingView]


class ViolationView(Wire):
    """A rule that does not hold, of what, and how."""

    rule: str
    subject: str
    facts: dict[str, Any]


class InvariantsPage(Wire):
    """How many things were compared, and what does not agree. While there is a cursor, go on.

    `section` is one of `people`, `classes`, `tenants`, in this order.
    """

    section: str
    checked: int
    violations: list[ViolationView]
    next_cursor: str | None
