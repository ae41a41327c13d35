"""The operators' commands about tenants."""

from typing import Any

import pytest

from greenroom.accounts.identity import Identity
from greenroom.kernel.ids import new_id
from greenroom.usage.domain import Payer, Plan, Service
from tests.books import Operator
from tests.world import Person, World

SCHOOL = "d5e14446-f19e-4b29-8fb0-9551869348dd"
EXAM = "exam_generation"


@pytest.fixture
def operator(world: World) -> Operator:
    return Operator(world)


@pytest.fixture
def ada(world: World) -> Person:
    person = world.person()
    person.credits()
    return person


def made(operator: Operator, kind: str, *words: str) -> Any:
    code, document = operator.run("tenant", "create", "--kind", kind, "--name", "Äpfel 🎓", *words)
    assert code == 0
    return document


def quota(operator: Operator, *words: str) -> dict[str, Any]:
    code, document = operator.run("tenant", "quota", "preschool", SCHOOL, EXAM, *words)
    assert code == 0
    return {name: document[name] for name in ("limit", "used", "remaining", "enforcement")}


@pytest.mark.parametrize("kind", ["preschool", "organization"])
def test_a_tenant_is_made_with_its_members_who_then_come_in(
    operator: Operator, ada: Person, kind: str
) -> None:
    document = made(operator, kind, "--member", f"{ada.clerk_id}:admin", "--id", SCHOOL)

    assert document == {
        "kind": kind,
        "id": SCHOOL,
        "name": "Äpfel 🎓",
        "members": [{"userId": ada.user_id, "role": "admin"}],
    }
    access = ada.world.wiring("account").tenant_access
    entry = access.enter(Identity(ada.clerk_id, "s"), kind=None, tenant_id=SCHOOL)
    assert (entry.tenant.kind, entry.name, entry.role) == (kind, "Äpfel 🎓", "admin")


def test_all_tenants_are_listed(operator: Operator) -> None:
    ids = [made(operator, kind)["id"] for kind in ("preschool", "organization", "preschool")]

    _, document = operator.run("tenant", "list")

    assert sorted(one["id"] for one in document["items"]) == sorted(ids)
    assert {one["name"] for one in document["items"]} == {"Äpfel 🎓"}


def test_members_come_and_go(operator: Operator, ada: Person) -> None:
    made(operator, "preschool", "--id", SCHOOL)
    named = ("preschool", SCHOOL, ada.clerk_id)

    _, added = operator.run("tenant", "member", "add", *named, "--role", "teacher")
    _, shown = operator.run("tenant", "show", "preschool", SCHOOL)
    _, removed = operator.run("tenant", "member", "remove", *named)
    code, _ = operator.run("tenant", "member", "remove", *named)

    assert added["members"] == shown["members"] == [{"userId": ada.user_id, "role": "teacher"}]
    assert removed["members"] == []
    assert code == 1


def test_an_allowance_counts_from_this_month_on(operator: Operator, ada: Person) -> None:
    made(operator, "preschool", "--id", SCHOOL)
    assert quota(operator)["limit"] == 500
    set_to = quota(operator, "--limit", "50")

    operator.world.clock.move(10 * 86_400)

    assert set_to == {"limit": 50, "used": 0, "remaining": 50, "enforcement": "hard"}
    assert quota(operator)["limit"] == 50
    assert quota(operator, "--limit", "5", "--soft")["enforcement"] == "soft"
    _, shown = operator.run("tenant", "show", "preschool", SCHOOL)
    assert [(one["service"], one["limit"]) for one in shown["quotas"]] == [(EXAM, 5)]


def test_a_grant_is_made_once_under_its_id_and_shown_with_its_reason(operator: Operator) -> None:
    made(operator, "preschool", "--id", SCHOOL)
    words = ("preschool", SCHOOL, EXAM, "--reason", "a fair", "--id", "ticket-7")

    results = [operator.run("tenant", "grant", *words, "--units", "50") for _ in range(2)]
    other, _ = operator.run("tenant", "grant", *words, "--units", "51")

    assert [code for code, _ in results] == [0, 0]
    assert [one["alreadyDone"] for _, one in results] == [False, True]
    assert [one["limit"] for _, one in results] == [550, 550]
    assert other == 1
    _, shown = operator.run("tenant", "quota", "preschool", SCHOOL, EXAM)
    assert [(one["units"], one["reason"], one["actor"]) for one in shown["adjustments"]] == [
        (50, "a fair", "operator")
    ]


