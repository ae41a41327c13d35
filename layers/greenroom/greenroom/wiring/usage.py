"""Usage of the AI proxy: quotas, and what is reserved of them."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.log import note
from greenroom.kernel.settings import LimitSettings
from greenroom.wiring.usage_log import UsageLogWiring

if TYPE_CHECKING:
    from greenroom.usage.forgetting import QuotaForgetting
    from greenroom.usage.meter import Meter
    from greenroom.usage.quota_store import QuotaStore


class UsageWiring(UsageLogWiring):
    """Quotas."""

    @cached_property
    def quota_store(self) -> "QuotaStore":
        """Quotas and reservations in the table."""
        from greenroom.usage.quota_store import QuotaStore

        return QuotaStore(self.table)

    @cached_property
    def meter(self) -> "Meter":
        """What takes units for calls, and gives them back."""
        from greenroom.usage.meter import Meter

        limits = self.of(LimitSettings)
        return Meter(
            self.quota_store,
            limits=limits,
            daily=limits.daily_limits,
            log=self.usage_log.write,
            clock=self.clock,
            note=note,
        )

    @cached_property
    def quota_forgetting(self) -> "QuotaForgetting":
        """What deletes what quotas keep of a person."""
        from greenroom.usage.forgetting import QuotaForgetting

        return QuotaForgetting(self.table)
