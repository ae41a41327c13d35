"""The person and the public configuration."""

from typing import Any

import pytest

from tests.fakes.provider import OFFER
from tests.world import World

EMPTY_PROFILE = {
    "headline": None,
    "bio": None,
    "imageUrl": None,
    "resumeText": None,
    "resumeData": None,
}


def test_the_first_look_makes_the_person_with_the_welcome_grant(world: World) -> None:
    ada = world.person("user_ada", email="ada@example.com", email_verified=True, name="Ada")

    reply = ada.call("GET /api/user")

    assert reply.status == 200
    assert reply.body == {
        "userId": ada.user_id,
        "clerkId": "user_ada",
        "email": "ada@example.com",
        "name": "Ada",
        "credits": 3.0,
        "minimumRequired": 0.5,
        "interviewCost": 1.0,
        "isPremium": False,
        "premiumUntil": None,
        "canStartInterview": True,
        "activeSession": None,
        "role": "user",
        "stale": False,
        "profile": EMPTY_PROFILE,
    }


def test_a_person_without_an_email_claim_is_a_person_too(world: World) -> None:
    told = world.person().call("GET /api/user").body

    assert (told["email"], told["name"], told["credits"]) == (None, None, 3.0)


def test_an_admin_is_whom_the_deployment_names(world: World) -> None:
    assert world.person("user_admin").call("GET /api/user").body["role"] == "admin"
    assert world.person(role="admin").call("GET /api/user").body["role"] == "user"


def test_the_active_session_is_shown_and_keeps_from_starting(world: World) -> None:
    ada = world.person()
    started = ada.start().body

    told = ada.call("GET /api/user").body

    assert told["canStartInterview"] is False
    assert told["activeSession"] == {
        "sessionId": started["sessionId"],
        "type": "interview",
        "status": "pending",
        "deadline": "2026-11-21T12:03:00.000000Z",
    }
    world.clock.move(181)
    assert ada.call("GET /api/user").body["activeSession"] is None


@pytest.mark.parametrize(("balance", "may"), [("100", True), ("99", False), ("75", False)])
def test_who_cannot_pay_cannot_start_and_is_told(world: World, balance: str, may: bool) -> None:
    world.rewire(INITIAL_CENTICREDITS=balance)

    told = world.person().call("GET /api/user").body

    assert told["canStartInterview"] is may
    assert told["credits"] == int(balance) / 100


def test_a_profile_is_set_member_by_member(world: World) -> None:
    ada = world.person()
    first = {"headline": "Welder", "bio": "Ships.", "imageUrl": "https://img.example/a.png?s=1"}

    changed = ada.call("PATCH /api/user", {"name": "Ada", "profile": first})
    again = ada.call("PATCH /api/user", {"profile": {"resumeText": "TIG", "resumeData": {"a": 1}}})

    assert changed.status == again.status == 200
    assert changed.body["profile"] == EMPTY_PROFILE | first
    whole = EMPTY_PROFILE | first | {"resumeText": "TIG", "resumeData": {"a": 1}}
    assert again.body["profile"] == whole
    assert again.body["name"] == "Ada"
    assert ada.call("GET /api/user").body == again.body


def test_null_clears_and_an_absent_member_stays(world: World) -> None:
    ada = world.person()
    ada.call("PATCH /api/user", {"name": "Ada", "profile": {"headline": "Welder", "bio": "B"}})

    told = ada.call("PATCH /api/user", {"profile": {"bio": None}}).body

    assert told["name"] == "Ada"
    assert told["profile"] == EMPTY_PROFILE | {"headline": "Welder"}
    assert ada.call("PATCH /api/user", {"name": None}).body["name"] is None


def test_a_change_of_nothing_changes_nothing(world: World) -> None:
    ada = world.person()
    before = ada.call("GET /api/user").body

    assert ada.call("PATCH /api/user", {}).body == before
    assert ada.call("PATCH /api/user", {"profile": {}}).body == before


def test_a_change_may_be_the_first_thing_that_a_person_does(world: World) -> None:
    ada = world.person()

    told = ada.call("PATCH /api/user", {"name": "Ada", "profile": {"bio": "x"}}).body

    assert (told["name"], told["credits"], told["profile"]["bio"]) == ("Ada", 3.0, "x")
    assert [entry["kind"] for entry in ada.ledger()] == ["grant"]


@pytest.mark.parametrize("data", [None, [], {}, 0, False, "text", [{"a": [None]}], {"ü": 1.5}])
def test_resume_data_is_any_json_and_comes_back_as_it_was(world: World, data: Any) -> None:
    ada = world.person()

    told = ada.call("PATCH /api/user", {"profile": {"resumeData": data}}).body

    assert told["profile"]["resumeData"] == data


