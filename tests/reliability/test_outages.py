"""While the table is away every function says so in time, and nothing is lost after its return.

The requests are those of ``events/``, one for each route: each is sent while the table is away in
each of four ways, and once more when it is back. Then the table goes away in the middle of them,
before each of their calls (THOROUGH=1), or before one of them.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from greenroom.kernel.errors import StoreUnavailable
from tests.contract.test_events import ANSWERS, ASKS_STRIPE, EVENTS, RESULTS, Filled
from tests.fakes.stripe import open_stripe
from tests.figures import Figure
from tests.functions.edge import ROUTES
from tests.reliability.ledgers import ledgers_that_do_not_add_up
from tests.reliability.outages import KINDS, Kind, away
from tests.world import World

BUDGET_S = 5.0  # of the table, as origin 003 promises, whatever our limits say
# What is answered as ever, because it asks no table.
UNMOVED = {
    "GET /api/ai/services",
    "GET /api/config",
    "GET /api/diagnostic/config",
    "GET /api/diagnostic/connection-pool",
    "GET /api/diagnostic/error-test",
    "GET /api/health",
    "GET /api/ice-servers",
    "GET /api/products",
    "GET /api/waivers/current",
}
# What tells operators of the outage, instead of refusing; its checks run side by side.
TELLS = {"GET /api/diagnostic/connection-test"}
AWAY = [key for key in sorted(ROUTES) if key not in UNMOVED | TELLS]
# Refused on their own account, once the table is there again: their good answers need Stripe.
REFUSED = {
    "POST /api/billing-portal": "checkout/billing_portal_of_nobody",
    "POST /api/purchases/{purchaseId}/redeem": "checkout/redeem_while_another_is_active",
    "POST /api/purchases/{purchaseId}/refund": "checkout/refund_of_what_was_used",
}
# Measures every kind of operation until two in a row have failed, and tidies up after it.
MEASURES = "GET /api/diagnostic/db-performance"
AT_WORK = {"IDEMPOTENCY_IN_PROGRESS", "EXCHANGE_IN_PROGRESS"}  # with Retry-After, for a while
MIDDLES = 40 if os.environ.get("THOROUGH") else 1


def _requests() -> dict[str, str]:
    """The first event of each route that is answered well."""
    found: dict[str, str] = {}
    for name, (status, _) in sorted(ANSWERS.items()):
        if status < 300:
            found.setdefault(json.loads(EVENTS[name].read_text())["routeKey"], name)
    return found | REFUSED


REQUESTS = _requests()
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")  # stripe 16.1


class Scene:
    """What a route's event is about, made in a world of its own."""

    def __init__(self, world: World, key: str) -> None:
        self.world = world
        self.name = REQUESTS[key]
        self.event = Filled(world).event(EVENTS[self.name].read_text())

    def send(self) -> Any:
        """What the function answers."""
        return self.world.invoke(self.name.partition("/")[0], self.event)

    @property
    def rows(self) -> list[Any]:
        """Every row, in an order that is always the same."""
        return sorted(self.world.rows(), key=lambda row: (row["PK"]["S"], row["SK"]["S"]))


@contextmanager
def scene_of(world: World, key: str, folder: Path) -> Iterator[Scene]:
    """A scene, with Stripe where it is asked."""
    if REQUESTS[key] not in ASKS_STRIPE:
        yield Scene(world, key)
        return
    folder.mkdir()
    with open_stripe(folder, world):
        yield Scene(world, key)


def code_of(answer: Any) -> Any:
    """The code of a problem; None where all is well."""
    return json.loads(answer["body"])["code"] if answer["statusCode"] >= 400 else None


def refused_to_come_again(key: str, answer: Any) -> bool:
    """Whether it is a 503 that says when to come again."""
    if answer["statusCode"] != 503 or int(answer["headers"].get("Retry-After", 0)) < 1:
        return False
    if key == "GET /api/ready":
        return json.loads(answer["body"])["checks"]["store"] is False
    media_type = answer["headers"]["Content-Type"]
    return (media_type, code_of(answer)) == ("application/problem+json", "STORE_UNAVAILABLE")


def test_every_route_has_a_request() -> None:
    assert set(REQUESTS) == set(ROUTES)


