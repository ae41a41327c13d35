"""Studios: their customers, and the passes of those."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.wiring.accounts import AccountsWiring

if TYPE_CHECKING:
    from greenroom.customers.joining import Joining
    from greenroom.customers.service import Customers
    from greenroom.customers.store import CustomerStore
    from greenroom.passes.service import Passes


class StudioWiring(AccountsWiring):
    """What is an organisation's own."""

    @cached_property
    def customer_store(self) -> "CustomerStore":
        """Clients and leads in the table."""
        from greenroom.customers.store import CustomerStore

        return CustomerStore(self.table)

    @cached_property
    def customers(self) -> "Customers":
        """Clients and leads."""
        from greenroom.customers.service import Customers

        return Customers(
            self.customer_store,
            fingerprint_key=lambda: self.secrets.get("FINGERPRINT_KEY"),
            clock=self.clock,
        )

    @cached_property
    def joining(self) -> "Joining":
        """How people become customers."""
        from greenroom.customers.joining import Joining

        return Joining(
            self.customer_store,
            customers=self.customers,
            organizations=self.organizations,
            accounts=self.accounts,
        )

    @cached_property
    def passes(self) -> "Passes":
        """Packages and memberships."""
        from greenroom.passes.service import Passes
        from greenroom.passes.store import PassStore

        return Passes(PassStore(self.table), customers=self.customers, clock=self.clock)
