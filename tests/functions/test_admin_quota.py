"""Admins see quotas, set what tenants have a month, and give or take units: told in the trail."""

import csv
import io
from typing import Any

import pytest

from greenroom.kernel.ids import new_id
from greenroom.kernel.tenants import Tenant
from tests.parallel import together
from tests.world import Person, Reply, World

SERVICE = "exam_generation"
SUPPORT = {"act": {"iss": "https://dashboard.clerk.com", "sid": "sess_9", "sub": "user_support"}}
Json = dict[str, Any]


@pytest.fixture
def school(world: World) -> Tenant:
    tenants = world.wiring("admin").tenants
    made: Tenant = tenants.create("preschool", "Elm", tenant_id=None, members={}, actor="test")
    return made


def named(tenant: Tenant) -> Json:
    return {"kind": tenant.kind, "id": tenant.tenant_id}


def put(world: World, tenant: Tenant, limit: Any, by: Person | None = None, **more: Any) -> Reply:
    body = {
        "tenant": named(tenant),
        "serviceType": SERVICE,
        "limit": limit,
        "reason": "A larger plan",
        **more,
    }
    return (by or world.person("user_admin")).call("PUT /api/admin/ai/quota", body)


def post(world: World, units: Any, *, key: str | None = None, **more: Any) -> Reply:
    body = {"serviceType": SERVICE, "units": units, "reason": "Counted twice", **more}
    headers = {} if key is None else {"idempotency-key": key}
    admin = world.person("user_admin")
    return admin.call("POST /api/admin/ai/adjustments", body, headers=headers)


def shown(world: World, query: str) -> Json:
    reply = world.person("user_admin").call(f"GET /api/admin/ai/quota?{query}")
    assert reply.status == 200, reply.text
    body: Json = reply.body
    return body


def of(tenant: Tenant) -> str:
    return f"tenantKind={tenant.kind}&tenantId={tenant.tenant_id}"


def trail(world: World) -> list[Json]:
    items: list[Json] = world.person("user_admin").call("GET /api/admin/trail").body["items"]
    return items


def test_what_a_tenant_has_a_month_is_set_and_told(world: World, school: Tenant) -> None:
    first = put(world, school, 800)
    world.clock.move(1)
    second = put(world, school, 900, enforcement="soft")

    assert (first.status, first.body["limit"], first.body["enforcement"]) == (200, 800, "hard")
    assert (second.body["limit"], second.body["enforcement"]) == (900, "soft")
    newest, older = trail(world)
    assert newest["action"] == "quota.set"
    assert newest["target"] == f"tenant:{school.token}"
    assert newest["before"] == {"serviceType": SERVICE, "limit": 800, "enforcement": "hard"}
    assert newest["after"] == {"serviceType": SERVICE, "limit": 900, "enforcement": "soft"}
    assert older["before"]["limit"] == 500
    state = next(one for one in shown(world, of(school))["items"] if one["serviceType"] == SERVICE)
    assert state["remaining"] == 900


def test_units_are_given_and_taken_and_told(world: World, school: Tenant) -> None:
    given = post(world, 50, tenant=named(school))
    world.clock.move(1)
    taken = post(world, -20, tenant=named(school))

    assert (given.body["units"], given.body["quota"]["limit"]) == (50, 550)
    assert taken.body["quota"]["limit"] == 530
    report = shown(world, of(school) + f"&serviceType={SERVICE}")
    assert [one["units"] for one in report["adjustments"]] == [50, -20]
    assert {one["actor"] for one in report["adjustments"]} == {"user_admin"}
    assert [entry["after"]["units"] for entry in trail(world)] == [-20, 50]
    assert trail(world)[0]["after"]["adjustment"] == taken.body["adjustment"]


def test_a_person_alone_has_a_quota_too(world: World) -> None:
    ada = world.person()
    ada.credits()

    assert post(world, 5, userId=ada.user_id).body["quota"]["limit"] == 25
    (state,) = shown(world, f"userId={ada.user_id}&serviceType={SERVICE}")["items"]
    assert (state["limit"], state["used"]) == (25, 0)
    assert len(shown(world, f"userId={ada.user_id}&month=2026-10")["items"]) >= 2


def test_the_same_key_posts_once_and_another_body_is_refused(world: World, school: Tenant) -> None:
    first = post(world, 50, tenant=named(school), key="k")

    again = post(world, 50, tenant=named(school), key="k")

    assert again.body == first.body
    assert again.headers["Idempotency-Replayed"] == "true"
    for reply in (
        post(world, 51, tenant=named(school), key="k"),
        post(world, 50, tenant=named(school), key="k", reason="Another reason"),
        post(world, 50, userId=new_id(), key="k"),
    ):
        assert (reply.status, reply.code) == (422, "IDEMPOTENCY_MISMATCH")
    assert len(trail(world)) == 1


def test_sixteen_at_once_with_one_key_post_once(world: World, school: Tenant) -> None:
    replies = together(*[lambda: post(world, 50, tenant=named(school), key="k")] * 16)

    assert {reply.status for reply in replies} == {200}
    assert len({reply.body["entryId"] for reply in replies}) == 1
    assert shown(world, of(school))["items"][0]["limit"] == 550
    assert len(trail(world)) == 1


