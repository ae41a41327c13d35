"""What it means that somebody else was first: never an answer, always the reason of a next try."""

from collections.abc import Callable
from typing import TypeVar

from greenroom.kernel.errors import Conflict, StoreUnavailable
from greenroom.payments.reversals import Reversal

TURNS_MAX = 8  # how often in a row one piece of work may be overtaken

_Result = TypeVar("_Result")


class EventSeen(Conflict):
    """This very event was dealt with before."""


class Overtaken(Conflict):
    """What was read has changed since: read again."""


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


def in_turn(work: Callable[[], _Result]) -> _Result:
    """The result of work that reads, decides and writes, begun anew whenever it is overtaken.

    Raises:
        StoreUnavailable: others were faster every time.
    """
    overtaken: Overtaken | None = None
    for _ in range(TURNS_MAX):
        try:
            return work()
        except Overtaken as reason:
            overtaken = reason
    raise StoreUnavailable(log={"reason": "overtaken"}) from overtaken