@pytest.mark.parametrize("key", AWAY)
def test_a_route_refuses_in_time_and_loses_nothing(
    world: World, key: str, tmp_path: Path, figure: Figure
) -> None:
    with scene_of(world, key, tmp_path / "stripe") as scene:
        before = scene.rows
        found: dict[Kind, tuple[bool, float, bool]] = {}
        for kind in KINDS:
            with away(world, kind) as outage:
                answer = scene.send()
            untouched = scene.rows == before
            found[kind] = (refused_to_come_again(key, answer), outage.elapsed_s, untouched)

        again = scene.send()

    good = (again["statusCode"], code_of(again)) == ANSWERS[scene.name]
    for kind, (refused, elapsed_s, untouched) in found.items():
        in_time = elapsed_s <= BUDGET_S
        figure("outage", kind, good=refused and in_time and untouched and good, of=1)
    assert {kind: one[::2] for kind, one in found.items()} == dict.fromkeys(KINDS, (True, True))
    assert max(elapsed_s for _, elapsed_s, _ in found.values()) <= BUDGET_S
    assert good, again


@pytest.mark.parametrize("key", sorted(UNMOVED | TELLS))
def test_what_needs_no_table_is_answered_as_ever(world: World, key: str) -> None:
    scene = Scene(world, key)

    for kind in KINDS:
        with away(world, kind) as outage:
            answer = scene.send()

        assert answer["statusCode"] == 200
        assert bool(outage.tries) is (key in TELLS)
        assert key not in TELLS or json.loads(answer["body"])["ok"] is False


@pytest.mark.parametrize("key", AWAY)
def test_a_table_that_goes_away_in_the_middle_is_told_in_time_and_loses_nothing(
    world: World, key: str, tmp_path: Path, figure: Figure
) -> None:
    """An answer is a 503, or one whose effect is there. What was taken is repaired, or waits."""
    for point in middles(key):
        kind = KINDS[point % len(KINDS)]
        with scene_of(world, key, tmp_path / str(point)) as scene:
            with away(world, kind, first=point) as outage:
                answer = scene.send()
            if not outage.tries:
                return
            again = scene.send()
        told = answer["statusCode"] < 300 or refused_to_come_again(key, answer)
        done = answer["statusCode"] < 300
        good = done or again["statusCode"] < 300 or code_of(again) in {*AT_WORK, *_own(scene)}
        # Its own use of the table, and one more that puts right or shows what came of it.
        budget_s = (3 if key == MEASURES else 2) * BUDGET_S
        in_time = outage.elapsed_s <= budget_s
        wrong = ledgers_that_do_not_add_up(world)
        figure("outage", "in the middle", good=told and good and in_time and not wrong, of=1)
        assert told, (point, kind, answer)
        assert good, (point, kind, answer, again)
        assert in_time, (point, kind, outage.elapsed_s, outage.tries)
        assert not wrong


def middles(key: str) -> range:
    """The calls of a request, after its first, before which the table goes away."""
    if MIDDLES > 1:
        return range(2, 2 + MIDDLES)
    first = 2 + crc32(key.encode()) % 3
    return range(first, first + 1)


def _own(scene: Scene) -> set[str | None]:
    return {ANSWERS[scene.name][1]}


@pytest.mark.parametrize("name", [name for name in RESULTS if "unknown" not in name])
@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_fails_in_time_and_does_all_of_it_later(
    world: World, name: str, kind: Kind, figure: Figure
) -> None:
    """Every message comes again, and so does the schedule: Lambda repeats what raised."""
    filled = Filled(world)
    filled._start(filled.ada)
    if name.startswith("feedback/"):
        filled._saved(filled.ada)
    event = filled.event(EVENTS[name].read_text())
    ids = [record["messageId"] for record in event.get("Records", [])]

    with away(world, kind) as outage:
        failed = _failed(world, name, event)

    budget_s = BUDGET_S * max(1, len(ids))
    later = world.invoke(name.partition("/")[0], event, remaining_ms=110_000)
    done = {one: later[one] for one in RESULTS[name]} == RESULTS[name]
    in_time = outage.elapsed_s <= budget_s
    figure("outage", "workers", good=failed == ids and in_time and done, of=1)
    assert failed == ids
    assert in_time, outage.elapsed_s
    assert done, later


def _failed(world: World, name: str, event: Any) -> list[str]:
    """The messages that come again; none where the schedule itself does."""
    try:
        answer = world.invoke(name.partition("/")[0], event, remaining_ms=110_000)
    except StoreUnavailable:
        return []
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def test_the_outage_itself_costs_what_a_deployment_has_configured(world: World) -> None:
    ada = world.person()

    with away(world, "hanging") as outage:
        assert ada.call("GET /api/user").status == 503

    assert (outage.tries, outage.elapsed_s) == (["Query"], 2.5)
    assert ada.call("GET /api/user").status == 200
