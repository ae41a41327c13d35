"""Work that was overtaken begins anew, and pauses ever longer while it is overtaken again."""

import pytest

from greenroom.kernel.errors import Conflict, StoreUnavailable
from greenroom.kernel.limits import TURN_PAUSE_MAX_S, TURN_PAUSE_S, TURNS_MAX
from greenroom.kernel.turns import Overtaken, in_turn


class Work:
    """Something that others are faster at so often."""

    def __init__(self, overtaken: int) -> None:
        self.overtaken = overtaken
        self.turns = 0
        self.pauses: list[float] = []

    def __call__(self) -> str:
        self.turns += 1
        if self.turns <= self.overtaken:
            raise Overtaken
        return "done"

    def begin(self) -> str:
        return in_turn(self, sleep=self.pauses.append, jitter=lambda _, ceiling: ceiling)


@pytest.mark.parametrize("overtaken", [0, 1])
def test_whoever_is_overtaken_once_tries_again_without_a_pause(overtaken: int) -> None:
    work = Work(overtaken)

    assert work.begin() == "done"
    assert (work.turns, work.pauses) == (overtaken + 1, [])


def test_every_further_turn_waits_up_to_twice_as_long_and_never_longer_than_the_maximum() -> None:
    work = Work(TURNS_MAX - 1)

    assert work.begin() == "done"

    assert work.pauses[:3] == [TURN_PAUSE_S, 2 * TURN_PAUSE_S, 4 * TURN_PAUSE_S]
    assert max(work.pauses) == work.pauses[-1] == TURN_PAUSE_MAX_S
    assert sum(work.pauses) < 3


def test_whoever_is_overtaken_every_time_is_asked_to_come_again() -> None:
    work = Work(TURNS_MAX)

    with pytest.raises(StoreUnavailable) as refused:
        work.begin()

    assert refused.value.log == {"reason": "overtaken"}
    assert isinstance(refused.value.__cause__, Overtaken)
    assert work.turns == TURNS_MAX


def test_pauses_are_of_random_length_and_what_else_goes_wrong_is_told_at_once() -> None:
    pauses: list[float] = []
    assert in_turn(Work(9), sleep=pauses.append) == "done"
    assert len(set(pauses)) > 1

    def refused() -> None:
        raise Conflict

    with pytest.raises(Conflict):
        in_turn(refused, sleep=pauses.append)
