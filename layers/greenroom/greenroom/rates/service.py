"""Counting requests that anybody may send."""

from collections.abc import Callable

from greenroom.rates.domain import EVERYBODY, Scope, fingerprint_of
from greenroom.rates.store import RateStore


class Rates:
    """Counts by address, and in all. ``fingerprint_key`` is asked at each use."""

    def __init__(self, store: RateStore, *, fingerprint_key: Callable[[], str]) -> None:
        self._store = store
        self._fingerprint_key = fingerprint_key

    def count(self, scope: Scope, address: str | None, *, per_address: int, in_all: int) -> None:
        """Count a request from an address, and with those of everybody.

        Raises:
            TooManyRequests: there were so many of them in this hour; ``Retry-After`` says how
                long it lasts.
            StoreUnavailable: the table did not answer.
        """
        who = fingerprint_of(address, scope=scope, key=self._fingerprint_key().encode())
        self._store.count(scope, who, at_most=per_address)
        self._store.count(scope, EVERYBODY, at_most=in_all)
