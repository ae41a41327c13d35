"""Packages and memberships over HTTP, for clients and leads."""

from datetime import timedelta
from typing import Any

import pytest

from greenroom.kernel.clock import to_text
from greenroom.kernel.ids import new_id
from greenroom.organizations.principal import CustomerKind, CustomerRef
from tests.store.things import at_once
from tests.studios import Studio, named
from tests.world import START, Reply, World

KINDS: list[CustomerKind] = ["client", "lead"]
PASSES = ["packages", "memberships"]
each_kind = pytest.mark.parametrize("kind", KINDS)
each_pass = pytest.mark.parametrize("passes", PASSES)
COUNTS: dict[str, dict[str, Any]] = {
    "packages": {"uses": 10},
    "memberships": {"usesPerPeriod": 2, "period": "week"},
}


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


def give(
    studio: Studio, passes: str, ref: CustomerRef, *, key: str | None = None, **told: Any
) -> Reply:
    headers = {"idempotency-key": key} if key else {}
    body = {"name": "Ten", **COUNTS[passes], **named(ref), **told}
    return studio.staff(f"POST /{passes}", body, headers=headers)


def query(ref: CustomerRef) -> str:
    ((name, value),) = named(ref).items()
    return f"?{name}={value}"


@each_kind
def test_a_package_is_given_and_shown(studio: Studio, kind: CustomerKind) -> None:
    ref = studio.customer(kind).ref
    until = to_text(START + timedelta(days=30))

    given = give(studio, "packages", ref, validUntil=until, classTypes=["yoga", "box", "yoga"])

    assert given.status == 201
    assert given.body == {
        "passId": given.body["passId"],
        "kind": "package",
        "name": "Ten",
        "clientId": ref.customer_id if kind == "client" else None,
        "customerId": ref.customer_id if kind == "lead" else None,
        "uses": 10,
        "remaining": 10,
        "usesPerPeriod": None,
        "period": None,
        "usedInPeriod": None,
        "validFrom": to_text(START),
        "validUntil": until,
        "classTypes": ["box", "yoga"],
        "status": "active",
        "createdAt": to_text(START),
    }
    assert studio.staff(f"GET /packages{query(ref)}").body["items"] == [given.body]
    assert studio.staff(f"GET /packages?customerRef={ref.customer_id}").body["items"] == [
        given.body
    ]
    assert studio.staff(f"GET /memberships{query(ref)}").body["items"] == []


@each_kind
def test_a_membership_is_given_and_shown(studio: Studio, kind: CustomerKind) -> None:
    ref = studio.customer(kind).ref

    limited = give(studio, "memberships", ref).body
    unlimited = give(studio, "memberships", ref, usesPerPeriod=None, period="month").body

    expected = {"usesPerPeriod": 2, "period": "week", "usedInPeriod": 0, "uses": None}
    assert {name: limited[name] for name in expected} == expected
    expected |= {"usesPerPeriod": None, "period": "month", "usedInPeriod": None}
    assert {name: unlimited[name] for name in expected} == expected
    assert studio.staff(f"GET /memberships{query(ref)}").body["items"] == [unlimited, limited]


@each_pass
def test_a_double_click_gives_one_pass(world: World, studio: Studio, passes: str) -> None:
    ref, other = studio.customer().ref, studio.customer().ref

    replies: list[Any] = at_once(6, lambda _: give(studio, passes, ref, key="k"))

    assert {reply.status for reply in replies} == {201}
    assert len({reply.body["passId"] for reply in replies}) == 1
    assert sum("Idempotency-Replayed" in reply.headers for reply in replies) == 5
    for misuse in (
        give(studio, passes, ref, key="k", name="Eleven"),
        give(studio, passes, other, key="k"),
        give(studio, "packages" if passes == "memberships" else "memberships", ref, key="k"),
    ):
        assert (misuse.status, misuse.code) == (422, "IDEMPOTENCY_MISMATCH")
    assert len(studio.staff(f"GET /{passes}{query(ref)}").body["items"]) == 1


@each_pass
@each_kind
def test_a_pass_is_frozen_prolonged_and_cancelled(
    studio: Studio, passes: str, kind: CustomerKind
) -> None:
    ref = studio.customer(kind).ref
    given = give(studio, passes, ref).body
    path = f"PATCH /{passes}/{given['passId']}"
    until = to_text(START + timedelta(days=30))

    frozen = studio.staff(path, {**named(ref), "status": "frozen"}).body
    dated = studio.staff(path, {"customerRef": ref.customer_id, "validUntil": until}).body
    endless = studio.staff(path, {**named(ref), "validUntil": None, "status": "cancelled"}).body
    same = studio.staff(path, named(ref)).body

    assert frozen == {**given, "status": "frozen"}
    assert dated == {**frozen, "validUntil": until}
    assert endless == same == {**given, "status": "cancelled"}


