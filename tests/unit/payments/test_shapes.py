"""Stripe's wire: every fixture and both spellings are read, and nothing that is sent raises."""

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest

from greenroom.kernel.limits import BODY_WEBHOOK_MAX
from greenroom.payments.events import (
    ChargeRefunded,
    CheckoutAsyncFailed,
    CheckoutAsyncSucceeded,
    CheckoutCompleted,
    CheckoutExpired,
    CustomerDeleted,
    DisputeChanged,
    Ignored,
    InvoiceFailed,
    InvoicePaid,
    InvoicePaymentPaid,
    Malformed,
    RefundChanged,
    RefundFacts,
    StripeEvent,
    SubscriptionChanged,
)
from greenroom.payments.shapes import METADATA_KEYS_MAX, read_event
from tests.unit.payments.stripe_events import (
    FILES,
    Json,
    changed,
    fixture,
    invoice_payment,
    raw,
    read,
)

PERIOD_END = datetime.fromtimestamp(1_792_592_030, UTC)
KINDS = {
    1: CheckoutCompleted,
    2: CheckoutCompleted,
    3: CheckoutAsyncSucceeded,
    5: CheckoutExpired,
    7: CheckoutCompleted,
    8: CheckoutCompleted,
    11: SubscriptionChanged,
    12: SubscriptionChanged,
    13: SubscriptionChanged,
    18: SubscriptionChanged,
    20: InvoicePaid,
    21: InvoicePaid,
    22: InvoiceFailed,
    25: ChargeRefunded,
    26: RefundChanged,
    30: DisputeChanged,
    32: DisputeChanged,
    36: CustomerDeleted,
    38: Ignored,
}


def without(event: Json, *names: str) -> Json:
    return changed(event, **dict.fromkeys(names))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_fixture_is_read_as_what_it_is(path: Path) -> None:
    body = json.loads(path.read_text())

    event = read_event(path.read_bytes())

    assert type(event) is KINDS[int(path.name[:2])]
    assert not isinstance(event, Malformed)
    assert (event.event_id, event.type) == (body["id"], body["type"])
    assert event.created_at == datetime.fromtimestamp(body["created"], UTC)
    assert event.livemode is False


def test_there_are_fixtures_to_test_with() -> None:
    assert len(FILES) == len(KINDS) == 19


def test_a_paid_checkout_says_who_what_and_how_much() -> None:
    checkout = read(fixture(1), CheckoutCompleted)

    assert checkout.checkout_id == "cs_test_a1Credits3"
    assert checkout.client_reference_id == "e3479a5f-7bbf-4e1d-bef1-cb8fb32c90c9"
    assert checkout.customer_id == "cus_VocaTest0000001"
    assert checkout.payment_intent_id == "pi_a1Credits3"
    assert (checkout.mode, checkout.payment_status) == ("payment", "paid")
    assert (checkout.amount_total_cents, checkout.amount_subtotal_cents) == (1500, 1500)
    assert checkout.currency == "usd"
    assert checkout.metadata["sku"] == "credits_3"
    assert checkout.expires_at == datetime.fromtimestamp(1_790_086_397, UTC)


def test_a_failed_delayed_payment_is_read_as_one() -> None:
    event = fixture(2, type="checkout.session.async_payment_failed")

    assert read(event, CheckoutAsyncFailed).payment_status == "unpaid"


def test_a_checkout_without_anything_to_pay_has_an_amount_of_zero() -> None:
    event = changed(
        fixture(1),
        amount_total=0,
        payment_intent=None,
        payment_status="no_payment_required",
        total_details={"amount_discount": 1500, "amount_shipping": 0, "amount_tax": 0},
    )

    checkout = read(event, CheckoutCompleted)

    assert (checkout.amount_total_cents, checkout.discount_cents) == (0, 1500)
    assert checkout.payment_intent_id is None


def test_an_expanded_object_is_read_by_its_id() -> None:
    event = changed(fixture(1), customer={"id": "cus_1", "object": "customer"})

    assert read(event, CheckoutCompleted).customer_id == "cus_1"


@pytest.mark.parametrize("what", ["created", "updated", "paused", "resumed", "deleted"])
def test_all_news_of_a_subscription_has_one_shape(what: str) -> None:
    event = fixture(12, type=f"customer.subscription.{what}")

    subscription = read(event, SubscriptionChanged)

    assert subscription.deleted is (what == "deleted")
    assert subscription.subscription_id == "sub_1VocaMonthly01"
    assert subscription.status == "active"
    assert subscription.period_end == PERIOD_END
    assert subscription.product_id == "prod_SLHl7Tl1LX1NMH"


def test_the_period_of_a_subscription_is_read_in_its_old_place() -> None:
    event = fixture(12)
    event["api_version"] = "2024-06-20"
    subscription = event["data"]["object"]
    for item in subscription["items"]["data"]:
        del item["current_period_end"], item["current_period_start"]
    subscription["current_period_end"] = 1_792_592_030

    assert read(event, SubscriptionChanged).period_end == PERIOD_END


