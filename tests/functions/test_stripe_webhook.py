"""What Stripe's news does to balances, purchases and premium, and what it is answered."""

import json
import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any

import pytest

from greenroom.kernel.limits import BODY_WEBHOOK_MAX
from greenroom.table.patience import Patience
from tests.books import Vandal
from tests.reliability import faults
from tests.reliability.faults import Fault
from tests.till import ROUTE, SECRET, Till, event_of, owned
from tests.unit.payments.stripe_events import FILES, fixture
from tests.world import CREDENTIALS, Person, Reply, World

CLERK_ID = "user_29w83sxmDNGwOuEthce5gg56FcC"  # of the fixtures


@pytest.fixture
def till(world: World) -> Till:
    return Till(world)


@pytest.fixture
def ada(world: World) -> Person:
    person = world.person(CLERK_ID)
    person.credits()
    return person


def rows(world: World, kind: str) -> list[dict[str, Any]]:
    return [row for row in world.rows() if row["kind"]["S"] == kind]


def live_subscription(world: World, person: Person, **members: Any) -> dict[str, Any]:
    """An event of an active subscription whose period ends in 30 days by the world's clock."""
    now_s = int(world.clock().timestamp())
    event = owned(fixture(12, at_s=now_s), person)
    event["data"]["object"]["items"]["data"][0]["current_period_end"] = now_s + 30 * 86_400
    event["data"]["object"].update(members)
    return event


def link(till: Till, person: Person) -> None:
    """Let the fixtures' customer be this person's, as their first checkout does."""
    tx = till.store.transaction()
    till.store.add_customer(tx, person.user_id, "cus_VocaTest0000001", generation=0)
    tx.commit()


def is_premium(person: Person) -> bool:
    premium: bool = person.call("GET /api/user").body["isPremium"]
    return premium


# The fixtures

SKUS = {1: "credits_3", 2: "credits_5", 3: "credits_5", 5: "credits_3"}
SKUS |= {7: "standard", 8: "coach_monthly"}
BEFORE = {25: 1, 26: 1, 30: 1, 32: 1}  # these are about the payment of the first


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_fixture_is_dealt_with(till: Till, ada: Person, world: World, path: Any) -> None:
    number = int(path.name[:2])
    first = BEFORE.get(number, number)
    if first in SKUS:
        paid = fixture(first)["data"]["object"]
        till.seed(
            ada,
            SKUS[first],
            purchase_id=paid["client_reference_id"],
            amount_cents=paid["amount_total"],
        )
        if first != number:
            assert till.outcome(fixture(first)) == "applied"

    expected = "ignored" if number == 38 else "applied"
    assert till.outcome(fixture(number)) == expected
    assert till.outcome(fixture(number)) == "duplicate"

    kept = [one for one in rows(world, "stripe_event") if one["outcome"]["S"] == expected]
    assert fixture(number)["id"] in {one["PK"]["S"].rpartition("#")[2] for one in kept}
    balances = {1: 6.0, 3: 8.0, 25: 5.0, 26: 5.0, 30: 3.0, 32: 6.0}
    assert ada.credits() == balances.get(number, 3.0)
    statuses = {1: "fulfilled", 2: "awaiting", 3: "fulfilled", 5: "expired", 7: "fulfilled"}
    statuses |= {8: "fulfilled", 25: "partially_refunded", 26: "partially_refunded"}
    statuses |= {30: "disputed", 32: "fulfilled"}
    if first in SKUS:
        purchase_id = fixture(first)["data"]["object"]["client_reference_id"]
        held = till.store.purchase(purchase_id)
        assert held is not None
        assert held.purchase.status == statuses[number]
    if number == 7:
        assert ada.call("GET /api/sessions/active").body["type"] == "video"


