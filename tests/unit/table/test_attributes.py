"""Attributes refuse what they could not give back as it was."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from greenroom.table.attributes import IntegerAttribute, JsonAttribute, MomentAttribute


@pytest.mark.parametrize("value", [1.0, 2.5, True, "1", None])
def test_a_number_is_a_whole_one(value: Any) -> None:
    with pytest.raises(TypeError):
        IntegerAttribute().serialize(value)


@pytest.mark.parametrize("value", [0, -5, 2**60])
def test_whole_numbers_come_back_as_they_were(value: int) -> None:
    attribute = IntegerAttribute()

    assert attribute.deserialize(attribute.serialize(value)) == value


def test_a_stored_fraction_is_refused() -> None:
    with pytest.raises(ValueError):
        IntegerAttribute().deserialize("1.5")


def test_moments_sort_as_text_and_come_back_in_utc() -> None:
    attribute = MomentAttribute()
    here = datetime(2026, 11, 21, 13, 0, 0, 1, tzinfo=timezone(timedelta(hours=1)))

    text = attribute.serialize(here)

    assert text == "2026-11-21T12:00:00.000001Z"
    assert attribute.deserialize(text) == here.astimezone(UTC)
    assert attribute.serialize(here.replace(microsecond=0)) < text


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        MomentAttribute().serialize(datetime(2026, 11, 21))  # noqa: DTZ001


@pytest.mark.parametrize("value", [None, [], {"a": [1, 2.5, "é", {"b": None}]}, "text"])
def test_json_comes_back_as_it_was(value: Any) -> None:
    attribute = JsonAttribute()

    assert attribute.deserialize(attribute.serialize(value)) == value


def test_json_has_no_nan() -> None:
    with pytest.raises(ValueError):
        JsonAttribute().serialize(float("nan"))
