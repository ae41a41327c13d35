"""The trail of what admins did: written in the transaction that does it, never apart from it."""

from greenroom.admin.domain import Act, Done, Entry, Operation
from greenroom.admin.trail_store import TrailStore
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import IdempotencyMismatch
from greenroom.kernel.ids import new_id
from greenroom.table.transaction import Transaction


class AdminTrail:
    """Who did what, when, to whom and why."""

    def __init__(self, store: TrailStore, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def transaction(self) -> Transaction:
        """An empty transaction on the table."""
        return self._store.transaction()

    def add(self, tx: Transaction, act: Act, *, operation: Operation | None = None) -> Entry:
        """Add the steps that tell of an act, and note its operation.

        The step of an operation that was done meanwhile fails with an ``Overtaken``.
        """
        entry = Entry(entry_id=new_id(), at=self._clock(), act=act)
        self._store.add(tx, entry, operation)
        return entry

    def done(self, operation: Operation) -> Done | None:
        """What came of an operation, if it was done before.

        Raises:
            IdempotencyMismatch: it was done for another request.
        """
        done = self._store.done(operation.operation_id)
        if done is not None and done.operation != operation:
            raise IdempotencyMismatch
        return done

    def page(
        self, *, month: str | None, actor: str | None, limit: int, cursor: str | None
    ) -> tuple[list[Entry], str | None]:
        """A page of a month's acts, newest first; this month's without one.

        Raises:
            InvalidRequest: the cursor is not one of this month.
        """
        at = month or f"{self._clock():%Y-%m}"
        return self._store.month(at, actor=actor, limit=limit, cursor=cursor)

    def about(self, target: str) -> list[Entry]:
        """What was done to a target, newest first; at most a hundred acts."""
        return self._store.about(target)
