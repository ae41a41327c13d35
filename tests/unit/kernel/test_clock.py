"""Time is aware UTC; its text sorts as it does; deadlines run out and never become negative."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from greenroom.kernel.clock import Deadline, epoch_ms, epoch_s, from_text, to_text, utc_now

offsets = st.integers(-12 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
moments = st.datetimes(datetime(1970, 1, 2), datetime(9998, 1, 1), timezones=offsets)  # noqa: DTZ001
NAIVE = datetime(2026, 11, 21)  # noqa: DTZ001


@given(moments)
def test_text_comes_back_as_the_same_moment(moment: datetime) -> None:
    assert from_text(to_text(moment)) == moment
    assert from_text(to_text(moment)).tzinfo is UTC


@given(moments, moments)
def test_text_sorts_in_the_order_of_time(one: datetime, other: datetime) -> None:
    assert (to_text(one) < to_text(other)) is (one < other)


@given(moments)
def test_seconds_and_milliseconds_are_rounded_down(moment: datetime) -> None:
    assert epoch_s(moment) == epoch_ms(moment) // 1000
    assert (
        timedelta(0) <= moment - datetime.fromtimestamp(epoch_s(moment), UTC) < timedelta(seconds=1)
    )


@given(st.datetimes(timezones=st.just(UTC)))
@example(datetime(1, 1, 1, tzinfo=UTC))
@example(datetime(999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC))
@example(datetime(2026, 11, 21, 12, tzinfo=UTC))
def test_text_has_every_digit_of_every_field(moment: datetime) -> None:
    day = f"{moment.year:04}-{moment.month:02}-{moment.day:02}"

    assert to_text(moment) == day + moment.strftime("T%H:%M:%S.%fZ")


def test_a_naive_moment_is_refused_in_both_directions() -> None:
    with pytest.raises(ValueError, match="time zone"):
        to_text(NAIVE)
    with pytest.raises(ValueError, match="time zone"):
        from_text("2026-11-21T12:00:00")


def test_what_is_no_moment_is_refused() -> None:
    with pytest.raises(ValueError):
        from_text("yesterday")


def test_the_present_is_aware() -> None:
    assert utc_now().tzinfo is UTC


def test_a_deadline_keeps_time_back_and_runs_out(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now_s)
    deadline = Deadline.after(29)

    assert deadline.remaining_s() == 29
    assert deadline.remaining_s(keep_s=3) == 26
    assert deadline.remaining_s(keep_s=3, at_most_s=20) == 20
    now_s = 200.0
    assert deadline.remaining_s() == 0