@each_pass
def test_exactly_one_customer_is_named(studio: Studio, passes: str) -> None:
    client, lead = studio.customer().ref, studio.customer("lead").ref
    both = {**named(client), **named(lead)}
    told = {"name": "Ten", **COUNTS[passes]}

    for wrong in (both, {}, {**both, "customerRef": client.customer_id}):
        pairs = "&".join(f"{name}={value}" for name, value in wrong.items())
        for reply in (
            studio.staff(f"POST /{passes}", {**told, **wrong}),
            studio.staff(f"GET /{passes}?{pairs}"),
            studio.staff(f"PATCH /{passes}/{new_id()}", {**wrong, "status": "frozen"}),
        ):
            assert (reply.status, reply.code) == (400, "EXACTLY_ONE_CUSTOMER")


@each_pass
def test_an_id_that_is_a_clients_and_a_leads_has_to_be_told_apart(
    studio: Studio, passes: str
) -> None:
    both = new_id()
    for path in ("/clients", "/leads"):
        assert studio.staff(f"POST {path}", {"name": "Ada", "id": both}).status == 201

    for reply in (
        studio.staff(f"GET /{passes}?customerRef={both}"),
        studio.staff(f"POST /{passes}", {"name": "T", **COUNTS[passes], "customerRef": both}),
    ):
        assert (reply.status, reply.code) == (409, "AMBIGUOUS_CUSTOMER")
    assert studio.staff(f"GET /{passes}?clientId={both}").status == 200


@each_pass
@each_kind
def test_whom_the_studio_does_not_know_gets_no_pass(
    world: World, studio: Studio, passes: str, kind: CustomerKind
) -> None:
    theirs = Studio(world).customer(kind).ref
    other_kind = studio.customer("lead" if kind == "client" else "client").ref
    given = give(studio, passes, other_kind).body

    for wrong in (theirs.customer_id, other_kind.customer_id, new_id(), "x", "a#b"):
        ref = CustomerRef(kind, wrong)
        for reply in (
            give(studio, passes, ref),
            studio.staff(f"GET /{passes}{query(ref).replace('#', '%23')}"),
            studio.staff(f"PATCH /{passes}/{given['passId']}", {**named(ref), "status": "frozen"}),
        ):
            assert (reply.status, reply.code) == (404, "NOT_FOUND")


@each_pass
def test_a_closed_customer_gets_no_pass(studio: Studio, passes: str) -> None:
    ref = studio.customer().ref
    studio.staff(f"PATCH /clients/{ref.customer_id}", {"status": "closed"})

    refused = give(studio, passes, ref)

    assert (refused.status, refused.code) == (409, "CUSTOMER_INACTIVE")


@each_pass
def test_a_pass_that_is_somebody_elses_or_none_is_not_changed(studio: Studio, passes: str) -> None:
    ada, bob = studio.customer().ref, studio.customer().ref
    given = give(studio, passes, ada).body
    other = "packages" if passes == "memberships" else "memberships"

    for path, ref in (
        (f"/{passes}/{given['passId']}", bob),
        (f"/{other}/{given['passId']}", ada),
        (f"/{passes}/{new_id()}", ada),
        (f"/{passes}/x", ada),
        (f"/{passes}/a%23b", ada),
    ):
        refused = studio.staff(f"PATCH {path}", {**named(ref), "status": "frozen"})
        assert (refused.status, refused.code) == (404, "NOT_FOUND")
    assert studio.staff(f"GET /{passes}{query(ada)}").body["items"] == [given]


@each_pass
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 121),
        ("name", "a\nb"),
        ("name", "\ud800"),
        ("validFrom", "tomorrow"),
        ("validFrom", "2026-11-21T12:00:00"),
        ("validFrom", "1999-12-31T23:59:59Z"),
        ("validUntil", "9999-12-31T23:59:59-23:59"),
        ("validUntil", "0001-01-01T00:00:00+23:59"),
        ("validUntil", 1e300),
        ("validUntil", to_text(START)),
        ("classTypes", ["Yoga!"]),
        ("classTypes", [f"t{n}" for n in range(21)]),
        ("classTypes", "yoga"),
        ("remaining", 99),
        ("status", "active"),
    ],
)
def test_what_is_out_of_range_is_refused_by_its_name(
    studio: Studio, passes: str, field: str, value: Any
) -> None:
    ref = studio.customer().ref
    before = studio.world.rows()

    refused = give(studio, passes, ref, **{field: value})

    assert refused.code in {"VALIDATION_FAILED", "INVALID_REQUEST"}, refused.text
    if refused.code == "VALIDATION_FAILED":
        assert refused.body["errors"][0]["field"].startswith(field)
    assert studio.world.rows() == before


