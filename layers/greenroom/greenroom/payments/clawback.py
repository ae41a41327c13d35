"""What the news of refunds and disputes does: the difference is posted, in ONE transaction."""

from dataclasses import replace

from greenroom.accounts.domain import UnknownUser
from greenroom.accounts.service import Accounts
from greenroom.kernel.errors import AccountDeleted
from greenroom.kernel.turns import Overtaken, in_turn
from greenroom.payments.billing import ReversalEvent
from greenroom.payments.domain import Purchase, difference, posted
from greenroom.payments.effects import Effects
from greenroom.payments.events import DisputeChanged
from greenroom.payments.ledger import reversal_posting
from greenroom.payments.news import News, Outcome
from greenroom.payments.races import EarlyNews
from greenroom.payments.reads import HeldPurchase, Pointer
from greenroom.payments.reversals import Reversal, merge, reversal_of
from greenroom.payments.store import PaymentStore
from greenroom.payments.subscriptions import Subscriptions
from greenroom.sessions.domain import Note


class Clawback:
    """Takes back what money went back for, and gives again what was won."""

    def __init__(
        self,
        store: PaymentStore,
        *,
        accounts: Accounts,
        effects: Effects,
        subscriptions: Subscriptions,
        note: Note,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._effects = effects
        self._subscriptions = subscriptions
        self._note = note

    def apply(self, news: News[ReversalEvent]) -> Outcome:
        """Merge the news into its purchase or subscription; or keep it at the payment till then.

        Raises:
            EventSeen: this very event was dealt with before.
            StoreUnavailable: nothing was done; Stripe will send it again.
        """
        if isinstance(news.event, DisputeChanged):
            facts = {"alarm": "DISPUTE", "dispute_id": news.event.dispute_id}
            self._note("a payment is disputed", {**facts, "dispute_status": news.event.status})
        return in_turn(lambda: self._apply(news))

    def _apply(self, news: News[ReversalEvent]) -> Outcome:
        payment_intent_id = news.event.payment_intent_id
        if payment_intent_id is None:
            return self._store.keep(news, "unmatched")
        pointer = self._store.pointer(payment_intent_id)
        if pointer is not None and pointer.billed is not None:
            return self._subscriptions.reverse(news, payment_intent_id, pointer.billed)
        if pointer is None or pointer.purchase_id is None:
            return self._early(news, payment_intent_id, pointer)
        held = self._store.purchase(pointer.purchase_id)
        if held is None:
            return self._store.keep(news, "unmatched")
        reversal = merge(held.purchase.reversal, reversal_of(news.event))
        if reversal == held.purchase.reversal and not difference(held.purchase):
            return self._store.keep(news, "duplicate")
        return self._reverse(news, held, replace(held.purchase, reversal=reversal))

    def _reverse(
        self, news: News[ReversalEvent], held: HeldPurchase, purchase: Purchase
    ) -> Outcome:
        """Write what is known now and post the difference; the entry is named by the revision."""
        back = difference(purchase)
        tx = self._store.transaction()
        self._store.add_event(tx, news, "applied")
        self._store.add_change(tx, held, posted(purchase))
        self._effects[purchase.kind].follow(tx, purchase)
        if back:
            posting = reversal_posting(purchase, back, rev=held.rev + 1)
            self._accounts.add_credits(tx, purchase.user_id, [posting])
        try:
            tx.commit()
        except (UnknownUser, AccountDeleted):
            # Nobody is left to owe it: what is known is kept, and the ledger stays as it is.
            facts = {"alarm": "REVERSAL_WITHOUT_PERSON", "purchase_id": purchase.purchase_id}
            self._note("a reversal was not posted", facts)
            tx = self._store.transaction()
            self._store.add_event(tx, news, "unmatched")
            self._store.add_change(tx, held, purchase)
            tx.commit()
            return "unmatched"
        if purchase.reversal.failures > held.purchase.reversal.failures:
            facts = {"alarm": "REFUND_FAILED", "purchase_id": purchase.purchase_id}
            self._note("a refund never arrived", facts)
        return "applied"

    def _early(
        self, news: News[ReversalEvent], payment_intent_id: str, pointer: Pointer | None
    ) -> Outcome:
        known = pointer.reversal if pointer else Reversal()
        tx = self._store.transaction()
        self._store.add_event(tx, news, "unmatched")
        self._store.add_pointer(
            tx,
            payment_intent_id,
            reversal=merge(known, reversal_of(news.event)),
            rev=pointer.rev if pointer else 0,
        )
        try:
            tx.commit()
        except EarlyNews as other:
            raise Overtaken from other
        return "unmatched"
