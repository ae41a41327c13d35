"""Quotas that an admin looks at, sets and corrects; what they change is told in the trail."""

from collections.abc import Sequence

from greenroom.admin.domain import (
    Act,
    Actor,
    AllowanceWanted,
    Entry,
    Operation,
    UnitsAdjusted,
    UnitsWanted,
)
from greenroom.admin.trail import AdminTrail
from greenroom.kernel.ids import new_id, operation_id_of
from greenroom.kernel.tenants import Tenant
from greenroom.kernel.turns import in_turn
from greenroom.table.transaction import Transaction
from greenroom.tenants.service import Tenants
from greenroom.usage.allowances import Allowances
from greenroom.usage.domain import Adjustment, Allowance, Owner, Quota, period_of

ROUTE = "admin-units"  # in the ids that follow from an Idempotency-Key


class AdminQuotas:
    """Shows and changes quotas of tenants, and of people alone."""

    def __init__(
        self,
        allowances: Allowances,
        *,
        tenants: Tenants,
        trail: AdminTrail,
        services: Sequence[str],
    ) -> None:
        self._allowances = allowances
        self._tenants = tenants
        self._trail = trail
        self._services = services

    def show(
        self, owner: Owner, *, service: str | None, month: str | None
    ) -> tuple[list[Quota], list[tuple[str, Adjustment]]]:
        """How an owner's quotas stand, of one service or all, and what was adjusted.

        Raises:
            NotFound: there is no such tenant.
        """
        if isinstance(owner, Tenant):
            self._tenants.require(owner)
        wanted = [service] if service is not None else list(self._services)
        quotas = self._allowances.quotas(owner, wanted, period=month)
        adjusted = [
            (name, one)
            for name in wanted
            for one in self._allowances.adjustments(owner, name, period=month)
        ]
        return quotas, sorted(adjusted, key=lambda pair: pair[1].at)

    def set(self, wanted: AllowanceWanted, *, actor: Actor) -> Quota:
        """Set what a tenant has of a service each month: how it now stands.

        Raises:
            NotFound: there is no such tenant.
            ValidationFailed: the service or the limit is none.
        """

        def tell(tx: Transaction) -> None:
            # Whoever has changed it since the allowance was read makes the transaction fail.
            before = self._allowances.allowance(wanted.tenant, wanted.service)
            act = Act(
                actor=actor,
                action="quota.set",
                target=target_of(wanted.tenant),
                reason=wanted.reason,
                before={"serviceType": wanted.service, **_told(before)},
                after={"serviceType": wanted.service, **_told(wanted.allowance)},
            )
            self._trail.add(tx, act)

        return self._allowances.set_allowance(
            wanted.tenant, wanted.service, wanted.allowance, actor=actor.clerk_id, beside=tell
        )

    def adjust(self, wanted: UnitsWanted, *, actor: Actor, key: str | None) -> UnitsAdjusted:
        """Give units of this month, or take some, once for ever by the admin's ``key``.

        Raises:
            NotFound: there is no such owner.
            IdempotencyMismatch: the key was used for another adjustment.
            ValidationFailed: the service is none.
        """
        named = operation_id_of(actor.user_id, ROUTE, key) if key is not None else new_id()
        operation = Operation(operation_id=named, request_hash=wanted.request_hash)
        return in_turn(lambda: self._turn(wanted, actor, operation))

    def _turn(self, wanted: UnitsWanted, actor: Actor, operation: Operation) -> UnitsAdjusted:
        done = self._trail.done(operation)
        if done is not None:
            month = period_of(done.entry.at)
            (quota,) = self._allowances.quotas(wanted.owner, [wanted.service], period=month)
            return UnitsAdjusted(entry=done.entry, quota=quota, replayed=True)
        posted, told = f"admin:{operation.operation_id}", list[Entry]()

        def tell(tx: Transaction) -> None:
            act = Act(
                actor=actor,
                action="quota.adjusted",
                target=target_of(wanted.owner),
                reason=wanted.reason,
                after={
                    "serviceType": wanted.service,
                    "units": wanted.units,
                    "adjustment": posted,
                },
            )
            told.append(self._trail.add(tx, act, operation=operation))

        made = self._allowances.adjust(
            wanted.owner,
            wanted.service,
            units=wanted.units,
            reason=wanted.reason,
            actor=actor.clerk_id,
            key=posted,
            beside=tell,
        )
        return UnitsAdjusted(entry=told[-1], quota=made.quota, replayed=False)


def target_of(owner: Owner) -> str:
    """Whose quota it is, as the trail names it."""
    return f"tenant:{owner.token}" if isinstance(owner, Tenant) else f"user:{owner.user_id}"


def _told(allowance: Allowance) -> dict[str, object]:
    return {"limit": allowance.limit, "enforcement": allowance.enforcement}