@pytest.mark.parametrize("uses", [0, -1, 10_001, "10", 1.5, None, True])
def test_a_package_has_a_whole_number_of_uses(studio: Studio, uses: Any) -> None:
    refused = give(studio, "packages", studio.customer().ref, uses=uses)

    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "uses")


@pytest.mark.parametrize(
    "wrong",
    [{"usesPerPeriod": 0}, {"usesPerPeriod": "2"}, {"period": "day"}, {"period": None}],
    ids=str,
)
def test_a_membership_has_a_limit_and_a_period_or_says_that_it_has_no_limit(
    studio: Studio, wrong: dict[str, Any]
) -> None:
    ref = studio.customer().ref

    refused = give(studio, "memberships", ref, **wrong)
    silent = studio.staff("POST /memberships", {"name": "M", **named(ref)})

    assert (refused.status, refused.body["errors"][0]["field"]) == (422, next(iter(wrong)))
    assert (silent.status, silent.body["errors"][0]["field"]) == (422, "usesPerPeriod")


@each_pass
def test_a_pass_is_never_made_to_end_before_it_begins(studio: Studio, passes: str) -> None:
    ref = studio.customer().ref
    given = give(studio, passes, ref).body

    refused = studio.staff(
        f"PATCH /{passes}/{given['passId']}", {**named(ref), "validUntil": to_text(START)}
    )

    assert (refused.status, refused.body["errors"][0]["field"]) == (422, "validUntil")
    for wrong in ({"status": None}, {"status": "lost"}, {"remaining": 3}, {"validUntil": "x"}):
        body = {**named(ref), **wrong}
        assert studio.staff(f"PATCH /{passes}/{given['passId']}", body).status == 422


@each_pass
def test_passes_come_page_by_page(studio: Studio, passes: str) -> None:
    ref = studio.customer().ref
    given = {give(studio, passes, ref).body["passId"] for _ in range(5)}
    seen: list[str] = []
    cursor = ""
    while True:
        page = studio.staff(f"GET /{passes}{query(ref)}&limit=2{cursor}").body
        seen += [one["passId"] for one in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"

    assert len(seen) == 5
    assert set(seen) == given


# Who may


@each_pass
@each_kind
def test_a_customer_sees_their_own_passes_named_or_not_and_nobody_elses(
    studio: Studio, passes: str, kind: CustomerKind
) -> None:
    ref, ada = studio.client_who_signs_in(kind)
    other = studio.customer(kind).ref
    given = give(studio, passes, ref).body
    give(studio, passes, other, name="Of somebody else")

    for own in ("", query(ref), f"?customerRef={ref.customer_id}"):
        shown = ada.call(f"GET {studio.home}/{passes}{own}")
        assert (shown.status, shown.body["items"]) == (200, [given])
    for wrong in (
        query(other),
        query(CustomerRef(kind, new_id())),
        query(CustomerRef("lead" if kind == "client" else "client", ref.customer_id)),
        f"?customerRef={other.customer_id}",
    ):
        refused = ada.call(f"GET {studio.home}/{passes}{wrong}")
        assert (refused.status, refused.code) == (403, "FORBIDDEN")


@each_pass
@each_kind
def test_a_customer_gives_themselves_nothing(
    world: World, studio: Studio, passes: str, kind: CustomerKind
) -> None:
    ref, ada = studio.client_who_signs_in(kind)
    given = give(studio, passes, ref).body
    before = world.rows()
    body = {"name": "Ten", **COUNTS[passes], **named(ref)}

    for route, told in (
        (f"POST {studio.home}/{passes}", body),
        (f"PATCH {studio.home}/{passes}/{given['passId']}", {**named(ref), "validUntil": None}),
    ):
        refused = ada.call(route, told)
        assert (refused.status, refused.code) == (403, "FORBIDDEN")
    assert world.rows() == before


@each_pass
def test_to_everybody_else_there_is_no_such_studio(
    world: World, studio: Studio, passes: str
) -> None:
    ref = studio.customer().ref
    given = give(studio, passes, ref).body
    other = Studio(world)
    body = {"name": "Ten", **COUNTS[passes], **named(ref)}

    for person in (world.person(), other.admin, other.client_who_signs_in()[1]):
        for route, told in (
            (f"GET {studio.home}/{passes}{query(ref)}", None),
            (f"POST {studio.home}/{passes}", body),
            (f"PATCH {studio.home}/{passes}/{given['passId']}", {**named(ref)}),
        ):
            refused = person.call(route, told)
            assert (refused.status, refused.code) == (404, "NOT_FOUND")
    assert studio.staff(f"GET /{passes}{query(ref)}").body["items"] == [given]
