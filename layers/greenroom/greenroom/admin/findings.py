"""What can be wrong with a person's books, and what repairs it. Pure.

A repair adds entries or sets what follows from something else; nothing that was ever written
into the ledger is changed. What has no such repair is for a person to decide.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from greenroom.accounts.domain import Posting

Rule = Literal[
    "a_paid_seat_is_its_bookings",
    "a_payment_buys_one_thing",
    "balance_is_the_ledgers_sum",
    "changes_are_counted",
    "charge_is_in_the_ledger",
    "customer_leads_to_the_person",
    "debit_has_its_session",
    "give_back_is_in_the_ledger",
    "guard_names_an_open_session",
    "ledger_has_its_person",
    "only_a_fulfilled_purchase_is_credited",
    "payment_leads_to_its_purchase",
    "premium_follows_from_subscriptions",
    "purchase_is_in_its_list",
    "purchase_is_in_the_ledger",
    "reversal_is_in_the_ledger",
    "reversed_credits_follow_from_refunds",
    "rows_can_be_read",
    "session_says_that_it_was_given_back",
    "slot_names_a_purchase",
    "void_has_its_debit",
    "what_is_fulfilled_was_paid",
    "what_is_redeemed_is_a_session",
]

REASON: Final = "reconciliation"  # why our own entries were made


@dataclass(frozen=True, slots=True)
class PostEntry:
    """An entry that is missing in the ledger. The balance is set together with all of them."""

    posting: Posting


@dataclass(frozen=True, slots=True)
class SetBalance:
    """The balance follows from the ledger."""


@dataclass(frozen=True, slots=True)
class SetPremium:
    """Premium follows from the subscriptions, whose changes the person's row counts."""

    until: datetime | None
    seen_rev: int
    rev: int


@dataclass(frozen=True, slots=True)
class FreeGuard:
    """The guard keeps its person from starting, for a session that is over or not there."""

    session_id: str


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """The slot names a checkout that is not there."""

    thing: str
    purchase_id: str


@dataclass(frozen=True, slots=True)
class MarkGivenBack:
    """The session was given back, as its entry says."""

    session_id: str


@dataclass(frozen=True, slots=True)
class SetReversed:
    """How many centicredits of a purchase are taken back follows from its refunds."""

    purchase_id: str
    rev: int
    to: int


@dataclass(frozen=True, slots=True)
class LeadPayment:
    """A payment has to lead to its purchase, for news of refunds."""

    payment_intent_id: str
    purchase_id: str


@dataclass(frozen=True, slots=True)
class ListPurchase:
    """A purchase belongs into its person's list."""

    purchase_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LinkCustomer:
    """A customer's row leads to the person who names it."""

    customer_id: str


Repair = (
    PostEntry
    | SetBalance
    | SetPremium
    | FreeGuard
    | FreeSlot
    | MarkGivenBack
    | SetReversed
    | LeadPayment
    | ListPurchase
    | LinkCustomer
)


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that does not hold. ``subject`` names what it is about, ``facts`` say how.

    Two looks at the same books give equal findings, so what only one of them saw was work
    under way.
    """

    rule: Rule
    user_id: str
    subject: str
    facts: tuple[tuple[str, Any], ...] = ()
    repair: Repair | None = None

    @property
    def is_of_the_ledger(self) -> bool:
        """Whether credits are wrong somewhere: what ``LedgerMismatch`` counts."""
        return self.rule in LEDGER_RULES


def finding_of(
    user_id: str, rule: Rule, subject: str, *, repair: Repair | None = None, **facts: Any
) -> Finding:
    """A finding with its facts in a fixed order."""
    return Finding(rule, user_id, subject, tuple(sorted(facts.items())), repair)


LEDGER_RULES: Final[frozenset[Rule]] = frozenset(
    {
        "balance_is_the_ledgers_sum",
        "purchase_is_in_the_ledger",
        "only_a_fulfilled_purchase_is_credited",
        "reversal_is_in_the_ledger",
        "charge_is_in_the_ledger",
        "debit_has_its_session",
        "give_back_is_in_the_ledger",
        "void_has_its_debit",
        "ledger_has_its_person",
    }
)
