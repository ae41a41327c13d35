"""The circuit breaker: when it opens, whom it lets through, and when it closes."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenroom.kernel.breaker import Breaker
from greenroom.kernel.errors import Conflict, ProviderDown, ProviderFailed, ProviderTimedOut
from greenroom.kernel.telemetry import recorded
from tests.world import MovableClock

FAILURES, PAUSE_S = 3, 15


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def breaker(clock: MovableClock) -> Breaker:
    return Breaker("voice", failures=FAILURES, pause_s=PAUSE_S, clock=clock)


def state(breaker: Breaker) -> str:
    return breaker.state


def up(breaker: Breaker) -> None:
    with breaker.calling() as call:
        call.answered = True


def down(breaker: Breaker) -> None:
    with pytest.raises(ProviderTimedOut), breaker.calling():
        raise ProviderTimedOut


def fail(breaker: Breaker, error: Exception, *, answered: bool) -> None:
    with breaker.calling() as call:
        call.answered = answered
        raise error


def opened(breaker: Breaker) -> Breaker:
    for _ in range(FAILURES):
        down(breaker)
    assert state(breaker) == "open"
    return breaker


def test_it_opens_after_so_many_failures_in_a_row_and_not_before(breaker: Breaker) -> None:
    down(breaker)
    down(breaker)
    up(breaker)
    down(breaker)
    down(breaker)
    assert state(breaker) == "closed"

    down(breaker)

    assert state(breaker) == "open"


def test_while_it_is_open_nobody_is_asked_and_it_says_when(
    breaker: Breaker, clock: MovableClock
) -> None:
    opened(breaker)
    clock.move(4.2)

    for enter in (breaker.passing, breaker.calling):
        with pytest.raises(ProviderDown) as refused, enter():
            pytest.fail("nobody may be asked")
        assert (refused.value.status, refused.value.retry_after_s) == (503, 11)
        assert refused.value.log == {"provider": "voice"}


def test_after_the_pause_one_answer_closes_it(breaker: Breaker, clock: MovableClock) -> None:
    opened(breaker)
    clock.move(PAUSE_S)
    assert state(breaker) == "half_open"

    up(breaker)

    assert state(breaker) == "closed"
    down(breaker)
    assert state(breaker) == "closed"


def test_after_the_pause_one_silence_opens_it_again_for_the_whole_pause(
    breaker: Breaker, clock: MovableClock
) -> None:
    opened(breaker)
    clock.move(PAUSE_S)

    down(breaker)

    assert state(breaker) == "open"
    clock.move(PAUSE_S - 0.1)
    with pytest.raises(ProviderDown), breaker.passing():
        pytest.fail("the pause is not over")
    clock.move(0.1)
    up(breaker)
    assert state(breaker) == "closed"


@pytest.mark.parametrize(
    ("error", "answered"),
    [
        (ProviderFailed(log={"status": 401}), True),
        (Conflict(), True),
        (Conflict(), False),
        (ValueError("no key of ours"), False),
    ],
)
def test_a_refusal_and_a_fault_of_ours_do_not_say_that_it_is_down(
    breaker: Breaker, error: Exception, answered: bool
) -> None:
    for _ in range(2 * FAILURES):
        with pytest.raises(type(error)):
            fail(breaker, error, answered=answered)

    assert state(breaker) == "closed"


def test_a_fault_of_ours_does_not_say_that_it_is_up(breaker: Breaker) -> None:
    down(breaker)
    down(breaker)
    with pytest.raises(ValueError, match="ours"), breaker.calling():
        raise ValueError("ours")

    down(breaker)

    assert state(breaker) == "open"


def test_an_answer_that_says_nothing_good_counts_as_silence(breaker: Breaker) -> None:
    for _ in range(FAILURES):
        with breaker.calling() as call:
            call.answered = False

    assert state(breaker) == "open"


def test_work_that_was_let_in_may_call_though_it_opened_meanwhile(breaker: Breaker) -> None:
    with breaker.passing():
        opened(breaker)
        with breaker.calling() as call:
            call.answered = True

    assert state(breaker) == "open", "only the probe's word counts"


def test_work_that_calls_nobody_gives_its_probe_back(breaker: Breaker, clock: MovableClock) -> None:
    opened(breaker)
    clock.move(PAUSE_S)

    with breaker.passing():
        assert is_refused_in_another_thread(breaker)
    with pytest.raises(Conflict), breaker.passing():
        raise Conflict

    up(breaker)
    assert state(breaker) == "closed"


def is_refused_in_another_thread(breaker: Breaker) -> bool:
    refused: list[ProviderDown] = []

    def run() -> None:
        try:
            up(breaker)
        except ProviderDown as down:
            refused.append(down)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return bool(refused)


def test_half_open_lets_exactly_one_of_many_threads_through(
    breaker: Breaker, clock: MovableClock
) -> None:
    opened(breaker)
    clock.move(PAUSE_S)
    together, done = threading.Barrier(20), threading.Barrier(20)
    outcomes: list[str] = []

    def run() -> None:
        together.wait()
        try:
            with breaker.calling() as call:
                outcomes.append("asked")
                done.wait()
                call.answered = True
        except ProviderDown:
            outcomes.append("refused")
            done.wait()

    threads = [threading.Thread(target=run) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["asked"] + ["refused"] * 19
    assert state(breaker) == "closed"


def test_without_a_number_it_never_opens(clock: MovableClock) -> None:
    breaker = Breaker("voice", failures=0, pause_s=PAUSE_S, clock=clock)
    for _ in range(100):
        down(breaker)

    assert state(breaker) == "closed"


def test_that_it_opened_is_counted_once(breaker: Breaker, clock: MovableClock) -> None:
    with recorded() as record:
        opened(breaker)
        with pytest.raises(ProviderDown), breaker.calling():
            pytest.fail("it is open")

    assert [(one.metric, one.label) for one in record.measured] == [
        ("CircuitOpened", ("provider", "voice"))
    ]


@given(st.lists(st.sampled_from(["up", "down", "wait", "pause"]), max_size=60))
def test_nobody_is_asked_before_the_pause_is_over_whatever_happens(steps: list[str]) -> None:
    """Against a model: failures in a row, and the moment until which it is open."""
    clock = MovableClock()
    breaker = Breaker("voice", failures=FAILURES, pause_s=PAUSE_S, clock=clock)
    in_a_row, open_until = 0, None
    for step in steps:
        if step in {"wait", "pause"}:
            clock.move(1 if step == "wait" else PAUSE_S)
            continue
        asked = True
        try:
            with breaker.calling() as call:
                call.answered = step == "up"
        except ProviderDown:
            asked = False
        assert asked is (open_until is None or clock() >= open_until)
        if not asked:
            continue
        if step == "up":
            in_a_row, open_until = 0, None
        else:
            in_a_row += 1
            if open_until is not None or in_a_row == FAILURES:
                open_until = clock.move(0) + breaker._pause
