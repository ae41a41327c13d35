"""Tenants of the AI proxy."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.settings import LimitSettings
from greenroom.kernel.tenants import Tenant
from greenroom.wiring.usage import UsageWiring

if TYPE_CHECKING:
    from greenroom.table.transaction import Transaction
    from greenroom.tenants.access import TenantAccess
    from greenroom.tenants.service import Tenants
    from greenroom.tenants.store import TenantStore
    from greenroom.usage.allowances import Allowances
    from greenroom.usage.domain import Owner


class TenantsWiring(UsageWiring):
    """Tenants."""

    @cached_property
    def tenant_store(self) -> "TenantStore":
        """Preschools in the table."""
        from greenroom.tenants.store import TenantStore
        from greenroom.usage.quota_items import PlanItem, plan_of

        return TenantStore(self.table, plan_at=PlanItem.at, plan_of=plan_of)

    @cached_property
    def tenant_access(self) -> "TenantAccess":
        """Who people are in tenants."""
        from greenroom.tenants.access import TenantAccess

        return TenantAccess(self.tenant_store, organizations=self.access)

    @cached_property
    def tenants(self) -> "Tenants":
        """What operators do to tenants."""
        from greenroom.tenants.service import Tenants

        return Tenants(self.tenant_store, organizations=self.organizations)

    @cached_property
    def allowances(self) -> "Allowances":
        """What operators and admins change about quotas."""
        from greenroom.usage.allowance_store import AllowanceStore
        from greenroom.usage.allowances import Allowances

        return Allowances(
            AllowanceStore(self.table),
            add_standing=self._add_owner,
            limits=self.of(LimitSettings),
            clock=self.clock,
        )

    def _add_owner(self, tx: "Transaction", owner: "Owner") -> None:
        if isinstance(owner, Tenant):
            self.tenants.add_standing(tx, owner)
        else:
            self.accounts.add_existence(tx, owner.user_id)
