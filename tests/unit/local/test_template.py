"""The template is read as SAM and CloudFormation mean it."""

from pathlib import Path

import pytest

from local.cloudformation import TemplateRefused
from local.resources import Template
from local.template import rate_seconds, read_template
from tests.unit.local.clouds import FIXTURE


def read(environ: dict[str, str] | None = None, file: Path | None = None) -> Template:
    return read_template(
        file or FIXTURE / "template.yaml",
        environ=environ or {},
        queue_url=lambda name: f"http://queues/{name}",
    )


def test_functions_merge_the_globals() -> None:
    echo = read().functions["Echo"]

    assert (echo.handler, echo.timeout_s, echo.memory_mb) == ("app.lambda_handler", 10, 512)
    assert echo.code == FIXTURE / "functions" / "echo"
    assert echo.layers == (FIXTURE / "layer",)
    assert echo.environment == {
        "COLOUR": "very-green",
        "TABLE": "local-things",
        "SECRET_ARN": "",
        "SHADE": "dark-green",
        "JOBS_URL": "http://queues/Jobs",
    }


def test_a_parameter_comes_from_the_variable_of_its_name() -> None:
    template = read(
        {"COLOUR": "red", "BRIEF_TIMEOUT": "7", "ALLOWED_ORIGINS": "http://a, http://b"}
    )

    assert template.functions["Brief"].timeout_s == 7
    assert template.functions["Brief"].environment["SHADE"] == "light"
    assert template.cors is not None
    assert template.cors.origins == ("http://a", "http://b")


def test_a_condition_decides_whether_a_resource_exists() -> None:
    assert "Never" not in read().functions
    assert "Never" in read({"COLOUR": "red"}).functions


def test_a_variable_renames_a_resource() -> None:
    template = read({"THINGS_NAME": "mine"})

    assert template.tables[0].schema["TableName"] == "mine"
    assert template.functions["Echo"].environment["TABLE"] == "mine"


def test_queues_know_their_dead_letter_queue() -> None:
    jobs, dead = read().queues

    assert (jobs.name, jobs.visibility_timeout_s) == ("Jobs", 1)
    assert (jobs.dead_letter_queue, jobs.max_receive_count) == ("JobsDead", 2)
    assert dead.dead_letter_queue is None
    assert dead.visibility_timeout_s == 30


def test_a_table_has_its_keys_indexes_and_ttl() -> None:
    (table,) = read().tables

    assert table.schema["TableName"] == "local-things"
    assert table.schema["GlobalSecondaryIndexes"][0]["IndexName"] == "ByOwner"
    assert "PointInTimeRecoverySpecification" not in table.schema
    assert table.ttl_attribute == "ttl"


def test_event_sources_and_limits_are_read() -> None:
    template = read()

    (source,) = template.queue_sources
    assert (source.queue, source.batch_size, source.reports_item_failures) == ("Jobs", 5, True)
    assert [(timer.every_s, timer.event_source) for timer in template.timers] == [
        (60, "aws.scheduler"),
        (7200, "aws.events"),
    ]
    assert template.ignored == ["schedule Nightly of Worker (cron(0 3 * * ? *))"]
    assert template.throttling["GET /api/rare"].burst == 2
    assert template.throttling["$default"].rate == 500


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [
        ("rate(1 minute)", 60),
        ("rate(5 minutes)", 300),
        ("rate(1 hour)", 3600),
        ("rate(2 days)", 172_800),
        ("rate(x minutes)", None),
        ("rate(1 week)", None),
        ("cron(0 3 * * ? *)", None),
        ("at(2026-01-01T00:00:00)", None),
    ],
)
def test_rates_are_seconds_and_nothing_else_is(expression: str, seconds: int | None) -> None:
    assert rate_seconds(expression) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: [",
        "Resources: 1",
        "Resources: {X: {Type: 'AWS::SQS::Queue', Properties: {QueueName: !Cidr2 a}}}",
    ],
)
def test_what_is_no_template_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(text)

    with pytest.raises(TemplateRefused):
        read(file=file)


def test_a_missing_template_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TemplateRefused):
        read(file=tmp_path / "template.yaml")
