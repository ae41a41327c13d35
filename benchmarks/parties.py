"""The providers of tests in a process of their own, so that their work is not taken for ours."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from benchmarks.starts.served import served
from local.standins.common import running
from local.standins.stripe import StripeStandIn
from tests.fakes.provider import FakeProvider


class Parties(NamedTuple):
    """Where they answer, over HTTP."""

    provider: str
    stripe: str

    def settings(self) -> dict[str, str]:
        """The settings of functions that ask them."""
        models = f"{self.provider}/v1"
        return {
            "OPENAI_BASE_URL": models,
            "LLM_BASE_URL": models,
            "STRIPE_API_BASE": self.stripe,
            "APP_URL": "https://app.greenroom.test",
        }


@contextmanager
def apart(folder: Path) -> Iterator[Parties]:
    """The parties while the block runs; Stripe keeps its books in the folder."""
    own = multiprocessing.get_context("spawn")  # a fork would have our threads' locks
    here, there = own.Pipe()
    process = own.Process(target=_serve, args=(there, folder), daemon=True)
    process.start()
    there.close()
    try:
        yield Parties(*here.recv())
    finally:
        here.close()
        process.join(timeout=10)
        process.kill()


def _serve(pipe: Connection, folder: Path) -> None:
    """Until whoever holds the other end lets go of it."""
    with served(FakeProvider()) as provider, running(StripeStandIn(folder)) as stripe:
        pipe.send((provider, stripe))
        try:
            pipe.recv()
        except EOFError:
            return
