"""Tenants of the AI proxy."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.wiring.usage import UsageWiring

if TYPE_CHECKING:
    from greenroom.tenants.access import TenantAccess
    from greenroom.tenants.service import Tenants
    from greenroom.tenants.store import TenantStore


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
