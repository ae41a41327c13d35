"""A run of .ci/run tells what it took, and fails where no machine could keep what is promised."""

import sys
from pathlib import Path

import pytest

from scripts import pace
from tests.contract.template import ROOT

QUICK = pace.Step("make test", elapsed_s=200, work_s=380)


def test_work_that_two_cores_cannot_do_in_time_fails(capsys: pytest.CaptureFixture[str]) -> None:
    heavy = pace.Step("make check", elapsed_s=10, work_s=pace.CORES * pace.WHOLE_S - 370)

    assert pace.tell([QUICK], pace_s=1) == 0
    assert pace.tell([QUICK, heavy], pace_s=1) == 1
    assert "TOO MUCH WORK: 3010, and 2 cores do 3000" in capsys.readouterr().out


def test_a_slow_machine_is_no_reason_to_fail(capsys: pytest.CaptureFixture[str]) -> None:
    assert pace.tell([pace.Step("make test", elapsed_s=900, work_s=4000)], pace_s=2) == 0

    told = capsys.readouterr().out
    assert "SLOWER THAN PROMISED: make test took 900 s, promised are 300 s" in told
    assert "all of it took" not in told


def test_the_whole_has_a_limit_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert pace.tell([pace.Step("make check", elapsed_s=1501, work_s=1)], pace_s=1) == 0

    assert "all of it took 1501 s, promised are 1500 s" in capsys.readouterr().out


def test_a_step_is_noted_with_the_work_of_its_processes_and_fails_as_they_do(
    tmp_path: Path,
) -> None:
    steps = tmp_path / "steps"
    works = "sum(range(3_000_000)); raise SystemExit(3)"

    result = pace.main(["run", str(steps), sys.executable, "-c", works])

    assert result == 3
    assert pace.main(["tell", str(steps)]) == 0
    assert 0 < pace.timed("", [sys.executable, "-c", works])[0].work_s < 30


def test_every_step_of_ci_that_makes_something_is_timed() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    lines = [line.strip() for line in script.splitlines()]

    assert not [line for line in lines if line.startswith("make ")]
    assert {"timed make check", "timed make build", "tests test"} <= set(lines)
    assert lines[-1] == '"$python" scripts/pace.py tell "$steps"'
