"""Clients and leads over HTTP: the staff make, list and change them; they see themselves."""

from typing import Any

import pytest

from greenroom.kernel.ids import new_id
from greenroom.organizations.principal import CustomerKind
from tests.store.things import at_once
from tests.studios import Studio
from tests.world import Person, Reply, World

KINDS: list[CustomerKind] = ["client", "lead"]
each_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


def path_of(kind: CustomerKind, customer_id: str = "") -> str:
    return f"/{kind}s" + (f"/{customer_id}" if customer_id else "")


def make(studio: Studio, kind: CustomerKind, *, key: str | None = None, **told: Any) -> Reply:
    headers = {"idempotency-key": key} if key else {}
    return studio.staff(f"POST {path_of(kind)}", {"name": "Ada", **told}, headers=headers)


def id_of(shown: dict[str, Any]) -> str:
    return str(shown["clientId"] or shown["customerId"])


@each_kind
def test_a_customer_is_made_and_shown(world: World, studio: Studio, kind: CustomerKind) -> None:
    made = make(
        studio, kind, name="  Ada  ", email=" Ada@Example.org ", phone=" +49 30 1 ", notes="Knee."
    )

    assert made.status == 201
    now = made.body["createdAt"]
    assert made.body == {
        "clientId": id_of(made.body) if kind == "client" else None,
        "customerId": id_of(made.body) if kind == "lead" else None,
        "kind": kind,
        "name": "Ada",
        "email": "Ada@Example.org",
        "phone": "+49 30 1",
        "notes": "Knee.",
        "status": "active",
        "convertedTo": None,
        "userId": None,
        "createdAt": now,
        "updatedAt": now,
    }
    shown = studio.staff(f"GET {path_of(kind, id_of(made.body))}")
    assert (shown.status, shown.body) == (200, made.body)


@each_kind
def test_the_same_request_under_a_key_gets_the_same_customer(
    studio: Studio, kind: CustomerKind
) -> None:
    first = make(studio, kind, key="k", email="ada@example.org")
    studio.staff(f"PATCH {path_of(kind, id_of(first.body))}", {"name": "Ada King"})

    again = make(studio, kind, key="k", email="ada@example.org")
    other = make(studio, kind, key="k", email="bob@example.org")
    of_a_colleague = studio.member().call(
        f"POST {studio.home}{path_of(kind)}", {"name": "Bob"}, headers={"idempotency-key": "k"}
    )

    assert again.status == 201
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (id_of(again.body), again.body["name"]) == (id_of(first.body), "Ada King")
    assert "Idempotency-Replayed" not in first.headers
    assert (other.status, other.code) == (422, "IDEMPOTENCY_MISMATCH")
    assert of_a_colleague.status == 201, "a key is one person's"


@each_kind
def test_a_double_click_makes_one_customer(
    world: World, studio: Studio, kind: CustomerKind
) -> None:
    replies: list[Any] = at_once(6, lambda _: make(studio, kind, key="k", email="ada@example.org"))

    assert {reply.status for reply in replies} == {201}
    assert len({id_of(reply.body) for reply in replies}) == 1


@each_kind
def test_an_import_chooses_the_id(studio: Studio, kind: CustomerKind) -> None:
    chosen = new_id()

    made = make(studio, kind, id=chosen.upper())
    again = make(studio, kind, id=chosen.upper())
    other = make(studio, kind, id=chosen, name="Bob")

    assert id_of(made.body) == chosen
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (other.status, other.code) == (409, "CONFLICT")
    assert make(studio, "lead" if kind == "client" else "client", id=chosen).status == 201


@each_kind
def test_an_email_is_one_customers_in_a_studio(
    world: World, studio: Studio, kind: CustomerKind
) -> None:
    make(studio, kind, email="ada@example.org")
    for second in KINDS:
        refused = make(studio, second, email="ADA@example.org")
        assert (refused.status, refused.code, refused.body["kind"]) == (409, "EMAIL_TAKEN", kind)
        bob = make(studio, second, name="Bob").body
        moved = studio.staff(f"PATCH {path_of(second, id_of(bob))}", {"email": "ada@example.org"})
        assert (moved.status, moved.code, moved.body["kind"]) == (409, "EMAIL_TAKEN", kind)
    assert make(Studio(world), kind, email="ada@example.org").status == 201


