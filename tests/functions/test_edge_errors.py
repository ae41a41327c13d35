"""Every code that clients may see is reached through HTTP, by a way that a client could take."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from greenroom.accounts.items import UserItem
from greenroom.feedback.store import FeedbackItem
from greenroom.kernel.errors import GreenroomError
from greenroom.kernel.ids import new_id
from greenroom.kernel.limits import Limits
from greenroom.realtime.sdp import REASONS
from greenroom.table.table import Table
from scripts.openapi import all_routes
from scripts.openapi_problems import codes_of
from tests.expertise import Customer, accept, claim, customer, expert, offer_of
from tests.fakes.provider import OFFER, completion, failing
from tests.intakes import begin, checkout, intake_of, pay, sign, signed
from tests.studios import Class, Studio
from tests.till import Till
from tests.unit.realtime.test_sdp import HOSTILE
from tests.widgets import EVIL, WidgetSite
from tests.world import Person, Reply, World, client_of

NOBODY = "http://127.0.0.1:1"  # nobody listens there
MINT = "/client_secrets"
INSIDE = ("traceback", "pynamodb", "botocore", "arn:", "127.0.0.1", "ek_canary", "sk-", ".py")

Reach = Callable[[World, Person], Reply]
REACHED: dict[str, Reach] = {}


def reaches(code: str) -> Callable[[Reach], Reach]:
    def note(reach: Reach) -> Reach:
        REACHED[code] = reach
        return reach

    return note


def raw_set(world: World, pk: str, sk: str, name: str, value: dict[str, Any]) -> None:
    """Write one attribute of one row behind the product's back."""
    client_of(world.endpoint).update_item(
        TableName=world.table_name,
        Key={"PK": {"S": pk}, "SK": {"S": sk}},
        UpdateExpression="SET #name = :value",
        ExpressionAttributeNames={"#name": name},
        ExpressionAttributeValues={":value": value},
    )


def meanwhile(world: World, path: str, act: Callable[[], Reply]) -> list[Reply]:
    """Let something happen while the provider is answering the next request of that path."""
    seen: list[Reply] = []
    answer = world.provider._default(99)

    def reply(request: httpx.Request) -> httpx.Response:
        seen.append(act())
        return answer(request)

    world.provider.script(path, reply)
    return seen


def saved(ada: Person) -> str:
    started = ada.start()
    ada.exchange(started, OFFER)
    session_id: str = started.body["sessionId"]
    turns = [
        {"role": "user", "content": f"I did {n} things.", "timestamp": n * 1000} for n in range(5)
    ]
    body = {"sessionId": session_id, "messages": turns}
    assert ada.call("POST /api/interviews", body).status == 201
    return session_id


@reaches("INVALID_REQUEST")
def _(world: World, ada: Person) -> Reply:
    return ada.call("PATCH /api/user", "{")


@reaches("INVALID_SIGNATURE")
def _(world: World, ada: Person) -> Reply:
    return world.call("POST /api/webhooks/stripe", "{}", headers={"stripe-signature": "t=1,v1=0"})


@reaches("UNAUTHENTICATED")
def _(world: World, ada: Person) -> Reply:
    return world.call("GET /api/user")


@reaches("FORBIDDEN")
def _(world: World, ada: Person) -> Reply:
    return ada.call("GET /api/diagnostic/config")


@reaches("ACCOUNT_DELETED")
def _(world: World, ada: Person) -> Reply:
    ada.credits()
    key = UserItem.at(ada.user_id)
    raw_set(world, key.pk, key.sk, "deleted_at", {"S": "2026-11-21T12:00:00.000000Z"})
    assert ada.call("GET /api/user").code == "ACCOUNT_DELETED"
    return ada.start()


@reaches("IMPERSONATED")
def _(world: World, ada: Person) -> Reply:
    support = world.person(ada.clerk_id, act={"sub": "user_support"})
    return support.call("POST /api/checkout", {"sku": "credits_3"})


@reaches("INSUFFICIENT_CREDITS")
def _(world: World, ada: Person) -> Reply:
    world.rewire(INITIAL_CENTICREDITS="75")
    return ada.start()


