"""What the news of subscriptions does: the subscription and premium, in ONE transaction.

Premium is derived from all subscriptions of the person each time. They are read before, so the
step on the person asks that none was written since: each has a counter, and the person's is
their sum.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from greenroom.accounts.domain import SubscriptionsChanged, UnknownUser
from greenroom.accounts.service import Accounts
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import AccountDeleted
from greenroom.kernel.ids import is_id, user_id_of
from greenroom.kernel.limits import Limits
from greenroom.payments.events import (
    CustomerDeleted,
    InvoiceFailed,
    InvoicePaid,
    SubscriptionChanged,
)
from greenroom.payments.news import News, Outcome
from greenroom.payments.premium import Subscription, newer, premium_until, subscription_of
from greenroom.payments.races import Overtaken, in_turn
from greenroom.payments.reads import HeldSubscription
from greenroom.payments.store import PaymentStore
from greenroom.sessions.domain import Note
from greenroom.table.transaction import Transaction

SubscriptionEvent = SubscriptionChanged | InvoicePaid | InvoiceFailed


class Subscriptions:
    """The subscriptions of people, and what they open."""

    def __init__(
        self,
        store: PaymentStore,
        *,
        accounts: Accounts,
        clock: Clock,
        limits: Limits,
        note: Note,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._clock = clock
        self._limits = limits
        self._note = note

    def of(self, user_id: str) -> list[Subscription]:
        """All subscriptions that the person ever had, the newest news first."""
        found = [one.subscription for one in self._store.subscriptions(user_id)]
        return sorted(found, key=lambda one: one.changed_at, reverse=True)

    def is_live(self, subscription: Subscription) -> bool:
        """Whether it makes its person premium now."""
        until = subscription.opens_until(self._grace)
        return until is not None and until > self._clock()

    def apply(self, news: News[SubscriptionEvent]) -> Outcome:
        """Let the newer news of a subscription stand, and derive premium anew.

        Raises:
            EventSeen: this very event was dealt with before.
            StoreUnavailable: nothing was done; Stripe will send it again.
        """
        told = subscription_of(news.event)
        if told is None:
            return self._store.keep(news, "ignored")
        return in_turn(lambda: self._apply(news, told))

    def part(self, news: News[CustomerDeleted]) -> Outcome:
        """End all subscriptions of a customer who is gone from Stripe, and unlink them.

        Raises:
            EventSeen: this very event was dealt with before.
            StoreUnavailable: nothing was done; Stripe will send it again.
        """
        return in_turn(lambda: self._part(news))

    def _apply(self, news: News[SubscriptionEvent], told: Subscription) -> Outcome:
        user_id = self._person(news.event.metadata, news.event.customer_id)
        if user_id is None:
            return self._unmatched(news, "unknown_customer")
        held = self._store.subscriptions(user_id)
        same = [one for one in held if one.subscription.subscription_id == told.subscription_id]
        now = newer(same[0].subscription, told) if same else told
        if same and now == same[0].subscription:
            return self._store.keep(news, "duplicate")
        return self._write(news, user_id, held, [now])

    def _part(self, news: News[CustomerDeleted]) -> Outcome:
        customer_id = news.event.customer_id
        user_id = self._person(news.event.metadata, customer_id)
        if user_id is None:
            return self._unmatched(news, "unknown_customer")
        held = self._store.subscriptions(user_id)
        ended = [
            _ended(one.subscription, news.event)
            for one in held
            if one.subscription.customer_id == customer_id and not one.subscription.deleted
        ]
        parting = lambda tx: self._store.add_parting(tx, user_id, customer_id)  # noqa: E731
        return self._write(news, user_id, held, ended, parting)

    def _write(
        self,
        news: News[SubscriptionEvent] | News[CustomerDeleted],
        user_id: str,
        held: Sequence[HeldSubscription],
        changed: Sequence[Subscription],
        also: Callable[[Transaction], None] = lambda _: None,
    ) -> Outcome:
        revs = {one.subscription.subscription_id: one.rev for one in held}
        stand = {one.subscription.subscription_id: one.subscription for one in held}
        stand |= {one.subscription_id: one for one in changed}
        tx = self._store.transaction()
        self._store.add_event(tx, news, "applied")
        for one in changed:
            self._store.add_subscription(tx, user_id, one, rev=revs.get(one.subscription_id, 0))
        if changed:
            until = premium_until(stand.values(), self._clock(), self._grace)
            self._accounts.add_premium(
                tx, user_id, until, seen=sum(revs.values()), changes=len(changed)
            )
        also(tx)
        try:
            tx.commit()
        except SubscriptionsChanged as other:
            raise Overtaken from other
        except (UnknownUser, AccountDeleted) as gone:
            reason = "unknown_user" if isinstance(gone, UnknownUser) else "deleted_user"
            return self._unmatched(news, reason)
        return "applied"

    def _person(self, metadata: Mapping[str, str], customer_id: str | None) -> str | None:
        """Whose it is, as our own metadata says; without any, as the customer's link does."""
        if clerk_id := metadata.get("clerk_id"):
            return user_id_of(clerk_id)
        named = metadata.get("user_id", "")
        if is_id(named):
            return named
        return self._store.owner_of(customer_id) if customer_id else None

    def _unmatched(
        self, news: News[SubscriptionEvent] | News[CustomerDeleted], reason: str
    ) -> Outcome:
        facts = {"alarm": "SUBSCRIPTION_UNMATCHED", "stripe_event_id": news.event.event_id}
        self._note("a subscription belongs to nobody", {**facts, "reason": reason})
        return self._store.keep(news, "unmatched")

    @property
    def _grace(self) -> timedelta:
        return timedelta(seconds=self._limits.subscription_grace_s)


def _ended(subscription: Subscription, event: CustomerDeleted) -> Subscription:
    """The subscription as the end of its customer leaves it."""
    ended_at = max(subscription.changed_at, event.created_at)
    return replace(subscription, status="canceled", deleted=True, changed_at=ended_at)