def test_a_kept_event_can_be_read_again_and_goes_after_ninety_days(
    till: Till, ada: Person, world: World
) -> None:
    event = fixture(38)
    till.outcome(event)

    found = till.store.event(event["id"])
    assert found is not None
    ttl_s = int((world.clock() + timedelta(days=90)).timestamp())
    assert (found.outcome, found.event_type, found.ttl) == ("ignored", event["type"], ttl_s)
    receipt = world.wiring("stripe_webhook").stripe_webhook.replay(event["id"])
    assert receipt.outcome == "ignored"


@pytest.mark.parametrize("legacy", [False, True])
def test_periods_are_read_in_the_old_shape_and_in_the_new(
    till: Till, ada: Person, world: World, legacy: bool
) -> None:
    event = live_subscription(world, ada)
    if legacy:
        one = event["data"]["object"]
        one["current_period_end"] = one["items"]["data"][0].pop("current_period_end")

    till.outcome(event)

    (shown,) = ada.call("GET /api/subscriptions").body["items"]
    end = (world.clock() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
    assert (shown["periodEnd"], shown["live"]) == (end, True)
    assert is_premium(ada)


# Once for ever


def test_a_paid_pack_is_credited_once_for_ever(till: Till, ada: Person) -> None:
    purchase = till.seed(ada)
    event = till.paid(purchase)

    assert till.outcome(event) == "applied"
    assert till.outcome(event) == "duplicate"
    assert till.outcome(event_of(event)) == "duplicate", "another id, the same news"

    assert ada.credits() == 6.0
    entry = ada.ledger()[0]
    assert (entry["kind"], entry["amount"]) == ("purchase", 3.0)
    assert entry["id"] == f"purchase:{purchase.purchase_id}"
    assert till.now(purchase).status == "fulfilled"


def test_a_purchase_that_forgot_is_credited_no_second_time(
    till: Till, ada: Person, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """The row was put back to what it was: the ledger's key knows better, and somebody is told."""
    purchase = till.seed(ada)
    till.outcome(till.paid(purchase))
    pk = f"PURCHASE#{purchase.purchase_id}"
    Vandal(world).change(pk, "PURCHASE", standing="open", paid_cents=None, paid_at=None)

    assert till.outcome(till.paid(purchase)) == "duplicate"

    assert (ada.credits(), till.now(purchase).status) == (6.0, "fulfilled")
    (told,) = [vars(line) for line in caplog.records if hasattr(line, "alarm")]
    assert (told["alarm"], told["reason"]) == ("PAID_UNFULFILLED", "credited_before")


def test_ten_parallel_deliveries_and_a_new_id_credit_once(till: Till, ada: Person) -> None:
    purchase = till.seed(ada)
    event = till.paid(purchase)
    sent = [event] * 10 + [event_of(event)]
    replies: list[Reply] = []
    barrier = threading.Barrier(len(sent))

    def deliver(one: dict[str, Any]) -> None:
        barrier.wait()
        replies.append(till.deliver(one))

    threads = [threading.Thread(target=deliver, args=(one,)) for one in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [reply.status for reply in replies] == [200] * len(sent)
    told = sorted(reply.body["outcome"] for reply in replies)
    assert told == ["applied"] + ["duplicate"] * 10
    assert ada.credits() == 6.0
    assert [entry["kind"] for entry in ada.ledger()].count("purchase") == 1


# Signatures


@pytest.mark.parametrize(("age_s", "status"), [(301, 400), (299, 200), (-299, 200), (-301, 400)])
def test_the_clock_may_be_five_minutes_off_either_way(
    till: Till, ada: Person, age_s: int, status: int
) -> None:
    reply = till.deliver(fixture(38), age_s=age_s)

    assert reply.status == status
    assert status == 200 or reply.code == "INVALID_SIGNATURE"


def test_a_body_that_was_written_anew_is_refused(till: Till, world: World) -> None:
    raw = json.dumps(fixture(38)).encode()
    headers = {"stripe-signature": till.signature(raw)}

    again = json.dumps(fixture(38), indent=1)

    assert world.call(ROUTE, raw.decode(), headers=headers).status == 200
    assert world.call(ROUTE, again, headers=headers).code == "INVALID_SIGNATURE"


def test_a_body_in_base64_is_verified_over_its_bytes(till: Till) -> None:
    assert till.deliver(json.dumps(fixture(38)).encode(), base64_body=True).status == 200


@pytest.mark.parametrize("secrets", ["", " ", ",", "whsec_other"])
def test_without_the_secret_the_door_is_closed(till: Till, world: World, secrets: str) -> None:
    world.rewire(STRIPE_WEBHOOK_SECRETS=secrets)
    raw = json.dumps(fixture(38)).encode()

    for known in (SECRET, "", " "):
        headers = {"stripe-signature": till.signature(raw, secret=known)}
        assert world.call(ROUTE, raw.decode(), headers=headers).code == "INVALID_SIGNATURE"


def test_both_secrets_of_a_rotation_serve(till: Till, world: World) -> None:
    world.rewire(STRIPE_WEBHOOK_SECRETS=f"whsec_new, {SECRET}")
    raw = json.dumps(fixture(38)).encode()

    for secret in (SECRET, "whsec_new"):
        headers = {"stripe-signature": till.signature(raw, secret=secret)}
        assert world.call(ROUTE, raw.decode(), headers=headers).status == 200


def test_a_body_over_the_limit_is_refused_before_anything_else(till: Till, world: World) -> None:
    reply = world.call(ROUTE, " " * (BODY_WEBHOOK_MAX + 1), headers={"stripe-signature": "x"})

    assert (reply.status, reply.code) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize(
    "raw",
    [b"", b"[]", b"{}", b"\xff\xfe", b"[" * 5000, b'{"id": "evt_1"}', b"null", b'"evt"', b"{"],
)
def test_a_signed_body_that_is_no_event_is_a_400(till: Till, raw: bytes) -> None:
    reply = till.deliver(raw, base64_body=True)

    assert (reply.status, reply.code) == (400, "INVALID_REQUEST")


# Modes, strangers, the unknown


@pytest.mark.parametrize(
    ("key", "livemode"), [("sk_live_x", False), ("rk_live_x", False), ("", True)]
)
def test_news_of_the_other_mode_is_ignored_and_not_kept(
    till: Till, ada: Person, world: World, key: str, livemode: bool
) -> None:
    world.rewire(STRIPE_SECRET_KEY=key)
    purchase = till.seed(ada)

    event = till.paid(purchase) | {"livemode": livemode}

    assert till.outcome(event) == "ignored"
    assert ada.credits() == 3.0
    assert rows(world, "stripe_event") == []


def test_money_that_nobody_expects_is_kept_visible(till: Till, ada: Person, world: World) -> None:
    event = event_of(fixture(1), client_reference_id="of-another-shop")

    assert till.outcome(event) == "unmatched"
    assert till.outcome(event_of(event)) == "duplicate"

    (row,) = rows(world, "purchase")
    assert (row["standing"]["S"], row["reason"]["S"]) == ("unmatched", "unknown_purchase")
    assert ada.credits() == 3.0


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"amount_total": 1, "amount_subtotal": 1}, "amount"),
        ({"currency": "eur"}, "currency"),
        ({"mode": "setup"}, "mode"),
    ],
)
def test_a_payment_of_something_else_is_unmatched(
    till: Till, ada: Person, members: dict[str, Any], reason: str
) -> None:
    purchase = till.seed(ada)

    assert till.outcome(till.paid(purchase, **members)) == "unmatched"

    assert (till.now(purchase).status, till.now(purchase).reason) == ("unmatched", reason)
    assert ada.credits() == 3.0


