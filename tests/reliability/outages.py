"""The table away for good, and time that only what the product would have waited moves.

    with away(world, "hanging") as outage:
        ...
    outage.elapsed_s  # what a caller would have waited

While the table is away the world's tables stand over connections that are made as a deployment
makes them, so that a try that hangs costs the timeouts that are configured there, and nothing
of a test's own. Nobody sleeps: pauses between tries move the same clock, each as long as it can be.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Literal, get_args
from unittest import mock

from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from pynamodb.connection import Connection

from greenroom.kernel import clock
from greenroom.kernel.limits import STORE_BUDGET_S
from greenroom.table import table as tables
from greenroom.table.haste import hasty
from greenroom.table.patience import Patience
from greenroom.table.pool import Answer
from greenroom.table.table import Table
from tests import aws
from tests.aws import Asked, Way
from tests.reliability import faults
from tests.world import CREDENTIALS, World

Kind = Literal[
    "hanging",  # connections are taken as late as is borne, and nothing is ever answered
    "refused",  # nobody listens
    "throttled",  # refused for too much traffic
    "unavailable",  # DynamoDB fails inside
]
KINDS: tuple[Kind, ...] = get_args(Kind)
REFUSAL_S = 0.01  # how long a refusal takes


class Outage:
    """One outage: what was tried meanwhile, and what waiting for it cost."""

    def __init__(self, kind: Kind, *, first: int = 1) -> None:
        self.kind = kind
        self.first = first
        self.answered = 0
        self.elapsed_s = 0.0
        self.tries: list[str] = []

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.elapsed_s += seconds

    def watch(self, asked: Asked, way: Way) -> Answer:
        """Answer as a table does that is away."""
        if asked.service != "dynamodb":
            return way(asked)
        if self.answered + 1 < self.first:
            self.answered += 1
            return way(asked)
        self.tries.append(asked.operation)
        if self.kind == "hanging":
            self.sleep(asked.patience_s)
            raise ReadTimeoutError(endpoint_url=asked.url, error="planned")
        self.sleep(REFUSAL_S)
        if self.kind == "refused":
            raise EndpointConnectionError(endpoint_url=asked.url, error="planned")
        return faults.refusal("throttle" if self.kind == "throttled" else "unavailable", asked)


@contextmanager
def away(world: World, kind: Kind, *, first: int = 1) -> Iterator[Outage]:
    """Take the table away, for all functions of the world, inside the block.

    It is away from the ``first`` call on; those before are answered.
    """
    outage = Outage(kind, first=first)

    def monotonic() -> float:
        return outage.elapsed_s

    def patience(budget_s: float = STORE_BUDGET_S, try_s: float = Patience().try_s) -> Patience:
        return Patience(
            budget_s=budget_s,
            try_s=try_s,
            monotonic=monotonic,
            sleep=outage.sleep,
            jitter=lambda ceiling_s: ceiling_s,
        )

    with (
        aws.watched(outage.watch),
        mock.patch.object(clock, "time", SimpleNamespace(monotonic=monotonic)),
        mock.patch.object(tables, "Patience", patience),  # of tables that are opened meanwhile
    ):
        kept = [(table, table.connection, table.patience) for table in tables_of(world)]
        for (table, _, own), connection in zip(kept, deployed(world.endpoint), strict=True):
            table.connection = connection
            table.patience = patience(own.budget_s, own.try_s)
        try:
            yield outage
        finally:
            for table, connection, own in kept:
                table.connection, table.patience = connection, own


def tables_of(world: World) -> tuple[Table, Table]:
    """The patient table and the hasty one."""
    return world.table, world.hasty_table


@cache
def deployed(endpoint: str) -> tuple[Connection, Connection]:
    """Connections with a deployment's timeouts: of the patient table and of the hasty one."""
    table = Table.open("greenroom", endpoint=endpoint, region=CREDENTIALS["AWS_REGION"])
    return table.connection, hasty(table).connection
