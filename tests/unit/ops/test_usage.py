"""The operators' commands about the usage log."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from greenroom.kernel.log import logger
from ops.cli import main
from tests.books import Operator
from tests.logs import Written
from tests.reliability import faults
from tests.reliability.faults import Fault
from tests.usage_log import FACTS, assert_sums_are_those_of_the_rows, logged
from tests.world import World


@pytest.fixture
def operator(world: World) -> Operator:
    return Operator(world)


@pytest.fixture
def written() -> Iterator[Written]:
    log = Written()
    logger.addHandler(log.handler)
    yield log
    logging.getLogger("greenroom").removeHandler(log.handler)


def lost(world: World, written: Written, **facts: Any) -> str:
    """The line of a row that neither the table nor a queue took, as the function writes it."""
    written.lines()
    with faults.plan(Fault(kind="timeout_before", times=faults.FOR_EVER)):
        assert world.wiring("feedback").usage_log.write(FACTS | facts) == "lost"
    (line,) = written.lines()
    assert line["level"] == "ERROR"
    return json.dumps(line)


def test_the_facts_that_origin_001_asks_for_may_be_missing(operator: Operator) -> None:
    code, document = operator.run("usage", "verify")

    assert code == 0
    answers = {one["field"]: one["nullable"] for one in document["items"]}
    assert set(answers.values()) == {"YES"}
    assert list(answers) == sorted(answers)
    assert logged(operator.world) == [], "it leaves nothing behind"


def test_the_table_that_is_printed_has_the_lines_of_origin_001(operator: Operator) -> None:
    out = io.StringIO()

    assert main(["usage", "verify"], environ=operator.environ, stdout=out) == 0

    lines = out.getvalue().splitlines()
    assert [line for line in lines if line in EXPECTED] == EXPECTED


EXPECTED = [
    "ai_service_id      | YES",
    "metadata           | YES",
    "organization_id    | YES",
    "processing_time_ms | YES",
]


def test_a_table_that_refuses_a_row_without_them_is_told(operator: Operator) -> None:
    with faults.plan(Fault(kind="unavailable", times=faults.FOR_EVER)):
        code, _ = operator.run("usage", "verify")

    assert code == 3


def test_lost_rows_are_restored_from_the_log_once(
    operator: Operator, written: Written, tmp_path: Path
) -> None:
    """Lines as they are, as CloudWatch exports them, and as its tail prints them."""
    world = operator.world
    lines = [lost(world, written, request_id=f"r{number}") for number in range(4)]
    file = tmp_path / "lines"
    file.write_text(
        "\n".join(
            [
                "START RequestId: 1",
                '{"message": "request answered", "alarm": "DISPUTE"}',
                lines[0],
                json.dumps({"timestamp": 1, "message": lines[1]}),
                f"2026-11-21T12:00:00 2026/11/21/[1]abc {lines[2]}",
                "{broken",
                f"{lines[0]}\t{lines[3]}",
            ]
        )
    )

    code, counts = operator.run("usage", "restore", str(file))

    assert (code, counts) == (0, {"stored": 4, "known": 1, "erased": 0, "unreadable": 0})
    assert operator.run("usage", "restore", str(file))[1]["known"] == 5
    assert [row["request_id"] for row in logged(world)] == ["r0", "r1", "r2", "r3"]
    assert_sums_are_those_of_the_rows(world)


def test_a_line_that_was_cut_is_counted(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "lines"
    file.write_text('{"alarm": "USAGE_LOG_LOST", "row": "H4sIAAAA"}\n{"alarm": "USAGE_LOG_LOST"}')

    code, counts = operator.run("usage", "restore", str(file))

    assert (code, counts["unreadable"]) == (1, 2)


def test_a_file_that_is_not_there_is_refused(operator: Operator, tmp_path: Path) -> None:
    assert operator.run("usage", "restore", str(tmp_path / "none"))[0] == 1
