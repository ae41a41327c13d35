"""Calls of the language model, within a quota and on the record."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.log import note
from greenroom.wiring.llm import LlmWiring
from greenroom.wiring.usage import UsageWiring

if TYPE_CHECKING:
    from greenroom.ai.calls import MeteredCalls


class CallsWiring(UsageWiring, LlmWiring):
    """Calls of the language model."""

    @cached_property
    def metered_calls(self) -> "MeteredCalls":
        """What makes calls for which units were reserved."""
        from greenroom.ai.calls import MeteredCalls

        return MeteredCalls(
            meter=self.meter,
            log=self.usage_log,
            prices=self.llm_prices,
            clock=self.clock,
            note=note,
        )
