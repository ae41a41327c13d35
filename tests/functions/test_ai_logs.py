"""Who reads what of the usage log over HTTP: people their own, a tenant's admins all of it."""

from typing import Any

import pytest

from greenroom.kernel.ids import new_id
from tests.proxies import PRESCHOOL_ID, Proxy, make_tenant
from tests.usage_log import FACTS, Scene
from tests.world import Person, Reply, World


@pytest.fixture
def proxy(world: World) -> Proxy:
    return Proxy(world)


def logs(person: Person, query: str = "") -> Reply:
    return person.call(f"GET /api/ai/logs?{query}")


def ids(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.text
    return [row["requestId"] for row in reply.body["items"]]


def test_a_generation_is_in_the_persons_own_log(proxy: Proxy) -> None:
    made = proxy.generate(metadata={"grade": "R"}).body

    (row,) = logs(proxy.person, f"requestId={made['requestId']}").body["items"]

    assert (row["preschoolId"], row["organizationId"]) == (PRESCHOOL_ID, None)
    assert (row["status"], row["serviceType"]) == ("ok", "exam_generation")
    assert row["aiServiceId"] is None
    assert row["userId"] == proxy.person.user_id
    assert row["metadata"] == {"grade": "R"}
    assert row["units"] == made["usage"]["units"]
    assert row["costMicros"] == made["usage"]["costMicros"]
    assert row["processingTimeMs"] == made["usage"]["processingTimeMs"]


def test_filters_and_months_choose(proxy: Proxy) -> None:
    first = proxy.generate().body["requestId"]
    proxy.world.clock.move(40 * 86_400)
    second = proxy.generate().body["requestId"]
    person = proxy.person

    assert ids(logs(person)) == [second]
    assert ids(logs(person, "month=2026-11")) == [first]
    assert ids(logs(person, "status=ok&serviceType=exam_generation")) == [second]
    assert ids(logs(person, "status=failed")) == []
    assert ids(logs(person, "serviceType=interview_feedback")) == []
    assert ids(logs(person, f"requestId={first}")) == []


def test_pages_follow_each_other(world: World) -> None:
    ada = world.person()
    scene = Scene(world)
    for number in range(5):
        facts = FACTS | {"request_id": f"r{number}", "user_id": ada.user_id}
        assert scene.store_patiently(facts | {"at": f"2026-11-21T12:00:0{number}Z"})
    found: list[str] = []
    query = "limit=2"
    while True:
        page = logs(ada, query)
        found += ids(page)
        if page.body["nextCursor"] is None:
            break
        query = f"limit=2&cursor={page.body['nextCursor']}"

    assert found == ["r4", "r3", "r2", "r1", "r0"]


def test_a_tenants_admin_sees_what_everybody_did_that_day(proxy: Proxy) -> None:
    world, admin, stranger = proxy.world, proxy.world.person(), proxy.world.person()
    school = new_id()
    make_tenant(
        world, "preschool", school, {admin.user_id: "admin", proxy.person.user_id: "teacher"}
    )
    scene = Scene(world)
    for number, person in enumerate((admin, proxy.person)):
        mine = {"request_id": f"r{number}", "user_id": person.user_id, "tenant_id": school}
        assert scene.store_patiently(FACTS | mine)
    other: dict[str, Any] = {"request_id": "r9", "tenant_id": new_id()}
    assert scene.store_patiently(FACTS | other)
    of = f"tenantKind=preschool&tenantId={school}"

    assert sorted(ids(logs(admin, of))) == ["r0", "r1"]
    assert ids(logs(admin, f"{of}&day=2026-11-20")) == []
    assert sorted(ids(logs(admin, f"tenantId={school}&day=2026-11-21"))) == ["r0", "r1"]
    assert ids(logs(admin, f"{of}&requestId=r1&status=ok")) == ["r1"]
    assert logs(proxy.person, of).code == "FORBIDDEN", "works there, and is no admin"
    assert logs(stranger, of).code == "NOT_FOUND"
    assert logs(admin, f"tenantKind=organization&tenantId={school}").code == "NOT_FOUND"


@pytest.mark.parametrize(
    "query", ["status=open", "month=2026-13", "day=2026-11-31&tenantId=x", "tenantKind=preschool"]
)
def test_what_cannot_be_asked_is_refused(world: World, query: str) -> None:
    assert logs(world.person(), query).status == 422


def test_of_the_deleted_nothing_is_shown(world: World) -> None:
    ada = world.person()
    assert ids(logs(ada)) == []

    ada.call("DELETE /api/user")

    assert logs(ada).code == "ACCOUNT_DELETED"
