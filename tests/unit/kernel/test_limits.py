"""Limits that a deployment may set are set under their own name; the rest are constants."""

from typing import Any

import pytest

from greenroom.kernel import limits
from greenroom.kernel.limits import Limits
from greenroom.kernel.settings import LimitSettings
from greenroom.kernel.variables import SettingsRefused


def test_the_numbers_of_the_origin_stand() -> None:
    told = Limits()

    assert told.initial_centicredits == 300
    assert told.minimum_centicredits == 50
    assert told.interview_centicredits == 100
    assert (limits.STORE_BUDGET_S, limits.MINT_TIMEOUT_S, limits.EXCHANGE_TIMEOUT_S) == (5, 20, 15)


@pytest.mark.parametrize("name", sorted(Limits.fields))
def test_every_limit_is_a_variable_of_its_own_name(name: str) -> None:
    default = getattr(Limits(), name)
    highest = name in {"starts_per_hour", "session_max_s", "ai_timeout_s"}
    other = default - 1 if highest else default + 1
    if name == "connect_failed_per_day":
        other = 1
    if isinstance(default, bool):
        other = not default

    read = LimitSettings.read({name.upper(): str(other)})

    assert getattr(read, name) == other
    assert LimitSettings.variables() >= {name.upper()}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("STARTS_PER_HOUR", "21"),
        ("STARTS_PER_HOUR", "0"),
        ("CONNECT_FAILED_PER_DAY", "4"),
        ("SESSION_MAX_S", "3601"),
        ("INTERVIEW_CENTICREDITS", "-1"),
        ("FEEDBACK_LEASE_S", "a minute"),
    ],
)
def test_a_limit_out_of_range_is_refused_by_name_without_its_value(
    variable: str, value: str
) -> None:
    with pytest.raises(SettingsRefused) as refused:
        LimitSettings.read({variable: value})

    assert str(refused.value).startswith(f"{variable}: ")
    assert "a minute" not in str(refused.value)


def test_limits_never_change() -> None:
    told: Any = Limits()

    with pytest.raises(AttributeError):
        told.starts_per_hour = 1


def test_the_time_kept_for_a_reversal_fits_into_a_function() -> None:
    longest_s = limits.MINT_TIMEOUT_S + limits.REVERSAL_RESERVE_S + limits.STORE_BUDGET_S

    assert longest_s <= limits.FUNCTION_TIMEOUT_S < 30
    assert limits.STORE_CONNECT_TIMEOUT_S + 2 * limits.STORE_READ_TIMEOUT_S < limits.STORE_BUDGET_S