def test_the_latest_period_of_several_items_counts() -> None:
    event = fixture(12)
    items = event["data"]["object"]["items"]["data"]
    items.append({**items[0], "id": "si_2", "current_period_end": 1_792_592_999})

    found = read(event, SubscriptionChanged).period_end

    assert found == datetime.fromtimestamp(1_792_592_999, UTC)


def test_a_subscription_that_was_told_to_stop_says_when() -> None:
    by_date = read(fixture(13), SubscriptionChanged)
    by_flag = read(without(fixture(13), "cancel_at"), SubscriptionChanged)

    assert by_date.ends_at == by_flag.ends_at == PERIOD_END
    assert read(fixture(12), SubscriptionChanged).ends_at is None


def test_an_old_subscription_names_its_plan() -> None:
    event = fixture(12)
    item = event["data"]["object"]["items"]["data"][0]
    item["plan"] = {**item.pop("price"), "id": "price_old", "product": {"id": "prod_old"}}

    subscription = read(event, SubscriptionChanged)

    assert (subscription.price_id, subscription.product_id) == ("price_old", "prod_old")


@pytest.mark.parametrize("number", [20, 21, 22])
def test_an_invoice_names_its_subscription_and_period(number: int) -> None:
    found = read_event(raw(fixture(number)))

    assert isinstance(found, InvoicePaid | InvoiceFailed)
    assert found.subscription_id == "sub_1VocaMonthly01"
    assert found.period_end == PERIOD_END
    assert found.metadata["kind"] == "subscription"


def test_an_invoice_of_the_old_api_is_read_the_same() -> None:
    event = without(fixture(20), "parent", "payments")
    invoice = event["data"]["object"]
    line = invoice["lines"]["data"][0]
    del line["parent"], line["pricing"]
    line |= {"type": "subscription", "subscription": "sub_1VocaMonthly01", "proration": False}
    invoice |= {
        "subscription": "sub_1VocaMonthly01",
        "subscription_details": {"metadata": {"kind": "subscription"}},
        "payment_intent": "pi_old",
        "charge": "ch_old",
    }

    found = read(event, InvoicePaid)

    assert found.subscription_id == "sub_1VocaMonthly01"
    assert found.payment_intent_ids == ("pi_old",)
    assert found.period_end == PERIOD_END
    assert found.metadata == {"kind": "subscription"}


def test_an_old_invoice_names_its_subscription_beside_its_lines() -> None:
    event = changed(fixture(20), parent=None, lines=None, subscription="sub_old")

    assert read(event, InvoicePaid).subscription_id == "sub_old"


def test_an_invoice_of_no_subscription_says_so() -> None:
    event = without(fixture(20), "parent")
    event["data"]["object"]["lines"]["data"][0]["parent"] = None

    found = read(event, InvoicePaid)

    assert (found.subscription_id, found.period_end) == (None, None)


def test_a_correction_on_an_invoice_is_no_paid_period() -> None:
    event = fixture(20)
    lines = event["data"]["object"]["lines"]["data"]
    correction = json.loads(json.dumps(lines[0]))
    correction["parent"]["subscription_item_details"]["proration"] = True
    correction["period"]["end"] = 1_799_999_999
    lines.append(correction)

    assert read(event, InvoicePaid).period_end == PERIOD_END


def test_a_payment_of_an_invoice_is_found_in_its_list() -> None:
    payments = {"data": [{"payment": {"type": "payment_intent", "payment_intent": "pi_new"}}]}
    event = changed(fixture(20), payments=payments)

    assert read(event, InvoicePaid).payment_intent_ids == ("pi_new",)


def test_what_pays_an_invoice_is_told_apart_from_it_since_basil() -> None:
    event = invoice_payment("pi_new", "in_1")

    found = read(event, InvoicePaymentPaid)

    assert (found.invoice_id, found.payment_intent_id) == ("in_1", "pi_new")
    by_hand = changed(event, payment={"type": "payment_record", "payment_record": "pr_1"})
    assert read(by_hand, InvoicePaymentPaid).payment_intent_id is None


@pytest.mark.parametrize(
    "name", ["refund.created", "refund.updated", "charge.refund.updated", "refund.failed"]
)
def test_a_refund_says_how_much_of_what(name: str) -> None:
    found = read(fixture(26, type=name), RefundChanged)

    status = "failed" if name == "refund.failed" else "succeeded"
    assert found.refund == RefundFacts("re_3VocaPart1", 500, status)
    assert (found.charge_id, found.payment_intent_id) == ("ch_3VocaCredits3", "pi_a1Credits3")


def test_a_charge_of_the_old_api_lists_its_refunds() -> None:
    listed = {"data": [{"id": "re_1", "amount": 500, "status": "succeeded"}, {"id": "re_2"}]}

    assert read(fixture(25), ChargeRefunded).refunds == ()
    assert isinstance(read_event(raw(changed(fixture(25), refunds=listed))), Malformed)
    listed["data"].pop()
    found = read(changed(fixture(25), refunds=listed), ChargeRefunded)
    assert found.refunds == (RefundFacts("re_1", 500, "succeeded"),)
    assert found.amount_refunded_cents == 500


