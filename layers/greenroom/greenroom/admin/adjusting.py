"""Credits that an admin gives or takes: a new entry in the ledger, told in the trail."""

from greenroom.accounts.domain import Posting
from greenroom.accounts.service import Accounts
from greenroom.admin.domain import Act, Actor, Adjusted, Adjustment, Operation, user_target
from greenroom.admin.trail import AdminTrail
from greenroom.kernel.errors import BalanceTooLow
from greenroom.kernel.ids import new_id, operation_id_of
from greenroom.kernel.money import credits_to_json
from greenroom.kernel.turns import in_turn

ACTION = "credits.adjusted"
ROUTE = "admin-credits"  # in the ids that follow from an Idempotency-Key


class Adjusting:
    """Gives and takes credits by hand."""

    def __init__(self, trail: AdminTrail, *, accounts: Accounts) -> None:
        self._trail = trail
        self._accounts = accounts

    def adjust(self, wanted: Adjustment, *, actor: Actor, key: str | None) -> Adjusted:
        """Post one entry and tell of it, once for ever by the admin's ``key``.

        Credits may be given to whoever exists, also where a refund has left a debt. What is taken
        is never more than the person has.

        Raises:
            UnknownUser: nobody has this id.
            AccountDeleted: the account was deleted.
            BalanceTooLow: it takes more than there is.
            IdempotencyMismatch: the key was used for another adjustment.
        """
        named = operation_id_of(actor.user_id, ROUTE, key) if key is not None else new_id()
        operation = Operation(operation_id=named, request_hash=wanted.request_hash)
        return in_turn(lambda: self._turn(wanted, actor, operation))

    def _turn(self, wanted: Adjustment, actor: Actor, operation: Operation) -> Adjusted:
        done = self._trail.done(operation)
        if done is not None:
            return Adjusted(entry=done.entry, replayed=True)
        seen = self._accounts.balance(wanted.user_id)
        left = seen + wanted.amount
        if wanted.amount < 0 and left < 0:
            raise BalanceTooLow(currentCredits=credits_to_json(seen))
        tx = self._trail.transaction()
        posting = Posting(
            key=f"adjust:admin:{operation.operation_id}",
            kind="adjustment",
            amount=wanted.amount,
            reason=wanted.reason,
        )
        act = Act(
            actor=actor,
            action=ACTION,
            target=user_target(wanted.user_id),
            reason=wanted.reason,
            before={"credits": credits_to_json(seen)},
            after={"credits": credits_to_json(left), "ledgerEntry": posting.key},
        )
        # First, since of all violated steps the first is told: that it was done, not what that did.
        entry = self._trail.add(tx, act, operation=operation)
        self._accounts.add_adjustment(tx, wanted.user_id, posting, seen=seen)
        tx.commit()
        return Adjusted(entry=entry, replayed=False)
