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
    cors = template.apis["Api"].cors
    assert cors is not None
    assert cors.origins == ("http://a", "http://b")


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
    throttling = template.apis["Api"].throttling
    assert throttling["GET /api/rare"].burst == 2
    assert throttling["$default"].rate == 500


def test_each_api_has_its_own_routes_cors_and_limits() -> None:
    template = read()

    assert list(template.apis) == ["Api", "OpenApi"]
    assert template.apis["OpenApi"].cors is None
    assert template.apis["OpenApi"].throttling["GET /api/open/rare"].burst == 1
    assert "GET /api/rare" not in template.apis["OpenApi"].throttling
    of_open = {route.key for route in template.routes if route.api == "OpenApi"}
    assert of_open == {
        "POST /api/open/{id}",
        "OPTIONS /api/open/{id}",
        "DELETE /api/things/{id}",
        "GET /api/open/rare",
    }


def write(folder: Path, *events: str) -> Path:
    """A template of two APIs whose only function has these events."""
    file = folder / "template.yaml"
    listed = ", ".join(
        f"E{n}: {{Type: HttpApi, Properties: {one}}}" for n, one in enumerate(events)
    )
    file.write_text(
        "Globals: {HttpApi: {CorsConfiguration: {AllowOrigins: ['http://a']}}}\n"
        "Resources:\n"
        "  One: {Type: 'AWS::Serverless::HttpApi'}\n"
        "  Two: {Type: 'AWS::Serverless::HttpApi', Properties: {CorsConfiguration: false}}\n"
        "  F: {Type: 'AWS::Serverless::Function', Properties: {CodeUri: f, Handler: app.handler,"
        f" Events: {{{listed}}}}}}}\n"
    )
    return file


def test_a_route_without_an_api_is_in_the_one_that_sam_makes(tmp_path: Path) -> None:
    template = read(file=write(tmp_path, "{Path: /a, Method: GET}"))

    (route,) = template.routes
    assert route.api == "ServerlessHttpApi"
    for name in ("One", "ServerlessHttpApi"):
        cors = template.apis[name].cors
        assert cors is not None
        assert cors.origins == ("http://a",)
    assert template.apis["Two"].cors is None


def test_two_apis_with_one_route_cannot_share_an_address(tmp_path: Path) -> None:
    routes = [f"{{Path: /a, Method: GET, ApiId: !Ref {api}}}" for api in ("One", "Two")]

    with pytest.raises(TemplateRefused, match="GET /a is there twice"):
        read(file=write(tmp_path, *routes))


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