@each_kind
def test_the_staff_change_what_they_know(studio: Studio, kind: CustomerKind) -> None:
    made = make(studio, kind, email="ada@example.org", phone="1", notes="n").body
    studio.world.clock.move(5)
    path = path_of(kind, id_of(made))

    changed = studio.staff(f"PATCH {path}", {"name": "Ada King", "email": None, "phone": None})
    closed = studio.staff(f"PATCH {path}", {"status": "closed", "notes": None})

    assert changed.body == {
        **made,
        "name": "Ada King",
        "email": None,
        "phone": None,
        "updatedAt": changed.body["updatedAt"],
    }
    assert changed.body["updatedAt"] > made["updatedAt"]
    assert (closed.body["status"], closed.body["notes"]) == ("closed", None)
    assert studio.staff(f"GET {path}").body == closed.body
    assert studio.staff(f"PATCH {path}", {}).body == closed.body
    assert make(studio, kind, email="ada@example.org").status == 201, "the e-mail is free again"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 121),
        ("name", "Ada\nBcc: bob"),
        ("name", "\ud800"),
        ("name", None),
        ("name", 7),
        ("email", "ada"),
        ("email", "ada@example"),
        ("email", ""),
        ("email", "a" * 250 + "@b.cc"),
        ("email", "\ud800@example.org"),
        ("phone", "1" * 41),
        ("phone", "\x00"),
        ("notes", "n" * 2001),
        ("notes", "\ud800"),
        ("status", "converted"),
        ("status", None),
        ("userId", "me"),
        ("kind", "lead"),
    ],
)
def test_what_is_out_of_range_is_refused_by_its_name(
    studio: Studio, field: str, value: Any
) -> None:
    made = make(studio, "client").body
    before = studio.world.rows()

    change = studio.staff(f"PATCH /clients/{id_of(made)}", {field: value})
    create = studio.staff("POST /clients", {"name": "Bob", field: value})

    assert change.code in {"VALIDATION_FAILED", "INVALID_REQUEST"}, change.text
    assert create.code in {"VALIDATION_FAILED", "INVALID_REQUEST"}, create.text
    if change.code == "VALIDATION_FAILED":
        assert change.body["errors"][0]["field"] == field
    assert studio.world.rows() == before


@pytest.mark.parametrize("wrong", ["x", "", "org", 7, None])
def test_an_id_of_the_callers_choice_is_a_uuid(studio: Studio, wrong: Any) -> None:
    refused = make(studio, "client", id=wrong)

    expected = 201 if wrong is None else 422
    assert refused.status == expected


# Lists


@each_kind
def test_customers_are_found_by_the_beginning_of_a_name_or_by_a_whole_email(
    studio: Studio, kind: CustomerKind
) -> None:
    for name, email in (("Ada", "ada@example.org"), ("ADELE", "b@example.org"), ("Zoe", None)):
        make(studio, kind, name=name, **({"email": email} if email else {}))
    make(studio, "lead" if kind == "client" else "client", name="Adam")

    def found(query: str = "") -> list[str]:
        return [one["name"] for one in studio.staff(f"GET {path_of(kind)}{query}").body["items"]]

    assert found() == ["Ada", "ADELE", "Zoe"]
    assert found("?q=aD") == ["Ada", "ADELE"]
    assert found("?q=B@EXAMPLE.org") == ["ADELE"]
    assert found("?q=nobody@example.org") == []


