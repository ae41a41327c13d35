"""What Stripe keeps for whoever has paid: the cards that they chose to keep."""

from collections.abc import Callable

from greenroom.payments.provider import CardOnFile, Provider
from greenroom.payments.store import PaymentStore


class Payers:
    """People as Stripe's customers. The ``provider`` is made only for whoever is one."""

    def __init__(self, store: PaymentStore, *, provider: Callable[[], Provider]) -> None:
        self._store = store
        self._provider = provider

    def payment_methods(self, user_id: str) -> list[CardOnFile]:
        """The person's cards, newest first; none for whoever has never begun a checkout.

        Raises:
            ProviderFailed, ProviderThrottled, ProviderTimedOut: ask again.
        """
        payer = self._store.payer(user_id)
        if payer is None or payer.customer_id is None:
            return []
        return self._provider().payment_methods(payer.customer_id)
