"""What each function has imported before its first request: nothing that it does not call.

Whatever is imported is part of every cold start. How many instructions that is, is counted by
``make bench ARGS=cold`` (docs/performance.md).
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from benchmarks import cold
from benchmarks.starts.counter import Start
from greenroom.wiring import FUNCTION_SETTINGS
from tests.contract.template import ROOT

ALL = {"aws_lambda_powertools", "botocore", "pynamodb"}  # the log and the metrics, the table
SHAPES = {"pydantic"}  # of bodies and answers
LATER = {"boto3", "httpx", "sentry_sdk", "stripe"}  # with what a request asks for
NEVER = {"aws_xray_sdk", "openai", "svix", "jwt", "requests", "asyncio"}
WORKERS = {"feedback", "reconcile", "sweeper", "usage_log"}  # nobody sends them a body

# How many modules of ours a function may know before it is asked anything. One more is a few
# hundred thousand instructions, and as many as it brings along.
MODULES_MAX = {
    "account": 77,
    "admin": 134,
    "ai": 100,
    "bookings": 132,
    "checkout": 89,
    "classes": 115,
    "clerk_webhook": 76,
    "diagnostics": 79,
    "experts": 80,
    "feedback": 65,
    "intake": 108,
    "interviews": 96,
    "organizations": 118,
    "realtime_session": 107,
    "reconcile": 64,
    "sessions": 77,
    "stripe_webhook": 85,
    "sweeper": 64,
    "usage_log": 64,
    "webrtc_exchange": 76,
    "widget": 131,
}

PROGRAM = "import app, json, sys; print(json.dumps(sorted(sys.modules)))"


@cache
def imported_by(function: str) -> frozenset[str]:
    """All modules that the function has imported when it waits for its first event."""
    path = [ROOT / "functions" / function, ROOT / "layers" / "greenroom"]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))}
    told = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environ, capture_output=True, text=True, check=True
    )
    return frozenset(json.loads(told.stdout))


@pytest.mark.parametrize("function", FUNCTION_SETTINGS)
def test_a_function_starts_with_the_libraries_that_it_calls_and_few_modules(function: str) -> None:
    imported = imported_by(function)
    tops = {name.partition(".")[0] for name in imported}
    ours = {name for name in imported if name.partition(".")[0] == "greenroom"}

    assert tops & (ALL | SHAPES | LATER) == (ALL if function in WORKERS else ALL | SHAPES)
    assert not tops & NEVER
    assert len(ours) <= MODULES_MAX[function], sorted(ours)


def counted(ratio: float) -> dict[str, Start]:
    references = {cold.FLOOR: Start(800, 200), cold.NAIVE: Start(5000, 1000)}
    return references | {"account/user": Start(500, int(1000 * ratio) - 500)}


def test_a_start_over_its_budget_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "budget.json").write_text('{"account/user": 1.5}')
    monkeypatch.setattr(cold, "BUDGET", tmp_path / "budget.json")

    cold.hold_to_budget(counted(1.51))
    with pytest.raises(SystemExit, match=r"account/user: 1\.53 of the floor, 1\.5 allowed"):
        cold.hold_to_budget(counted(1.53))


def test_every_function_is_counted_and_what_has_a_budget_is() -> None:
    budget = json.loads(cold.BUDGET.read_text())

    assert {name.partition("/")[0] for name in cold.FIRST} == set(FUNCTION_SETTINGS)
    assert set(budget) == set(cold.FIRST)
    assert max(budget.values()) <= 2.2


def test_the_table_tells_ratios() -> None:
    assert "| account/user | 0 | 0 | 1.50 | 0.25 |" in cold.text(counted(1.5))