@each_kind
def test_a_list_comes_page_by_page(studio: Studio, kind: CustomerKind) -> None:
    for number in range(5):
        make(studio, kind, name=f"Ada {number}")
    seen: list[str] = []
    cursor = ""
    while True:
        page = studio.staff(f"GET {path_of(kind)}?q=ada&limit=2{cursor}").body
        seen += [one["name"] for one in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"

    assert seen == [f"Ada {number}" for number in range(5)]


def test_a_cursor_of_another_list_or_studio_is_refused(world: World, studio: Studio) -> None:
    other = Studio(world)
    for one in (studio, other):
        for kind in KINDS:
            for number in range(2):
                make(one, kind, name=f"Ada {number}")
    cursor = studio.staff("GET /clients?limit=1").body["nextCursor"]

    assert studio.staff(f"GET /clients?limit=1&cursor={cursor}").status == 200
    for path in ("/leads", "/clients?q=b", "/members"):
        glue = "&" if "?" in path else "?"
        refused = studio.staff(f"GET {path}{glue}cursor={cursor}")
        assert (refused.status, refused.body["field"]) == (400, "cursor")
    assert other.staff(f"GET /clients?cursor={cursor}").status == 400


@pytest.mark.parametrize("q", ["", "x" * 255, "%00", "\x00", "\ud800"])
def test_a_search_is_of_printable_characters(studio: Studio, q: str) -> None:
    event, function = studio.world.event(f"GET {studio.home}/clients", token=studio.admin.token())
    event["queryStringParameters"] = {"q": q}

    answer = studio.world.invoke(function, event)

    assert answer["statusCode"] == (200 if q == "%00" else 422)


# Who may


def everything(studio: Studio, kind: CustomerKind, customer_id: str) -> list[tuple[str, Any]]:
    """What there is to ask of customers of a kind, and of one of them."""
    one = path_of(kind, customer_id)
    return [
        (f"GET {studio.home}{path_of(kind)}", None),
        (f"POST {studio.home}{path_of(kind)}", {"name": "Bob"}),
        (f"GET {studio.home}{one}", None),
        (f"PATCH {studio.home}{one}", {"name": "Bob"}),
    ]


@each_kind
@pytest.mark.parametrize("as_kind", KINDS)
def test_a_customer_sees_and_changes_themselves_alone(
    world: World, studio: Studio, kind: CustomerKind, as_kind: CustomerKind
) -> None:
    other = make(studio, kind, email="other@example.org", notes="secret").body
    _, ada = studio.client_who_signs_in(as_kind)
    before = world.rows()

    for wrong in (id_of(other), new_id()):
        for route, body in everything(studio, kind, wrong):
            refused = ada.call(route, body)
            assert (refused.status, refused.code) == (403, "FORBIDDEN"), route
            assert "other@example.org" not in refused.text
    assert world.rows() == before


@each_kind
def test_a_customer_is_shown_to_themselves_without_the_notes(
    studio: Studio, kind: CustomerKind
) -> None:
    ref, ada = studio.client_who_signs_in(kind)
    path = path_of(kind, ref.customer_id)
    studio.staff(f"PATCH {path}", {"notes": "secret"})

    shown = ada.call(f"GET {studio.home}{path}")

    assert shown.status == 200
    assert (shown.body["notes"], shown.body["userId"]) == (None, ada.user_id)
    assert "secret" not in shown.text
    assert studio.staff(f"GET {path}").body == {**shown.body, "notes": "secret"}


@each_kind
def test_a_customer_changes_their_name_and_phone_and_nothing_else(
    studio: Studio, kind: CustomerKind
) -> None:
    ref, ada = studio.client_who_signs_in(kind)
    route = f"PATCH {studio.home}{path_of(kind, ref.customer_id)}"
    studio.staff(f"PATCH {path_of(kind, ref.customer_id)}", {"notes": "secret"})

    changed = ada.call(route, {"name": "Ada King", "phone": "2"})

    assert (changed.body["name"], changed.body["phone"], changed.body["notes"]) == (
        "Ada King",
        "2",
        None,
    )
    for field, value in (("email", "x@example.org"), ("notes", "n"), ("status", "closed")):
        refused = ada.call(route, {field: value, "name": "Eve"})
        assert (refused.status, refused.code) == (403, "FORBIDDEN")
    assert studio.staff(f"GET {path_of(kind, ref.customer_id)}").body["name"] == "Ada King"


def strangers(world: World) -> list[Person]:
    """Everybody who has nothing to do with a studio."""
    other = Studio(world)
    return [
        world.person(),
        other.admin,
        other.member(),
        other.client_who_signs_in()[1],
        other.client_who_signs_in("lead")[1],
    ]


@each_kind
def test_to_everybody_else_there_is_no_such_studio(
    world: World, studio: Studio, kind: CustomerKind
) -> None:
    made = make(studio, kind, email="ada@example.org").body
    people = strangers(world)
    unknown = Studio.__new__(Studio)
    unknown.organization_id = new_id()
    before = world.rows()

    for person in people:
        for (route, body), (nowhere, _) in zip(
            everything(studio, kind, id_of(made)),
            everything(unknown, kind, id_of(made)),
            strict=True,
        ):
            refused, missing = person.call(route, body), person.call(nowhere, body)
            assert (refused.status, refused.code) == (404, "NOT_FOUND")
            assert {**refused.body, "requestId": ""} == {**missing.body, "requestId": ""}
    assert world.rows() == before


@each_kind
def test_a_customer_of_another_studio_or_kind_is_not_there(
    world: World, studio: Studio, kind: CustomerKind
) -> None:
    theirs = make(Studio(world), kind).body
    other_kind = make(studio, "lead" if kind == "client" else "client").body

    for wrong in (id_of(theirs), id_of(other_kind), new_id(), "x", "a%23b"):
        for act, body in (("GET", None), ("PATCH", {"name": "Eve"})):
            refused = studio.staff(f"{act} {path_of(kind, wrong)}", body)
            assert (refused.status, refused.code) == (404, "NOT_FOUND")
