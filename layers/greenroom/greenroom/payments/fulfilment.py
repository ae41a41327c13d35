"""What a checkout's news does: the event's row and its whole effect, in ONE transaction.

A payment that cannot have its effect is banked or unmatched in one more: visible, redeemable or
refundable, and never an error that Stripe would repeat for three days.
"""

from dataclasses import dataclass, replace

from greenroom.accounts.domain import UnknownUser
from greenroom.kernel.errors import AccountDeleted, Refused
from greenroom.kernel.ids import is_id
from greenroom.kernel.turns import Overtaken, in_turn
from greenroom.payments.domain import Purchase, unmatched
from greenroom.payments.effects import Effects
from greenroom.payments.kinds import NATURES
from greenroom.payments.news import News, Outcome
from greenroom.payments.races import EarlyNews, EffectStands
from greenroom.payments.reads import HeldPurchase
from greenroom.payments.reversals import merge
from greenroom.payments.settlement import (
    PAID,
    CheckoutEvent,
    Decision,
    decide,
    stray,
    stray_id_of,
)
from greenroom.payments.store import PaymentStore
from greenroom.sessions.domain import Note
from greenroom.table.transaction import Transaction


@dataclass(frozen=True, slots=True)
class _Work:
    """One piece of news, the purchase that it is about, and what came before it was paid."""

    news: News[CheckoutEvent]
    held: HeldPurchase
    early: EarlyNews | None


class Fulfilment:
    """Turns the news of checkouts into the effects of what was bought."""

    def __init__(self, store: PaymentStore, *, effects: Effects, note: Note) -> None:
        self._store = store
        self._effects = effects
        self._note = note

    def apply(self, news: News[CheckoutEvent]) -> Outcome:
        """Do what the event asks for, once for ever.

        Raises:
            EventSeen: this very event was dealt with before.
            StoreUnavailable: nothing was done; Stripe will send it again.
        """
        return in_turn(lambda: self._apply(news))

    def _apply(self, news: News[CheckoutEvent]) -> Outcome:
        purchase_id = news.event.client_reference_id
        held = self._store.purchase(purchase_id) if purchase_id and is_id(purchase_id) else None
        if held is None:
            return self._stray(news)
        try:
            return self._decided(news, held, early=None)
        except EarlyNews as early:
            try:
                return self._decided(news, held, early=early)
            except EarlyNews as more:
                raise Overtaken from more

    def _decided(
        self, news: News[CheckoutEvent], held: HeldPurchase, *, early: EarlyNews | None
    ) -> Outcome:
        known = held.purchase
        if early is not None:
            known = replace(known, reversal=merge(known.reversal, early.reversal))
        decision = decide(known, news.event)
        outcome = self._act(_Work(news, held, early), decision)
        if decision.alarming:
            self._alarm(decision.purchase, decision.reason or "unknown_payment_status")
        return outcome

    def _act(self, work: _Work, decision: Decision) -> Outcome:
        match decision.action:
            case "stray":
                return self._stray(work.news)
            case "nothing":
                return self._store.keep(work.news, "duplicate")
            case "fulfil":
                return self._fulfil(work, decision.purchase)
            case "bank":
                kept = self._effects[decision.purchase.kind].kept(
                    decision.purchase, decision.reason or "unknown"
                )
                return self._write(work, kept, "banked")
            case "unmatch":
                return self._write(work, decision.purchase, "unmatched")
            case "record":
                return self._write(work, decision.purchase, "applied")

    def _fulfil(self, work: _Work, purchase: Purchase) -> Outcome:
        effect = self._effects[purchase.kind]

        def also(tx: Transaction, done: Purchase) -> None:
            self._add(tx, work, done, "applied")

        try:
            effect.have(purchase, rev=work.held.rev + 1, also=also)
        except EffectStands as before:
            return self._adopt(work, before)
        except (UnknownUser, AccountDeleted) as gone:
            reason = "unknown_user" if isinstance(gone, UnknownUser) else "deleted_user"
            outcome = self._write(work, unmatched(purchase, reason), "unmatched")
            self._alarm(purchase, reason)
            return outcome
        except Refused as refused:
            why = effect.why_kept(refused)
            if why is None:
                raise
            return self._bank(work, effect.kept(purchase, why))
        return "applied"

    def _bank(self, work: _Work, kept: Purchase) -> Outcome:
        """Keep a payment that has no effect; what does not go back by itself, somebody looks at."""
        outcome = self._write(work, kept, "banked")
        if kept.refund_due_at is None:
            self._alarm(kept, kept.reason or "unknown")
        return outcome

    def _adopt(self, work: _Work, before: EffectStands) -> Outcome:
        """The effect is there and the row says otherwise: it was put back, unless it just moved."""
        held = self._store.purchase(before.done.purchase_id)
        if held is None or held.rev != work.held.rev:
            raise Overtaken from before
        self._alarm(before.done, before.reason)
        return self._write(work, before.done, "duplicate")

    def _stray(self, news: News[CheckoutEvent]) -> Outcome:
        """Money that none of our purchases expects gets a row of its own; other news is kept."""
        if news.event.payment_status not in PAID:
            return self._store.keep(news, "ignored")
        purchase = stray(news.event, purchase_id=stray_id_of(news.event.checkout_id))
        if self._store.purchase(purchase.purchase_id) is not None:
            return self._store.keep(news, "duplicate")
        tx = self._store.transaction()
        self._store.add_event(tx, news, "unmatched")
        self._store.add_purchase(tx, purchase)
        tx.commit()
        self._alarm(purchase, "unknown_purchase")
        return "unmatched"

    def _write(self, work: _Work, purchase: Purchase, outcome: Outcome) -> Outcome:
        """Write news without an effect; whoever follows the money learns where it stands."""
        tx = self._store.transaction()
        self._add(tx, work, purchase, outcome)
        self._effects[purchase.kind].follow(tx, purchase)
        tx.commit()
        return outcome

    def _add(self, tx: Transaction, work: _Work, purchase: Purchase, outcome: Outcome) -> None:
        news, held, early = work.news, work.held, work.early
        self._store.add_event(tx, news, outcome)
        self._store.add_change(tx, held, purchase)
        # A subscription's payments are its invoices', and lead to it.
        leads = NATURES[purchase.kind].mode == "payment"
        if leads and purchase.payment_intent_id and held.purchase.payment_intent_id is None:
            self._store.add_pointer(
                tx,
                purchase.payment_intent_id,
                purchase_id=purchase.purchase_id,
                rev=early.rev if early else 0,
            )

    def _alarm(self, purchase: Purchase, reason: str) -> None:
        facts = {"alarm": "PAID_UNFULFILLED", "purchase_id": purchase.purchase_id}
        self._note("a payment needs attention", {**facts, "reason": reason})
