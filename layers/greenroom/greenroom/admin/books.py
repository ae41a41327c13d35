"""The books of one person: everything stored that has to agree with everything else. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from greenroom.accounts.domain import LedgerEntry
from greenroom.bookings.domain import Booking
from greenroom.payments.domain import Purchase
from greenroom.payments.premium import Subscription
from greenroom.sessions.domain import Session
from greenroom.usage.takings import Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The person's own row; ``credits`` is the balance in centicredits."""

    credits: int
    premium_until: datetime | None
    subscriptions_rev: int
    is_deleted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedPurchase:
    """A purchase and what has to lead to it. ``rev`` counts its changes.

    ``in_list``: the person's own list shows it. ``payment_leads_to`` is the purchase that its
    payment's pointer names, None where there is no such pointer.
    """

    purchase: Purchase
    rev: int
    in_list: bool
    payment_leads_to: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedSubscription:
    """A subscription and how often it was changed."""

    subscription: Subscription
    rev: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Stripe's customer of the person, and whom the customer's own row names."""

    customer_id: str
    leads_to: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """All that is stored of one person's money and sessions, as one look found it.

    ``slots`` are the open checkouts, ``thing -> purchase id``. ``sessions`` and ``purchases``
    are those in the person's lists and those that anything here names, ``bookings`` those that
    the purchases name; what is named and not there is missing in them. ``counted`` are the days
    of theirs that are in everybody's takings. ``unreadable`` counts rows that are no item of ours.
    """

    user_id: str
    account: Account | None
    entries: tuple[LedgerEntry, ...] = ()
    purchases: Mapping[str, BookedPurchase]
    sessions: Mapping[str, Session]
    bookings: Mapping[str, Booking] = field(default_factory=dict)
    subscriptions: tuple[BookedSubscription, ...] = ()
    slots: Mapping[str, str]
    guarded_session_id: str | None = None
    customer: Customer | None = None
    counted: Mapping[str, Counted] = field(default_factory=dict)
    unreadable: int = 0
