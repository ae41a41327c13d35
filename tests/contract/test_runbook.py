"""Whoever is woken by an alarm finds its section: what it means, where to look, what to do."""

import re
import shlex

import pytest

from ops.words import parser
from tests.contract.template import ROOT, resources
from tests.world import START

PAGE = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### `(\S+)`\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL))
OF_A_FUNCTION = re.compile(r"^\w+Function\w*Alarm$")
COMMAND = re.compile(r"`python -m ops ([^`]+)`")


def alarms() -> set[str]:
    """The alarms of the template; those that are named after a function share one section."""
    named = resources("AWS::CloudWatch::Alarm")
    return {one if not OF_A_FUNCTION.match(one) else "<Name>FunctionErrorsAlarm" for one in named}


def test_every_alarm_has_a_section_and_every_section_an_alarm() -> None:
    assert set(SECTIONS) == alarms()


def test_an_alarm_says_where_its_section_is() -> None:
    """What it sends leads whoever is woken to the page; an anchor is the heading in lower case."""
    sections = {re.sub(r"\W", "", name).lower() for name in SECTIONS}
    for name, alarm in resources("AWS::CloudWatch::Alarm").items():
        own = "namefunctionerrorsalarm" if OF_A_FUNCTION.match(name) else name.lower()
        assert own in sections
        assert alarm["AlarmDescription"].endswith(f" docs/runbook.md#{own}"), name


@pytest.mark.parametrize("name", SECTIONS)
def test_a_section_says_what_it_means_where_to_look_and_what_to_do(name: str) -> None:
    said = re.findall(r"^\*\*(Means|Look at|Do)\.\*\* \S", SECTIONS[name], re.MULTILINE)

    assert said == ["Means", "Look at", "Do"]


def test_the_pages_commands_are_those_that_there_are() -> None:
    named = [*COMMAND.findall(PAGE), *COMMAND.findall(OPERATIONS)]

    assert named
    assert [words for words in named if not _is_known(words)] == []


def test_queues_that_it_names_are_the_templates() -> None:
    named = set(re.findall(r"--queue (\w+)", PAGE + OPERATIONS))

    assert named
    assert named <= set(resources("AWS::SQS::Queue"))


def _is_known(words: str) -> bool:
    """Whether a command is understood, or is one that is only named, without what it needs."""
    told = shlex.split(re.sub(r"±?<([^>]+)>", "1", words))
    try:
        parser(START).parse_args(told)
    except SystemExit:
        return len(told) <= 2 and told[0] in parser(START).format_help().split()
    return True
