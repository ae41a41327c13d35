"""Experts: their profiles, their desk, and what sends sessions round to them."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.log import note
from greenroom.kernel.settings import ExpertSettings, LimitSettings
from greenroom.wiring.sessions import SessionsWiring

if TYPE_CHECKING:
    from greenroom.experts.desk import Desk
    from greenroom.experts.router import Router
    from greenroom.experts.service import Experts


class ExpertsWiring(SessionsWiring):
    """Experts."""

    @cached_property
    def experts(self) -> "Experts":
        """Profiles of experts."""
        from greenroom.experts.service import Experts

        return Experts(
            self.expert_store,
            accounts=self.accounts,
            signup=lambda: self.of(ExpertSettings).expert_signup,
            clock=self.clock,
        )

    @cached_property
    def router(self) -> "Router":
        """What sends sessions round to experts."""
        from greenroom.experts.router import Router

        return Router(
            self.assigning,
            store=self.expert_store,
            clock=self.clock,
            limits=self.of(LimitSettings),
            note=note,
        )

    @cached_property
    def desk(self) -> "Desk":
        """Where experts take sessions."""
        from greenroom.experts.desk import Desk

        return Desk(
            self.assigning,
            experts=self.experts,
            store=self.expert_store,
            router=self.router,
            clock=self.clock,
            limits=self.of(LimitSettings),
            note=note,
        )
