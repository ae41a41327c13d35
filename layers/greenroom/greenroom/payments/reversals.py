"""How much of a purchase was taken back: recomputed from all that is known, never added up.

Refunds and disputes are reported twice (``charge.refunded`` and ``refund.*``), repeated and out
of order. So each piece of news only raises a state in a fixed order, states are merged by
taking the higher one, and what is posted is the difference to what was posted before. Every
order and every repeat of the same news ends in the same place.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from greenroom.payments.events import ChargeRefunded, DisputeChanged, RefundChanged, RefundFacts

# A refund moves only this way: pending, succeeded, and even then it may fail at the bank.
# Words that we do not know stand with the ones that are under way.
_REFUND_RANKS: Final = {"succeeded": 1, "failed": 2, "canceled": 2}
_REFUND_GONE: Final = frozenset({"failed", "canceled"})

# An inquiry (``warning_``) moves no money; an open dispute holds all of it; its end decides.
# An appeal follows a lost dispute, so among the ends the later news counts.
_DISPUTE_OPEN: Final = frozenset({"needs_response", "under_review"})
_DISPUTE_ENDS: Final = frozenset({"won", "lost", "prevented", "charge_refunded"})


@dataclass(frozen=True, slots=True)
class DisputeFacts:
    """One dispute, as the highest news of it says."""

    dispute_id: str
    status: str
    changed_at: datetime

    @property
    def holds(self) -> bool:
        """Whether all of the purchase is taken back as long as this stands."""
        return self.status in _DISPUTE_OPEN | {"lost"} or self.status.startswith("appeal")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal:
    """All that is known of what was taken back, each refund and dispute once, by id.

    ``charge_refunded_cents`` is the largest refunded total that the charge ever showed.
    """

    refunds: tuple[RefundFacts, ...] = ()
    charge_refunded_cents: int = 0
    disputes: tuple[DisputeFacts, ...] = ()

    @property
    def refunded_cents(self) -> int:
        """What has gone back, or is on its way, less what failed to arrive."""
        gone = sum(one.amount_cents for one in self.refunds if one.status in _REFUND_GONE)
        stands = sum(one.amount_cents for one in self.refunds if one.status not in _REFUND_GONE)
        return max(stands, self.charge_refunded_cents - gone, 0)

    @property
    def failures(self) -> int:
        """How many refunds never arrived."""
        return sum(one.status in _REFUND_GONE for one in self.refunds)

    def has_failed(self, refund_id: str | None) -> bool:
        """Whether that refund never arrived."""
        return any(
            one.refund_id == refund_id and one.status in _REFUND_GONE for one in self.refunds
        )

    @property
    def is_disputed(self) -> bool:
        """Whether a dispute holds the money, or has taken it."""
        return any(one.holds for one in self.disputes)

    @property
    def may_be_won(self) -> bool:
        """Whether a dispute holds the money that may still be decided for us."""
        return any(one.holds and one.status != "lost" for one in self.disputes)

    def is_full(self, paid_cents: int) -> bool:
        """Whether all that was paid has gone back by refunds."""
        return 0 < paid_cents <= self.refunded_cents

    def of_credits(self, bought: int, *, paid_cents: int) -> int:
        """How many of the centicredits that were bought are taken back, rounded down."""
        if self.is_disputed or self.is_full(paid_cents):
            return bought
        return bought * self.refunded_cents // paid_cents if paid_cents > 0 else 0


def reversal_of(event: RefundChanged | ChargeRefunded | DisputeChanged) -> Reversal:
    """What one event says, to be merged with what is known."""
    if isinstance(event, RefundChanged):
        return Reversal(refunds=(event.refund,))
    if isinstance(event, ChargeRefunded):
        told = Reversal(charge_refunded_cents=event.amount_refunded_cents)
        for refund in event.refunds:
            told = merge(told, Reversal(refunds=(refund,)))
        return told
    dispute = DisputeFacts(event.dispute_id, event.status, event.created_at)
    return Reversal(disputes=(dispute,))


def merge(known: Reversal, told: Reversal) -> Reversal:
    """Both together. Commutative, associative and idempotent, so order and repeats do not count."""
    refunds: dict[str, RefundFacts] = {}
    for refund in (*known.refunds, *told.refunds):
        held = refunds.get(refund.refund_id, refund)
        refunds[refund.refund_id] = max(held, refund, key=_refund_order)
    disputes: dict[str, DisputeFacts] = {}
    for dispute in (*known.disputes, *told.disputes):
        present = disputes.get(dispute.dispute_id, dispute)
        disputes[dispute.dispute_id] = max(present, dispute, key=_dispute_order)
    return Reversal(
        refunds=tuple(refunds[name] for name in sorted(refunds)),
        charge_refunded_cents=max(known.charge_refunded_cents, told.charge_refunded_cents),
        disputes=tuple(disputes[name] for name in sorted(disputes)),
    )


def _refund_order(refund: RefundFacts) -> tuple[int, int, str]:
    return (_REFUND_RANKS.get(refund.status, 0), refund.amount_cents, refund.status)


def _dispute_order(dispute: DisputeFacts) -> tuple[int, datetime, bool, str]:
    return (_dispute_rank(dispute.status), dispute.changed_at, dispute.holds, dispute.status)


def _dispute_rank(status: str) -> int:
    if status in _DISPUTE_ENDS or status.startswith("appeal"):
        return 2
    return 0 if status.startswith("warning_") else 1
