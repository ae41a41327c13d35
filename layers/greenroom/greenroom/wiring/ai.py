"""The AI proxy."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.log import note
from greenroom.kernel.settings import AiSettings, LimitSettings
from greenroom.wiring.calls import CallsWiring
from greenroom.wiring.tenants import TenantsWiring

if TYPE_CHECKING:
    from greenroom.ai.service import Generation


class AiWiring(CallsWiring, TenantsWiring):
    """The AI proxy."""

    @cached_property
    def generation(self) -> "Generation":
        """What people ask of the proxy."""
        from greenroom.ai.service import Generation

        return Generation(
            tenants=self.tenant_access,
            meter=self.meter,
            calls=self.metered_calls,
            model=lambda: self.language_model,
            effort=self.of(AiSettings).ai_reasoning_effort,
            limits=self.of(LimitSettings),
            note=note,
            passing=self.language_model.passing,
        )
