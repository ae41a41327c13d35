"""What operators and admins change about quotas: allowances, grants and corrections.

A correction is a new entry, never a change of an old one: it is posted, with its reason and who
made it, in the transaction that moves the quota.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import IdempotencyMismatch, ValidationFailed
from greenroom.kernel.limits import QUOTA_TURNOVER_S, QUOTA_UNITS_MAX, Limits
from greenroom.kernel.tenants import Tenant
from greenroom.kernel.turns import in_turn
from greenroom.table.transaction import Transaction
from greenroom.usage.allowance_store import AdjustmentExists, AllowanceStore
from greenroom.usage.domain import (
    Adjustment,
    Allowance,
    Owner,
    Plan,
    Quota,
    period_of,
    require_service,
)

REASON_CHARS_MAX = 500

Beside = Callable[[Transaction], None]  # adds steps of somebody else's


def _nothing(_: Transaction) -> None:
    """There is nothing beside."""


@dataclass(frozen=True, slots=True)
class Adjusted:
    """An adjustment, how the quota stands after it, and whether it had been made before."""

    adjustment: Adjustment
    quota: Quota
    already_done: bool


class Allowances:
    """Changes quotas.

    ``add_standing`` adds the steps that check that an owner is there to somebody's transaction.
    """

    def __init__(
        self,
        store: AllowanceStore,
        *,
        add_standing: Callable[[Transaction, Owner], None],
        limits: Limits,
        clock: Clock,
    ) -> None:
        self._store = store
        self._add_standing = add_standing
        self._limits = limits
        self._clock = clock

    def plan(self, tenant: Tenant) -> Plan:
        """The allowances of a tenant that differ from the settings."""
        return self._store.plan(tenant)[0]

    def allowance(self, owner: Owner, service: str) -> Allowance:
        """What an owner has of a service each month."""
        plan = self.plan(owner) if isinstance(owner, Tenant) else Plan()
        return plan.allowances.get(service) or self._usual(owner)

    def set_allowance(
        self,
        tenant: Tenant,
        service: str,
        allowance: Allowance,
        *,
        actor: str,
        beside: Beside = _nothing,
    ) -> Quota:
        """Set what a tenant has of a service each month, from this one on: how it now stands.

        What was used, granted and corrected this month stays so; below what was used, nothing is
        left. ``beside`` adds what has to be written in the same transaction; it is asked again
        where something has changed meanwhile.

        Raises:
            NotFound: there is no such tenant.
            ValidationFailed: the service or the limit is none.
        """
        require_service(service)
        if not 0 <= allowance.limit <= QUOTA_UNITS_MAX:
            raise ValidationFailed.of(
                "limit", f"A limit is from 0 to {QUOTA_UNITS_MAX} units a month."
            )
        in_turn(lambda: self._set(tenant, service, allowance, actor, beside))
        (quota,) = self._store.quotas(tenant, [(service, allowance)], period_of(self._clock()))
        return quota

    def adjust(
        self,
        owner: Owner,
        service: str,
        *,
        units: int,
        reason: str,
        actor: str,
        key: str,
        beside: Beside = _nothing,
    ) -> Adjusted:
        """Give units of this month (positive), or take some, once for ever by the key.

        More may be taken than is left: then nothing is, until the next month or a grant. ``beside``
        adds what has to be written in the same transaction.

        Raises:
            NotFound: there is no such owner.
            IdempotencyMismatch: the key was one of other units.
            ValidationFailed: the service, the units or the reason are none.
        """
        require_service(service)
        if units == 0 or abs(units) > QUOTA_UNITS_MAX:
            raise ValidationFailed.of(
                "units", f"An adjustment is of 1 to {QUOTA_UNITS_MAX} units, or minus."
            )
        if not reason.strip() or len(reason) > REASON_CHARS_MAX or not key:
            raise ValidationFailed.of("reason", f"A reason has 1 to {REASON_CHARS_MAX} characters.")
        now = self._clock()
        wanted = Adjustment(
            key=key,
            service=service,
            period=period_of(now),
            units=units,
            reason=reason.strip(),
            actor=actor,
            at=now,
        )
        allowance = self.allowance(owner, service)
        tx = self._store.transaction()
        beside(tx)
        self._store.add_adjustment(tx, owner, wanted, limit=allowance.limit)
        self._add_standing(tx, owner)
        done, already_done = wanted, False
        try:
            tx.commit()
        except AdjustmentExists as known:
            if known.before is None or known.before.units != units:
                raise IdempotencyMismatch from known
            done, already_done = known.before, True
        (quota,) = self._store.quotas(owner, [(service, allowance)], wanted.period)
        return Adjusted(done, quota, already_done)

    def quotas(
        self, owner: Owner, services: Sequence[str], *, period: str | None = None
    ) -> list[Quota]:
        """How an owner's own quotas stand, by the month (default: this one)."""
        plan = self.plan(owner) if isinstance(owner, Tenant) else Plan()
        usual = self._usual(owner)
        wanted = [(service, plan.allowances.get(service, usual)) for service in services]
        return self._store.quotas(owner, wanted, period or period_of(self._clock()))

    def adjustments(
        self, owner: Owner, service: str, *, period: str | None = None
    ) -> list[Adjustment]:
        """The adjustments of a month's quota, the oldest first; at most 100."""
        return self._store.adjustments(owner, service, period or period_of(self._clock()))

    def _set(
        self, tenant: Tenant, service: str, allowance: Allowance, actor: str, beside: Beside
    ) -> None:
        """As ``set_allowance``; ``Overtaken`` where something has changed since it was read."""
        plan, seen = self._store.plan(tenant)
        wanted = Plan({**plan.allowances, service: allowance})
        tx = self._store.transaction()
        beside(tx)
        self._add_standing(tx, tenant)
        self._store.add_plan(tx, tenant, wanted, seen=seen, by=actor)
        for period in _months_of(self._clock()):
            before = self._store.limit(tenant, service, period)
            self._store.add_limit(tx, tenant, service, period, seen=before, limit=allowance.limit)
        tx.commit()

    def _usual(self, owner: Owner) -> Allowance:
        limits = self._limits
        tenant = isinstance(owner, Tenant)
        return Allowance(limits.ai_tenant_units if tenant else limits.ai_person_units)


def _months_of(now: datetime) -> list[str]:
    """This month, and the next where a request that is under way may be the first of it."""
    soon = now + timedelta(seconds=QUOTA_TURNOVER_S)
    return list(dict.fromkeys((period_of(now), period_of(soon))))