@reaches("NOT_FOUND")
def _(world: World, ada: Person) -> Reply:
    return ada.call(f"GET /api/sessions/{new_id()}")


@reaches("CONFLICT")
def _(world: World, ada: Person) -> Reply:
    # A job that changes under every try to move it.
    key = FeedbackItem.at(saved(ada))
    raw_set(world, key.pk, key.sk, "status", {"S": "failed"})
    raw_set(world, key.pk, key.sk, "due_at", {"S": "2026-11-21T12:00:00+00:00"})
    session_id = key.pk.partition("#")[2]
    return ada.call("POST /api/generate-feedback", {"sessionId": session_id})


@reaches("ACTIVE_SESSION_EXISTS")
def _(world: World, ada: Person) -> Reply:
    ada.start()
    return ada.start()


@reaches("IDEMPOTENCY_IN_PROGRESS")
def _(world: World, ada: Person) -> Reply:
    seen = meanwhile(world, MINT, lambda: ada.start(key="one"))
    assert ada.start(key="one").status == 201
    return seen[0]


@reaches("IDEMPOTENCY_MISMATCH")
def _(world: World, ada: Person) -> Reply:
    ada.start({"jobTitle": "Welder"}, key="one")
    return ada.start({"jobTitle": "Baker"}, key="one")


@reaches("EXCHANGE_IN_PROGRESS")
def _(world: World, ada: Person) -> Reply:
    started = ada.start()
    other = OFFER.replace(b"a=ice-ufrag:ChLn", b"a=ice-ufrag:ChLm")
    seen = meanwhile(world, "/calls", lambda: ada.exchange(started, other))
    assert ada.exchange(started, OFFER).status == 201
    return seen[0]


@reaches("INVALID_TRANSITION")
def _(world: World, ada: Person) -> Reply:
    session_id = ada.start().body["sessionId"]
    return ada.call(f"POST /api/sessions/{session_id}/end")


@reaches("BALANCE_TOO_LOW")
def _more_than_they_have(world: World, ada: Person) -> Reply:
    ada.credits()
    body = {"userId": ada.user_id, "credits": -900, "reason": "A slip"}
    return world.person("user_admin").call("POST /api/admin/credits", body)


@reaches("NO_CUSTOMER")
def _(world: World, ada: Person) -> Reply:
    return ada.call("POST /api/billing-portal")


@reaches("PURCHASE_NOT_REDEEMABLE")
def _(world: World, ada: Person) -> Reply:
    purchase = Till(world).seed(ada)
    return ada.call(f"POST /api/purchases/{purchase.purchase_id}/redeem")


@reaches("PURCHASE_NOT_REFUNDABLE")
def _(world: World, ada: Person) -> Reply:
    purchase = Till(world).seed(ada)
    return ada.call(f"POST /api/purchases/{purchase.purchase_id}/refund")


def open_desk(world: World) -> tuple[Customer, Person]:
    """A session that looks for an expert, and one who is online."""
    world.rewire(EXPERT_SIGNUP="open")
    return customer(world), expert(world, maxActive=1)


@reaches("NOT_AN_EXPERT")
def _(world: World, ada: Person) -> Reply:
    return ada.call("GET /api/queue")


@reaches("ALREADY_TAKEN")
def _(world: World, ada: Person) -> Reply:
    looking, bob = open_desk(world)
    assert claim(bob, looking.session_id).status == 200
    return claim(expert(world), looking.session_id)


@reaches("OFFER_EXPIRED")
def _(world: World, ada: Person) -> Reply:
    looking, bob = open_desk(world)
    world.sweep()
    offer_id = offer_of(bob, looking.session_id)
    world.clock.move(45)
    return accept(bob, offer_id)


@reaches("AT_CAPACITY")
def _(world: World, ada: Person) -> Reply:
    looking, bob = open_desk(world)
    assert claim(bob, looking.session_id).status == 200
    return claim(bob, customer(world).session_id)


@reaches("EXPERT_OFFLINE")
def _(world: World, ada: Person) -> Reply:
    looking, bob = open_desk(world)
    bob.call("PUT /api/experts/me", {"status": "offline"})
    return claim(bob, looking.session_id)


