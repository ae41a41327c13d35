"""A log line with an ``alarm`` reaches somebody, and the page says what they are to do."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.template import ROOT, Intrinsic, functions, resources

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SOURCES = [*ROOT.glob("layers/greenroom/greenroom/**/*.py"), *ROOT.glob("functions/*/app.py")]
ROW = re.compile(r"^\| `([A-Z_]+)` \| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def said(path: Path) -> Iterator[ast.expr]:
    """What a source gives as the fact ``alarm``, in whichever way."""
    text = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)) if "alarm" in text else ():
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            yield from (v for k, v in pairs if isinstance(k, ast.Constant) and k.value == "alarm")
        elif isinstance(node, ast.keyword) and node.arg == "alarm":
            yield node.value
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            named = node.slice
            if isinstance(named, ast.Constant) and named.value == "alarm":
                yield node


def names() -> set[str]:
    values = [value for path in SOURCES for value in said(path)]
    assert all(isinstance(value, ast.Constant) for value in values), "an alarm is a plain word"
    return {str(value.value) for value in values if isinstance(value, ast.Constant)}


def alarms() -> dict[str, tuple[str, dict[str, Any]]]:
    """The CloudWatch alarms on such lines, by the fact that they wait for."""
    found = {}
    for logical_id, one in resources("AWS::CloudWatch::Alarm").items():
        if one.get("MetricName") == "AlarmLines":
            (dimension,) = one["Dimensions"]
            assert dimension["Name"] == "alarm"
            found[dimension["Value"]] = (logical_id, one)
    return found


def test_the_alarms_of_the_code_are_those_of_the_page_and_of_the_template() -> None:
    on_the_page = {name: logical_id for name, logical_id, _, _ in ROW.findall(PAGE)}

    assert "DISPUTE" in names()
    assert set(on_the_page) == names()
    assert {name: logical_id for name, (logical_id, _) in alarms().items()} == on_the_page


@pytest.mark.parametrize("name", sorted(functions()))
def test_the_log_of_every_function_is_watched_for_them(name: str) -> None:
    """Also of those that log none today: a new line is heard without another change here."""
    group = functions()[name]["LoggingConfig"]["LogGroup"]
    (watch,) = (
        one for one in resources("AWS::Logs::MetricFilter").values() if one["LogGroupName"] == group
    )
    (counted,) = watch["MetricTransformations"]

    assert watch["FilterPattern"] == '{ $.alarm = "*" }'
    assert counted == {
        "MetricNamespace": Intrinsic("Sub", "Greenroom/${AWS::StackName}"),
        "MetricName": "AlarmLines",
        "MetricValue": "1",
        "Dimensions": [{"Key": "alarm", "Value": "$.alarm"}],
    }


@pytest.mark.parametrize("name", sorted(alarms()))
def test_one_such_line_is_enough_and_somebody_is_told(name: str) -> None:
    logical_id, alarm = alarms()[name]

    assert alarm["AlarmActions"] == [Intrinsic("Ref", "AlarmTopic")], logical_id
    assert alarm["Namespace"] == Intrinsic("Sub", "Greenroom/${AWS::StackName}")
    assert (alarm["Statistic"], alarm["Threshold"], alarm["EvaluationPeriods"]) == ("Sum", 1, 1)
    assert alarm["TreatMissingData"] == "notBreaching"


def test_every_alarm_of_the_template_is_on_the_page_and_every_row_is_an_alarm() -> None:
    """The alarms on the errors of each function share one row, which names them by the function."""
    found = {
        re.sub(r"^\w+Function(?=ErrorsAlarm$)", "<Function>", logical_id)
        for logical_id in resources("AWS::CloudWatch::Alarm")
    }
    rows = set(re.findall(r"^\| `(\S+Alarm)` \|", PAGE, re.MULTILINE))
    rows |= {logical_id for _, logical_id, _, _ in ROW.findall(PAGE)}

    assert rows == found
