"""What a schedule's tick and a queue's message leave in the log and in the metrics."""

from typing import Any

import pytest

from greenroom.kernel.errors import StoreUnavailable
from greenroom.kernel.telemetry import correlation_id, count, phase
from greenroom.web.worker import Worker
from tests.logs import Written
from tests.metrics import Emitted
from tests.world import Context

worker = Worker("tested")


@worker.tick
def ticked(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """A tick that works, or fails as the event says."""
    count("ThrottleRetries")
    with phase("store"):
        pass
    if "error" in event:
        raise event["error"]
    return {"worked": 2, "created": 1}


@worker.batch
def worked(message: dict[str, Any], _context: Any) -> dict[str, Any]:
    """A message that works, or fails as its body says."""
    count("FeedbackSucceeded")
    if message["body"] != "good":
        raise ValueError(message["body"])
    return {"session_id": "s-1", "told": correlation_id()}


def message(number: int, body: str = "good", **attributes: str) -> dict[str, Any]:
    """An SQS record."""
    sent = {
        name: {"stringValue": value, "dataType": "String"} for name, value in attributes.items()
    }
    return {"messageId": f"m-{number}", "body": body, "messageAttributes": sent}


def test_a_tick_leaves_one_line_with_its_counts_phases_and_ids(written: Written) -> None:
    ticked({"id": "event-7"}, Context(aws_request_id="lambda-1"))

    (line,) = written.lines()
    assert (line["level"], line["message"], line["function"]) == ("INFO", "schedule ran", "tested")
    assert line["counts"] == {"worked": 2, "created": 1}
    assert (line["request_id"], line["correlation_id"]) == ("lambda-1", "event-7")
    assert line["calls"] == {"store": 1}
    assert isinstance(line["cold_start"], bool)
    assert line["elapsed_ms"] >= line["phases_ms"]["store"] >= 0


def test_a_tick_that_is_refused_says_why_and_is_raised(written: Written) -> None:
    error = StoreUnavailable(log={"operation": "Query"})
    with Emitted.collecting() as emitted, pytest.raises(StoreUnavailable):
        ticked({"error": error}, Context())

    (line,) = written.lines()
    assert (line["level"], line["error_code"]) == ("ERROR", "STORE_UNAVAILABLE")
    assert line["operation"] == "Query"
    assert emitted.values("ThrottleRetries") == [1]


def test_a_tick_that_breaks_tells_where_and_never_what_was_said(written: Written) -> None:
    with pytest.raises(ValueError, match="somebody"):
        ticked({"error": ValueError("a secret of somebody")}, Context())

    text = written.text
    broke, line = written.lines()
    assert broke["error_type"] == "ValueError"
    assert broke["error_code"] == line["error_code"] == "INTERNAL_ERROR"
    assert "secret" not in text


def test_each_message_has_its_own_line_metrics_and_correlation(written: Written) -> None:
    with Emitted.collecting() as emitted:
        answer = worked(
            {
                "Records": [
                    message(1, correlation_id="trace-1"),
                    message(2, body="bad", correlation_id="trace-2"),
                    message(3, correlation_id="a b"),
                    {"messageId": "m-4", "body": "good", "messageAttributes": None},
                ]
            },
            Context(aws_request_id="lambda-1"),
        )

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m-2"}]}
    lines = [line for line in written.lines() if line["message"] == "message handled"]
    assert [line["message_id"] for line in lines] == ["m-1", "m-2", "m-3", "m-4"]
    assert [line["level"] for line in lines] == ["INFO", "ERROR", "INFO", "INFO"]
    ours = ["trace-1", "trace-2", "lambda-1", "lambda-1"]
    assert [line["correlation_id"] for line in lines] == ours
    assert lines[0]["told"] == "trace-1"
    assert [line["correlation_id"] for line in emitted.lines] == ours
    assert emitted.values("FeedbackSucceeded") == [1, 1, 1, 1]