@reaches("PLAN_USED")
def _(world: World, ada: Person) -> Reply:
    begun = begin(ada, "trial")
    ada.call(f"POST /api/sessions/{begun.body['sessionId']}/cancel")
    return begin(ada, "trial")


@reaches("WAIVER_VERSION")
def _(world: World, ada: Person) -> Reply:
    return sign(ada, intake_of(ada), version="2020-01-01")


@reaches("INTAKE_EXPIRED")
def _(world: World, ada: Person) -> Reply:
    intake_id = intake_of(ada)
    world.clock.move(7 * 86_400)
    return sign(ada, intake_id)


@reaches("INTAKE_USED")
def _(world: World, ada: Person) -> Reply:
    intake_id = signed(ada, "quick")
    session = Customer(ada, pay(ada, intake_id).body["sessionId"])
    _, bob = open_desk(world)
    claim(bob, session.session_id)
    session.move("start")
    session.move("end")
    return checkout(ada, intake_id)


@reaches("WAIVER_REQUIRED")
def _(world: World, ada: Person) -> Reply:
    _, bob = open_desk(world)
    unsigned = customer(world, waived=False)
    assert claim(bob, unsigned.session_id).status == 200
    return unsigned.move("start")


@reaches("EMAIL_TAKEN")
def _(world: World, ada: Person) -> Reply:
    studio = Studio(world)
    one = {"name": "Ada", "email": "ada@example.org"}
    assert studio.staff("POST /clients", one).status == 201
    return studio.staff("POST /leads", one)


@reaches("EXACTLY_ONE_CUSTOMER")
def _(world: World, ada: Person) -> Reply:
    held = Studio(world).hold_class()
    return held.studio.staff("POST /bookings", {"classSessionId": held.class_session_id})


@reaches("AMBIGUOUS_CUSTOMER")
def _(world: World, ada: Person) -> Reply:
    held, one = Studio(world).hold_class(), new_id()
    for kind in ("clients", "leads"):
        held.studio.customer("client" if kind == "clients" else "lead", customer_id=one)
    body = {"classSessionId": held.class_session_id, "customerRef": one}
    return held.studio.staff("POST /bookings", body)


@reaches("CUSTOMER_INACTIVE")
def _(world: World, ada: Person) -> Reply:
    held = Studio(world).hold_class()
    closed = held.studio.customer()
    wired = world.wiring("bookings")
    wired.customers.change(held.studio.repo, closed.ref, {"status": "closed"})
    return held.book(closed)


def full(world: World, **told: Any) -> Class:
    """A class whose one seat is booked."""
    held = Studio(world).hold_class(capacity=1, **told)
    assert held.book(held.studio.customer()).status == 201
    return held


@reaches("CLASS_FULL")
def _(world: World, ada: Person) -> Reply:
    held = full(world)
    return held.book(held.studio.customer())


@reaches("CLASS_NOT_FULL")
def _(world: World, ada: Person) -> Reply:
    held = Studio(world).hold_class()
    return held.join(held.studio.customer())


@reaches("CLASS_CANCELLED")
def _(world: World, ada: Person) -> Reply:
    held = Studio(world).hold_class()
    held.studio.staff(f"POST /classes/{held.class_session_id}/cancel")
    return held.book(held.studio.customer())


@reaches("CLASS_HAS_BOOKINGS")
def _(world: World, ada: Person) -> Reply:
    held = full(world)
    return held.change(durationMinutes=90)


@reaches("CAPACITY_TAKEN")
def _(world: World, ada: Person) -> Reply:
    held = Studio(world).hold_class(capacity=2)
    for _ in range(2):
        held.book(held.studio.customer())
    return held.change(capacity=1)


@reaches("BOOKING_CLOSED")
def _(world: World, ada: Person) -> Reply:
    held = Studio(world).hold_class(starts_in=timedelta(hours=1))
    world.clock.move(3 * 3600)
    return held.book(held.studio.customer())


