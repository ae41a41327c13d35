"""Metrics: told by the code, emitted by a test, explained on the page, watched or shown."""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.contract.template import ROOT, Intrinsic, resources, template

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SOURCES = [*ROOT.glob("layers/greenroom/greenroom/**/*.py"), *ROOT.glob("functions/*/app.py")]
ROW = re.compile(r"^\| `([A-Z]\w+)` \| (?:`(\w+)`)? ?\| ", re.MULTILINE)
NAME = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+")


def documented() -> dict[str, str]:
    """The labels of the metrics on the page, by name; empty where there is none."""
    section = PAGE[PAGE.index("## Metrics") : PAGE.index("## Alarms")]
    return dict(ROW.findall(section))


def told_in(path: Path) -> Iterator[str]:
    """The constant names of metrics that a source tells."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        tells = {"count", "measure", "refusals"}
        given = node.args[:1] if name in tells else []
        given += [word.value for word in node.keywords if word.arg == "latency"]
        for one in given:
            if isinstance(one, ast.Constant) and NAME.fullmatch(str(one.value)):
                yield str(one.value)


def words_of(path: Path) -> set[str]:
    """All constant texts of a source."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        one.value
        for one in ast.walk(tree)
        if isinstance(one, ast.Constant) and one.value and isinstance(one.value, str)
    }


@cache
def looked_at() -> frozenset[str]:
    """The metrics whose values a test has looked at (``tests.metrics.Emitted``)."""
    found = set()
    for path in ROOT.glob("tests/**/test_*.py"):
        if "emitted" not in (text := path.read_text(encoding="utf-8")):
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                first = node.args[0] if node.func.attr == "values" and node.args else None
                if isinstance(first, ast.Constant):
                    found.add(str(first.value))
    return frozenset(found)


def alarms() -> dict[str, dict[str, Any]]:
    return resources("AWS::CloudWatch::Alarm")


def watched(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics that an alarm looks at."""
    stats = [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", []) if "MetricStat" in one]
    return stats or [alarm]


def dashboard() -> list[dict[str, Any]]:
    (one,) = resources("AWS::CloudWatch::Dashboard").values()
    widgets: list[dict[str, Any]] = json.loads(one["DashboardBody"].argument)["widgets"]
    return widgets


def shown() -> Iterator[tuple[str, str | None]]:
    """The metrics of ours on the dashboard, each with its label if it is shown by that."""
    for widget in dashboard():
        for metric in widget["properties"].get("metrics", []):
            if isinstance(metric[0], dict):
                expression = metric[0]["expression"]
                by = re.search(
                    r"\{Greenroom,service,stage,(\w+)\} MetricName=\"(\w+)\"", expression
                )
                assert by is not None, expression
                yield by[2], by[1]
            elif metric[0] == "Greenroom":
                assert metric[2:6] == ["service", "greenroom", "stage", "${Stage}"]
                yield metric[1], None


def test_the_page_explains_every_metric_that_the_code_tells_and_no_other() -> None:
    told = {name for path in SOURCES for name in told_in(path)}
    words = {word for path in SOURCES for word in words_of(path)}

    assert len(told) > 20
    assert told <= set(documented())
    assert set(documented()) <= words


@pytest.mark.parametrize("name", sorted(documented()))
def test_every_metric_is_emitted_by_a_test(name: str) -> None:
    assert name in looked_at()


@pytest.mark.parametrize("name", sorted(documented()))
def test_every_metric_is_on_the_dashboard_by_its_label(name: str) -> None:
    assert (name, documented()[name] or None) in set(shown())


def test_the_dashboard_shows_no_metric_that_nobody_tells() -> None:
    assert {name for name, _ in shown()} == set(documented())


@pytest.mark.parametrize("logical_id", sorted(alarms()))
def test_an_alarm_on_ours_watches_a_metric_that_is_told_of_this_stage(logical_id: str) -> None:
    for metric in watched(alarms()[logical_id]):
        if metric["Namespace"] != "Greenroom":
            continue
        assert metric["MetricName"] in documented()
        dimensions = {one["Name"]: one["Value"] for one in metric["Dimensions"]}
        label = documented()[metric["MetricName"]]
        assert dimensions["service"] == "greenroom"
        assert dimensions["stage"] == Intrinsic("Ref", "Stage")
        assert set(dimensions) - {"service", "stage"} <= {label}


@pytest.mark.parametrize("logical_id", sorted(alarms()))
def test_an_alarm_tells_somebody_and_is_quiet_without_data(logical_id: str) -> None:
    alarm = alarms()[logical_id]

    assert alarm["AlarmActions"] == [Intrinsic("Ref", "AlarmTopic")]
    assert alarm["TreatMissingData"] == "notBreaching"


@pytest.mark.parametrize("logical_id", sorted(alarms()))
def test_an_alarm_looks_at_no_more_metrics_than_cloudwatch_allows(logical_id: str) -> None:
    """CloudWatch API, MetricDataQuery: ten with a MetricStat, and one expression is watched."""
    asked = alarms()[logical_id].get("Metrics", [])

    assert len([one for one in asked if "MetricStat" in one]) <= 10
    assert len([one for one in asked if one.get("ReturnData", True)]) == (1 if asked else 0)


def test_every_function_has_an_alarm_on_its_crashes_and_throttles() -> None:
    for logical_id, one in template()["Resources"].items():
        if one["Type"] == "AWS::Serverless::Function":
            names = {
                (metric["MetricName"], metric["Dimensions"][0]["Value"])
                for metric in watched(alarms()[f"{logical_id}ErrorsAlarm"])
            }
            function = Intrinsic("Ref", logical_id)
            assert names == {("Errors", function), ("Throttles", function)}


def test_every_queue_for_dead_letters_has_an_alarm() -> None:
    watched_queues = {
        metric["Dimensions"][0]["Value"].argument
        for alarm in alarms().values()
        for metric in watched(alarm)
        if metric["Namespace"] == "AWS/SQS"
        and metric["MetricName"] == "ApproximateNumberOfMessagesVisible"
    }
    dead = [name for name in resources("AWS::SQS::Queue") if "DeadLetter" in name]

    assert {f"{name}.QueueName" for name in dead} == watched_queues
