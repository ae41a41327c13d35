"""One webhook in two containers, under every order of their outside calls."""

import itertools
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from botocore.endpoint import Endpoint

from tests.till import Till, outcomes
from tests.world import Reply, World

CALLS = 2  # a read of the purchase, and the transaction
ORDERS = sorted(set(itertools.permutations("A" * CALLS + "B" * CALLS)))
WAIT_S = 20.0

_send = Endpoint._do_get_response


class Turns:
    """Lets the calls of two threads leave the process in one order, and freely after it."""

    def __init__(self, order: tuple[str, ...]) -> None:
        self._order = list(order)
        self._changed = threading.Condition()

    def take(self, name: str) -> None:
        """Wait for this thread's turn."""
        with self._changed:
            reached = self._changed.wait_for(lambda: self._is_next(name), WAIT_S)
            assert reached, "the order was never reached"

    def _is_next(self, name: str) -> bool:
        return name not in self._order or self._order[0] == name

    def pass_on(self, name: str) -> None:
        """The call is over: the next one may go."""
        with self._changed:
            if name in self._order:
                self._order.remove(name)
            self._changed.notify_all()

    def leave(self, name: str) -> None:
        """The thread is done and takes no more turns."""
        with self._changed:
            self._order = [one for one in self._order if one != name]
            self._changed.notify_all()


@contextmanager
def in_order(order: tuple[str, ...]) -> Iterator[Turns]:
    """Hold every call of botocore until it is its thread's turn."""
    turns = Turns(order)

    def send(self: Any, *arguments: Any) -> Any:
        name = threading.current_thread().name
        turns.take(name)
        try:
            return _send(self, *arguments)
        finally:
            turns.pass_on(name)

    with mock.patch.object(Endpoint, "_do_get_response", send):
        yield turns


def both(order: tuple[str, ...], deliver: Callable[[str], Reply]) -> dict[str, Reply]:
    """What two containers answer whose calls left in that order."""
    replies: dict[str, Reply] = {}
    with in_order(order) as turns:

        def run(name: str) -> None:
            try:
                replies[name] = deliver(name)
            finally:
                turns.leave(name)

        threads = [threading.Thread(target=run, args=(name,), name=name) for name in "AB"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(2 * WAIT_S)
    return replies


@pytest.mark.parametrize("order", ORDERS, ids="".join)
@pytest.mark.parametrize("twins", [True, False], ids=["one event", "two events"])
def test_a_paid_checkout_is_credited_once_in_every_order_of_calls(
    world: World, order: tuple[str, ...], twins: bool
) -> None:
    """The same event twice, or two events of one payment: +3.00, once."""
    till, ada = Till(world), world.person()
    ada.credits()
    purchase = till.seed(ada)
    events = {"A": till.paid(purchase), "B": till.paid(purchase)}
    if not twins:
        events["B"]["id"] += "again"

    replies = both(order, lambda name: till.deliver(json.dumps(events[name]).encode()))

    assert {reply.status for reply in replies.values()} == {200}
    assert outcomes(replies) == {"applied", "duplicate"}
    assert ada.credits() == 6.0
    assert [entry["kind"] for entry in ada.ledger()].count("purchase") == 1
