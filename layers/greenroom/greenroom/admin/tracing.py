"""What a reference means: one of our ids, Clerk's, or Stripe's; and what hangs on what it means."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from greenroom.admin.lines import Row
from greenroom.admin.story_reads import StoryReads, told_by
from greenroom.kernel.clock import Clock
from greenroom.kernel.ids import is_id, user_id_of
from greenroom.kernel.tenants import Tenant
from greenroom.payments.events import Checkout, CustomerDeleted, Envelope, SubscriptionChanged
from greenroom.payments.shapes import read_event

_ROOTS: Final = (
    ("SESSION", "SESSION"),
    ("PURCHASE", "PURCHASE"),
    ("INTAKE", "INTAKE"),
    ("USER", "ACCOUNT"),
)
_STRIPES: Final = re.compile(r"(evt|pi|cs|sub|in|cus|ch|py)_[A-Za-z0-9_]{1,250}")


class Tracing:
    """Finds things by what people call them."""

    def __init__(self, reads: StoryReads, *, clock: Clock) -> None:
        self._reads = reads
        self._clock = clock

    def find(self, ref: str, *, organization_id: str | None) -> list[Row]:
        """The row that a reference means, and those that only it leads to; nothing if it is none.

        A booking's id does not say whose it is: without ``organization_id`` it is looked for in
        all organisations, a bounded number of them.
        """
        if is_id(ref):
            found = self._reads.rows((f"{root}#{ref}", sk) for root, sk in _ROOTS)
            return found[:1] or self._booking(ref, organization_id) or self._call(ref)
        if ref.startswith("user_"):
            return self._reads.rows([(f"USER#{user_id_of(ref)}", "ACCOUNT")])
        if _STRIPES.fullmatch(ref):
            return self._stripes(ref)
        return self._request(ref)

    def _booking(self, ref: str, organization_id: str | None) -> list[Row]:
        if organization_id is not None:
            homes = [Tenant("organization", organization_id)]
        else:
            homes = self._reads.organizations()
        return self._reads.rows((home.pk("B", ref), "BOOKING") for home in homes)[:1]

    def _call(self, ref: str) -> list[Row]:
        """The use of AI of that request, by whoever used any this month or in the one before.

        Its id does not say whose it is, so all who may have made it are asked at once.
        """
        users = [one for month in self._months() for one in self._reads.users_of_ai(month)]
        owners = [f"USER#{one}" for one in users] + [one.pk() for one in self._reads.tenants()]
        return self._reads.rows((f"{owner}#R#{ref}", "RESERVATION") for owner in owners)[:1]

    def _stripes(self, ref: str) -> list[Row]:
        """What Stripe's id leads to, before the events that name it."""
        events = self._reads.listed(f"STRIPE#{ref}")
        if ref.startswith("evt_"):
            events = self._reads.rows([(f"EVENT#stripe#{ref}", "EVENT")])
        for place in self._leads(ref, events):
            found = self._reads.rows([place])
            if found and ref.startswith("evt_"):
                return [*events, *found]
            if found:
                return [*found, *events]
        return events

    def _leads(self, ref: str, events: list[Row]) -> Iterator[tuple[str, str]]:
        """Where what Stripe's id means may be, the likeliest first."""
        yield from self._pointed(ref)
        for event in events:
            news = read_event(told_by(event))
            match news:
                case Checkout() if news.client_reference_id:
                    yield f"PURCHASE#{news.client_reference_id}", "PURCHASE"
                case SubscriptionChanged():
                    yield from self._subscription(news.customer_id, news.subscription_id)
                case CustomerDeleted():
                    yield from self._subscription(news.customer_id, None)
                case Envelope():
                    for name in ("payment_intent_id", "invoice_id"):
                        yield from self._pointed(getattr(news, name, None) or "")

    def _pointed(self, ref: str) -> Iterator[tuple[str, str]]:
        """Where a payment's or an invoice's own pointer leads."""
        places = {"pi": (f"PAYMENT#{ref}", "PURCHASE"), "in": (f"INVOICE#{ref}", "SUBSCRIPTION")}
        place = places.get(ref.partition("_")[0])
        for pointer in self._reads.rows([place]) if place else ():
            values = pointer.values
            if values.get("purchase_id"):
                yield f"PURCHASE#{values['purchase_id']}", "PURCHASE"
            elif values.get("user_id") and values.get("subscription_id"):
                yield f"USER#{values['user_id']}", f"SUBSCRIPTION#{values['subscription_id']}"
        if ref.startswith("cus_"):
            yield from self._subscription(ref, None)

    def _subscription(
        self, customer_id: str | None, subscription_id: str | None
    ) -> Iterator[tuple[str, str]]:
        """A subscription of Stripe's customer, or else the person who is that customer."""
        for row in self._reads.rows([(f"CUSTOMER#{customer_id}", "USER")]):
            owner = f"USER#{row.values['user_id']}"
            if subscription_id is not None:
                yield owner, f"SUBSCRIPTION#{subscription_id}"
            yield owner, "ACCOUNT"

    def _request(self, ref: str) -> list[Row]:
        """What an admin did in a request, this month or in the one before."""
        for month in self._months():
            row = self._reads.of_request(month, ref)
            if row is not None:
                return [row]
        return []

    def _months(self) -> tuple[str, str]:
        """This month and the one before."""
        now = self._clock()
        return f"{now:%Y-%m}", f"{now.replace(day=1) - timedelta(days=1):%Y-%m}"
