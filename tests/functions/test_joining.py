"""How somebody who signs in becomes a customer: the one who has their e-mail, or a new lead."""

import contextlib
from functools import partial
from typing import Any

import pytest

from greenroom.customers.domain import Customer, NewCustomer
from greenroom.organizations.principal import CustomerKind
from tests.clerk import person_event, tell
from tests.reliability import faults
from tests.reliability.faults import Crash, Fault, Kind
from tests.reliability.schedules import between_calls
from tests.reliability.test_erasure_crashes import finish
from tests.store.things import at_once
from tests.studios import Studio
from tests.world import Person, Reply, World

EMAIL = "ada@example.org"
PROVEN: dict[str, Any] = {"email": EMAIL, "email_verified": True, "name": "Ada"}
KINDS: list[CustomerKind] = ["client", "lead"]
each_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture
def studio(world: World) -> Studio:
    return Studio(world)


def join(studio: Studio, person: Person, **told: Any) -> Reply:
    return person.call(f"POST {studio.home}/me", told or None)


def known(studio: Studio, kind: CustomerKind, **told: Any) -> Customer:
    wanted = NewCustomer(**{"name": "Ada of the studio", "email": EMAIL, **told})
    return studio.world.wiring("organizations").customers.create(studio.repo, kind, wanted).customer


def customers(world: World) -> list[dict[str, Any]]:
    return [row for row in world.rows() if row["kind"]["S"] == "studio_customer"]


def links(world: World) -> list[dict[str, Any]]:
    return [row for row in world.rows() if row["kind"]["S"] == "customer_link"]


def agree(world: World) -> None:
    """Every link leads to a customer who names that very person, and the other way round."""
    there = {
        (row["PK"]["S"], row["customer_kind"]["S"], row["customer_id"]["S"], row["user_id"]["S"])
        for row in links(world)
    }
    back = {
        (
            row["PK"]["S"].partition("#C#")[0],
            row["customer_kind"]["S"],
            row["customer_id"]["S"],
            row["user_id"]["S"],
        )
        for row in customers(world)
        if "user_id" in row
    }
    assert there == back


@each_kind
def test_a_proven_email_leads_to_the_customer_who_has_it(
    world: World, studio: Studio, kind: CustomerKind
) -> None:
    customer = known(studio, kind)
    ada = world.person(**PROVEN)

    first, again = join(studio, ada, name="Eve"), join(studio, ada)

    assert (first.status, again.status) == (201, 200)
    assert first.body == again.body == ada.call(f"GET {studio.home}").body
    assert first.body["role"] == kind
    assert (first.body["customer"]["clientId"] or first.body["customer"]["customerId"]) == (
        customer.ref.customer_id
    )
    (row,) = customers(world)
    assert (row["name"]["S"], row["user_id"]["S"]) == ("Ada of the studio", ada.user_id)
    agree(world)


def test_clerks_news_proves_an_email_as_well(world: World, studio: Studio) -> None:
    customer = known(studio, "client")
    ada = world.person()
    tell(world, person_event(ada, "user.created", email=EMAIL.upper()))

    assert join(studio, ada).body["customer"]["clientId"] == customer.ref.customer_id


@pytest.mark.parametrize("how", ["token", "news", "news of another before"])
def test_an_email_that_nobody_proved_opens_nobodys_record(
    world: World, studio: Studio, how: str
) -> None:
    known(studio, "client")
    eve = world.person(**({"email": EMAIL, "name": "Eve"} if how == "token" else {}))
    if how == "news of another before":
        tell(world, person_event(eve, "user.created", email="eve@example.org", name="Eve"))
        world.clock.move(1)
        tell(world, person_event(eve, email=EMAIL, verified=False, name="Eve"))
    elif how == "news":
        told = person_event(eve, "user.created", email=EMAIL, verified=False, name="Eve")
        tell(world, told)

    joined = join(studio, eve)

    assert (joined.status, joined.body["role"]) == (201, "lead")
    (lead,) = [row for row in customers(world) if row["customer_kind"]["S"] == "lead"]
    assert "email" not in lead
    agree(world)


def test_without_a_record_a_new_lead_is_made_with_the_proven_email(
    world: World, studio: Studio
) -> None:
    joined = join(studio, world.person(**PROVEN))

    (row,) = customers(world)
    assert joined.body["customer"] == {
        "kind": "lead",
        "clientId": None,
        "customerId": row["customer_id"]["S"],
    }
    assert (row["name"]["S"], row["email"]["S"], row["status"]["S"]) == ("Ada", EMAIL, "active")
    assert studio.staff(f"GET /leads?q={EMAIL}").body["items"][0]["name"] == "Ada"
    agree(world)