def test_a_payment_of_nobody_waits_until_it_is_replayed(till: Till, world: World) -> None:
    bob = world.person()
    purchase = till.seed(bob)
    event = till.paid(purchase)
    assert till.outcome(event) == "unmatched"
    assert till.now(purchase).reason == "unknown_user"

    bob.credits()
    webhook = world.wiring("stripe_webhook").stripe_webhook
    assert webhook.replay(event["id"]).outcome == "applied"
    assert webhook.replay(event["id"]).outcome == "duplicate"

    assert bob.credits() == 6.0
    assert till.now(purchase).status == "fulfilled"


def test_a_subscription_of_nobody_waits_until_it_is_replayed(till: Till, world: World) -> None:
    bob = world.person()
    event = live_subscription(world, bob)
    assert till.outcome(event) == "unmatched"

    bob.credits()
    world.wiring("stripe_webhook").stripe_webhook.replay(event["id"])

    assert is_premium(bob)


def test_a_store_that_is_away_asks_stripe_to_send_it_again(
    till: Till, ada: Person, world: World
) -> None:
    purchase = till.seed(ada)
    event = till.paid(purchase)
    world.table.patience = Patience(budget_s=0)

    with faults.plan(Fault(kind="unavailable", times=faults.FOR_EVER)):
        away = till.deliver(event)

    assert (away.status, away.code) == (503, "STORE_UNAVAILABLE")
    assert till.outcome(event) == "applied"
    assert ada.credits() == 6.0


