"""Deleting one's own account: closed at once, erased in steps, at Clerk and Stripe too."""

from typing import Any

import httpx
import pytest

from greenroom.accounts.clerk_api import ClerkApi
from greenroom.kernel.errors import ProviderFailed, ProviderThrottled, ProviderTimedOut
from tests.clerk import deletion, tell
from tests.fakes.provider import OFFER, failing
from tests.functions.test_edge_errors import raw_set
from tests.reliability import test_erasure_crashes as erasures
from tests.world import Person, World

KEY = "sk_test_canary_clerk_key"


def deletions(world: World, person: Person) -> list[httpx.Request]:
    path = f"/v1/users/{person.clerk_id}"
    return [one for one in world.provider.requests if one.url.path == path]


def test_a_person_deletes_their_account_with_all_that_it_held(make_world: Any) -> None:
    world = make_world(INITIAL_CENTICREDITS="1000", CLERK_SECRET_KEY=KEY)
    ada = erasures.lived(world)
    erasures.used(world, ada)
    ledger = erasures.ledger_of(world, ada)

    reply = ada.call("DELETE /api/user")

    assert (reply.status, reply.body) == (202, {"deleted": True})
    assert ada.call("DELETE /api/user").code == "ACCOUNT_DELETED"
    assert erasures.leaks(world) == [], "nothing that can be done at once is left to later"
    erasures.finish(world)
    assert erasures.ledger_of(world, ada) == ledger
    assert {one.headers["authorization"] for one in deletions(world, ada)} == {f"Bearer {KEY}"}
    assert tell(world, deletion(ada)) == "stale", "Clerk's own news of it comes last"


def test_somebody_who_was_never_seen_may_delete_their_account_too(world: World) -> None:
    ada = world.person()

    assert ada.call("DELETE /api/user").status == 202
    assert ada.call("GET /api/user").code == "ACCOUNT_DELETED"


def test_without_the_key_only_our_side_of_the_account_goes(world: World) -> None:
    ada = world.person()
    ada.call("DELETE /api/user")

    erasures.finish(world)

    assert deletions(world, ada) == []
    assert "done_at" in erasures.erasure_row(world, ada)


def test_clerk_is_asked_until_it_has_deleted_the_account(make_world: Any) -> None:
    world = make_world(CLERK_SECRET_KEY=KEY)
    ada = world.person()
    path = f"/v1/users/{ada.clerk_id}"
    world.provider.script(
        path, failing(httpx.ReadTimeout), httpx.Response(500), httpx.Response(429)
    )
    ada.call("DELETE /api/user")

    for _ in range(3):
        assert world.sweep()["erasures_failed"] == 1
        assert world.sweep()["erasures_failed"] == 0, "others go first for a while"
        world.clock.move(300)
    erasures.finish(world)

    assert "done_at" in erasures.erasure_row(world, ada)
    assert len(deletions(world, ada)) == 5, "three failures, then once in each round"


def test_a_call_under_way_ends_and_is_hung_up(world: World) -> None:
    ada = world.person()
    assert ada.exchange(ada.start(), OFFER).status == 201

    ada.call("DELETE /api/user")
    world.sweep()

    assert world.provider.count("/hangup") == 1
    (session,) = [row for row in world.rows() if row["kind"]["S"] == "session"]
    assert session["status"]["S"] == "completed"
    assert "active_guard" not in {row["kind"]["S"] for row in world.rows()}


def test_the_last_round_catches_what_a_request_under_way_has_written_meanwhile(
    world: World,
) -> None:
    ada = world.person()
    session_id = ada.start().body["sessionId"]
    ada.call("DELETE /api/user")
    world.sweep()
    late = {"GSI1PK": f"USER#{ada.user_id}", "GSI1SK": "SESSION#late", "company": "Canary Ltd"}
    for name, text in late.items():
        raw_set(world, f"SESSION#{session_id}", "SESSION", name, {"S": text})
    assert erasures.leaks(world)

    assert world.sweep()["erasures_waiting"] == 0, "not before every request is over"
    world.clock.move(300)
    assert world.sweep()["erasures_erased"] == 1
    assert erasures.leaks(world) == []


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (httpx.Response(401), ProviderFailed),
        (httpx.Response(301), ProviderFailed),
        (httpx.Response(429), ProviderThrottled),
        (httpx.Response(503), ProviderFailed),
        (httpx.ReadTimeout("slow"), ProviderTimedOut),
        (httpx.ConnectError("down"), ProviderFailed),
    ],
)
def test_what_is_no_deletion_at_clerk_is_tried_again(
    reply: httpx.Response | Exception, error: type[Exception]
) -> None:
    def answer(_request: httpx.Request) -> httpx.Response:
        if isinstance(reply, Exception):
            raise reply
        return reply

    http = httpx.Client(transport=httpx.MockTransport(answer))
    api = ClerkApi(base_url="https://api.clerk.test", secret_key=lambda: KEY, http=http)

    with pytest.raises(error):
        api.delete_user("user_1")


@pytest.mark.parametrize("base_url", ["https://api.clerk.test", "https://api.clerk.test/v1/"])
@pytest.mark.parametrize("status", [200, 404])
def test_an_account_that_is_gone_at_clerk_counts_as_deleted(base_url: str, status: int) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url}")
        return httpx.Response(status)

    http = httpx.Client(transport=httpx.MockTransport(answer))
    ClerkApi(base_url=base_url, secret_key=lambda: KEY, http=http).delete_user("user_1/..")

    assert asked == ["DELETE https://api.clerk.test/v1/users/user_1%2F.."]
