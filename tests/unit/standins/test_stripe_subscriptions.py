"""The Stripe stand-in's subscriptions, and what its clock does to them."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from local.standins.stripe_subscriptions import after
from tests.unit.standins.stripe_shop import DAY_S, MONTHLY, Document, Shop, open_shop

RENEWED = ["invoice.paid", "customer.subscription.updated"]


@pytest.fixture
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("stripe"), listens=False) as running:
        yield running


def told(shop: Shop, *, since: int) -> list[str]:
    """The subscription and invoice events after the first ``since`` events."""
    kept = ("invoice.paid", "invoice.payment_failed", "customer.subscription.")
    return [name for name in shop.events()[since:] if name.startswith(kept)]


def end_of(subscription: Document) -> int:
    return int(subscription["items"]["data"][0]["current_period_end"])


def test_a_paid_checkout_begins_a_subscription(shop: Shop) -> None:
    session = shop.paid(MONTHLY, subscription_data__metadata__user="u1")

    subscription = shop.get(f"subscriptions/{session['subscription']}")
    assert (session["payment_status"], session["payment_intent"]) == ("paid", None)
    assert (subscription["status"], subscription["metadata"]) == ("active", {"user": "u1"})
    assert subscription["customer"] == session["customer"]
    assert end_of(subscription) == after(
        subscription["start_date"], {"interval": "month", "interval_count": 1}, 1
    )
    assert "current_period_end" not in subscription
    invoice = shop.get(f"invoices/{session['invoice']}")
    parent = invoice["parent"]["subscription_details"]
    assert (invoice["status"], invoice["billing_reason"]) == ("paid", "subscription_create")
    assert parent == {"metadata": {"user": "u1"}, "subscription": subscription["id"]}
    events = told(shop, since=0)
    assert events == ["customer.subscription.created", *RENEWED]
    created = shop.last_event("customer.subscription.created")["data"]["object"]
    assert created["status"] == "incomplete"
    updated = shop.last_event("customer.subscription.updated")["data"]
    assert updated["previous_attributes"] == {"status": "incomplete"}


def test_the_payment_of_an_invoice_can_be_found_and_refunded(shop: Shop) -> None:
    invoice = shop.paid(MONTHLY)["invoice"]

    payment = shop.get("invoice_payments", invoice=invoice)["data"][0]["payment"]

    intent = payment["payment_intent"]
    assert shop.post("refunds", payment_intent=intent)["amount"] == 1999
    found = shop.get(
        "invoice_payments",
        **{"payment[type]": "payment_intent", "payment[payment_intent]": intent},
    )
    assert [each["invoice"] for each in found["data"]] == [invoice]


def test_the_clock_renews_at_the_due_time_and_month_by_month(shop: Shop) -> None:
    subscription = shop.subscribed()
    due, seen = end_of(subscription), len(shop.events())

    shop.control("clock", to=due - 5)
    assert told(shop, since=seen) == []
    shop.control("clock", to=due + 45 * DAY_S)

    assert sorted(told(shop, since=seen)) == sorted(RENEWED * 2)
    paid = shop.get("events", type="invoice.paid", limit="2")["data"]
    assert paid[1]["created"] == due
    assert paid[1]["data"]["object"]["billing_reason"] == "subscription_cycle"
    renewed = shop.get(f"subscriptions/{subscription['id']}")
    month = {"interval": "month", "interval_count": 1}
    assert end_of(renewed) == after(subscription["start_date"], month, 3)


def test_a_failing_renewal_is_retried_then_ends_the_subscription(shop: Shop) -> None:
    subscription = shop.subscribed()
    seen = len(shop.events())
    shop.control(f"subscriptions/{subscription['id']}/fail-renewal")

    shop.control("clock", to=end_of(subscription) + 1)
    assert shop.get(f"subscriptions/{subscription['id']}")["status"] == "past_due"
    failed = shop.last_event("invoice.payment_failed")["data"]["object"]
    assert failed["next_payment_attempt"] == end_of(subscription) + 3 * DAY_S
    assert (failed["status"], failed["amount_remaining"]) == ("open", 1999)
    shop.control("clock", advanceSeconds=16 * DAY_S)

    assert shop.get(f"subscriptions/{subscription['id']}")["status"] == "canceled"
    names = told(shop, since=seen)
    assert names.count("invoice.payment_failed") == 4
    assert names[-1] == "customer.subscription.deleted"
    ended = shop.last_event("customer.subscription.deleted")["data"]["object"]
    assert ended["cancellation_details"]["reason"] == "payment_failed"


def test_a_late_payment_makes_the_subscription_active_again(shop: Shop) -> None:
    subscription = shop.subscribed()
    shop.control(f"subscriptions/{subscription['id']}/fail-renewal")
    shop.control("clock", to=end_of(subscription) + 1)
    shop.control(f"subscriptions/{subscription['id']}/fail-renewal", fails=False)

    shop.control("clock", advanceSeconds=3 * DAY_S)

    assert shop.get(f"subscriptions/{subscription['id']}")["status"] == "active"
    updated = shop.last_event("customer.subscription.updated")["data"]
    assert updated["previous_attributes"] == {"status": "past_due"}


def test_cancelling_at_the_end_can_be_taken_back_until_then(shop: Shop) -> None:
    subscription = shop.subscribed()
    path = f"subscriptions/{subscription['id']}"

    cancelled = shop.post(path, cancel_at_period_end="true")
    assert (cancelled["status"], cancelled["cancel_at"]) == ("active", end_of(subscription))
    resumed = shop.post(path, cancel_at_period_end="false")
    assert (resumed["cancel_at"], resumed["canceled_at"]) == (None, None)
    shop.post(path, cancel_at_period_end="true")
    shop.control("clock", to=end_of(subscription))

    ended = shop.get(path)
    assert (ended["status"], ended["ended_at"]) == ("canceled", end_of(subscription))
    assert shop.api.post(f"/v1/{path}", data={"cancel_at_period_end": "false"}).status_code == 400
    assert shop.api.delete(f"/v1/{path}").status_code == 404


def test_subscriptions_are_listed_without_the_ended_ones_unless_asked(shop: Shop) -> None:
    customer = shop.post("customers")["id"]
    ids = [shop.paid(MONTHLY, customer=customer)["subscription"] for _ in range(2)]
    shop.api.delete(f"/v1/subscriptions/{ids[0]}")

    def listed(**given: str) -> list[str]:
        found = shop.get("subscriptions", customer=customer, **given)["data"]
        return [each["id"] for each in found]

    assert listed() == [ids[1]]
    assert listed(status="all") == [ids[1], ids[0]]
    assert listed(status="canceled") == listed(status="ended") == [ids[0]]
    assert listed(price="price_SLHvbICsIUy3oZ") == []


def test_a_trial_costs_nothing_until_it_ends(shop: Shop) -> None:
    session = shop.paid(MONTHLY, subscription_data__trial_period_days="14")
    subscription = shop.get(f"subscriptions/{session['subscription']}")
    assert session["payment_status"] == "no_payment_required"
    assert (subscription["status"], session["amount_total"]) == ("trialing", 0)

    shop.control("clock", to=subscription["trial_end"])

    begun = shop.get(f"subscriptions/{subscription['id']}")
    assert begun["status"] == "active"
    month = {"interval": "month", "interval_count": 1}
    assert end_of(begun) == after(subscription["trial_end"], month, 1)
    assert shop.last_event("invoice.paid")["data"]["object"]["amount_paid"] == 1999


def test_a_pause_stops_renewals_until_it_is_resumed(shop: Shop) -> None:
    subscription = shop.subscribed()
    path = f"subscriptions/{subscription['id']}"
    shop.control(f"{path}/pause")
    seen = len(shop.events())

    shop.control("clock", to=end_of(subscription) + DAY_S)

    assert told(shop, since=seen) == []
    assert shop.post(f"{path}/resume")["status"] == "active"
    shop.control("clock", advanceSeconds=1)
    assert told(shop, since=seen)[0] == "customer.subscription.resumed"
    assert "invoice.paid" in told(shop, since=seen)


def test_the_clock_goes_forward_only(shop: Shop) -> None:
    for asked in ({"to": int(time.time()) - 60}, {"advanceSeconds": 4 * 366 * DAY_S}):
        assert shop.script.post("/clock", json=asked).status_code == 409
    for wrong in ({}, {"advanceSeconds": -1}, {"to": "soon"}, {"to": 1, "advanceSeconds": 1}):
        assert shop.script.post("/clock", json=wrong).status_code == 400
    tomorrow = datetime.fromtimestamp(time.time() + DAY_S, UTC).isoformat()
    assert abs(shop.control("clock", to=tomorrow)["movedSeconds"] - DAY_S) <= 1


@pytest.mark.parametrize(
    ("start", "interval", "count", "periods", "end"),
    [
        ("2026-01-31", "month", 1, 1, "2026-02-28"),
        ("2026-01-31", "month", 1, 2, "2026-03-31"),
        ("2028-02-29", "year", 1, 1, "2029-02-28"),
        ("2026-11-30", "month", 3, 1, "2027-02-28"),
        ("2026-12-15", "month", 1, 1, "2027-01-15"),
        ("2026-12-30", "week", 2, 1, "2027-01-13"),
    ],
)
def test_a_period_ends_on_the_day_it_began_or_the_last_of_the_month(
    start: str, interval: str, count: int, periods: int, end: str
) -> None:
    moments = [int(datetime.fromisoformat(f"{day}T10:00:00Z").timestamp()) for day in (start, end)]
    recurring = {"interval": interval, "interval_count": count}

    assert after(moments[0], recurring, periods) == moments[1]