# Money that goes back


def test_a_refund_of_spent_credits_leaves_a_debt_that_blocks(
    till: Till, ada: Person, world: World
) -> None:
    world.rewire(INITIAL_CENTICREDITS="0")
    cleo = world.person()
    assert cleo.credits() == 0.0
    purchase = till.seed(cleo)
    till.outcome(till.paid(purchase))
    for _ in range(2):
        session_id = cleo.start().body["sessionId"]
        spend(world, cleo, session_id)
    assert cleo.credits() == 1.0

    refund = till.about(purchase, event_of(fixture(26)), id="re_all", amount=1500)
    assert till.outcome(refund) == "applied"

    assert cleo.credits() == -2.0
    assert cleo.start().code == "INSUFFICIENT_CREDITS"
    till.outcome(till.paid(till.seed(cleo)))
    assert cleo.credits() == 1.0
    assert sum(entry["amount"] for entry in cleo.ledger()) == 1.0


def spend(world: World, person: Person, session_id: str) -> None:
    """Let a started session be over without giving its credit back."""
    store = world.wiring("sessions").session_store
    session = store.load(session_id, user_id=person.user_id)
    tx = store.transaction()
    store.add_release(tx, session)
    tx.commit()


def test_a_refund_before_the_payment_is_kept_and_counts_when_it_comes(
    till: Till, ada: Person
) -> None:
    purchase = till.seed(ada)
    part = till.about(purchase, event_of(fixture(26)))
    dispute = till.about(purchase, event_of(fixture(30)))
    assert till.outcome(part) == "unmatched"
    assert till.outcome(dispute) == "unmatched"

    assert till.outcome(till.paid(purchase)) == "applied"

    assert (ada.credits(), till.now(purchase).status) == (3.0, "disputed")
    assert sorted(entry["amount"] for entry in ada.ledger()) == [-3.0, 3.0, 3.0]
    won = till.about(purchase, event_of(fixture(32)))
    assert till.outcome(won) == "applied"
    assert (ada.credits(), till.now(purchase).status) == (5.0, "partially_refunded")


# Subscriptions


def test_the_end_of_one_subscription_leaves_the_other(
    till: Till, ada: Person, world: World
) -> None:
    first, second = (live_subscription(world, ada, id=f"sub_{n}") for n in (1, 2))
    first, second = event_of(first), event_of(second)
    till.outcome(first)
    till.outcome(second)
    gone = event_of(first, status="canceled") | {"type": "customer.subscription.deleted"}

    assert till.outcome(gone) == "applied"
    assert is_premium(ada)
    till.outcome(event_of(second, status="canceled") | {"type": "customer.subscription.deleted"})

    assert not is_premium(ada)
    assert till.outcome(event_of(first)) == "duplicate", "nothing follows an end"
    assert not is_premium(ada)


