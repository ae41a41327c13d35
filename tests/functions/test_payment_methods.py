"""The cards that people let Stripe keep: whose, which, and what Stripe's silence means."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from greenroom.kernel.errors import ProviderFailed, ProviderThrottled, ProviderTimedOut
from greenroom.kernel.limits import PAYMENT_METHODS_MAX
from greenroom.organizations.principal import CustomerKind
from greenroom.payments.payers import Payers
from greenroom.payments.provider import CardOnFile
from tests.fakes.stripe import Stripe, open_stripe
from tests.studios import Studio, named
from tests.world import Person, Reply, World

# stripe 16.1 hands its body to httpx by the old name `data`.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

BUSY = '{"error": {"type": "invalid_request_error", "message": "Too many requests"}}'


@pytest.fixture
def stripe(world: World, tmp_path: Path) -> Iterator[Stripe]:
    with open_stripe(tmp_path, world) as running:
        yield running


@pytest.fixture
def ada(stripe: Stripe, world: World) -> Person:
    return world.person(email="ada@example.com")


def payers(stripe: Stripe) -> Payers:
    found: Payers = stripe.world.wiring("checkout").payers
    return found


def begun(person: Person, sku: str = "credits_3") -> Reply:
    return person.call("POST /api/checkout", {"sku": sku})


def customer_of(stripe: Stripe, person: Person) -> str:
    payer = stripe.till.store.payer(person.user_id)
    assert payer is not None
    return str(payer.customer_id)


def path_of(stripe: Stripe, person: Person) -> str:
    return f"customers/{customer_of(stripe, person)}/payment_methods"


def test_whoever_has_bought_nothing_has_no_cards_and_stripe_is_not_asked(
    stripe: Stripe, ada: Person
) -> None:
    stripe.rewire(STRIPE_API_BASE="http://127.0.0.1:1")

    assert payers(stripe).payment_methods(ada.user_id) == []


def test_a_card_that_was_kept_is_listed_once_however_often_it_pays(
    stripe: Stripe, ada: Person
) -> None:
    stripe.pay(begun(ada))
    stripe.pay(begun(ada))

    (card,) = payers(stripe).payment_methods(ada.user_id)

    (at_stripe,) = stripe.get(path_of(stripe, ada))["data"]
    assert card == CardOnFile(
        payment_method_id=at_stripe["id"],
        brand="visa",
        last4="4242",
        exp_month=8,
        exp_year=2030,
    )


def test_a_card_that_the_person_did_not_let_stripe_keep_is_nobodys(
    stripe: Stripe, ada: Person
) -> None:
    started = begun(ada)
    asked = stripe.get(f"checkout/sessions/{started.body['checkoutSessionId']}")
    assert asked["saved_payment_method_options"]["payment_method_save"] == "enabled"

    stripe.pay(started, keeps=False)

    assert payers(stripe).payment_methods(ada.user_id) == []


def test_a_subscriptions_card_is_kept_without_asking(stripe: Stripe, ada: Person) -> None:
    started = begun(ada, "coach_monthly")
    asked = stripe.get(f"checkout/sessions/{started.body['checkoutSessionId']}")
    assert asked["saved_payment_method_options"]["payment_method_save"] is None

    stripe.pay(started)

    assert [one.last4 for one in payers(stripe).payment_methods(ada.user_id)] == ["4242"]


def test_nobody_has_the_cards_of_another(stripe: Stripe, ada: Person) -> None:
    stripe.pay(begun(ada))
    bob = stripe.world.person()
    begun(bob)

    assert payers(stripe).payment_methods(bob.user_id) == []


def test_only_cards_are_asked_for_and_as_many_as_stripe_lists(stripe: Stripe, ada: Person) -> None:
    stripe.pay(begun(ada))

    payers(stripe).payment_methods(ada.user_id)

    (request,) = stripe.requests(f"/v1/{path_of(stripe, ada)}", method="GET")
    assert request["query"] == {"type": "card", "limit": str(PAYMENT_METHODS_MAX)}


def test_a_customer_who_is_gone_at_stripe_has_no_cards(stripe: Stripe, ada: Person) -> None:
    """The news of it may be late: our row still names the customer."""
    stripe.pay(begun(ada))
    stripe.delete(f"customers/{customer_of(stripe, ada)}")

    assert payers(stripe).payment_methods(ada.user_id) == []


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        ({"kind": "status", "status": 500}, ProviderFailed),
        ({"kind": "status", "status": 429, "bodyText": BUSY}, ProviderThrottled),
        ({"kind": "hang", "seconds": 3}, ProviderTimedOut),
        ({"kind": "refuse"}, ProviderTimedOut),
    ],
    ids=["500", "429", "hang", "refuse"],
)
def test_a_stripe_that_fails_is_no_empty_list(
    stripe: Stripe,
    ada: Person,
    fault: dict[str, Any],
    raised: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("greenroom.payments.gateway.STRIPE_TIMEOUT_S", 1.0)
    monkeypatch.setattr("greenroom.payments.gateway.STRIPE_RETRIES", 0)
    stripe.pay(begun(ada))
    stripe.rewire()
    stripe.fault("GET", f"/v1/{path_of(stripe, ada)}", **fault)

    with pytest.raises(raised):
        payers(stripe).payment_methods(ada.user_id)


# Of customers


@pytest.mark.parametrize("kind", ["client", "lead"])
def test_a_customers_cards_are_shown_to_the_staff_and_to_themselves(
    stripe: Stripe, kind: CustomerKind
) -> None:
    studio = Studio(stripe.world)
    ref, ada = studio.client_who_signs_in(kind)
    other, bob = studio.client_who_signs_in(kind)
    ((name, value),) = named(ref).items()
    path = "/payment-methods"
    assert studio.staff(f"GET {path}?{name}={value}").body == {"items": []}

    stripe.pay(begun(ada))

    (at_stripe,) = stripe.get(path_of(stripe, ada))["data"]
    card = {
        "paymentMethodId": at_stripe["id"],
        "brand": "visa",
        "last4": "4242",
        "expMonth": 8,
        "expYear": 2030,
    }
    for query in (f"?{name}={value}", f"?customerRef={value}"):
        assert studio.staff(f"GET {path}{query}").body == {"items": [card]}
    for query in ("", f"?{name}={value}"):
        assert ada.call(f"GET {studio.home}{path}{query}").body == {"items": [card]}
    assert bob.call(f"GET {studio.home}{path}").body == {"items": []}
    refused = bob.call(f"GET {studio.home}{path}?{name}={value}")
    assert (refused.status, refused.code) == (403, "FORBIDDEN")
    assert ada.call(f"GET {Studio(stripe.world).home}{path}").status == 404
    assert other != ref


def test_a_customer_who_does_not_sign_in_has_no_cards(stripe: Stripe) -> None:
    studio = Studio(stripe.world)
    ref = studio.customer().ref

    shown = studio.staff(f"GET /payment-methods?clientId={ref.customer_id}")
    nobody = studio.staff("GET /payment-methods")
    unknown = studio.staff(f"GET /payment-methods?customerId={ref.customer_id}")

    assert (shown.status, shown.body) == (200, {"items": []})
    assert (nobody.status, nobody.code) == (400, "EXACTLY_ONE_CUSTOMER")
    assert unknown.status == 404


def test_a_stripe_that_does_not_answer_is_said_so(stripe: Stripe) -> None:
    studio = Studio(stripe.world)
    _, ada = studio.client_who_signs_in()
    stripe.pay(begun(ada))
    stripe.fault("GET", f"/v1/{path_of(stripe, ada)}", "status", status=500, times=9)

    refused = ada.call(f"GET {studio.home}/payment-methods")

    assert (refused.status, refused.code) == (502, "PROVIDER_ERROR")
