"""What API Gateway sends where, and what the functions say of it, are the same."""

import ast
import importlib
import re
from pathlib import Path

import pytest

from greenroom.web.route import Route
from scripts.openapi import all_routes
from tests.contract import template

ROOT = Path(__file__).parents[2]
ROUTES = {route.key: (function, route) for function, route in all_routes()}
HANDLERS = sorted(ROOT.glob("functions/*/app.py"))


def in_the_template() -> dict[str, str]:
    """Route keys with the function that the template sends them to."""
    return {
        f"{event['Properties']['Method']} {event['Properties']['Path']}": function
        for function, properties in template.functions().items()
        for event in properties.get("Events", {}).values()
        if event["Type"] == "HttpApi"
    }


def test_each_route_of_the_template_is_declared_by_the_function_that_it_goes_to() -> None:
    assert {key: function for key, (function, _) in ROUTES.items()} == in_the_template()


@pytest.mark.parametrize("path", HANDLERS, ids=lambda path: path.parent.name)
def test_a_function_is_called_as_its_folder_and_has_one_handler(path: Path) -> None:
    app = importlib.import_module(f"functions.{path.parent.name}.app")

    assert callable(app.lambda_handler)
    assert app.wired.function == path.parent.name
    assert not hasattr(app, "api") or app.api.name == path.parent.name


@pytest.mark.parametrize("path", HANDLERS, ids=lambda path: path.parent.name)
def test_a_function_is_thin(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    routes = max(1, source.count("@api.route("))
    imports = [
        one for one in ast.parse(source).body if isinstance(one, ast.Import | ast.ImportFrom)
    ]
    imported = sum((one.end_lineno or one.lineno) - one.lineno + 1 for one in imports)

    assert len(source.splitlines()) - imported <= 45 + 12 * routes


@pytest.mark.parametrize("route", [route for _, route in ROUTES.values()], ids=lambda r: r.key)
def test_a_route_is_declared_soundly(route: Route) -> None:
    assert re.fullmatch(
        r"(GET|POST|PUT|PATCH|DELETE|OPTIONS) (/[a-z-]+|/\{[a-zA-Z]+\})+", route.key
    )
    assert route.path.startswith("/api/")
    assert 10 <= len(route.summary) <= 100
    assert not route.summary.endswith(".")
    assert route.answers
    assert route.body is None or route.method in {"POST", "PUT", "PATCH"}
    assert not route.spends or route.method == "POST"
    statuses = {error.status for error in route.refusals}
    assert 500 in statuses
    assert (401 in statuses) is (route.auth != "public")
    assert {413, 415} <= statuses or route.body is None


def test_a_message_or_schedule_reaches_a_function_without_routes() -> None:
    others = {path.parent.name for path in HANDLERS} - {function for function, _ in ROUTES.values()}

    assert others == {
        function
        for function, properties in template.functions().items()
        if all(event["Type"] != "HttpApi" for event in properties.get("Events", {}).values())
    }