@pytest.mark.parametrize(
    ("profile", "field"),
    [
        ({"imageUrl": "javascript:alert(1)"}, "profile.imageUrl"),
        ({"imageUrl": "data:text/html,x"}, "profile.imageUrl"),
        ({"imageUrl": "//evil.example/x"}, "profile.imageUrl"),
        ({"imageUrl": "https://a b"}, "profile.imageUrl"),
        ({"imageUrl": "https://a\n"}, "profile.imageUrl"),
        ({"imageUrl": 'https://a/"onerror="x'}, "profile.imageUrl"),
        ({"imageUrl": "https://a/" + "x" * 2_048}, "profile.imageUrl"),
        ({"imageUrl": ""}, "profile.imageUrl"),
        ({"headline": "x" * 201}, "profile.headline"),
        ({"bio": "x" * 4_001}, "profile.bio"),
        ({"resumeText": "x" * 40_001}, "profile.resumeText"),
        ({"resumeData": "x" * 65_535}, "profile.resumeData"),
        ({"resumeData": "\u00e9" * 40_000}, "profile.resumeData"),
        ({"headline": 1}, "profile.headline"),
        (None, "profile"),
        ([], "profile"),
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_a_profile_out_of_range_is_refused_by_name(world: World, profile: Any, field: str) -> None:
    ada = world.person()
    before = ada.call("GET /api/user").text.partition('"requestId"')[0]

    reply = ada.call("PATCH /api/user", {"profile": profile})

    assert reply.status == 422
    assert reply.body["errors"][0]["field"] == field
    assert ada.call("GET /api/user").text == before


def test_resume_data_that_nest_too_deep_are_refused(world: World) -> None:
    nested = '{"profile": {"resumeData": ' + "[" * 40 + "]" * 40 + "}}"

    assert world.person().call("PATCH /api/user", nested).status == 422


def test_a_long_profile_fits_and_never_rides_with_a_debit(world: World) -> None:
    ada = world.person()
    profile = {"bio": "b" * 4_000, "resumeText": "r" * 40_000, "resumeData": "x" * 60_000}

    assert ada.call("PATCH /api/user", {"profile": profile}).status == 200

    (user,) = [row for row in world.rows() if row["kind"]["S"] == "user"]
    assert len(str(user)) < 4_000


def test_the_ledger_is_paged_newest_first_and_sums_up_to_the_balance(world: World) -> None:
    ada = world.person()
    for _ in range(2):
        started = ada.start()
        ada.call(f"POST /api/sessions/{started.body['sessionId']}/cancel")
        world.clock.move(1)
    started = ada.start()
    ada.exchange(started, OFFER)

    pages: list[list[dict[str, Any]]] = []
    query = "limit=2"
    while len(pages) < 5:
        page = ada.call(f"GET /api/user/ledger?{query}").body
        pages.append(page["items"])
        if page["nextCursor"] is None:
            break
        query = f"limit=2&cursor={page['nextCursor']}"

    entries = [entry for page in pages for entry in page]
    assert [len(page) for page in pages] == [2, 2, 2]
    assert entries == ada.ledger()
    assert [entry["at"] for entry in entries] == sorted((e["at"] for e in entries), reverse=True)
    assert sum(entry["amount"] for entry in entries) == ada.credits() == 2.0
    assert len({entry["id"] for entry in entries}) == 6
    newest = entries[0]
    assert (newest["kind"], newest["amount"]) == ("debit", -1.0)
    assert newest["sessionId"] == started.body["sessionId"]
    assert {entry["kind"] for entry in entries} == {"grant", "debit", "void"}


def test_a_person_who_was_never_seen_has_an_empty_ledger(world: World) -> None:
    assert world.person().call("GET /api/user/ledger").body == {"items": [], "nextCursor": None}


def test_the_public_configuration_is_all_that_a_front_end_needs_and_nothing_more(
    world: World,
) -> None:
    world.rewire(
        CLERK_PUBLISHABLE_KEY="pk_test_x",
        CLERK_SIGN_IN_URL="https://app.example/sign-in",
        CREDITS_NAME="Tokens",
    )

    assert world.call("GET /api/config").body == {
        "clerkPublishableKey": "pk_test_x",
        "signInUrl": "https://app.example/sign-in",
        "signUpUrl": "",
        "userProfileUrl": "",
        "fallbackPath": "/interview",
        "creditsName": "Tokens",
        "interviewCost": 1.0,
        "minimumRequired": 0.5,
    }
