"""Buying: at most one open checkout of a thing, whatever is clicked, lost or tried."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.fakes.stripe import Stripe, open_stripe
from tests.figures import Figure
from tests.world import Person, Reply, World

# stripe 16.1 hands its body to httpx by the old name `data`.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

CHECKOUTS = "/v1/checkout/sessions"
HOSTILE = [
    "//evil.test",
    "///evil.test",
    "https://evil.test",
    "http://app.greenroom.test@evil.test/",
    "HTTPS://evil.test",
    "https:evil.test",
    "https:/evil.test",
    "javascript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "/\\evil.test",
    "\\\\evil.test",
    "\\/evil.test",
    "/\\/evil.test",
    "/\t/evil.test",
    "/\n/evil.test",
    "/\r/evil.test",
    "\t//evil.test",
    " //evil.test",
    "/ /evil.test",
    "/%09/evil.test",
    "/%5cevil.test",
    "/%2f%2fevil.test",
    "//%65vil.test",
    ".evil.test",
    "@evil.test",
    "evil.test",
    ":443@evil.test",
    "//evil.test\\@app.greenroom.test",
    "/\u2215evil.test",
    "/\uff0fevil.test",
    "/\u0000",
    "/a b",
    "/<script>",
    '/"onload=x',
    "/{CHECKOUT_SESSION_ID}",
    "/\x7f",
    "",
    "?next=//evil.test",
    "#//evil.test",
    "//[::1]/",
    "/" + "a" * 300,
]


@pytest.fixture
def stripe(world: World, tmp_path: Path) -> Iterator[Stripe]:
    with open_stripe(tmp_path, world) as running:
        yield running


@pytest.fixture
def ada(stripe: Stripe, world: World) -> Person:
    return world.person(email="ada@example.com")


def buy(person: Person, sku: str = "credits_3", **members: Any) -> Reply:
    return person.call("POST /api/checkout", {"sku": sku, **members})


def purchases(person: Person) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = person.call("GET /api/purchases").body["items"]
    return items


def test_buying_three_credits_makes_six(stripe: Stripe, ada: Person) -> None:
    started = buy(ada)

    assert started.status == 200, started.text
    assert purchases(ada)[0]["checkoutUrl"] == started.body["checkoutUrl"]
    stripe.pay(started)

    assert ada.credits() == 6.0
    (bought,) = purchases(ada)
    assert (bought["id"], bought["status"]) == (started.body["purchaseId"], "fulfilled")
    assert (bought["credits"], bought["amountCents"], bought["currency"]) == (3.0, 1500, "usd")
    assert bought["checkoutUrl"] is None


def test_stripe_is_told_whose_what_and_how_long(stripe: Stripe, ada: Person) -> None:
    started = buy(ada, "coach_monthly")

    asked = stripe.get(f"checkout/sessions/{started.body['checkoutSessionId']}")
    assert asked["client_reference_id"] == started.body["purchaseId"]
    assert asked["metadata"] == {
        "purchase_id": started.body["purchaseId"],
        "user_id": ada.user_id,
        "clerk_id": ada.clerk_id,
        "sku": "coach_monthly",
    }
    purchase = f"purchase={started.body['purchaseId']}"
    home = "https://app.greenroom.test/#/purchases"
    assert asked["success_url"] == f"{home}?checkout=success&{purchase}"
    assert asked["cancel_url"] == f"{home}?checkout=cancelled&{purchase}"
    (request,) = stripe.requests(CHECKOUTS)
    assert request["headers"]["idempotency-key"] == f"checkout:{started.body['purchaseId']}"


def test_a_second_click_gets_the_same_page_and_asks_stripe_nothing(
    stripe: Stripe, ada: Person
) -> None:
    first, second = buy(ada), buy(ada)

    assert first.body == second.body
    assert len(stripe.requests(CHECKOUTS)) == 1
    assert len(purchases(ada)) == 1


def test_parallel_clicks_get_one_page_one_purchase_and_one_customer(
    stripe: Stripe, ada: Person
) -> None:
    ada.credits()
    replies: list[Reply] = []
    barrier = threading.Barrier(8)

    def click() -> None:
        barrier.wait()
        replies.append(buy(ada))

    threads = [threading.Thread(target=click) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {reply.status for reply in replies} == {200}
    assert len({reply.body["checkoutUrl"] for reply in replies}) == 1
    assert len(purchases(ada)) == 1
    assert len(stripe.get("customers")["data"]) == 1


def test_another_thing_or_another_number_of_it_is_another_checkout(
    stripe: Stripe, ada: Person
) -> None:
    replies = [buy(ada), buy(ada, quantity=2), buy(ada, "credits_5")]

    assert len({reply.body["checkoutUrl"] for reply in replies}) == 3
    assert {one["amountCents"] for one in purchases(ada)} == {1500, 3000, 2000}
    assert len(stripe.get("customers")["data"]) == 1


def test_two_packs_are_paid_and_credited_together(stripe: Stripe, ada: Person) -> None:
    stripe.pay(buy(ada, quantity=2))

    assert ada.credits() == 9.0


def test_an_expired_checkout_is_replaced(stripe: Stripe, ada: Person, world: World) -> None:
    first = buy(ada)
    world.clock.move(3601)

    second = buy(ada)

    assert second.body["checkoutUrl"] != first.body["checkoutUrl"]
    assert [one["status"] for one in purchases(ada)] == ["awaiting", "expired"]


def test_a_paid_checkout_frees_its_slot(stripe: Stripe, ada: Person) -> None:
    first = buy(ada)
    stripe.pay(first)

    assert buy(ada).body["purchaseId"] != first.body["purchaseId"]


@pytest.mark.parametrize("kind", ["refuse", "actThenHang"])
def test_a_checkout_whose_answer_was_lost_is_resumed_by_the_next_click(
    stripe: Stripe, ada: Person, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("greenroom.payments.gateway.STRIPE_TIMEOUT_S", 1.0)
    monkeypatch.setattr("greenroom.payments.gateway.STRIPE_RETRIES", 0)
    stripe.fault("POST", CHECKOUTS, kind, seconds=3)

    lost, again = buy(ada), buy(ada)

    assert lost.status >= 500
    assert again.status == 200, again.text
    assert len(stripe.get("checkout/sessions")["data"]) == 1
    stripe.pay(again)
    assert ada.credits() == 6.0


def test_a_checkout_that_stripe_refused_is_begun_anew(stripe: Stripe, ada: Person) -> None:
    stripe.rewire(STRIPE_PRICE_ID_3_CREDITS="price_unknown")
    refused = buy(ada)
    assert (refused.status, refused.code) == (502, "PROVIDER_ERROR")

    stripe.rewire(STRIPE_PRICE_ID_3_CREDITS="")
    stripe.pay(buy(ada))

    assert ada.credits() == 6.0
    assert [one["status"] for one in purchases(ada)] == ["fulfilled", "expired"]


def test_a_delayed_payment_is_credited_when_it_arrives(stripe: Stripe, ada: Person) -> None:
    started = buy(ada)
    stripe.pay(started, delayed=True)
    assert (ada.credits(), purchases(ada)[0]["status"]) == (3.0, "awaiting")

    stripe.act(f"checkout/{started.body['checkoutSessionId']}/pay")
    stripe.settle()

    assert ada.credits() == 6.0


def test_an_expired_one_at_stripe_is_told(stripe: Stripe, ada: Person) -> None:
    started = buy(ada)
    stripe.act(f"checkout/{started.body['checkoutSessionId']}/expire")
    stripe.settle()

    assert purchases(ada)[0]["status"] == "expired"
    assert buy(ada).body["checkoutUrl"] != started.body["checkoutUrl"]


def test_a_bought_pack_that_goes_back_is_taken_back(stripe: Stripe, ada: Person) -> None:
    stripe.pay(buy(ada))
    (paid,) = stripe.get("payment_intents")["data"]

    stripe.refund(paid["id"], amount="500")
    stripe.settle()
    assert (ada.credits(), purchases(ada)[0]["status"]) == (5.0, "partially_refunded")
    stripe.refund(paid["id"])
    stripe.settle(backwards=True)

    assert (ada.credits(), purchases(ada)[0]["status"]) == (3.0, "refunded")


def test_a_subscription_opens_interviews_without_a_debit(stripe: Stripe, ada: Person) -> None:
    stripe.pay(buy(ada, "coach_monthly"))

    (subscription,) = ada.call("GET /api/subscriptions").body["items"]
    assert (subscription["sku"], subscription["live"]) == ("coach_monthly", True)
    assert ada.call("GET /api/user").body["isPremium"] is True
    assert ada.start().body["charged"] == 0
    assert ada.credits() == 3.0


def test_the_portal_is_only_for_those_who_bought(stripe: Stripe, ada: Person) -> None:
    ada.credits()
    nothing = ada.call("POST /api/billing-portal")
    assert (nothing.status, nothing.code) == (409, "NO_CUSTOMER")

    buy(ada)

    assert ada.call("POST /api/billing-portal").body["url"].startswith(stripe.address)


def test_a_customer_who_was_deleted_at_stripe_is_made_anew(stripe: Stripe, ada: Person) -> None:
    stripe.pay(buy(ada, "coach_monthly"))
    (customer,) = stripe.get("customers")["data"]
    assert stripe.delete(f"customers/{customer['id']}")["deleted"] is True
    stripe.settle()
    assert ada.call("GET /api/user").body["isPremium"] is False

    started = buy(ada)

    assert started.status == 200, started.text
    asked = stripe.get(f"checkout/sessions/{started.body['checkoutSessionId']}")
    assert asked["customer"] not in {None, customer["id"]}
    stripe.pay(started)
    assert ada.credits() == 6.0


def test_products_are_for_everybody_and_say_what_they_cost(world: World) -> None:
    items = world.call("GET /api/products").body["items"]

    told = {one["sku"]: (one["amountCents"], one["credits"], one["months"]) for one in items}
    assert told["credits_3"] == (1500, 3.0, None)
    assert told["credits_5"] == (2000, 5.0, None)
    assert told["coach_annual"] == (17991, None, 12)
    assert {one["sku"]: one["sessionType"] for one in items}["standard"] == "video"
    assert items[0]["name"] == "Three VocahireCredits"


@pytest.mark.parametrize("member", ["successPath", "cancelPath"])
def test_no_redirect_leaves_the_front_end(
    stripe: Stripe, ada: Person, figure: Figure, member: str
) -> None:
    replies = {path: buy(ada, **{member: path}) for path in HOSTILE}

    refused = sum(reply.status == 422 for reply in replies.values())
    figure("hostile input", "redirects elsewhere", good=refused, of=len(HOSTILE))
    assert len(HOSTILE) >= 40
    assert {reply.status for reply in replies.values()} == {422}
    assert stripe.requests(CHECKOUTS) == []


@pytest.mark.parametrize(
    "path", ["/", "/a/b.html", "/?x=1", "/#/buy?plan=2", "/a//b", "/..;/x", "/:80", "/x@evil"]
)
def test_a_path_stays_on_the_front_end(stripe: Stripe, ada: Person, path: str) -> None:
    if "@" in path:
        assert buy(ada, successPath=path).status == 422
        return
    started = buy(ada, successPath=path, cancelPath=path)

    asked = stripe.get(f"checkout/sessions/{started.body['checkoutSessionId']}")
    for url in (asked["success_url"], asked["cancel_url"]):
        assert urlsplit(url)[:2] == ("https", "app.greenroom.test")
        assert started.body["purchaseId"] in url


@pytest.mark.parametrize(
    "members",
    [
        {"price": 1},
        {"amountCents": 1},
        {"amount": 1},
        {"credits": 999},
        {"userId": "somebody"},
        {"user": "somebody"},
        {"status": "fulfilled"},
        {"currency": "jpy"},
        {"quantity": 0},
        {"quantity": 11},
        {"quantity": -1},
        {"quantity": 1.5},
        {"quantity": "2"},
        {"sku": "credits_4"},
        {"sku": "standard"},
        {"sku": "free"},
        {"sku": "coach_monthly", "quantity": 2},
    ],
    ids=str,
)
def test_what_it_costs_and_for_whom_is_not_the_clients_business(
    stripe: Stripe, ada: Person, members: dict[str, Any]
) -> None:
    reply = ada.call("POST /api/checkout", {"sku": "credits_3", **members})

    assert (reply.status, reply.code) == (422, "VALIDATION_FAILED")
    assert purchases(ada) == []


def test_purchases_are_paged_newest_first_and_only_ones_own(
    stripe: Stripe, ada: Person, world: World
) -> None:
    bob = world.person()
    buy(bob)
    for sku in ("credits_3", "credits_5", "coach_monthly"):
        buy(ada, sku)
        world.clock.move(1)

    first = ada.call("GET /api/purchases?limit=2").body
    second = ada.call(f"GET /api/purchases?limit=2&cursor={first['nextCursor']}").body

    assert [one["sku"] for one in first["items"]] == ["coach_monthly", "credits_5"]
    assert [one["sku"] for one in second["items"]] == ["credits_3"]
    assert second["nextCursor"] is None
    mine = purchases(ada)[0]["id"]
    assert bob.call(f"POST /api/purchases/{mine}/redeem").status == 404
    assert bob.call(f"POST /api/purchases/{mine}/refund").status == 404
