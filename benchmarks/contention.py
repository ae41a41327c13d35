"""DynamoDB's rule of conflicts in front of an engine that puts everything in a row.

While a transaction is under way, every other write of one of its items is refused, be it another
transaction's or one alone: ``TransactionConflict``. Source: the developer guide, "Transaction
conflict handling in DynamoDB". The local engines overlap nothing, so none of them ever says so.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from greenroom.table.pool import Answer
from tests import aws
from tests.actions import family
from tests.aws import Asked, Way
from tests.reliability import faults

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

    def watch(self, asked: Asked, way: Way) -> Answer:
        """Refuse what DynamoDB would."""
        keys = _keys(asked.operation, asked.document) if asked.service == "dynamodb" else []
        if not keys:
            return way(asked)
        alone = asked.operation in _SINGLE
        if self._refused(keys, holds=not alone):
            return faults.refusal("conflict", asked)
        if alone:
            return way(asked)
        try:
            time.sleep(self.commit_s)
            return way(asked)
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
    with aws.watched(made.watch):
        yield made


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
