"""Reads and writes of plans and adjustments; ``quota_items`` has the key chart."""

from collections.abc import Sequence

from greenroom.kernel.errors import Conflict, GreenroomError
from greenroom.kernel.limits import ADJUSTMENTS_LISTED_MAX
from greenroom.kernel.tenants import Tenant
from greenroom.kernel.turns import Overtaken
from greenroom.table.batch import raw_all
from greenroom.table.item import Key
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction
from greenroom.usage.domain import Adjustment, Allowance, Of, Owner, Payer, Plan, Quota
from greenroom.usage.quota_items import (
    AdjustmentItem,
    PlanItem,
    QuotaItem,
    adjustment_of,
    plan_of,
    quota_of,
)


class AdjustmentExists(Conflict):
    """There is an adjustment of this key: what it stands for has happened; ``before`` is it."""

    def __init__(self, before: Adjustment | None) -> None:
        self.before = before
        super().__init__("There is an adjustment of this key already.")


class AllowanceStore:
    """Plans and adjustments in the table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def transaction(self) -> Transaction:
        """An empty transaction on the table."""
        return self._table.transaction()

    def plan(self, tenant: Tenant) -> tuple[Plan, int]:
        """A tenant's plan, and how often it was changed."""
        item = self._table.get(PlanItem.at(tenant))
        return plan_of(item), item.rev if item else 0

    def add_plan(self, tx: Transaction, tenant: Tenant, plan: Plan, *, seen: int, by: str) -> None:
        """Add the step that writes a plan, if it was changed as often as ``seen``."""
        of = PlanItem
        allowances = {
            name: {"limit": one.limit, "enforcement": one.enforcement}
            for name, one in plan.allowances.items()
        }
        tx.update(
            "plan",
            of.at(tenant),
            of.kind.set(of.KIND),
            of.v.set(of.VERSION),
            of.created_at.set(of.created_at | self._table.clock()),
            of.rev.set(seen + 1),
            of.allowances.set(allowances),
            of.changed_by.set(by),
            when=(of.rev == seen) if seen else of.pk.does_not_exist(),
            otherwise=Overtaken(),
        )

    def limit(self, owner: Owner, service: str, period: str) -> int | None:
        """What a month's quota began with; None while there is none."""
        item = self._table.get(_at(owner, service, period))
        return item.limit_units if item else None

    def add_limit(
        self,
        tx: Transaction,
        owner: Owner,
        service: str,
        period: str,
        *,
        seen: int | None,
        limit: int,
    ) -> None:
        """Add the step that lets a month's quota begin with ``limit``, if it still is as seen.

        What was used of it stays used. Where there is none yet it is made, so that nobody makes it
        with an allowance that they have read before.
        """
        of = QuotaItem
        tx.update(
            f"quota {period}",
            _at(owner, service, period),
            of.kind.set(of.KIND),
            of.v.set(of.VERSION),
            of.created_at.set(of.created_at | self._table.clock()),
            of.limit_units.set(limit),
            of.available.set((of.available | limit) + (0 if seen is None else limit - seen)),
            when=of.pk.does_not_exist() if seen is None else of.limit_units == seen,
            otherwise=Overtaken(),
        )

    def add_adjustment(
        self, tx: Transaction, owner: Owner, adjustment: Adjustment, *, limit: int
    ) -> None:
        """Add the steps that post an adjustment and move its month's quota by as much.

        ``limit`` is what the month begins with where there is no quota of it yet. The error of the
        first step is ``AdjustmentExists``.
        """
        one = adjustment
        key = AdjustmentItem.at(owner, one.service, one.period, one.key)
        item = AdjustmentItem(
            key.pk,
            key.sk,
            key=one.key,
            units=one.units,
            reason=one.reason,
            actor=one.actor,
            created_at=one.at,
        )
        tx.put("adjustment", item, otherwise=_exists)
        of = QuotaItem
        tx.update(
            "quota",
            _at(owner, one.service, one.period),
            of.kind.set(of.KIND),
            of.v.set(of.VERSION),
            of.created_at.set(of.created_at | one.at),
            of.limit_units.set(of.limit_units | limit),
            of.available.set((of.available | limit) + one.units),
            of.adjusted.set((of.adjusted | 0) + one.units),
            when=None,
            otherwise=Conflict(),
        )

    def quotas(
        self, owner: Owner, wanted: Sequence[tuple[str, Allowance]], period: str
    ) -> list[Quota]:
        """How the owner's own quotas of these services stand; one batch read."""
        keys = [_at(owner, service, period) for service, _ in wanted]
        there = raw_all(self._table, ((key.pk, key.sk) for key in keys))
        of: Of = "tenant" if isinstance(owner, Tenant) else "user"
        found: list[Quota] = []
        for key, (service, allowance) in zip(keys, wanted, strict=True):
            raw = there.get((key.pk, key.sk))
            if raw is None:
                limit, hardness = allowance.limit, allowance.enforcement
                found.append(Quota(service, period, limit, 0, hardness, of))
            else:
                found.append(quota_of(QuotaItem.read(raw), key, allowance, of))
        return found

    def adjustments(self, owner: Owner, service: str, period: str) -> list[Adjustment]:
        """At most 100 adjustments of a month's quota."""
        page = self._table.query(
            AdjustmentItem,
            owner.pk(),
            sk_prefix=f"ADJUST#{service}#{period}#",
            limit=ADJUSTMENTS_LISTED_MAX,
            consistent=True,
        )
        return sorted(map(adjustment_of, page.items), key=lambda one: one.at)


def _at(owner: Owner, service: str, period: str) -> Key[QuotaItem]:
    payer = Payer("", owner) if isinstance(owner, Tenant) else Payer(owner.user_id)
    return QuotaItem.at(payer, "tenant" if isinstance(owner, Tenant) else "user", service, period)


def _exists(old: AdjustmentItem | None) -> GreenroomError:
    return AdjustmentExists(None if old is None else adjustment_of(old))