@reaches("ALREADY_BOOKED")
def _(world: World, ada: Person) -> Reply:
    held = Studio(world).hold_class()
    twice = held.studio.customer()
    held.book(twice)
    return held.book(twice)


@reaches("OVERLAP")
def _(world: World, ada: Person) -> Reply:
    studio = Studio(world)
    both = studio.customer()
    studio.hold_class().book(both)
    return studio.hold_class().book(both)


@reaches("WAITLIST_FULL")
def _(world: World, ada: Person) -> Reply:
    held = full(world, waitlistMax=0)
    return held.join(held.studio.customer())


@reaches("WAITLIST_CLOSED")
def _(world: World, ada: Person) -> Reply:
    held = full(world, starts_in=timedelta(minutes=50))
    return held.join(held.studio.customer())


@reaches("PREPAYMENT_REQUIRED")
def _(world: World, ada: Person) -> Reply:
    held = Studio(world).hold_class(priceCents=1500)
    held.studio.set(requires_prepayment=True)
    return held.book(held.studio.customer())


def passed(world: World, *, used: bool = False, frozen: bool = False, **told: Any) -> Reply:
    """A booking with a package that is made so."""
    studio = Studio(world)
    holder = studio.customer()
    pass_id = studio.package(holder.ref, uses=1, **told)
    wired = world.wiring("bookings")
    if frozen:
        wired.passes.change(studio.repo, holder.ref, "package", pass_id, {"status": "frozen"})
    use = {"packageId": pass_id}
    if used:
        studio.hold_class(starts_in=timedelta(days=1)).book(holder, use=use)
    return studio.hold_class().book(holder, use=use)


@reaches("NO_REMAINING_USE")
def _(world: World, ada: Person) -> Reply:
    return passed(world, used=True)


@reaches("PASS_EXPIRED")
def _(world: World, ada: Person) -> Reply:
    return passed(world, valid_until=world.clock() + timedelta(days=1))


@reaches("PASS_NOT_YET_VALID")
def _(world: World, ada: Person) -> Reply:
    return passed(world, valid_from=world.clock() + timedelta(days=9))


@reaches("PASS_INACTIVE")
def _(world: World, ada: Person) -> Reply:
    return passed(world, frozen=True)


@reaches("PASS_NOT_FOR_CLASS")
def _(world: World, ada: Person) -> Reply:
    return passed(world, class_types=("spinning",))


@reaches("CHECK_IN_CLOSED")
def _(world: World, ada: Person) -> Reply:
    held = Studio(world).hold_class()
    return held.act(held.book(held.studio.customer()), "attend")


@reaches("ORIGIN_NOT_ALLOWED")
def _(world: World, ada: Person) -> Reply:
    return WidgetSite(world).call("GET ", origin=EVIL)


@reaches("INVALID_LINK")
def _(world: World, ada: Person) -> Reply:
    return WidgetSite(world).call("GET /bookings/x")


@reaches("TOKEN_EXPIRED")
def _(world: World, ada: Person) -> Reply:
    started = ada.start()
    world.clock.move(601)
    return ada.exchange(started, OFFER)


@reaches("BODY_TOO_LARGE")
def _(world: World, ada: Person) -> Reply:
    return ada.call("PATCH /api/user", " " * 300_000)


@reaches("UNSUPPORTED_MEDIA_TYPE")
def _(world: World, ada: Person) -> Reply:
    return ada.call("PATCH /api/user", "{}", headers={"content-type": "text/plain"})


@reaches("VALIDATION_FAILED")
def _(world: World, ada: Person) -> Reply:
    return ada.call("PATCH /api/user", {"credits": 1})


@reaches("RATE_LIMITED")
def _(world: World, ada: Person) -> Reply:
    world.rewire(STARTS_PER_HOUR="1")
    session_id = ada.start().body["sessionId"]
    ada.call(f"POST /api/sessions/{session_id}/cancel")
    return ada.start()


@reaches("QUOTA_EXCEEDED")
def _(world: World, ada: Person) -> Reply:
    world.rewire(DAILY_LIMITS='{"interview": 1}')
    session_id = ada.start().body["sessionId"]
    ada.call(f"POST /api/sessions/{session_id}/cancel")
    return ada.start()


