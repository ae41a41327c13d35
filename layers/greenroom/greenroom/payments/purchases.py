"""What a person may do with what they bought: see it, redeem it once, have it refunded once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from greenroom.kernel.clock import Clock, Deadline
from greenroom.kernel.errors import (
    Forbidden,
    GreenroomError,
    NotFound,
    PurchaseNotRefundable,
)
from greenroom.kernel.limits import (
    REFUND_DISPUTED_PAUSE_S,
    REFUND_PAUSE_S,
    REFUNDS_SWEEP_S,
    SWEEP_SHARD_MAX,
)
from greenroom.kernel.turns import Overtaken, in_turn
from greenroom.payments.domain import Purchase, check_redeem
from greenroom.payments.effects import Effects
from greenroom.payments.provider import Provider
from greenroom.payments.races import EffectStands
from greenroom.payments.reads import HeldPurchase
from greenroom.payments.refunding import (
    check_refund,
    refund_answered,
    refund_asked,
    refund_declined,
    refund_key,
)
from greenroom.payments.store import PaymentStore
from greenroom.sessions.domain import Note
from greenroom.table.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    """What one sweep gave back, in payments."""

    refunded: int = 0
    failed: int = 0


class Purchases:
    """The purchases of people. The ``provider`` is made only for whoever needs it."""

    def __init__(
        self,
        store: PaymentStore,
        *,
        effects: Effects,
        provider: Callable[[], Provider],
        clock: Clock,
        note: Note,
    ) -> None:
        self._store = store
        self._note = note
        self._effects = effects
        self._provider = provider
        self._clock = clock

    def of_user(
        self, user_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Purchase], str | None]:
        """A page of the person's purchases, newest first."""
        return self._store.of_user(user_id, limit=limit, cursor=cursor)

    def redeem(self, purchase_id: str, *, user_id: str) -> Purchase:
        """Let a banked payment have its effect: exactly once, in one transaction.

        Raises:
            NotFound: there is no such purchase, or it is somebody else's.
            PurchaseNotRedeemable: it is no banked one, or went back.
            ActiveSessionExists: the person has to be free first.
            AccountDeleted: the person's account was deleted.
            Refused: a class that still cannot be had says why.
        """
        return in_turn(lambda: self._redeem(purchase_id, user_id))

    def refund(self, purchase_id: str, *, user_id: str, by_admin: bool) -> Purchase:
        """Ask Stripe to give back what is left of a payment; its events then say what went.

        Our wish is written first, so that nobody redeems meanwhile; a request whose answer was
        lost is made again under the same key.

        Raises:
            NotFound: there is no such purchase, or it is somebody else's.
            Forbidden: it was used; only an admin may refund it.
            PurchaseNotRefundable: nothing is left, a refund stands, or Stripe declined.
            ProviderFailed, ProviderThrottled, ProviderTimedOut: ask again.
            ProviderDown: nothing was done at all.
        """
        with self._provider().passing():
            return self._refunded(purchase_id, user_id, by_admin=by_admin)

    def _refunded(self, purchase_id: str, user_id: str, *, by_admin: bool) -> Purchase:
        asked = in_turn(lambda: self._asked(purchase_id, user_id, by_admin=by_admin))
        payment_intent_id = asked.payment_intent_id or ""
        try:
            refund_id = self._provider().refund(
                payment_intent_id=payment_intent_id,
                purchase_id=purchase_id,
                key=refund_key(asked),
            )
        except PurchaseNotRefundable:
            in_turn(lambda: self._declined(asked))
            raise
        return in_turn(lambda: self._answered(asked, refund_id))

    def sweep_refunds(self, now: datetime) -> Refunded:
        """Give back by itself what was paid for sessions that ended before they began.

        Whoever redeemed or refunded meanwhile was faster; one payment that resists does not stop
        the others, and is tried again after a pause.
        """
        refunded = failed = 0
        deadline = Deadline.after(REFUNDS_SWEEP_S)
        for purchase_id in self._store.due_refunds(now, limit=SWEEP_SHARD_MAX):
            if deadline.remaining_s() <= 0:
                break  # the next minute's run takes the rest
            try:
                refunded += self._sweep_one(purchase_id, now)
            except Exception as error:  # noqa: BLE001 (one bad row never stops the rest)
                failed += 1
                self._note_failure(purchase_id, error)
        return Refunded(refunded=refunded, failed=failed)

    def _sweep_one(self, purchase_id: str, now: datetime) -> bool:
        """Ask for the refund of a payment, if it is due: whether it was asked for."""
        taken = in_turn(lambda: self._take_due(purchase_id, now))
        if taken is None:
            return False
        try:
            self.refund(purchase_id, user_id=taken.user_id, by_admin=False)
        except (PurchaseNotRefundable, Forbidden) as refused:
            self._note_failure(purchase_id, refused)
            in_turn(lambda: self._not_due(taken))
            return False
        return True

    def _take_due(self, purchase_id: str, now: datetime) -> Purchase | None:
        """The payment that is due, once nobody else will try it for a while."""
        held = self._load(purchase_id)
        due_at = held.purchase.refund_due_at
        if due_at is None or due_at > now:
            return None
        later = now + timedelta(seconds=REFUND_PAUSE_S)
        return self._changed(held, replace(held.purchase, refund_due_at=later))

    def _not_due(self, taken: Purchase) -> None:
        """Nothing goes back: it was used or refunded. A dispute that may be won is waited for."""
        held = self._load(taken.purchase_id)
        if held.purchase.refund_due_at != taken.refund_due_at:
            return  # it was used meanwhile, and maybe returned once more
        wait = timedelta(seconds=REFUND_DISPUTED_PAUSE_S)
        later = self._clock() + wait if held.purchase.reversal.may_be_won else None
        self._changed(held, replace(held.purchase, refund_due_at=later))

    def _note_failure(self, purchase_id: str, error: Exception) -> None:
        code = error.code if isinstance(error, GreenroomError) else "INTERNAL_ERROR"
        facts = {"purchase_id": purchase_id, "error_code": code}
        facts["error_type"] = type(error).__qualname__
        self._note("a payment did not go back by itself", facts)

    def _redeem(self, purchase_id: str, user_id: str) -> Purchase:
        held = self._load(purchase_id)
        if held.purchase.user_id != user_id:
            raise NotFound
        check_redeem(held.purchase)

        def also(tx: Transaction, redeemed: Purchase) -> None:
            self._store.add_change(tx, held, redeemed)

        effect = self._effects[held.purchase.kind]
        try:
            return effect.have(held.purchase, rev=held.rev + 1, also=also, redeeming=True)
        except EffectStands as before:
            # The effect and the purchase's change are one, so what we read is stale.
            raise Overtaken from before

    def _asked(self, purchase_id: str, user_id: str, *, by_admin: bool) -> Purchase:
        held = self._load(purchase_id)
        if not by_admin and held.purchase.user_id != user_id:
            raise NotFound
        check_refund(held.purchase, by_admin=by_admin)
        if held.purchase.payment_intent_id is None:
            raise PurchaseNotRefundable(purchaseStatus=held.purchase.status)
        return self._changed(held, refund_asked(held.purchase))

    def _declined(self, asked: Purchase) -> Purchase:
        held = self._load(asked.purchase_id)
        if held.purchase.refund_attempt != asked.refund_attempt:
            return held.purchase  # another attempt has begun
        return self._changed(held, refund_declined(held.purchase))

    def _answered(self, asked: Purchase, refund_id: str) -> Purchase:
        held = self._load(asked.purchase_id)
        if held.purchase.refund_attempt != asked.refund_attempt:
            return held.purchase
        return self._changed(held, refund_answered(held.purchase, refund_id))

    def _changed(self, held: HeldPurchase, purchase: Purchase) -> Purchase:
        if purchase != held.purchase:
            tx = self._store.transaction()
            self._store.add_change(tx, held, purchase)
            tx.commit()
        return purchase

    def _load(self, purchase_id: str) -> HeldPurchase:
        held = self._store.purchase(purchase_id)
        if held is None:
            raise NotFound
        return held