def test_the_name_of_a_new_lead_is_the_one_told_else_the_persons(
    world: World, studio: Studio
) -> None:
    assert join(studio, world.person(name="Ada"), name="Countess").status == 201
    assert join(studio, world.person(name="Bob")).status == 201
    nameless = join(studio, world.person())

    assert sorted(row["name"]["S"] for row in customers(world)) == ["Bob", "Countess"]
    assert (nameless.status, nameless.body["errors"][0]["field"]) == (422, "name")


def test_a_customer_who_is_somebody_else_already_is_not_taken_over(
    world: World, studio: Studio
) -> None:
    known(studio, "client")
    first, second = world.person(**PROVEN), world.person(**PROVEN)
    theirs = join(studio, first).body["customer"]

    joined = join(studio, second)

    assert (joined.status, joined.body["role"]) == (201, "lead")
    assert join(studio, first).body["customer"] == theirs
    (lead,) = [row for row in customers(world) if row["customer_kind"]["S"] == "lead"]
    assert "email" not in lead, "the e-mail stays the client's"
    agree(world)


def test_a_closed_customer_is_still_themselves(world: World, studio: Studio) -> None:
    customer = known(studio, "client")
    studio.staff(f"PATCH /clients/{customer.ref.customer_id}", {"status": "closed"})

    joined = join(studio, world.person(**PROVEN))

    assert joined.body["customer"]["clientId"] == customer.ref.customer_id
    assert len(customers(world)) == 1


def test_one_person_is_one_customer_in_each_studio(world: World) -> None:
    one, two = Studio(world), Studio(world)
    ada = world.person(**PROVEN)

    ids = {join(studio, ada).body["customer"]["customerId"] for studio in (one, two)}

    assert len(ids) == 2
    assert len(ada.call("GET /api/organizations").body["items"]) == 2
    agree(world)


def test_who_works_there_may_be_a_customer_too(world: World, studio: Studio) -> None:
    bob = studio.member()

    joined = join(studio, bob, name="Bob")

    assert (joined.status, joined.body["role"]) == (201, "staff")
    assert joined.body["customer"]["kind"] == "lead"


def test_there_is_nothing_to_join_where_there_is_no_studio(world: World) -> None:
    ada = world.person(**PROVEN)

    for unknown in ("org_nobody", "x", "0199f3a8-7c1e-7d43-9a55-3f0f6c2b8e11"):
        refused = ada.call(f"POST /api/organizations/{unknown}/me", {"name": "Ada"})
        assert (refused.status, refused.code) == (404, "NOT_FOUND")
    assert links(world) == []


def test_whoever_impersonates_somebody_joins_nothing_for_them(world: World, studio: Studio) -> None:
    support = world.person(act={"sub": "user_support"}, **PROVEN)

    assert join(studio, support).code == "IMPERSONATED"
    assert links(world) == []


def test_who_has_left_joins_nothing(world: World, studio: Studio) -> None:
    ada = world.person(**PROVEN)
    ada.credits()
    ada.call("DELETE /api/user")

    assert join(studio, ada).code == "ACCOUNT_DELETED"
    assert links(world) == []


# Races


@each_kind
def test_twelve_windows_of_one_person_make_one_customer_of_them(
    world: World, studio: Studio, kind: CustomerKind
) -> None:
    customer = known(studio, kind)
    ada = world.person(**PROVEN)

    replies: list[Any] = at_once(12, lambda _: join(studio, ada))

    assert sorted(reply.status for reply in replies) == [200] * 11 + [201]
    assert len(links(world)) == len(customers(world)) == 1
    assert links(world)[0]["customer_id"]["S"] == customer.ref.customer_id
    agree(world)


@pytest.mark.parametrize("claims", [PROVEN, {"name": "Ada"}], ids=["with e-mail", "without"])
def test_twelve_windows_of_somebody_new_make_one_lead(
    world: World, studio: Studio, claims: dict[str, Any]
) -> None:
    ada = world.person(**claims)

    replies: list[Any] = at_once(12, lambda _: join(studio, ada))

    assert sorted(reply.status for reply in replies) == [200] * 11 + [201]
    assert len(links(world)) == len(customers(world)) == 1
    agree(world)