def test_words_that_are_newer_than_ours_are_kept() -> None:
    dispute = read(changed(fixture(30), status="appeal_under_review"), DisputeChanged)
    checkout = read(changed(fixture(1), payment_status="promised"), CheckoutCompleted)

    assert dispute.status == "appeal_under_review"
    assert checkout.payment_status == "promised"


def test_an_event_that_only_names_its_object_is_taken_politely() -> None:
    thin = {
        "id": "evt_test_65",
        "object": "v2.core.event",
        "type": "v1.billing.meter.error_report_triggered",
        "created": "2026-11-21T07:00:00.000Z",
        "livemode": False,
        "related_object": {"id": "mtr_1", "type": "billing.meter", "url": "/v1/billing/meters/1"},
    }

    assert read(thin, Ignored).event_id == "evt_test_65"
    assert read({**thin, "type": "customer.deleted"}, Ignored).type == "customer.deleted"
    assert isinstance(read_event(raw({**thin, "created": "yesterday"})), Malformed)


def test_a_body_over_the_limit_is_not_parsed() -> None:
    body = raw(fixture(1))

    assert isinstance(read_event(body.ljust(BODY_WEBHOOK_MAX)), CheckoutCompleted)
    assert isinstance(read_event(body.ljust(BODY_WEBHOOK_MAX + 1)), Malformed)


def test_metadata_that_could_not_be_stored_is_left_out() -> None:
    odd: Json = {"a": 1, "b": "", "": "x", "c": "\ud800", "d": "y" * 501, "e": None, "sku": "s"}
    many = {f"key{number}": "x" for number in range(80)}

    assert read(changed(fixture(1), metadata=odd), CheckoutCompleted).metadata == {"sku": "s"}
    found = read(changed(fixture(1), metadata=many), CheckoutCompleted).metadata
    assert len(found) == METADATA_KEYS_MAX


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"1e999",
        b'{"id": NaN}',
        b"9" * 10_000,
        b"[" * 200_000,
        b'{"a":' * 40_000,
        b'{"id":"' + b"x" * BODY_WEBHOOK_MAX + b'"}',
        '{"id":"evt_1"}'.encode("utf-16"),
    ],
    ids=range(11),
)
def test_what_is_no_event_is_malformed(body: bytes) -> None:
    assert isinstance(read_event(body), Malformed)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("id", [None, 1, "", "evt 1", "evt_\ud800", "x" * 256]),
        ("type", [None, 7, "", "a b", "x" * 121]),
        ("created", [None, "now", -1, 1.5, True, 10**11, 10**400]),
        ("livemode", [None, 0, "false"]),
    ],
)
def test_an_envelope_that_lacks_a_member_is_malformed(name: str, values: list[Any]) -> None:
    for value in values:
        found = read_event(raw({**fixture(1), name: value}))

        assert isinstance(found, Malformed), value
        assert found.reason == f"without_{name}"


def test_a_known_type_without_its_object_is_malformed_and_names_the_event() -> None:
    cases: list[Any] = [None, [], {}, {"object": None}, {"object": "cs_1"}, {"object": {"id": 7}}]
    for data in cases:
        found = read_event(raw({**fixture(1), "data": data}))

        assert found == Malformed(
            reason="without_checkout_id", event_id="evt_1Voca0000000000000000001"
        )


@pytest.mark.parametrize(
    ("number", "member"), [(12, "status"), (25, "amount_refunded"), (26, "amount"), (30, "status")]
)
def test_money_and_states_are_never_guessed(number: int, member: str) -> None:
    cases: list[Any] = [None, -1, 1.5, True, [], {}, "\n"]
    for value in cases:
        found = read_event(raw(changed(fixture(number), **{member: value})))

        assert isinstance(found, Malformed), value


VALUES: list[Any] = [
    *(None, True, 0, -1, 2**70, 1.5, float("inf"), "", "\ud800", "\x00", "é" * 300),
    *([], [None], [[]], {}, {"id": {}}, {"data": [1, {"id": None}]}, {"object": {"id": []}}),
]


def mutated(event: Any, chance: random.Random) -> Any:
    """The event with one member somewhere in it replaced, taken away, or broken as text."""
    place = event
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = chance.choice(keys)
        inner = place[key]
        if isinstance(inner, dict | list) and inner and chance.random() < 0.8:
            place = inner
            continue
        if chance.random() < 0.2 and isinstance(place, dict):
            del place[key]
        else:
            place[key] = chance.choice(VALUES)
        return event


def test_nothing_that_is_sent_raises() -> None:
    chance = random.Random(7)
    kinds = (*get_args(StripeEvent), Malformed)
    bodies = [path.read_bytes() for path in FILES]

    for _ in range(10_000):
        body = chance.choice(bodies)
        if chance.random() < 0.7:
            body = raw(mutated(json.loads(body), chance))
        else:
            cut = chance.randrange(len(body))
            body = body[:cut] + chance.randbytes(chance.randrange(3)) + body[cut + 1 :]

        assert isinstance(read_event(body), kinds)
