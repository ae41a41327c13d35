"""What the news of subscriptions does: the subscription and premium, in ONE transaction.

Premium is derived from all subscriptions of the person each time. They are read before, so the
step on the person asks that none was written since: each has a counter, and the person's is
their sum. News of an invoice that was paid lets it, and the payments that are known of it, lead
to the subscription; what came before, and was kept at these pointers, is merged then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from greenroom.accounts.domain import SubscriptionsChanged, UnknownUser
from greenroom.accounts.service import Accounts
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import AccountDeleted
from greenroom.kernel.ids import is_id, user_id_of
from greenroom.kernel.limits import Limits
from greenroom.kernel.turns import Overtaken, in_turn
from greenroom.payments.billing import (
    AnyEvent,
    ReversalEvent,
    Steps,
    SubscriptionEvent,
    Work,
    told_of,
)
from greenroom.payments.events import (
    CustomerDeleted,
    InvoicePaid,
    InvoicePaymentPaid,
)
from greenroom.payments.news import News, Outcome
from greenroom.payments.periods import Terms, terms_of
from greenroom.payments.premium import (
    Subscription,
    newer,
    premium_until,
    subscription_of,
)
from greenroom.payments.races import EventSeen, InvoiceMoved, PaymentMoved
from greenroom.payments.reads import Billed
from greenroom.payments.reversals import reversal_of
from greenroom.payments.store import PaymentStore
from greenroom.sessions.domain import Note
from greenroom.table.transaction import Transaction


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
        self._note = note
        self.terms: Terms = terms_of(limits)

    def of(self, user_id: str) -> list[Subscription]:
        """All subscriptions that the person ever had, the newest news first."""
        found = [one.subscription for one in self._store.subscriptions(user_id)]
        return sorted(found, key=lambda one: one.changed_at, reverse=True)

    def is_live(self, subscription: Subscription) -> bool:
        """Whether it makes its person premium now."""
        until = subscription.opens_until(self.terms)
        return until is not None and until > self._clock()

    def apply(self, news: News[SubscriptionEvent]) -> Outcome:
        """Let the newer news of a subscription stand, and derive premium anew.

        Raises:
            EventSeen: this very event was dealt with before.
            StoreUnavailable: nothing was done; Stripe will send it again.
        """
        event, told = news.event, subscription_of(news.event)
        if told is None:
            return self._store.keep(news, "ignored")
        user_id = self._person(event.metadata, event.customer_id)
        if user_id is None:
            return self._unmatched(news, "unknown_customer")
        work = Work(news, user_id, told=[told])
        if isinstance(event, InvoicePaid):
            work.billed = Billed(
                user_id=user_id,
                subscription_id=told.subscription_id,
                invoice_id=event.invoice_id,
            )
            work.invoice_rev = 0
            work.payment_revs = dict.fromkeys(event.payment_intent_ids, 0)
        return in_turn(lambda: self._merge(work))

    def attach(self, news: News[InvoicePaymentPaid]) -> Outcome:
        """Let a payment lead to its invoice's subscription; or keep it until the invoice does.

        Raises:
            EventSeen: this very event was dealt with before.
            StoreUnavailable: nothing was done; Stripe will send it again.
        """
        payment_intent_id = news.event.payment_intent_id
        if payment_intent_id is None:
            return self._store.keep(news, "ignored")
        return in_turn(lambda: self._attach(news, payment_intent_id))

    def reverse(self, news: News[ReversalEvent], payment_intent_id: str, billed: Billed) -> Outcome:
        """Merge what went back of a payment into the subscription that it paid for.

        Raises:
            EventSeen: this very event was dealt with before.
            StoreUnavailable: nothing was done; Stripe will send it again.
        """
        told = told_of(billed, payment_intent_id, reversal_of(news.event))
        work = Work(news, billed.user_id, told=[told], billed=billed)
        return in_turn(lambda: self._merge(work))

    def part(self, news: News[CustomerDeleted]) -> Outcome:
        """End all subscriptions of a customer who is gone from Stripe, and unlink them.

        Raises:
            EventSeen: this very event was dealt with before.
            StoreUnavailable: nothing was done; Stripe will send it again.
        """
        return in_turn(lambda: self._part(news))

    def _attach(self, news: News[InvoicePaymentPaid], payment_intent_id: str) -> Outcome:
        pointer = self._store.invoice(news.event.invoice_id)
        if pointer is None or pointer.billed is None:
            tx = self._store.transaction()
            self._store.add_event(tx, news, "applied")
            self._store.add_early_payment(
                tx, news.event.invoice_id, payment_intent_id, known=pointer
            )
            tx.commit()
            return "applied"
        billed = pointer.billed
        work = Work(news, billed.user_id, billed=billed, payment_revs={payment_intent_id: 0})
        return in_turn(lambda: self._merge(work))

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
        parting: Steps = lambda tx: self._store.add_parting(tx, user_id, customer_id)  # noqa: E731
        return self._write(Work(news, user_id, held=held, also=parting), ended)

    def _merge(self, work: Work) -> Outcome:
        """Write what the news changes; whoever was overtaken comes again, knowing more."""
        changed: list[Subscription] = []
        if work.told:
            if work.held is None:
                work.held = self._store.subscriptions(work.user_id)
            known = {one.subscription.subscription_id: one.subscription for one in work.held}
            merged = dict(known)
            for told in work.told:
                held = merged.get(told.subscription_id)
                merged[told.subscription_id] = newer(held, told) if held else told
            changed = [one for name, one in merged.items() if one != known.get(name)]
        if not changed and (work.told or not work.leads):
            # An invoice and its pointers are written as one: what is known leads already.
            return self._store.keep(work.news, "duplicate")
        return self._write(work, changed)

    def _write(self, work: Work, changed: Sequence[Subscription]) -> Outcome:
        held = work.held or ()
        revs = {one.subscription.subscription_id: one.rev for one in held}
        stand = {one.subscription.subscription_id: one.subscription for one in held}
        stand |= {one.subscription_id: one for one in changed}
        tx = self._store.transaction()
        self._store.add_event(tx, work.news, "applied")
        for one in changed:
            rev = revs.get(one.subscription_id, 0)
            self._store.add_subscription(tx, work.user_id, one, rev=rev)
        if changed:
            until = premium_until(stand.values(), self._clock(), self.terms)
            self._accounts.add_premium(
                tx, work.user_id, until, seen=sum(revs.values()), changes=len(changed)
            )
        self._add_pointers(tx, work)
        if work.also is not None:
            work.also(tx)
        errors = [violation.error for violation in tx.attempt()]
        return self._settled(work, errors) if errors else "applied"

    def _add_pointers(self, tx: Transaction, work: Work) -> None:
        if work.billed is None:
            return
        if work.invoice_rev is not None:
            self._store.add_invoice(tx, work.billed, rev=work.invoice_rev)
        for payment, rev in sorted(work.payment_revs.items()):
            self._store.add_invoice_payment(tx, payment, work.billed, rev=rev)

    def _settled(self, work: Work, errors: Sequence[Exception]) -> Outcome:
        """What the refusal of a transaction means: an end, or the reason of a next turn."""
        for error in errors:
            match error:
                case EventSeen():
                    raise error
                case UnknownUser():
                    return self._unmatched(work.news, "unknown_user")
                case AccountDeleted():
                    return self._unmatched(work.news, "deleted_user")
                case InvoiceMoved():
                    work.learn_of_invoice(error)
                case PaymentMoved():
                    work.learn_of_payment(error)
                case Overtaken() | SubscriptionsChanged():
                    work.held = None
                case _:
                    raise error
        raise Overtaken from errors[0]

    def _person(self, metadata: Mapping[str, str], customer_id: str | None) -> str | None:
        """Whose it is, as our own metadata says; without any, as the customer's link does."""
        if clerk_id := metadata.get("clerk_id"):
            return user_id_of(clerk_id)
        named = metadata.get("user_id", "")
        if is_id(named):
            return named
        return self._store.owner_of(customer_id) if customer_id else None

    def _unmatched(self, news: News[AnyEvent], reason: str) -> Outcome:
        facts = {"alarm": "SUBSCRIPTION_UNMATCHED", "stripe_event_id": news.event.event_id}
        self._note("a subscription belongs to nobody", {**facts, "reason": reason})
        return self._store.keep(news, "unmatched")


def _ended(subscription: Subscription, event: CustomerDeleted) -> Subscription:
    """The subscription as the end of its customer leaves it."""
    ended_at = max(subscription.changed_at, event.created_at)
    return replace(subscription, status="canceled", deleted=True, changed_at=ended_at)
