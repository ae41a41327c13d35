"""DynamoDB's rule of conflicts in front of an engine that puts everything in a row.

While a transaction is under way, every other write of one of its items is refused, be it another
transaction's or one alone: ``TransactionConflict``. Source: the developer guide, "Transaction
conflict handling in DynamoDB". The local engines overlap nothing, so none of them ever says so.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest import mock

from botocore.endpoint import Endpoint

from tests.actions import family
from tests.reliability import faults
from tests.reliability.faults import CallRecord

COMMIT_S: Final = 0.008
"""How long a transaction holds its items, beside the engine's own time."""

_SINGLE: Final = {"PutItem", "UpdateItem", "DeleteItem"}


class Contention:
    """Which items are being written, and what that refused."""

    def __init__(self, commit_s: float = COMMIT_S) -> None:
        self.commit_s = commit_s
        self.conflicts: Counter[str] = Counter()
        """By kind of item, as ``T#org#*#K#* CLASS``."""
        self.written = 0
        self.tries_max = 0
        self._held: set[tuple[str, str]] = set()
        self._lock = threading.Lock()
        self._own = threading.local()

    def send(self, endpoint: Any, request: Any, model: Any, context: Any) -> Any:
        """In the place of botocore's own."""
        if model.service_model.service_name != "dynamodb":
            return _send(endpoint, request, model, context)
        body = json.loads(request.body)
        keys = _keys(model.name, body)
        if not keys:
            return _send(endpoint, request, model, context)
        if self._refused(keys, holds=model.name not in _SINGLE):
            call = CallRecord(
                number=0,
                service="dynamodb",
                operation=model.name,
                request=body,
                fault="conflict",
            )
            return faults._refusal(request.url, call), None  # noqa: SLF001 (as DynamoDB says it)
        if model.name in _SINGLE:
            return _send(endpoint, request, model, context)
        try:
            time.sleep(self.commit_s)
            return _send(endpoint, request, model, context)
        finally:
            with self._lock:
                self._held.difference_update(keys)

    def _refused(self, keys: list[tuple[str, str]], *, holds: bool) -> bool:
        """Whether a transaction holds one of them; if none does and this is one, it does now."""
        own = self._own
        with self._lock:
            own.tries = getattr(own, "tries", 0) + 1
            busy = self._held.intersection(keys)
            if busy:
                self.conflicts.update({_kind(key) for key in busy})
                return True
            self.written += 1
            self.tries_max = max(self.tries_max, own.tries)
            own.tries = 0
            if holds:
                self._held.update(keys)
            return False


@contextmanager
def contention(commit_s: float = COMMIT_S) -> Iterator[Contention]:
    """Let writes conflict inside the block."""
    made = Contention(commit_s)

    def send(self: Any, request: Any, model: Any, context: Any) -> Any:
        return made.send(self, request, model, context)

    with mock.patch.object(Endpoint, "_do_get_response", send):
        yield made


_send = Endpoint._do_get_response  # noqa: SLF001 (the seam of the fault plane)


def _keys(operation: str, body: Any) -> list[tuple[str, str]]:
    if operation == "TransactWriteItems":
        steps = [inner for step in body["TransactItems"] for inner in step.values()]
    elif operation in _SINGLE:
        steps = [body]
    else:
        return []
    keys = [step.get("Item") or step["Key"] for step in steps]
    return [(key["PK"]["S"], key["SK"]["S"]) for key in keys]


def _kind(key: tuple[str, str]) -> str:
    pk, sk = key
    return f"{family(pk)} {sk.partition('#')[0]}"