def test_who_sets_at_once_is_told_in_the_order_of_the_effects(world: World, school: Tenant) -> None:
    replies = together(*[lambda n=n: put(world, school, 600 + n) for n in range(6)])

    assert {reply.status for reply in replies} <= {200, 503}
    steps = {entry["before"]["limit"]: entry["after"]["limit"] for entry in trail(world)}
    limit, seen = 500, 0
    while limit in steps:
        limit, seen = steps[limit], seen + 1
    assert seen == sum(reply.status == 200 for reply in replies)
    assert shown(world, of(school))["items"][0]["limit"] == limit


@pytest.mark.parametrize(
    "wrong",
    [
        {"limit": -1},
        {"limit": 1.5},
        {"limit": "7"},
        {"serviceType": "Exam!"},
        {"enforcement": "none"},
        {"reason": ""},
        {"tenant": {"kind": "school", "id": "x"}},
    ],
    ids=ascii,
)
def test_what_is_no_quota_is_refused(world: World, school: Tenant, wrong: Json) -> None:
    body = {"tenant": named(school), "serviceType": SERVICE, "limit": 5, "reason": "Why not"}

    reply = world.person("user_admin").call("PUT /api/admin/ai/quota", body | wrong)

    assert reply.status == 422
    assert trail(world) == []


@pytest.mark.parametrize("units", [0, 1.5, "1", None, True])
def test_what_are_no_units_are_refused(world: World, school: Tenant, units: Any) -> None:
    assert post(world, units, tenant=named(school)).status == 422


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"tenant": {"kind": "preschool", "id": "x" * 40}}, "tenant.id"),
        ({"serviceType": "An exam"}, "serviceType"),
    ],
)
def test_what_is_wrong_is_named_and_its_value_is_not_told(
    world: World, school: Tenant, wrong: Json, field: str
) -> None:
    reply = post(world, 5, **{"tenant": named(school), **wrong})

    assert reply.status == 422
    assert [one["field"] for one in reply.body["errors"]] == [field]
    assert "xxxx" not in reply.text


def test_somebody_who_is_not_there_has_no_quota(world: World, school: Tenant) -> None:
    nobody = Tenant("preschool", new_id())
    other_kind = Tenant("organization", school.tenant_id)

    for tenant in (nobody, other_kind):
        assert put(world, tenant, 5).status == 404
        assert post(world, 5, tenant=named(tenant)).status == 404
        reply = world.person("user_admin").call(f"GET /api/admin/ai/quota?{of(tenant)}")
        assert reply.status == 404
    assert post(world, 5, userId=new_id()).status == 404
    assert (
        world.person("user_admin").call(f"GET /api/admin/ai/quota?userId={new_id()}").status == 404
    )
    assert trail(world) == []


def test_a_quota_is_of_a_tenant_or_of_a_person(world: World, school: Tenant) -> None:
    admin = world.person("user_admin")
    for query in ("", f"?tenantId={school.tenant_id}", f"?{of(school)}&userId={new_id()}"):
        assert admin.call(f"GET /api/admin/ai/quota{query}").status == 422
    assert post(world, 5).status == 422
    assert post(world, 5, tenant=named(school), userId=new_id()).status == 422


def test_what_is_no_id_of_a_tenant_is_refused_by_name(world: World, school: Tenant) -> None:
    nobody = {"kind": "preschool", "id": "0"}
    admin = world.person("user_admin")

    replies = [
        admin.call("GET /api/admin/ai/quota?tenantKind=preschool&tenantId=0"),
        post(world, 5, tenant=nobody),
    ]

    assert [one.status for one in replies] == [422] * 2
    assert {one.body["errors"][0]["field"] for one in replies} == {"tenant.id"}


def test_an_impersonated_admin_looks_and_changes_nothing(world: World, school: Tenant) -> None:
    support = world.person("user_admin", **SUPPORT)

    assert put(world, school, 5, by=support).code == "IMPERSONATED"
    assert support.call(f"GET /api/admin/ai/quota?{of(school)}").status == 200


def test_all_tenants_are_listed_page_by_page(world: World, school: Tenant) -> None:
    tenants = world.wiring("admin").tenants
    studio = tenants.create("organization", "=Oak", tenant_id=None, members={}, actor="test")
    admin = world.person("user_admin")

    whole = admin.call("GET /api/admin/tenants").body["items"]
    first = admin.call("GET /api/admin/tenants?limit=1").body
    second = admin.call(f"GET /api/admin/tenants?limit=1&cursor={first['nextCursor']}").body
    as_csv = admin.call("GET /api/admin/tenants", headers={"accept": "text/csv"})

    assert [(one["kind"], one["id"], one["name"]) for one in whole] == [
        ("organization", studio.tenant_id, "=Oak"),
        ("preschool", school.tenant_id, "Elm"),
    ]
    assert [*first["items"], *second["items"]] == whole
    rows = list(csv.DictReader(io.StringIO(as_csv.text.removeprefix("\ufeff"), newline="")))
    assert [row["name"] for row in rows] == ["'=Oak", "Elm"]
