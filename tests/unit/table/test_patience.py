"""The time budget: pauses with full jitter, and no try that could end after it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from greenroom.kernel.limits import (
    CONFLICT_PAUSE_MAX_S,
    CONFLICT_PAUSE_S,
    STORE_BUDGET_S,
    STORE_CONNECT_TIMEOUT_S,
    STORE_READ_TIMEOUT_S,
)
from greenroom.table.patience import Patience


@dataclass
class Watch:
    """A monotonic clock that only sleeping moves."""

    now_s: float = 1000.0
    slept_s: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept_s.append(seconds)
        self.now_s += seconds


def patience(
    watch: Watch, jitter: Callable[[float], float] = lambda ceiling_s: ceiling_s
) -> Patience:
    return Patience(monotonic=watch.monotonic, sleep=watch.sleep, jitter=jitter)


def test_the_first_try_waits_for_nothing() -> None:
    watch = Watch()

    next(patience(watch).tries())

    assert watch.slept_s == []


def test_pauses_double_up_to_a_ceiling() -> None:
    watch = Watch()
    tries = patience(watch).tries()

    for _ in range(7):
        next(tries)

    assert watch.slept_s[:3] == [CONFLICT_PAUSE_S, 2 * CONFLICT_PAUSE_S, 4 * CONFLICT_PAUSE_S]
    assert watch.slept_s[-1] == CONFLICT_PAUSE_MAX_S


def test_pauses_that_last_nothing_still_come_to_an_end() -> None:
    """A store that refuses at once is asked as often as time allows, not for ever."""
    watch = Watch()
    tries = 0

    for _ in patience(watch, lambda _: 0.0).tries():
        tries += 1
        watch.now_s += 0.01

    assert tries == pytest.approx(251, abs=1)


def test_pauses_are_spread_over_the_whole_range_below_the_ceiling() -> None:
    pauses = {round(Patience().jitter(1.0), 1) for _ in range(200)}

    assert len(pauses) > 5
    assert all(0 <= pause <= 1 for pause in pauses)


@pytest.mark.parametrize("lasts_s", [0.0, 0.3, STORE_READ_TIMEOUT_S, 2.5])
def test_all_tries_end_inside_the_budget_however_long_each_takes(lasts_s: float) -> None:
    watch = Watch()
    began_s = watch.now_s

    for _ in patience(watch, lambda ceiling_s: max(ceiling_s, 0.001)).tries():
        watch.now_s += lasts_s

    assert watch.now_s - began_s <= STORE_BUDGET_S


def test_a_silent_store_is_asked_at_least_twice() -> None:
    watch = Watch()
    tries = 0

    for _ in patience(watch).tries():
        tries += 1
        watch.now_s += STORE_READ_TIMEOUT_S

    assert tries == 2


def test_a_try_is_as_long_as_both_timeouts() -> None:
    assert Patience().try_s == STORE_CONNECT_TIMEOUT_S + STORE_READ_TIMEOUT_S