@reaches("PROVIDER_ERROR")
def _(world: World, ada: Person) -> Reply:
    world.provider.script(MINT, httpx.Response(500))
    return ada.start()


@reaches("LLM_ANSWER_MALFORMED")
def _(world: World, ada: Person) -> Reply:
    world.provider.script("/chat/completions", completion("I would rather not."))
    return ada.call(
        "POST /api/ai/generate", {"serviceType": "exam_generation", "input": {"topic": "Tides"}}
    )


@reaches("PROVIDER_DOWN")
def _(world: World, ada: Person) -> Reply:
    for _ in range(Limits().breaker_failures):
        world.provider.script(MINT, httpx.Response(500))
        ada.start()
    return ada.start()


@reaches("PROVIDER_THROTTLED")
def _(world: World, ada: Person) -> Reply:
    world.provider.script(MINT, httpx.Response(429, headers={"Retry-After": "7"}))
    reply = ada.start()
    assert reply.headers["Retry-After"] == "7"
    return reply


@reaches("PROVIDER_TIMEOUT")
def _(world: World, ada: Person) -> Reply:
    world.provider.script(MINT, failing(httpx.ReadTimeout))
    return ada.start()


@reaches("STORE_UNAVAILABLE")
def _(world: World, ada: Person) -> Reply:
    world.wiring("account").table = Table.open("t", endpoint=NOBODY, region="eu-central-1")
    return ada.call("GET /api/user")


@reaches("IDENTITY_UNAVAILABLE")
def _(world: World, ada: Person) -> Reply:
    world.rewire(CLERK_JWKS="", CLERK_JWKS_URL=NOBODY)
    return ada.call("GET /api/user")


@reaches("SECRETS_UNAVAILABLE")
def _(world: World, ada: Person) -> Reply:
    world.rewire(GREENROOM_SECRET_ARN="arn:aws:secretsmanager:eu-central-1:123456789012:secret:s")
    return ada.start()


@reaches("INTERNAL_ERROR")
def _(world: World, ada: Person) -> Reply:
    # The operator forgot a secret: ours to repair, and nothing that a caller can do.
    world.rewire(FINGERPRINT_KEY="")
    return world.person(email="ada@example.com", email_verified=True).call("GET /api/user")


@reaches("SDP_REFUSED_BY_PROVIDER")
def _(world: World, ada: Person) -> Reply:
    refused = {"error": {"code": "invalid_offer", "message": "no", "param": None, "type": "x"}}
    world.provider.script("/calls", httpx.Response(400, json=refused))
    return ada.exchange(ada.start(), OFFER)


def visible_errors() -> dict[str, type[GreenroomError]]:
    """Every error that some route says it may answer, by code."""
    known = {error for _, route in all_routes() for error in route.refusals}
    return {code: error for error in known for code in codes_of(error)}


def test_there_is_a_way_to_every_code() -> None:
    assert set(REACHED) | set(REASONS) == set(visible_errors())


@pytest.mark.parametrize("code", REACHED)
def test_a_code_is_reached_and_tells_nothing_of_our_inside(
    world: World, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", NOBODY)

    reply = REACHED[code](world, world.person())

    error = visible_errors()[code]
    assert reply.code == code, reply.text
    assert reply.status == error.status
    assert reply.body["title"] == error.title
    assert reply.body["type"].endswith(f"#{code.lower()}")
    told = reply.text.lower()
    assert [word for word in INSIDE if word in told] == []


@pytest.mark.parametrize("code", sorted(REASONS))
def test_an_offer_is_refused_by_a_code_that_names_the_reason(world: World, code: str) -> None:
    offers = [offer for offer, reason in HOSTILE.values() if reason == code]
    ada = world.person()
    started = ada.start()

    replies = [ada.exchange(started, offer) for offer in offers]

    assert offers
    assert {(reply.status, reply.code) for reply in replies} == {(422, code)}
    assert world.provider.count("/calls") == 0
    assert ada.exchange(started, OFFER).status == 201, "a refused offer burns no token"