def test_of_many_people_with_one_email_one_is_the_customer_who_has_it(
    world: World, studio: Studio
) -> None:
    customer = known(studio, "client")
    people = [world.person(**PROVEN) for _ in range(6)]
    for person in people:
        person.credits()

    replies: list[Any] = at_once(6, lambda number: join(studio, people[number]))

    assert [reply.status for reply in replies] == [201] * 6
    as_client = [one for one in replies if one.body["role"] == "client"]
    assert [one.body["customer"]["clientId"] for one in as_client] == [customer.ref.customer_id]
    assert len(customers(world)) == 6
    agree(world)


def test_of_many_new_people_with_one_email_one_lead_has_it(world: World, studio: Studio) -> None:
    people = [world.person(**PROVEN) for _ in range(6)]

    replies: list[Any] = at_once(6, lambda number: join(studio, people[number]))

    assert [reply.status for reply in replies] == [201] * 6
    assert len(customers(world)) == 6
    assert len([row for row in customers(world) if "email" in row]) == 1
    agree(world)


def test_who_is_made_a_client_while_they_join_is_one_customer_with_that_email(
    world: World, studio: Studio
) -> None:
    for number in range(8):
        email = f"ada{number}@example.org"
        ada = world.person(**{**PROVEN, "email": email})
        ada.credits()
        body = {"name": "Ada", "email": email}

        def act(which: int, ada: Person = ada, body: Any = body) -> int:
            return join(studio, ada).status if which else studio.staff("POST /clients", body).status

        made, joined = at_once(2, act)

        assert joined == 201
        assert made in {201, 409}
        with_it = [row for row in customers(world) if row.get("email", {}).get("S") == email]
        assert len(with_it) == 1
    agree(world)


def test_a_record_that_changes_while_its_person_joins_keeps_the_change(
    world: World, studio: Studio
) -> None:
    customer = known(studio, "client")
    ada = world.person(**PROVEN)
    ada.credits()
    path = f"PATCH /clients/{customer.ref.customer_id}"

    def act(which: int) -> int:
        if which == 0:
            return join(studio, ada).status
        return studio.staff(path, {"notes": f"n{which}"}).status

    assert at_once(5, act) == [201, 200, 200, 200, 200]

    (row,) = customers(world)
    assert (row["user_id"]["S"], row["rev"]["N"]) == (ada.user_id, "5")
    agree(world)


# Crashes


@pytest.mark.parametrize("fault", ["crash_before", "crash_after", "timeout_after", "unavailable"])
def test_a_joining_that_dies_at_any_call_is_whole_or_not_there_and_can_be_repeated(
    world: World, studio: Studio, fault: Kind
) -> None:
    points = faults.points(lambda: join(studio, world.person(**{**PROVEN, "email": "x@y.zz"})))
    assert points >= 4

    for point in range(1, points + 1):
        email = f"{fault}.{point}@example.org"
        customer = known(studio, "client", email=email)
        ada = world.person(**{**PROVEN, "email": email})
        with (
            faults.plan(Fault(kind=fault, at=point)) as plan,
            contextlib.suppress(Crash),
        ):
            join(studio, ada)
        assert plan.fired

        agree(world)
        again = join(studio, ada)

        assert again.status in {200, 201}
        assert again.body["customer"]["clientId"] == customer.ref.customer_id
        agree(world)


def test_a_deletion_at_any_moment_of_a_joining_leaves_no_customer_of_the_deleted(
    world: World, studio: Studio
) -> None:
    """The deletion before each call of the joining: whichever is first, they end as nobody."""

    def known_person(number: int) -> Person:
        email = f"ada{number}@example.org"
        known(studio, "client", email=email)
        ada = world.person(**{**PROVEN, "email": email})
        ada.credits()
        return ada

    first = known_person(0)
    calls = faults.points(lambda: join(studio, first))
    answers = []
    for number in range(1, calls + 1):
        ada = known_person(number)
        _, (joined, _) = between_calls(
            partial(join, studio, ada), partial(ada.call, "DELETE /api/user"), number
        )
        answers.append(joined.code)

        agree(world)
        finish(world)

        assert not [row for row in customers(world) + links(world) if ada.user_id in str(row)]
        agree(world)
    # Too late to keep them from joining, it takes the link away before they are shown it.
    assert answers == ["ACCOUNT_DELETED"] * (calls - 1) + ["NOT_FOUND"]
