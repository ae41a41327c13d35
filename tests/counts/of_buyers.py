"""What has to do with Stripe, at its stand-in."""

from tests.counts.walk import Walk, at_the_till
from tests.fakes.stripe import Stripe
from tests.seats import PRICE_CENTS, CardStudio
from tests.studios import FUTURE
from tests.till import Till
from tests.world import Person, Reply


def shop(walk: Walk) -> None:
    """Buying, and what is done with a payment that could not be served."""
    with at_the_till(walk) as stripe:
        ada = walk.person(email="ada@example.com")
        ada.credits()
        walk.ask(walk.call, "GET /api/products")
        stripe.pay(walk.case("the first checkout of a person", _buys, ada))
        _seats(walk, stripe)
        begun = walk.ask(_buys, ada)
        stripe.act(f"checkout/{begun.body['checkoutSessionId']}/pay")
        walk.ask(ada.call, "GET /api/purchases")
        walk.ask(ada.call, "GET /api/subscriptions")
        walk.ask(ada.call, "POST /api/billing-portal")
        _banked(walk, stripe, ada)


def diagnostics(walk: Walk) -> None:
    """Whether all is well, at Stripe, too."""
    boss = walk.person("user_admin")
    boss.credits()
    with at_the_till(walk):
        walk.ask(walk.call, "GET /api/health")
        walk.ask(walk.call, "GET /api/ready")
        for what in (
            "config",
            "connection-pool",
            "connection-test",
            "db-performance",
            "error-test?kind=warning",
            "runtime-db-test",
            "webhooks",
        ):
            walk.ask(boss.call, f"GET /api/diagnostic/{what}")


def _buys(person: Person, sku: str = "credits_3") -> Reply:
    return person.call("POST /api/checkout", {"sku": sku})


def _banked(walk: Walk, stripe: Stripe, ada: Person) -> None:
    """Two payments that met an active session: one goes back, as Stripe knows it; one is used."""
    till = Till(walk)
    assert till.outcome(till.paid(till.seed(ada, "quick"))) == "applied"
    (paid, *_) = stripe.get("payment_intents")["data"]
    banked = [till.seed(ada, "standard") for _ in range(2)]
    for purchase, told in zip(banked, ({"payment_intent": paid["id"]}, {}), strict=True):
        assert till.outcome(till.paid(purchase, **told)) == "banked"
    refunded, redeemed = (f"POST /api/purchases/{one.purchase_id}" for one in banked)
    walk.ask(ada.call, f"{refunded}/refund")
    running = ada.call("GET /api/sessions/active").body["sessionId"]
    assert ada.call(f"POST /api/sessions/{running}/cancel").status == 200
    walk.ask(ada.call, f"{redeemed}/redeem")


def _seats(walk: Walk, stripe: Stripe) -> None:
    studio = CardStudio(walk)
    guest = studio.guest()
    # Stripe's stand-in runs on real time: a class over midnight would be in two days' agendas.
    noon = (walk.clock() + FUTURE).replace(hour=12)
    held = studio.hold_class(capacity=1, priceCents=PRICE_CENTS, starts_in=noon - walk.clock())
    wish = {"classSessionId": held.class_session_id, "use": "drop_in"}
    booked = walk.case("book a class by card", guest.call, "POST /bookings", wish)
    again = f"POST /bookings/{booked.body['bookingId']}/checkout"
    walk.ask(guest.call, again)
    stripe.act(f"checkout/{booked.body['checkoutUrl'].rpartition('/')[2]}/pay")
    stripe.settle()
    walk.ask(guest.call, "GET /payment-methods")
