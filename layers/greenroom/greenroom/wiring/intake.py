"""Intakes: what customers ask of experts, and the ways to pay for it."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.settings import LimitSettings
from greenroom.wiring.experts import ExpertsWiring
from greenroom.wiring.payments import PaymentsWiring

if TYPE_CHECKING:
    from greenroom.intake.paying import IntakePayments
    from greenroom.intake.service import Intakes


class IntakeWiring(PaymentsWiring, ExpertsWiring):
    """Intakes."""

    @cached_property
    def intakes(self) -> "Intakes":
        """From the first question to a session."""
        from greenroom.intake.service import Intakes

        return Intakes(
            self.intake_store,
            accounts=self.accounts,
            experts=self.experts,
            factory=self.session_factory,
            sessions=self.session_record,
            catalogue=self.catalogue,
            clock=self.clock,
            limits=self.of(LimitSettings),
        )

    @cached_property
    def intake_payments(self) -> "IntakePayments":
        """Paying for an intake."""
        from greenroom.intake.paying import IntakePayments

        return IntakePayments(
            self.intake_store,
            intakes=self.intakes,
            factory=self.session_factory,
            sessions=self.session_record,
            checkouts=lambda: self.checkouts,
            clock=self.clock,
        )
