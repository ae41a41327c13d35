"""A provider that is down: refused at once, before anything is written; one call tries again."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from greenroom.kernel.limits import Limits
from tests.fakes.provider import OFFER, failing
from tests.fakes.stripe import open_stripe
from tests.functions.test_edge_errors import saved
from tests.metrics import Emitted
from tests.proxies import Proxy
from tests.reliability import faults
from tests.world import Person, Reply, World

# stripe 16.1 hands its body to httpx by the old name `data`.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

MINT, CALLS, CHAT = "/client_secrets", "/calls", "/chat/completions"
FAILURES, PAUSE_S = Limits().breaker_failures, Limits().breaker_pause_s

DOWN = [httpx.Response(500), httpx.Response(503), httpx.ConnectError("x"), httpx.ReadTimeout("x")]
UP = [httpx.Response(400), httpx.Response(401), httpx.Response(404), httpx.Response(429)]


@pytest.fixture
def ada(world: World) -> Person:
    ada = world.person()
    assert ada.credits() == 3.0
    return ada


def take_down(world: World, ada: Person, answer: Any = None, *, path: str = MINT) -> None:
    """So many starts whose mint finds nobody; each is given back."""
    for _ in range(FAILURES):
        world.provider.script(path, answer or httpx.Response(500))
        assert ada.start().status in {502, 503, 504}


def refused(reply: Reply) -> None:
    assert (reply.status, reply.code) == (503, "PROVIDER_DOWN")
    assert 1 <= int(reply.headers["Retry-After"]) <= PAUSE_S


@pytest.mark.parametrize("answer", DOWN, ids=repr)
def test_a_start_is_refused_at_once_and_costs_nothing_while_the_provider_is_down(
    world: World, ada: Person, answer: httpx.Response | Exception
) -> None:
    take_down(world, ada, answer)
    asked, ledger = world.provider.count(MINT), ada.ledger()

    with faults.plan() as plan:
        refused(ada.start())

    assert plan.calls == [], "neither the store nor the provider is asked"
    assert world.provider.count(MINT) == asked
    assert ada.ledger() == ledger
    assert ada.credits() == 3.0


@pytest.mark.parametrize("answer", UP, ids=repr)
def test_a_provider_that_refuses_is_not_down(
    world: World, ada: Person, answer: httpx.Response
) -> None:
    for _ in range(FAILURES + 1):
        world.provider.script(MINT, answer)
        assert ada.start().code != "PROVIDER_DOWN"

    assert ada.start().status == 201


def test_a_key_of_ours_that_is_missing_does_not_say_that_the_provider_is_down(
    world: World, ada: Person
) -> None:
    world.rewire(OPENAI_API_KEY="not a bearer")
    for _ in range(FAILURES + 1):
        assert ada.start().code == "PROVIDER_ERROR"


def test_that_the_circuit_opened_is_told_once_and_what_it_holds_back_is_no_call(
    world: World, ada: Person, emitted: Emitted
) -> None:
    take_down(world, ada)
    refused(ada.start())

    assert emitted.values("CircuitOpened", provider="openai") == [1]
    assert sum(emitted.values("ProviderCalls", provider="openai")) == FAILURES


def test_after_the_pause_one_start_tries_and_an_answer_lets_all_through(
    world: World, ada: Person
) -> None:
    take_down(world, ada)
    world.clock.move(PAUSE_S)

    assert ada.start().status == 201
    assert world.person().start().status == 201


def test_after_the_pause_a_start_that_fails_opens_it_again_and_is_given_back(
    world: World, ada: Person
) -> None:
    take_down(world, ada)
    world.clock.move(PAUSE_S)
    world.provider.script(MINT, httpx.Response(502))
    assert ada.start().code == "PROVIDER_ERROR"

    refused(ada.start())

    assert ada.credits() == 3.0


def test_a_start_that_never_comes_to_the_provider_leaves_the_try_to_the_next(
    world: World, ada: Person
) -> None:
    poor = world.person()
    world.rewire(INITIAL_CENTICREDITS="50")
    poor.credits()
    take_down(world, ada)
    world.clock.move(PAUSE_S)

    assert poor.start().code == "INSUFFICIENT_CREDITS"

    assert ada.start().status == 201


def test_the_same_key_starts_once_the_provider_is_back(world: World, ada: Person) -> None:
    take_down(world, ada)
    refused(ada.start(key="mine"))
    world.clock.move(PAUSE_S)

    first, again = ada.start(key="mine"), ada.start(key="mine")

    assert (first.status, again.status) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert ada.credits() == 2.0


def test_a_healthy_start_costs_the_store_no_call_for_the_breaker(world: World, ada: Person) -> None:
    with faults.plan() as plan:
        assert ada.start().status == 201

    of_the_store = [call.operation for call in plan.calls if call.service == "dynamodb"]
    assert of_the_store == ["TransactWriteItems", "UpdateItem"]


def test_an_offer_is_refused_at_once_and_its_token_stays_good(world: World, ada: Person) -> None:
    others = [world.person() for _ in range(FAILURES)]
    started = ada.start()
    for other in others:
        theirs = other.start()
        world.provider.script(CALLS, failing(httpx.ConnectError))
        assert other.exchange(theirs, OFFER).status == 502
    asked = world.provider.count(CALLS)

    with faults.plan() as plan:
        refused(ada.exchange(started, OFFER))

    assert plan.calls == []
    assert world.provider.count(CALLS) == asked
    world.clock.move(PAUSE_S)
    assert ada.exchange(started, OFFER).status == 201


def test_a_fresh_token_is_refused_before_the_old_one_is_void(world: World, ada: Person) -> None:
    started = ada.start()
    session_id = started.body["sessionId"]
    others = [world.person() for _ in range(FAILURES)]
    for other in others:
        world.provider.script(MINT, httpx.Response(500))
        other.start()

    refused(ada.call(f"POST /api/realtime-session/{session_id}/token"))

    assert ada.exchange(started, OFFER).status == 201


def test_a_call_is_hung_up_although_the_provider_seems_down(world: World, ada: Person) -> None:
    world.rewire(REALTIME_EXCHANGE="unified")
    started = ada.start()
    assert ada.exchange(started, OFFER).status == 201
    wired = world.wiring("sessions")
    for _ in range(FAILURES):
        with wired.provider._breaker.calling() as call:
            call.answered = False
    assert ada.call(f"POST /api/sessions/{started.body['sessionId']}/end").status == 200

    assert world.provider.count("/hangup") == 1


def test_a_feedback_job_is_left_as_it_is_while_the_model_is_down(world: World, ada: Person) -> None:
    world.rewire(FEEDBACK_ATTEMPTS="20", FEEDBACK_BACKOFF_S="0")
    session_id = saved(ada)
    for _ in range(FAILURES):
        world.provider.script(CHAT, httpx.Response(500))
        world.clock.move(1)
        world.feedback()
    asked = world.provider.count(CHAT)
    before = feedback_row(world)

    world.clock.move(1)
    world.feedback()

    assert world.provider.count(CHAT) == asked == FAILURES
    assert feedback_row(world) == before
    world.clock.move(PAUSE_S)
    world.feedback()
    assert ada.call(f"GET /api/interviews/{session_id}").body["feedbackStatus"] == "completed"


def feedback_row(world: World) -> dict[str, Any]:
    (row,) = [one for one in world.rows() if one["SK"]["S"] == "FEEDBACK"]
    return row


def test_a_checkout_is_refused_at_once_and_writes_nothing_while_stripe_is_down(
    world: World, tmp_path: Path
) -> None:
    with open_stripe(tmp_path, world) as stripe:
        ada = world.person()
        ada.credits()
        path = "/v1/checkout/sessions"
        stripe.fault("POST", path, "status", times=2 * FAILURES, status=500)
        for _ in range(FAILURES):
            assert ada.call("POST /api/checkout", {"sku": "credits_3"}).status in {502, 504}
        asked = len(stripe.requests(path))

        with faults.plan() as plan:
            refused(ada.call("POST /api/checkout", {"sku": "credits_3"}))

        assert plan.calls == []
        assert len(stripe.requests(path)) == asked
        world.clock.move(PAUSE_S)
        assert ada.call("POST /api/checkout", {"sku": "credits_3"}).status == 200


def test_a_refund_is_refused_before_its_wish_is_written(world: World, tmp_path: Path) -> None:
    with open_stripe(tmp_path, world) as stripe:
        ada = world.person()
        begun = ada.call("POST /api/checkout", {"sku": "credits_3"})
        stripe.pay(begun)
        (purchase,) = ada.call("GET /api/purchases").body["items"]
        breaker = world.wiring("checkout").stripe._breaker
        for _ in range(FAILURES):
            with breaker.calling() as call:
                call.answered = False
        route = f"POST /api/purchases/{purchase['id']}/refund"

        with faults.plan() as plan:
            refused(world.person("user_admin").call(route))

        assert plan.calls == []


def test_a_generation_is_refused_before_its_units_are_taken_while_the_model_is_down(
    world: World,
) -> None:
    proxy = Proxy(world)
    for _ in range(FAILURES):
        world.provider.script(CHAT, httpx.Response(500))
        assert proxy.generate().status == 502
    rows, asked = len(proxy.rows()), proxy.asked

    with faults.plan() as plan:
        refused(proxy.generate(key="mine"))

    assert not [call for call in plan.calls if call.operation not in faults.READS]
    assert (proxy.asked, proxy.used, len(proxy.rows())) == (asked, 0, rows)
    proxy.audit()
    world.clock.move(PAUSE_S)
    assert proxy.generate(key="mine").status == 200
    assert proxy.used == 1
