"""What a checkout's news does: the event's row and its whole effect, in ONE transaction.

A payment that cannot have its effect is banked or unmatched in one more: visible, redeemable or
refundable, and never an error that Stripe would repeat for three days.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from greenroom.accounts.domain import EntryExists, Posting, UnknownUser
from greenroom.accounts.service import Accounts
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import (
    AccountDeleted,
    ActiveSessionExists,
    GreenroomError,
    IntakeExpired,
    IntakeUsed,
    NotFound,
    WaiverRequired,
)
from greenroom.kernel.ids import is_id, session_id_of
from greenroom.kernel.limits import Limits
from greenroom.kernel.turns import Overtaken, in_turn
from greenroom.payments.clawback import reversal_posting
from greenroom.payments.domain import Purchase, banked, difference, fulfilled, posted, unmatched
from greenroom.payments.news import News, Outcome
from greenroom.payments.races import EarlyNews
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
from greenroom.sessions.domain import Note, SessionRequest
from greenroom.sessions.factory import SessionFactory, SessionPlan, plan
from greenroom.table.transaction import Transaction

Steps = Callable[[Transaction], None]


class Consume(Protocol):
    """Adds the step that makes the intake of a purchase into its session.

    The step fails with ``IntakeUsed``, ``IntakeExpired``, ``WaiverRequired`` or ``NotFound``, or is
    left out if it is ``optional`` and would fail.
    """

    def __call__(self, tx: Transaction, purchase: Purchase, *, optional: bool) -> None:
        """Add it, if the purchase has an intake."""


@dataclass(frozen=True, slots=True)
class _Work:
    """One piece of news, the purchase that it is about, and what came before it was paid."""

    news: News[CheckoutEvent]
    held: HeldPurchase
    early: EarlyNews | None


class Fulfilment:
    """Turns the news of checkouts into credits, subscriptions and sessions."""

    def __init__(
        self,
        store: PaymentStore,
        *,
        accounts: Accounts,
        factory: SessionFactory,
        consume: Consume,
        clock: Clock,
        limits: Limits,
        note: Note,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._factory = factory
        self._consume = consume
        self._clock = clock
        self._limits = limits
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
                return self._write(work, decision.purchase, "banked")
            case "unmatch":
                return self._write(work, decision.purchase, "unmatched")
            case "record":
                return self._write(work, decision.purchase, "applied")

    def _fulfil(self, work: _Work, purchase: Purchase) -> Outcome:
        try:
            if purchase.kind == "credits":
                return self._credit(work, purchase)
            if purchase.kind == "session":
                return self._open(work, purchase)
            exists: Steps = lambda tx: self._accounts.add_existence(tx, purchase.user_id)  # noqa: E731
            return self._write(work, purchase, "applied", exists)
        except (UnknownUser, AccountDeleted) as gone:
            reason = "unknown_user" if isinstance(gone, UnknownUser) else "deleted_user"
            outcome = self._write(work, unmatched(purchase, reason), "unmatched")
            self._alarm(purchase, reason)
            return outcome
        except (ActiveSessionExists, IntakeUsed, IntakeExpired, WaiverRequired, NotFound) as taken:
            reason = _why_banked(taken)
            outcome = self._write(work, banked(purchase, reason), "banked")
            self._alarm(purchase, reason)
            return outcome

    def _credit(self, work: _Work, purchase: Purchase) -> Outcome:
        postings = [
            Posting(
                key=f"purchase:{purchase.purchase_id}",
                kind="purchase",
                amount=purchase.credits,
                reason=purchase.sku,
            )
        ]
        if back := difference(purchase):
            postings.append(reversal_posting(purchase, back, rev=work.held.rev + 1))
        done = posted(purchase)
        try:
            return self._write(
                work,
                done,
                "applied",
                lambda tx: self._accounts.add_credits(tx, purchase.user_id, postings),
            )
        except EntryExists:
            # The ledger is right by its key, whatever the row had forgotten.
            self._alarm(purchase, "credited_before")
            return self._write(work, done, "duplicate")

    def _open(self, work: _Work, purchase: Purchase) -> Outcome:
        planned = session_plan(purchase, now=self._clock(), limits=self._limits)
        opened = fulfilled(purchase, session_id=planned.session.session_id)

        def also(tx: Transaction) -> None:
            self._add(tx, work, opened, "applied", None)
            self._consume(tx, opened, optional=False)

        done = self._factory.commit(planned, also=also)
        if not done.replayed:
            return "applied"
        held = self._store.purchase(purchase.purchase_id)
        if held is None or held.rev != work.held.rev:
            raise Overtaken
        # The session is there and its purchase says otherwise: a row that was put back.
        self._alarm(purchase, "opened_before")
        return self._write(work, opened, "duplicate")

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

    def _write(
        self, work: _Work, purchase: Purchase, outcome: Outcome, effect: Steps | None = None
    ) -> Outcome:
        tx = self._store.transaction()
        self._add(tx, work, purchase, outcome, effect)
        tx.commit()
        return outcome

    def _add(
        self,
        tx: Transaction,
        work: _Work,
        purchase: Purchase,
        outcome: Outcome,
        effect: Steps | None,
    ) -> None:
        news, held, early = work.news, work.held, work.early
        self._store.add_event(tx, news, outcome)
        self._store.add_change(tx, held, purchase)
        # A subscription's payments are its invoices', and lead to it.
        pays = purchase.payment_intent_id if purchase.kind != "subscription" else None
        if pays and held.purchase.payment_intent_id is None:
            self._store.add_pointer(
                tx,
                pays,
                purchase_id=purchase.purchase_id,
                rev=early.rev if early else 0,
            )
        if effect is not None:
            effect(tx)

    def _alarm(self, purchase: Purchase, reason: str) -> None:
        facts = {"alarm": "PAID_UNFULFILLED", "purchase_id": purchase.purchase_id}
        self._note("a payment needs attention", {**facts, "reason": reason})


def _why_banked(refused: GreenroomError) -> str:
    """Why a payment did not become its session; what is wrong with an intake is not the payer's."""
    if isinstance(refused, ActiveSessionExists):
        return "active_session"
    return "intake_used" if isinstance(refused, IntakeUsed) else "intake_unusable"


def session_plan(purchase: Purchase, *, now: datetime, limits: Limits) -> SessionPlan:
    """The one session that a paid purchase becomes: its id follows from the checkout.

    After one that ended before it began comes another, whose id follows from how many did.

    Raises:
        ValueError: the purchase is of no session, or has no checkout.
    """
    session, checkout_id = purchase.session, purchase.checkout_id
    if session is None or checkout_id is None:
        raise ValueError("only a paid session becomes one")
    request = SessionRequest(
        user_id=purchase.user_id,
        clerk_id=purchase.clerk_id,
        type=session.type,
        payment_method="stripe",
        plan=purchase.sku,
        source="checkout" if purchase.intake_id is None else "intake",
        intake_id=purchase.intake_id,
        stripe_session_id=checkout_id,
        amount_cents=purchase.paid_cents,
        currency=purchase.currency,
        urgent=session.urgent,
        is_specialist=session.is_specialist,
        preferred_expert_id=session.preferred_expert_id,
        routing_type=session.routing_type,
        workshop_id=session.workshop_id,
        waived_at=session.waived_at,
        purchase_id=purchase.purchase_id,
    )
    again = [str(purchase.returns)] if purchase.returns else []
    session_id = session_id_of(checkout_id, *again)
    return plan(request, session_id=session_id, now=now, limits=limits)
