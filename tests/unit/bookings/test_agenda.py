"""Buckets of a class's time: two classes share one exactly where they overlap."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Update

from greenroom.bookings.agenda import BUCKET_MIN, buckets_of, mark_of, marked
from greenroom.bookings.class_items import AgendaItem
from greenroom.bookings.seat_store import _all
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import CLASS_MINUTES_MAX

MIDNIGHT = datetime(2026, 12, 31, 22, 0, tzinfo=UTC)  # so that some classes reach into a new year

minutes = st.integers(0, 4 * 60)
durations = st.integers(1, CLASS_MINUTES_MAX)
on_grid = st.integers(0, 4 * 12).map(lambda n: n * BUCKET_MIN)
grid_durations = st.integers(1, CLASS_MINUTES_MAX // BUCKET_MIN).map(lambda n: n * BUCKET_MIN)


def at(minute: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=minute)


def places(minute: int, duration: int) -> set[tuple[str, str]]:
    found = buckets_of(at(minute), duration)
    return {(day, bucket) for day, buckets in found.items() for bucket in buckets}


@given(on_grid, grid_durations, on_grid, grid_durations)
def test_classes_share_a_bucket_exactly_where_they_overlap(
    first: int, lasts: int, second: int, lasts_too: int
) -> None:
    overlap = first < second + lasts_too and second < first + lasts

    assert bool(places(first, lasts) & places(second, lasts_too)) is overlap


@given(minutes, durations, minutes, durations)
def test_off_the_grid_no_overlap_is_missed_and_a_bucket_is_all_that_is_lost(
    first: int, lasts: int, second: int, lasts_too: int
) -> None:
    shared = bool(places(first, lasts) & places(second, lasts_too))
    gap = max(second - (first + lasts), first - (second + lasts_too))

    if gap < 0:
        assert shared
    if gap >= BUCKET_MIN:
        assert not shared


@given(minutes, durations)
def test_the_buckets_cover_the_class_and_touch_it(minute: int, duration: int) -> None:
    found = buckets_of(at(minute), duration)
    begins = sorted(
        datetime.fromisoformat(f"{day}T00:00:00+00:00")
        + timedelta(minutes=BUCKET_MIN * int(bucket[1:]))
        for day, buckets in found.items()
        for bucket in buckets
    )

    size, start, end = timedelta(minutes=BUCKET_MIN), at(minute), at(minute + duration)
    assert begins[0] <= start < begins[0] + size
    assert begins[-1] < end <= begins[-1] + size
    assert begins == [begins[0] + n * size for n in range(len(begins))]
    numbers = [int(bucket[1:]) for buckets in found.values() for bucket in buckets]
    assert all(0 <= number < 24 * 60 / BUCKET_MIN for number in numbers)


def test_a_class_over_midnight_takes_buckets_of_two_days() -> None:
    assert buckets_of(datetime(2026, 12, 31, 23, 50, tzinfo=UTC), 15) == {
        "2026-12-31": ["b286", "b287"],
        "2027-01-01": ["b0"],
    }


def test_a_bucket_that_is_taken_in_part_is_taken() -> None:
    start = datetime(2026, 12, 1, 0, 4, 59, 999_999, tzinfo=UTC)

    assert buckets_of(start, 1) == {"2026-12-01": ["b0", "b1"]}


@given(st.uuids())
def test_a_mark_is_the_booking_in_twenty_two_characters(booking: uuid.UUID) -> None:
    mark = mark_of(str(booking))

    assert (len(mark), marked(mark)) == (22, str(booking))


@pytest.mark.parametrize("broken", ["", "x", "a" * 21, "a" * 23, "é" * 22])
def test_what_is_no_mark_is_refused(broken: str) -> None:
    with pytest.raises(ValueError):
        marked(broken)


def test_the_longest_class_fits_into_the_expressions_of_one_step() -> None:
    """DynamoDB: 4096 bytes of one expression, 300 operators and functions in it."""
    (buckets,) = buckets_of(datetime(2026, 12, 1, 9, 1, tzinfo=UTC), CLASS_MINUTES_MAX).values()
    mark = mark_of(new_id())
    noted = AgendaItem.bookings.contains(new_id())
    taking = _all([Path(one).does_not_exist() for one in buckets])
    leaving = _all([noted, *(Path(one) == mark for one in buckets)])

    for condition in (taking, leaving):
        assert condition is not None
        text = condition.serialize({}, {})
        assert len(text) <= 4096
        assert text.count(" AND ") + len(buckets) + 1 <= 300
    actions = [Path(one).set(mark) for one in buckets]
    assert len(Update(*actions).serialize({}, {}) or "") <= 3000
