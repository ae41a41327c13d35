"""The stores that rooms share: each knows the table and nothing else."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.wiring.accounts import AccountsWiring

if TYPE_CHECKING:
    from greenroom.experts.store import ExpertStore
    from greenroom.intake.store import IntakeStore
    from greenroom.payments.store import PaymentStore
    from greenroom.sessions.store import SessionStore


class StoresWiring(AccountsWiring):
    """Stores in whose transactions several rooms meet."""

    @cached_property
    def session_store(self) -> "SessionStore":
        """Sessions in the table."""
        from greenroom.sessions.store import SessionStore

        return SessionStore(self.table)

    @cached_property
    def payment_store(self) -> "PaymentStore":
        """Purchases in the table."""
        from greenroom.payments.store import PaymentStore

        return PaymentStore(self.table)

    @cached_property
    def intake_store(self) -> "IntakeStore":
        """Intakes in the table."""
        from greenroom.intake.store import IntakeStore

        return IntakeStore(self.table)

    @cached_property
    def expert_store(self) -> "ExpertStore":
        """Experts in the table."""
        from greenroom.experts.store import ExpertStore

        return ExpertStore(self.table)
