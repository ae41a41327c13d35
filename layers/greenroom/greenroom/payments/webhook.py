"""Stripe's webhook: verified, read, applied once; and the same again for replay.

Whatever business makes of an event, Stripe is answered 200: only a store that failed asks it to
send the event again.
"""

import gzip
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import InvalidRequest, NotFound
from greenroom.payments.clawback import Clawback
from greenroom.payments.events import (
    ChargeRefunded,
    CheckoutAsyncFailed,
    CheckoutAsyncSucceeded,
    CheckoutCompleted,
    CheckoutExpired,
    CustomerDeleted,
    DisputeChanged,
    Ignored,
    InvoiceFailed,
    InvoicePaid,
    InvoicePaymentPaid,
    Malformed,
    RefundChanged,
    StripeEvent,
    SubscriptionChanged,
)
from greenroom.payments.fulfilment import Fulfilment
from greenroom.payments.news import News, Outcome
from greenroom.payments.races import EventSeen
from greenroom.payments.shapes import read_event
from greenroom.payments.signature import verify
from greenroom.payments.store import PaymentStore
from greenroom.payments.subscriptions import Subscriptions
from greenroom.sessions.domain import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of an event, and when Stripe made it."""

    event_id: str
    type: str
    outcome: Outcome
    made_at: datetime

    @classmethod
    def of(cls, event: StripeEvent, outcome: Outcome) -> "Receipt":
        """The receipt of an event."""
        return cls(
            event_id=event.event_id, type=event.type, outcome=outcome, made_at=event.created_at
        )


class StripeWebhook:
    """Takes Stripe's events.

    ``secrets`` and ``livemode`` (whether this deployment takes real money) are asked at each
    use, so that a rotated secret serves.
    """

    def __init__(
        self,
        store: PaymentStore,
        *,
        fulfilment: Fulfilment,
        clawback: Clawback,
        subscriptions: Subscriptions,
        secrets: Callable[[], list[str]],
        livemode: Callable[[], bool],
        clock: Clock,
        note: Note,
    ) -> None:
        self._store = store
        self._fulfilment = fulfilment
        self._clawback = clawback
        self._subscriptions = subscriptions
        self._secrets = secrets
        self._livemode = livemode
        self._clock = clock
        self._note = note

    def receive(self, raw: bytes, *, signature: str | None) -> Receipt:
        """Apply a signed event, or say that it was applied before.

        Raises:
            InvalidSignature: nobody who knows one of our secrets sent these bytes just now.
            InvalidRequest: it was signed, and is no event that can be read.
            StoreUnavailable: nothing was done; to be sent again.
        """
        verify(raw, signature, self._secrets(), now=self._clock())
        return self.adopt(raw)

    def adopt(self, raw: bytes) -> Receipt:
        """Apply an event that is known to be Stripe's: signed, or out of its own list.

        Raises:
            InvalidRequest: it is no event that can be read.
            StoreUnavailable: nothing was done.
        """
        event = self._read(raw)
        if event.livemode is not self._livemode():
            facts = {"alarm": "STRIPE_MODE", "stripe_event_id": event.event_id}
            self._note("an event was of the other mode", {**facts, "livemode": event.livemode})
            return Receipt.of(event, "ignored")
        try:
            outcome = self._apply(News(event=event, raw=raw))
        except EventSeen:
            outcome = "duplicate"
        return Receipt.of(event, outcome)

    def replay(self, event_id: str) -> Receipt:
        """Apply a stored event once more, as when its person was unknown at first.

        Raises:
            NotFound: no such event is kept.
            InvalidRequest: it cannot be read.
            StoreUnavailable: nothing was done.
        """
        kept = self._store.event(event_id)
        if kept is None:
            raise NotFound("There is no such event.")
        raw = gzip.decompress(kept.raw)
        event = self._read(raw)
        outcome = self._apply(News(event=event, raw=raw, again=True))
        return Receipt.of(event, outcome)

    def _read(self, raw: bytes) -> StripeEvent:
        event = read_event(raw)
        if isinstance(event, Malformed):
            log = {"reason": event.reason, "stripe_event_id": event.event_id}
            raise InvalidRequest("The event cannot be read.", field="body", log=log)
        return event

    def _apply(self, news: News[StripeEvent]) -> Outcome:
        event, raw, again = news.event, news.raw, news.again
        match event:
            case (
                CheckoutCompleted()
                | CheckoutAsyncSucceeded()
                | CheckoutAsyncFailed()
                | CheckoutExpired()
            ):
                return self._fulfilment.apply(News(event=event, raw=raw, again=again))
            case RefundChanged() | ChargeRefunded() | DisputeChanged():
                return self._clawback.apply(News(event=event, raw=raw, again=again))
            case SubscriptionChanged() | InvoicePaid() | InvoiceFailed():
                return self._subscriptions.apply(News(event=event, raw=raw, again=again))
            case InvoicePaymentPaid():
                return self._subscriptions.attach(News(event=event, raw=raw, again=again))
            case CustomerDeleted():
                return self._subscriptions.part(News(event=event, raw=raw, again=again))
            case Ignored():
                return self._store.keep(news, "ignored")
