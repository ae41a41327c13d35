"""What admins see of usage: sums of the log by day, service, tenant and person, and the takings."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from tests.usage_log import FACTS, Scene
from tests.world import Reply, World


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


def report(world: World, query: str = "", **headers: str) -> Reply:
    return world.person("user_admin").call(f"GET /api/admin/usage?{query}", headers=headers)


def use(scene: Scene, number: int, **facts: Any) -> None:
    row = FACTS | {"request_id": f"r{number}"} | facts
    assert scene.store_patiently({k: v for k, v in row.items() if v is not None})


def test_a_day_is_the_sum_of_its_rows(scene: Scene) -> None:
    use(scene, 1)
    use(scene, 2, status="failed", processing_time_ms=900, units=1, cost_micros=None)
    use(scene, 3, at="2026-11-20T23:59:59.999999Z")

    body = report(scene.world).body

    assert (body["by"], body["firstDay"], body["lastDay"]) == ("day", "2026-11-01", "2026-11-21")
    assert [line["day"] for line in body["items"]] == ["2026-11-20", "2026-11-21"]
    today = body["items"][1]
    assert (today["calls"], today["ok"], today["failed"], today["units"]) == (2, 1, 1, 1)
    assert today["processingMs"] == FACTS["processing_time_ms"] + 900
    assert today["costMicros"] == FACTS["cost_micros"]
    assert body["totals"]["calls"] == 3
    assert body["nextCursor"] is None


def test_other_days_months_and_services_are_left_out(scene: Scene) -> None:
    use(scene, 1)
    use(scene, 2, at="2026-10-31T12:00:00Z", service_type="structured_generation")
    use(scene, 3, at="2026-11-01T00:00:00Z", service_type="structured_generation")
    use(scene, 4, at="2026-09-30T12:00:00Z")

    def calls(query: str) -> dict[str, int]:
        items = report(scene.world, query).body["items"]
        return {line["day"] or line["serviceType"]: line["calls"] for line in items}

    assert calls("from=2026-10-31&to=2026-11-01") == {"2026-10-31": 1, "2026-11-01": 1}
    assert calls("from=2026-09-01&by=service") == {
        "exam_generation": 2,
        "structured_generation": 2,
    }
    assert calls("from=2026-09-01&serviceType=exam_generation") == {
        "2026-09-30": 1,
        "2026-11-21": 1,
    }


@pytest.mark.parametrize("by", ["tenant", "user"])
def test_owners_come_page_by_page_over_several_months(scene: Scene, by: str) -> None:
    """Ids that are beginnings of others, tenants of both kinds, owners of one month alone."""
    ids = ["a", "a-b", "a.b", "ab", "b", "c"]
    for number, one in enumerate(ids):
        for month in ("09", "10", "11")[number % 3 :]:
            use(
                scene,
                number * 10 + int(month),
                at=f"2026-{month}-20T12:00:00Z",
                **({"user_id": one} if by == "user" else {"tenant_id": one}),
            )
    use(scene, 99, **({"user_id": "z"} if by == "user" else {"tenant_kind": "organization"}))
    found: list[tuple[str, int]] = []
    query = f"from=2026-09-01&to=2026-11-30&by={by}&limit=2"
    cursor: str | None = ""
    while cursor is not None:
        body = report(scene.world, query + (f"&cursor={cursor}" if cursor else "")).body
        found += [(line["userId"] or line["tenantId"], line["calls"]) for line in body["items"]]
        cursor = body["nextCursor"]
        assert body["totals"]["calls"] == 13

    last = "z" if by == "user" else FACTS["tenant_id"]
    assert sorted(found) == sorted(
        [("a", 3), ("a-b", 2), ("a.b", 1), ("ab", 3), ("b", 2), ("c", 1), (last, 1)]
    )


def test_a_tenants_line_names_its_kind(scene: Scene) -> None:
    use(scene, 1, tenant_kind="preschool", tenant_id="x")
    use(scene, 2, tenant_kind="organization", tenant_id="x")

    items = report(scene.world, "by=tenant").body["items"]

    named = [(line["tenantKind"], line["tenantId"], line["calls"]) for line in items]
    assert named == [("organization", "x", 1), ("preschool", "x", 1)]


def test_as_csv_it_has_the_columns_that_it_is_by(scene: Scene) -> None:
    use(scene, 1)
    use(scene, 2, tenant_id="-1")

    reply = report(scene.world, "by=tenant&limit=1", accept="text/csv")

    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert reply.headers["X-Next-Cursor"]
    header, line = csv.reader(io.StringIO(reply.text.removeprefix("\ufeff")))
    assert header[:4] == ["tenantKind", "tenantId", "calls", "ok"]
    assert line[:4] == ["preschool", "'-1", "1", "1"]
    by_day = report(scene.world, "by=day", accept="text/csv").text.splitlines()
    assert by_day[0].removeprefix("\ufeff").startswith("day,calls,")
    assert by_day[0].endswith("creditsReversed,creditsGranted")


@pytest.mark.parametrize(
    "query",
    [
        "by=week",
        "from=2026-11-31",
        "from=yesterday",
        "from=0001-01-01",
        "from=2026-11-22",
        "to=9999-12-31",
        "from=2026-01-01&to=2026-04-03",
        "limit=0",
    ],
)
def test_what_cannot_be_asked_is_refused(world: World, query: str) -> None:
    assert report(world, query).status == 422


@pytest.mark.parametrize("by", ["tenant", "user"])
def test_a_cursor_of_another_list_is_refused(scene: Scene, by: str) -> None:
    for number in range(2):
        use(scene, number, user_id=f"u{number}", tenant_id=f"t{number}")
    other = "user" if by == "tenant" else "tenant"
    cursor = report(scene.world, f"by={other}&limit=1").body["nextCursor"]

    assert report(scene.world, f"by={by}&cursor={cursor}").status == 400
    assert report(scene.world, f"by={by}&cursor=nonsense").status == 400


# What came in


def balance_of(takings: Any) -> float:
    """What the entries of a day add up to."""
    total: float = (
        takings["creditsGranted"]
        + takings["creditsBought"]
        + takings["creditsGivenBack"]
        - takings["creditsDebited"]
        - takings["creditsReversed"]
    )
    return round(total, 2)


def test_takings_are_derived_from_ledgers_and_counted_once(world: World) -> None:
    ada, bob = world.person(), world.person()
    started = ada.start().body["sessionId"]
    assert ada.call(f"POST /api/sessions/{started}/cancel").status == 200
    assert bob.start().status == 201

    for _ in range(3):
        world.invoke("reconcile", {})

    (day,) = report(world).body["items"]
    assert day["takings"] == {
        "interviewsStarted": 2,
        "creditsDebited": 2.0,
        "creditsGivenBack": 1.0,
        "creditsBought": 0.0,
        "creditsReversed": 0.0,
        "creditsGranted": 6.0,
    }
    assert balance_of(day["takings"]) == ada.credits() + bob.credits()
    assert report(world).body["totals"]["takings"] == day["takings"]


def test_what_comes_later_is_added_to_its_own_day(world: World) -> None:
    ada = world.person()
    ada.start()
    world.invoke("reconcile", {})
    world.clock.move(timedelta(days=1).total_seconds())
    world.sweep()
    world.invoke("reconcile", {})

    items = report(world).body["items"]

    days = {line["day"]: line["takings"] for line in items}
    assert days["2026-11-21"]["creditsDebited"] == 1.0
    assert days["2026-11-22"]["creditsGivenBack"] == 1.0
    assert days["2026-11-22"]["interviewsStarted"] == 0


def test_of_the_deleted_what_was_counted_stays(world: World) -> None:
    ada = world.person()
    ada.start()
    world.invoke("reconcile", {})
    before = report(world).body["totals"]["takings"]
    ada.call("DELETE /api/user")
    world.clock.move(600)
    world.sweep()

    world.invoke("reconcile", {})

    assert report(world).body["totals"]["takings"] == before
    assert before["interviewsStarted"] == 1


def test_non_admins_see_nothing(world: World) -> None:
    assert world.person().call("GET /api/admin/usage").status == 403
    assert world.call("GET /api/admin/usage").status == 401
