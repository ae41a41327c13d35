"""In which week or month a class counts, and which rules a pass violates."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from greenroom.kernel.clock import to_text
from greenroom.organizations.principal import CustomerRef
from greenroom.passes.domain import (
    ClassFacts,
    Membership,
    Package,
    PassOption,
    Period,
    period_of,
    refusals,
)

STARTS = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
DAY = timedelta(days=1)
FACTS = ClassFacts(class_type="yoga", starts_at=STARTS)
COMMON: dict[str, Any] = {
    "pass_id": "p1",
    "customer": CustomerRef("client", "c1"),
    "name": "Ten",
    "status": "active",
    "valid_from": STARTS - DAY,
    "valid_until": STARTS + DAY,
    "class_types": ("pilates", "yoga"),
    "created_at": STARTS - DAY,
}


def package(**changes: Any) -> Package:
    return Package(**{**COMMON, "uses": 10, "remaining": 1, **changes})


def membership(**changes: Any) -> Membership:
    return Membership(**{**COMMON, "uses_per_period": 2, "period": "week", **changes})


def codes(held: Package | Membership, used: int = 0) -> list[str]:
    return [error.code for error in refusals(held, used=used, facts=FACTS)]


@pytest.mark.parametrize(
    ("period", "moment", "expected"),
    [
        ("week", "2026-11-23T00:00:00+00:00", "2026-W48"),
        ("week", "2026-11-22T23:59:59+00:00", "2026-W47"),
        ("week", "2027-01-01T12:00:00+00:00", "2026-W53"),
        ("week", "2029-12-31T12:00:00+00:00", "2030-W01"),
        ("week", "2026-11-23T00:30:00+01:00", "2026-W47"),
        ("month", "2026-11-30T23:59:59+00:00", "2026-11"),
        ("month", "2026-12-01T00:30:00+01:00", "2026-11"),
        ("month", "2027-01-01T00:00:00+00:00", "2027-01"),
    ],
)
def test_a_class_counts_in_the_week_or_month_of_its_day_in_utc(
    period: Period, moment: str, expected: str
) -> None:
    assert period_of(period, datetime.fromisoformat(moment)) == expected


def test_without_a_limit_no_period_is_counted() -> None:
    assert membership(uses_per_period=None).period_at(STARTS) is None
    assert membership().period_at(STARTS) == "2026-W48"
    assert membership(period="month").period_at(STARTS) == "2026-11"


def test_a_good_pass_violates_nothing() -> None:
    assert codes(package()) == []
    assert codes(membership(), used=1) == []
    assert codes(membership(uses_per_period=None), used=999) == []
    assert codes(package(class_types=())) == []
    assert codes(package(valid_until=None)) == []


@pytest.mark.parametrize("make", [package, membership])
def test_every_rule_is_named_with_its_facts(make: Any) -> None:
    held = make(
        status="frozen",
        valid_from=STARTS + DAY,
        valid_until=STARTS - DAY,
        class_types=("pilates",),
        **({"remaining": 0} if make is package else {}),
    )

    found = refusals(held, used=2, facts=FACTS)

    assert [(error.code, error.facts) for error in found] == [
        ("PASS_INACTIVE", {"passStatus": "frozen"}),
        ("PASS_NOT_YET_VALID", {"validFrom": to_text(STARTS + DAY)}),
        ("PASS_EXPIRED", {"validUntil": to_text(STARTS - DAY)}),
        ("PASS_NOT_FOR_CLASS", {"classTypes": ["pilates"]}),
        ("NO_REMAINING_USE", {}),
    ]
    assert not PassOption(held=held, used=2, reasons=tuple(found)).usable


def test_a_pass_is_good_from_its_first_moment_and_not_at_its_last() -> None:
    assert codes(package(valid_from=STARTS)) == []
    assert codes(package(valid_from=STARTS + timedelta(microseconds=1))) == ["PASS_NOT_YET_VALID"]
    assert codes(package(valid_until=STARTS)) == ["PASS_EXPIRED"]
    assert codes(package(valid_until=STARTS + timedelta(microseconds=1))) == []


def test_a_period_has_as_many_uses_as_its_limit() -> None:
    assert [codes(membership(), used=used) for used in range(4)] == [
        [],
        [],
        ["NO_REMAINING_USE"],
        ["NO_REMAINING_USE"],
    ]


def test_a_moment_in_another_zone_counts_by_utc() -> None:
    moment = datetime(2026, 12, 1, 0, 30, tzinfo=timezone(timedelta(hours=14)))

    assert period_of("month", moment) == "2026-11"
