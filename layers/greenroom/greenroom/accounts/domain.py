"""A person, their balance, and the rules of spending."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from greenroom.kernel.errors import Conflict, InsufficientCredits, NotFound
from greenroom.kernel.limits import Limits
from greenroom.kernel.money import credits_to_json
from greenroom.kernel.turns import Overtaken

# Purchase: bought credits. Reversal: what refunds and disputes took back, or a dispute that was
# won gave again. Adjustment: a correction of ours.
EntryKind = Literal["grant", "debit", "void", "purchase", "reversal", "adjustment"]

WELCOME_KEY = "grant:welcome"
WELCOME_TAKEN_BACK_KEY = "adjust:welcome"
HINTS_MAX = 10_000  # people remembered by one container


class UnknownUser(NotFound):
    """The person has a valid token and no row yet: make the row, then try again."""


class PremiumChanged(Conflict):
    """The person is premium and was asked to pay, or the other way round: try the other path."""

    default_detail = "Your subscription has just changed. Try again."


class EntryExists(Conflict):
    """The ledger has an entry of this business key: what it stands for has happened."""

    default_detail = "This entry is in the ledger already."


class BalanceMoved(Overtaken):
    """The balance has moved since it was read: read again."""


class SubscriptionsChanged(Conflict):
    """Another subscription of the person was written meanwhile: premium has to be derived anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person. ``credits`` is the balance in centicredits and equals the ledger's sum."""

    user_id: str
    clerk_id: str
    email: str | None
    name: str | None
    credits: int
    premium_until: datetime | None
    created_at: datetime

    def is_premium(self, now: datetime) -> bool:
        """Whether a paid period, grace included, has not ended."""
        return self.premium_until is not None and self.premium_until > now

    def may_start(self, now: datetime, *, cost: int) -> bool:
        """Whether an interview of that cost (centicredits) could be started now."""
        return self.is_premium(now) or self.credits >= cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a person tells about themselves; all of it optional."""

    headline: str | None = None
    bio: str | None = None
    image_url: str | None = None
    resume_text: str | None = None
    resume_data: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One immutable change of a balance, in centicredits; ``key`` is its business key."""

    key: str
    kind: EntryKind
    amount: int
    reason: str
    at: datetime
    session_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """An entry that is to be made, once for ever by its business key, in centicredits."""

    key: str
    kind: EntryKind
    amount: int
    reason: str
    session_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What one session takes, and under which key: the attempt makes a re-armed one new.

    ``cost`` is in centicredits. A subscription covers interviews, and nothing else.
    """

    user_id: str
    session_id: str
    attempt: int
    cost: int
    reason: str = "interview"

    @property
    def is_covered(self) -> bool:
        """Whether a premium person does not pay it."""
        return self.reason == "interview"

    @property
    def debit_key(self) -> str:
        """Business key of the debit."""
        return f"debit:{self.session_id}:{self.attempt}"

    @property
    def void_key(self) -> str:
        """Business key of the entry that gives the debit back."""
        return f"void:{self.session_id}:{self.attempt}"


@dataclass(slots=True)
class PremiumHints:
    """Which path to try first for whom; wrong hints cost one transaction, never a wrong charge."""

    life_s: int
    _until: dict[str, datetime] = field(default_factory=dict)

    def is_premium(self, user_id: str, now: datetime) -> bool:
        """Whether the person was shown to be premium a moment ago."""
        until = self._until.get(user_id)
        return until is not None and until > now

    def turn(self, user_id: str, now: datetime) -> None:
        """A transaction has shown the hint to be wrong: take the opposite for a while."""
        if self.is_premium(user_id, now):
            self._until.pop(user_id, None)
            return
        if len(self._until) >= HINTS_MAX:
            self._until.clear()
        self._until[user_id] = now + timedelta(seconds=self.life_s)


def insufficient(
    balance: int, charge: Charge, *, limits: Limits, credits_name: str
) -> InsufficientCredits:
    """The refusal of a start that the balance (centicredits) does not cover.

    Below the minimum the text asks for the minimum; between minimum and cost it asks for
    the cost, since that is what the debit takes. Source: origin 003 with its gap closed.
    """
    cost = charge.cost
    poor = charge.is_covered and balance < limits.minimum_centicredits
    needed = limits.minimum_centicredits if poor else cost
    price: dict[str, Any] = {
        "interviewCost" if charge.is_covered else "sessionCost": credits_to_json(cost)
    }
    return InsufficientCredits(
        f"Insufficient {credits_name}. You need at least {credits_to_json(needed)} "
        f"{credits_name} to start {'an interview' if charge.is_covered else 'this session'}.",
        currentCredits=credits_to_json(balance),
        minimumRequired=credits_to_json(needed),
        **price,
    )
