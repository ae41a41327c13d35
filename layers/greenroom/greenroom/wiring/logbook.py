"""The usage log as people and tenants' admins read it."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.wiring.tenants import TenantsWiring

if TYPE_CHECKING:
    from greenroom.usage.logbook import Logbook


class LogbookWiring(TenantsWiring):
    """Reading the usage log."""

    @cached_property
    def logbook(self) -> "Logbook":
        """The log as people read it."""
        from greenroom.usage.log_reads import LogReads
        from greenroom.usage.logbook import Logbook

        return Logbook(
            LogReads(self.table), administered=self.tenant_access.administered, clock=self.clock
        )