def test_premium_ends_after_period_and_grace(till: Till, ada: Person, world: World) -> None:
    till.outcome(live_subscription(world, ada))
    world.clock.move(33 * 86_400 - 1)
    assert is_premium(ada)
    world.clock.move(1)

    assert not is_premium(ada)
    assert ada.start().body["charged"] == 1.0, "a downgrade counts at the next start"


def test_a_customer_who_is_gone_at_stripe_takes_premium_along(
    till: Till, ada: Person, world: World
) -> None:
    till.outcome(live_subscription(world, ada))
    assert is_premium(ada)

    assert till.outcome(owned(fixture(36), ada)) == "applied"

    assert not is_premium(ada)
    (shown,) = ada.call("GET /api/subscriptions").body["items"]
    assert (shown["status"], shown["live"]) == ("canceled", False)


def test_a_subscription_without_our_metadata_is_found_by_its_customer(
    till: Till, ada: Person, world: World
) -> None:
    link(till, ada)

    assert till.outcome(live_subscription(world, ada, metadata={})) == "applied"

    assert is_premium(ada)


def test_parallel_news_of_several_subscriptions_loses_none(
    till: Till, ada: Person, world: World
) -> None:
    events = [event_of(live_subscription(world, ada, id=f"sub_{n}")) for n in range(6)]
    threads = [threading.Thread(target=till.deliver, args=(event,)) for event in events]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ada.call("GET /api/subscriptions").body["items"]) == 6

    for event in events:
        assert is_premium(ada)
        ended = event_of(event, status="canceled") | {"type": "customer.subscription.deleted"}
        assert till.outcome(ended) == "applied"

    assert not is_premium(ada)


# What it costs


def cost(till: Till, event: dict[str, Any]) -> tuple[int, int]:
    """Reads and transactions of a delivery."""
    with faults.plan() as plan:
        till.outcome(event)
    transactions = len(plan.of("TransactWriteItems"))
    return len(plan.calls) - transactions, transactions


def test_a_webhook_is_one_transaction_and_at_most_one_read_or_two_for_money_that_goes_back(
    till: Till, ada: Person, world: World
) -> None:
    purchase = till.seed(ada)
    waiting = till.seed(ada)
    paid = till.paid(purchase)

    assert cost(till, paid) == (1, 1)
    assert cost(till, paid) == (1, 1), "a repeat costs the same"
    assert cost(till, till.paid(waiting, payment_status="unpaid")) == (1, 1)
    assert cost(till, till.paid(till.seed(ada, "standard"))) == (1, 1)
    assert cost(till, till.paid(till.seed(ada, "standard"))) == (1, 2), "banked"
    assert cost(till, till.paid(till.seed(world.person()))) == (1, 2), "unmatched"
    assert cost(till, till.about(purchase, event_of(fixture(26)))) == (2, 1)
    assert cost(till, till.about(purchase, event_of(fixture(30)))) == (2, 1)
    assert cost(till, live_subscription(world, ada)) == (1, 1)
    assert cost(till, owned(fixture(21), ada)) == (1, 1)
    link(till, ada)
    assert cost(till, owned(fixture(36), ada)) == (1, 1)
    assert cost(till, fixture(38)) == (0, 1)


LOADS = """
import importlib, sys
from greenroom.wiring import FUNCTION_SETTINGS
apps = {name: importlib.import_module(f"functions.{name}.app") for name in FUNCTION_SETTINGS}
_ = apps["stripe_webhook"].wired.stripe_webhook, apps["checkout"].wired.purchases
assert "stripe" not in sys.modules
_ = apps["checkout"].wired.checkouts
assert "stripe" in sys.modules
"""


def test_stripes_library_is_imported_only_by_who_asks_stripe_something() -> None:
    environ = {"PYTHONPATH": ":".join(sys.path), "CLERK_ISSUER": "x", "APP_URL": "https://a.test"}
    done = subprocess.run([sys.executable, "-c", LOADS], env=environ | CREDENTIALS, check=False)

    assert done.returncode == 0
