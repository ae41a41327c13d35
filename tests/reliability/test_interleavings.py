"""Two invocations at once, in any order of their calls: as if one had come after the other.

What is left (rows but for names and moments, and what other parties were asked) has to be what one
of the two orders leaves where an act runs whole after the other. Nobody is told that it broke.
Short runs try a few orders of each pair; THOROUGH=1 tries all, or a thousand where there are more.
"""

from collections.abc import Callable
from typing import Any

import pytest

from greenroom.feedback.store import FeedbackItem
from tests.figures import Figure
from tests.reliability.effects import Effects, asked, effects
from tests.reliability.pairs import PAIRS, Pair
from tests.reliability.schedules import FOR_EVER, Met, every_order, interleave, some_orders
from tests.reliability.snapshots import Snapshot
from tests.world import World

SERIAL = ("A" * FOR_EVER, "B" * FOR_EVER)


@pytest.mark.timeout(900)  # a thousand orders, on a busy machine
@pytest.mark.parametrize("name", PAIRS)
def test_two_at_once_leave_what_one_after_the_other_leaves(
    make_world: Callable[..., World], name: str, figure: Figure
) -> None:
    pair = PAIRS[name]
    world = make_world(**pair.settings)
    one, other = pair.set(world)
    begun = Snapshot(world)

    def met_in(order: str) -> tuple[Met, Effects]:
        begun.restore()
        met = interleave(order, one, other)
        return met, left(world, pair, met)

    serial = [met_in(order) for order in SERIAL]
    most = {letter: max(met.order.count(letter) for met, _ in serial) for letter in "AB"}
    orders = some_orders(most["A"], most["B"], name=name)
    wrong: list[str] = []
    for order in orders:
        met, found = met_in(order)
        told = [status_of(result) for result in met.results]
        if max(told) >= 500 or found not in [wanted for _, wanted in serial]:
            lines = [f"{order} was {met.order}: {told}"]
            for way, (_, wanted) in zip("AB", serial, strict=True):
                lines += [f"{way} first - {row}" for row in wanted - found]
                lines += [f"{way} first + {row}" for row in found - wanted]
            wrong.append("\n".join(lines))

    figure("interleavings", name, good=len(orders) - len(wrong), of=len(orders))
    assert not wrong, "\n\n".join(wrong[:3])


def left(world: World, pair: Pair, met: Met) -> Effects:
    """All that is left once schedules have done their part, and what others were asked."""
    pair.after(world)
    found = effects(world, varies=pair.varies, keep=pair.keep)
    return found + asked(met.calls)


def status_of(result: Any) -> int:
    """How somebody was answered; what is no answer of HTTP came about."""
    return int(getattr(result, "status", 200)) if not isinstance(result, str) else 200


@pytest.mark.parametrize("order", every_order(2, 3))
def test_calls_leave_in_the_order_that_is_given(world: World, order: str) -> None:
    def reads(count: int) -> list[Any]:
        return [world.table.get(FeedbackItem.at(f"{n}")) for n in range(count)]

    met = interleave(order, lambda: reads(2), lambda: reads(3))

    assert met.order == order
    assert met.results == [[None] * 2, [None] * 3]
