"""What every route and every use case costs is what docs/counts.json says, number by number."""

import pytest
from pynamodb.connection import Connection

from benchmarks import page, routes
from local.engine import Engine
from local.resources import Template
from tests.counts.walks import count
from tests.reliability.use_cases import REQUIRED

pytestmark = [
    pytest.mark.xdist_group("counts"),
    # stripe 16.1 hands its body to httpx by the old name `data`.
    pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning"),
]

WRITTEN = routes.read()
MEANT = "If that is meant: make bench ARGS=routes"


@pytest.fixture(scope="module")
def counted(
    template: Template,
    engine: Engine,
    connection: Connection,
    tmp_path_factory: pytest.TempPathFactory,
) -> routes.Counts:
    folder = tmp_path_factory.mktemp("counts")
    return routes.as_document(count(template, engine.endpoint, connection, folder))


@pytest.mark.parametrize("name", WRITTEN)
def test_it_costs_what_is_written(counted: routes.Counts, name: str) -> None:
    now = {name: counted[name]} if name in counted else {}
    changed = list(routes.changes({name: WRITTEN[name]}, now))

    assert not changed, "\n".join([*changed, MEANT])


def test_every_route_of_the_template_is_counted_and_every_use_case_that_must_be(
    counted: routes.Counts, template: Template
) -> None:
    wanted = {route.key for route in template.routes}
    missing = wanted - counted.keys()

    assert not missing, f"routes without a walk in tests/counts: {sorted(missing)}"
    assert {name for name in counted if routes.is_route(name)} == wanted
    assert set(REQUIRED) <= counted.keys()
    assert list(counted) == list(WRITTEN), MEANT


def test_the_pages_say_what_the_file_says() -> None:
    assert routes.PAGE.read_text(encoding="utf-8") == routes.page(WRITTEN)
    assert page.read()[routes.TITLE].startswith(routes.text(WRITTEN))


def test_a_change_names_the_route_and_the_number_before_and_after() -> None:
    before = {"GET /api/user": {"reads": 2, "read_units": 1.5}}

    assert list(routes.changes(before, {"GET /api/user": {"reads": 3, "read_units": 1.5}})) == [
        "GET /api/user: reads was 2, is 3"
    ]
    assert list(routes.changes(before, {})) == ["GET /api/user: is not counted any more"]
    assert list(routes.changes({}, before)) == ["GET /api/user: is new"]