def test_a_person_alone_may_be_given_units(operator: Operator, ada: Person) -> None:
    words = ("tenant", "grant", "user", ada.clerk_id, EXAM, "--units", "5", "--reason", "x")

    assert operator.run(*words)[1]["limit"] == 25

    meter = ada.world.wiring("account").meter
    (own,) = meter.quota(Payer(ada.user_id), Service(EXAM, 1), plan=Plan())
    assert own.limit == 25


@pytest.mark.parametrize(
    "words",
    [
        ("show", "preschool", SCHOOL),
        ("member", "add", "preschool", SCHOOL, "user_1"),
        ("member", "add", "organization", SCHOOL, "user_1"),
        ("quota", "preschool", SCHOOL, EXAM),
        ("quota", "preschool", SCHOOL, EXAM, "--limit", "5"),
        ("quota", "organization", SCHOOL, EXAM, "--limit", "5"),
        ("grant", "preschool", SCHOOL, EXAM, "--units", "5", "--reason", "x"),
        ("grant", "organization", SCHOOL, EXAM, "--units", "5", "--reason", "x"),
        ("grant", "user", "user_nobody", EXAM, "--units", "5", "--reason", "x"),
    ],
)
def test_what_is_not_there_is_refused_and_nothing_is_written(
    operator: Operator, words: tuple[str, ...]
) -> None:
    assert operator.run("tenant", *words) == (1, None)
    assert operator.world.rows() == []


@pytest.mark.parametrize(
    "words",
    [
        ("grant", "preschool", SCHOOL, EXAM, "--units=-5", "--reason", "x"),
        ("adjust", "preschool", SCHOOL, EXAM, "--units", "0", "--reason", "x"),
        ("adjust", "preschool", SCHOOL, EXAM, "--units", "1000000001", "--reason", "x"),
        ("adjust", "preschool", SCHOOL, EXAM, "--units", "5", "--reason", " "),
        ("adjust", "preschool", SCHOOL, "No#service", "--units", "5", "--reason", "x"),
        ("quota", "preschool", SCHOOL, "No#service", "--limit", "5"),
        ("quota", "preschool", SCHOOL, EXAM, "--limit", "-1"),
        ("quota", "preschool", "a#b", EXAM, "--limit", "1"),
        ("create", "--kind", "preschool", "--name", " "),
        ("create", "--kind", "preschool", "--name", "x", "--member", "ada"),
        ("create", "--kind", "preschool", "--name", "x", "--id", new_id().upper()),
    ],
)
def test_what_makes_no_sense_is_refused(operator: Operator, words: tuple[str, ...]) -> None:
    made(operator, "preschool", "--id", SCHOOL)
    rows = operator.world.rows()

    assert operator.run("tenant", *words) == (1, None)

    assert operator.world.rows() == rows


def test_words_for_a_person_are_lines(operator: Operator, ada: Person) -> None:
    made(operator, "preschool", "--id", SCHOOL, "--member", f"{ada.clerk_id}:admin")
    operator.run("tenant", "quota", "preschool", SCHOOL, EXAM, "--limit", "50")

    said = [
        operator.say("tenant", "list")[1],
        operator.say("tenant", "show", "preschool", SCHOOL)[1],
        operator.say("tenant", "quota", "preschool", SCHOOL, EXAM)[1],
        operator.say("tenant", "adjust", "preschool", SCHOOL, EXAM, "--units=-3", "--reason", "x")[
            1
        ],
    ]

    assert SCHOOL in said[0]
    assert f"{ada.user_id}  admin" in said[1]
    assert said[2] == "exam_generation 2026-11: 0 of 50 used, 50 left, hard\n"
    assert "-3 done as operation" in said[3]
    assert "0 of 47 used, 47 left" in said[3]
