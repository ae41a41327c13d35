"""A record holds what happened in its invocation, and nothing of another."""

import threading

import pytest

from greenroom.kernel import telemetry
from greenroom.kernel.telemetry import Measured, count, measure, phase, recorded


def test_times_of_one_phase_are_added_up_and_counted() -> None:
    with recorded() as record:
        for _ in range(3):
            with phase("store"):
                pass

    assert record.calls == {"store": 3}
    assert record.phases["store"] > 0


def test_a_phase_that_fails_is_timed_too() -> None:
    with recorded() as record, pytest.raises(KeyError), phase("provider"):
        raise KeyError

    assert record.calls == {"provider": 1}


def test_values_are_kept_with_their_label() -> None:
    with recorded() as record:
        count("BookingRejected", code="CLASS_FULL")
        measure("MintLatency", 12.5, "Milliseconds")

    assert record.measured == [
        Measured("BookingRejected", 1, "Count", ("code", "CLASS_FULL")),
        Measured("MintLatency", 12.5, "Milliseconds"),
    ]


def test_a_metric_has_one_label_at_most() -> None:
    with pytest.raises(ValueError, match="one label"):
        count("X", a="1", b="2")


def test_what_happens_outside_of_an_invocation_goes_nowhere() -> None:
    with recorded() as record:
        pass
    count("X")
    with phase("store"):
        pass

    assert record == telemetry.Record()


def test_two_invocations_at_once_do_not_mix() -> None:
    def other() -> None:
        with recorded() as theirs:
            count("Theirs")
        assert [one.metric for one in theirs.measured] == ["Theirs"]

    with recorded() as record:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        count("Ours")

    assert [one.metric for one in record.measured] == ["Ours"]
