"""What a record measured becomes lines that CloudWatch makes metrics of."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from greenroom.kernel import metrics
from greenroom.kernel.container import Container
from greenroom.kernel.telemetry import Measured, Record, count, measure
from tests.metrics import Emitted


@pytest.fixture
def emitted() -> Iterator[Emitted]:
    with Emitted.collecting() as found:
        yield found


def directives(line: dict[str, Any]) -> dict[str, Any]:
    (one,) = line["_aws"]["CloudWatchMetrics"]
    return dict(one)


def test_a_metric_has_service_and_stage_and_ids_beside_it(emitted: Emitted) -> None:
    with metrics.invocation("sweeper") as record:
        record.ids["request_id"] = "req-1"
        measure("MintLatencyMs", 12.5, "Milliseconds")

    line = emitted.lines[-1]
    assert directives(line)["Namespace"] == "Greenroom"
    assert [set(one) for one in directives(line)["Dimensions"]] == [{"service", "stage"}]
    assert {"Name": "MintLatencyMs", "Unit": "Milliseconds"} in directives(line)["Metrics"]
    assert (line["service"], line["stage"]) == ("greenroom", "dev")
    assert (line["function"], line["request_id"]) == ("sweeper", "req-1")
    assert line["MintLatencyMs"] == [12.5]


def test_a_label_is_a_second_set_so_that_the_whole_can_be_seen_too(emitted: Emitted) -> None:
    with metrics.invocation("bookings"):
        count("BookingRejected", code="CLASS_FULL")
        count("BookingRejected", code="OVERLAP")

    ours = [line for line in emitted.lines if "BookingRejected" in line]
    assert [line["code"] for line in ours] == ["CLASS_FULL", "OVERLAP"]
    for line in ours:
        plain, labelled = directives(line)["Dimensions"]
        assert set(labelled) == {*plain, "code"}


def test_counts_of_one_kind_are_one_value(emitted: Emitted) -> None:
    with metrics.invocation("sweeper"):
        for _ in range(250):
            count("ThrottleRetries")

    (line,) = [line for line in emitted.lines if "ThrottleRetries" in line]
    assert line["ThrottleRetries"] == [250]


def test_more_values_than_a_line_may_hold_are_several_lines(emitted: Emitted) -> None:
    metrics.told(
        Record(measured=[Measured("FeedbackAgeSeconds", n, "Seconds") for n in range(250)])
    )

    told = [value for line in emitted.lines for value in line["FeedbackAgeSeconds"]]
    assert sorted(told) == list(range(250))
    assert all(len(line["FeedbackAgeSeconds"]) <= 100 for line in emitted.lines)


def test_an_invocation_that_fails_tells_its_metrics_too(emitted: Emitted) -> None:
    def fail() -> None:
        with metrics.invocation("sweeper"):
            count("WebhookReceived", source="stripe")
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert emitted.values("WebhookReceived", source="stripe") == [1]


def test_a_value_that_cannot_be_told_never_breaks_the_answer(emitted: Emitted) -> None:
    with metrics.invocation("sweeper"):
        measure("MintLatencyMs", 1, "Parsecs")

    assert not [line for line in emitted.lines if "MintLatencyMs" in line]


def test_the_stage_and_the_namespace_come_from_the_environment(
    emitted: Emitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAGE", "prod")
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Elsewhere")
    metrics._stage.cache_clear()

    metrics.told(Record(measured=[Measured("ColdStart", 1, "Count")]))
    metrics._stage.cache_clear()

    assert emitted.lines[-1]["stage"] == "prod"
    assert directives(emitted.lines[-1])["Namespace"] == "Elsewhere"


def test_the_first_invocation_of_a_container_is_a_cold_start(
    emitted: Emitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics, "CONTAINER", Container())

    with metrics.invocation("sweeper") as first:
        pass
    with metrics.invocation("sweeper") as second:
        pass

    assert (first.cold_start, second.cold_start) == (True, False)
    assert emitted.values("ColdStart") == [1]


def test_what_nobody_measured_is_no_line(emitted: Emitted) -> None:
    metrics.told(Record())

    assert emitted.lines == []


def test_metrics_reach_standard_output_whatever_the_log_level(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logging.getLogger("greenroom").setLevel(logging.CRITICAL)

    metrics.told(Record(measured=[Measured("ColdStart", 1, "Count")]))
    logging.getLogger("greenroom").setLevel(logging.INFO)

    assert json.loads(capsys.readouterr().out)["ColdStart"] == [1]
