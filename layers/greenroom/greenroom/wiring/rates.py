"""How often something public may be asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.wiring.accounts import AccountsWiring

if TYPE_CHECKING:
    from greenroom.rates.service import Rates


class RatesWiring(AccountsWiring):
    """Counts of requests."""

    @cached_property
    def rates(self) -> "Rates":
        """Counting requests that anybody may send."""
        from greenroom.rates.service import Rates
        from greenroom.rates.store import RateStore

        return Rates(
            RateStore(self.table), fingerprint_key=lambda: self.secrets.get("FINGERPRINT_KEY")
        )
