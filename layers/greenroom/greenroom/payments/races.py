"""What it means that somebody else was first: never an answer, always the reason of a next try."""

from greenroom.kernel.errors import Conflict
from greenroom.payments.domain import Purchase
from greenroom.payments.reversals import Reversal


class EventSeen(Conflict):
    """This very event was dealt with before."""


class EffectStands(Conflict):
    """What was paid for was had before, whatever the purchase's row says of it.

    ``done`` is how the purchase has to stand, ``reason`` a word for operators.
    """

    def __init__(self, done: Purchase, *, reason: str) -> None:
        self.done = done
        self.reason = reason
        super().__init__()


class EarlyNews(Conflict):
    """Refunds or disputes of a payment came before the purchase was paid; they are kept here."""

    def __init__(self, *, rev: int, reversal: Reversal) -> None:
        self.rev = rev
        self.reversal = reversal
        super().__init__()


class InvoiceMoved(Conflict):
    """An invoice leads to its subscription already, or payments of it came before it did."""

    def __init__(self, *, rev: int, payments: tuple[str, ...], leads: bool) -> None:
        self.rev = rev
        self.payments = payments
        self.leads = leads
        super().__init__()


class PaymentMoved(Conflict):
    """A payment leads somewhere already, or refunds or disputes of it came before it did."""

    def __init__(
        self, *, payment_intent_id: str, rev: int, reversal: Reversal, leads: bool
    ) -> None:
        self.payment_intent_id = payment_intent_id
        self.rev = rev
        self.reversal = reversal
        self.leads = leads
        super().__init__()
