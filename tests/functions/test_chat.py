"""What customer and expert say to each other."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.expertise import Customer, claim, customer, expert
from tests.parallel import together
from tests.world import Person, Reply, World


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world(EXPERT_SIGNUP="open")


def taken(world: World) -> tuple[Customer, Person]:
    ada, bob = customer(world), expert(world)
    assert claim(bob, ada.session_id).status == 200
    return ada, bob


def say(ada: Customer, who: Person, text: Any, *, key: str | None = None) -> Reply:
    headers = {"idempotency-key": key} if key else {}
    route = f"POST /api/sessions/{ada.session_id}/messages"
    return who.call(route, {"text": text}, headers=headers)


def said(ada: Customer, who: Person, query: str = "") -> Any:
    return who.call(f"GET /api/sessions/{ada.session_id}/messages{query}").body


def test_both_say_and_read_the_same_in_order(world: World) -> None:
    ada, bob = taken(world)
    assert say(ada, bob, "  Hello, I am Bob. ").status == 201
    ada.move("start")
    assert say(ada, ada.person, "My brakes squeal. ¿Qué hago? 🔧").status == 201

    items = said(ada, ada.person)["items"]

    assert items == said(ada, bob)["items"]
    assert [(one["userId"], one["role"], one["text"]) for one in items] == [
        (bob.user_id, "expert", "Hello, I am Bob."),
        (ada.person.user_id, "customer", "My brakes squeal. ¿Qué hago? 🔧"),
    ]


def test_a_long_talk_comes_in_pages_and_hides_nothing_of_the_session(world: World) -> None:
    ada, bob = taken(world)
    for number in range(5):
        say(ada, bob, f"{number}")

    first = said(ada, ada.person, "?limit=3")
    rest = said(ada, ada.person, f"?limit=3&cursor={first['nextCursor']}")

    texts = [one["text"] for one in first["items"] + rest["items"]]
    assert texts == ["0", "1", "2", "3", "4"]
    assert rest["nextCursor"] is None
    assert "chat_message" not in str(ada.shown)


def test_a_repeat_under_the_same_key_says_nothing_twice(world: World) -> None:
    ada, bob = taken(world)

    replies = together(*[lambda: say(ada, bob, "Hello", key="k") for _ in range(8)])

    assert {reply.status for reply in replies} == {201}
    assert len({reply.body["id"] for reply in replies}) == 1
    assert sum("Idempotency-Replayed" in reply.headers for reply in replies) == 7
    assert [one["text"] for one in said(ada, bob)["items"]] == ["Hello"]
    assert say(ada, bob, "Other", key="k").code == "IDEMPOTENCY_MISMATCH"
    assert say(ada, ada.person, "Mine", key="k").status == 201


def test_nobody_talks_before_an_expert_came_or_after_the_end(world: World) -> None:
    early = customer(world)
    assert say(early, early.person, "Anybody?").code == "INVALID_TRANSITION"
    ada, bob = taken(world)
    ada.move("start")
    ada.move("end")

    for who in (ada.person, bob):
        refused = say(ada, who, "Too late")
        assert (refused.status, refused.code) == (409, "INVALID_TRANSITION")
        assert refused.body["from"] == "completed"
    assert said(ada, ada.person)["items"] == []


def test_who_is_not_in_it_neither_says_nor_reads(world: World) -> None:
    ada, bob = taken(world)
    ada.move("release", by=bob)

    for stranger in (world.person(), bob):
        assert say(ada, stranger, "Hello").status == 404
        assert stranger.call(f"GET /api/sessions/{ada.session_id}/messages").status == 404


@pytest.mark.parametrize("text", ["", "   ", "x" * 2001, None, 7, ["a"], "\ud800"])
def test_what_is_no_text_is_refused_by_its_field(world: World, text: Any) -> None:
    ada, bob = taken(world)

    refused = say(ada, bob, text)

    assert refused.status in {400, 422}
    if refused.status == 422:
        assert refused.body["errors"][0]["field"] == "text"
    assert said(ada, bob)["items"] == []
