"""How fast the table is from here, by kind of operation, and how a container begins."""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Protocol

from greenroom.diagnostics.schema import (
    PerformanceReport,
    PoolReport,
    RuntimeReport,
)
from greenroom.diagnostics.timing import pattern_of, timing_of, took_ms
from greenroom.kernel.clock import Deadline
from greenroom.kernel.container import CONTAINER
from greenroom.kernel.errors import Unavailable
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import DIAGNOSTIC_RESERVE_S, FAILED_IN_A_ROW_MAX, TEST_ROUNDS_DEFAULT

Operations = Mapping[str, Callable[[], object]]


class Measured(Protocol):
    """The table, as far as its speed is looked at."""

    def prepare(self, probe_id: str) -> None:
        """Make the rows of a test."""
        ...

    def rehearsed(self, probe_id: str) -> Operations:
        """Each kind of operation once, on the rows of a test."""
        ...

    def remove(self, probe_id: str) -> None:
        """Delete the rows of a test."""
        ...

    def read_once(self) -> None:
        """One read, as cheap as a read can be."""
        ...


class Pool(Protocol):
    """The connections of one client."""

    @property
    def max_connections(self) -> int:
        """How many it keeps at most."""
        ...

    @property
    def in_use(self) -> int:
        """How many carry a request now."""
        ...

    @property
    def idle(self) -> int:
        """How many are open and wait."""
        ...

    @property
    def opened(self) -> int:
        """How many were opened since the process began."""
        ...

    @property
    def requests(self) -> int:
        """How many requests they have carried."""
        ...


class Performance:
    """Measures; ``fresh`` opens a second client of the table and says how to close it."""

    def __init__(
        self,
        table: Measured,
        *,
        fresh: Callable[[], tuple[Measured, Callable[[], None]]],
        pool: Callable[[], Pool],
        environ: Mapping[str, str],
    ) -> None:
        self._table = table
        self._fresh = fresh
        self._pool = pool
        self._environ = environ

    def of_operations(self, rounds: int, *, deadline: Deadline) -> PerformanceReport:
        """Each kind of operation so many times, one after the other, as far as time goes.

        Operations that fail are counted; their time is not among the others'. Where two in a row
        fail, the table is away, and what is known until then is told.

        Raises:
            StoreUnavailable: not even the rows of the test could be written.
        """
        probe_id = new_id()
        self._table.prepare(probe_id)
        operations = self._table.rehearsed(probe_id)
        taken_ms: dict[str, list[float]] = {name: [] for name in operations}
        failed = dict.fromkeys(operations, 0)
        done = failed_in_a_row = 0
        try:
            for turn, (name, act) in product(range(rounds), operations.items()):
                if failed_in_a_row == FAILED_IN_A_ROW_MAX:
                    break
                if deadline.remaining_s(keep_s=DIAGNOSTIC_RESERVE_S) <= 0:
                    break
                done = turn + 1
                try:
                    taken_ms[name].append(took_ms(act))
                    failed_in_a_row = 0
                except Unavailable:
                    failed[name] += 1
                    failed_in_a_row += 1
        finally:
            self._table.remove(probe_id)
        return PerformanceReport(
            rounds=done,
            operations={
                name: timing_of(taken_ms[name], failed=failed[name]) for name in operations
            },
        )

    def of_connections(self) -> PoolReport:
        """The connections to the table, and the process that they belong to."""
        pool = self._pool()
        return PoolReport(
            max_connections=pool.max_connections,
            in_use=pool.in_use,
            idle=pool.idle,
            opened=pool.opened,
            requests=pool.requests,
            container_age_s=round(CONTAINER.age_s, 1),
            invocations=CONTAINER.invocations,
            cold_start=CONTAINER.is_cold,
        )

    def of_runtime(self) -> RuntimeReport:
        """How reads in a row behave: over the connection that is kept, and over a new one.

        Raises:
            StoreUnavailable: the table did not answer.
        """
        memory = self._environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
        kept = [took_ms(self._table.read_once) for _ in range(TEST_ROUNDS_DEFAULT)]
        fresh, close = self._fresh()
        try:
            opened = [took_ms(fresh.read_once) for _ in range(TEST_ROUNDS_DEFAULT)]
        finally:
            close()
        return RuntimeReport(
            cold_start=CONTAINER.is_cold,
            container_age_s=round(CONTAINER.age_s, 1),
            invocations=CONTAINER.invocations,
            region=self._environ.get("AWS_REGION"),
            memory_mb=int(memory) if memory.isdecimal() else None,
            runtime=self._environ.get("AWS_EXECUTION_ENV"),
            kept_connection=pattern_of(kept),
            new_connection=pattern_of(opened),
        )
