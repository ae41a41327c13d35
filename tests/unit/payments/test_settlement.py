"""A purchase and the news of its checkout: paid wins, once, in every order; nothing is lost."""

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from greenroom.kernel.errors import Conflict, Forbidden, ValidationFailed
from greenroom.payments.catalogue import CATALOGUE
from greenroom.payments.domain import (
    Purchase,
    SessionFacts,
    banked,
    check_redeem,
    difference,
    fulfilled,
    order,
    unmatched,
)
from greenroom.payments.events import (
    CheckoutAsyncFailed,
    CheckoutAsyncSucceeded,
    CheckoutCompleted,
    CheckoutExpired,
    RefundFacts,
)
from greenroom.payments.kinds import QUANTITY_MAX
from greenroom.payments.refunding import check_refund, refund_asked, refund_declined, refund_key
from greenroom.payments.reversals import DisputeFacts, Reversal
from greenroom.payments.settlement import CheckoutEvent, decide, mismatch, stray
from greenroom.payments.shapes import read_event
from tests.unit.payments.stripe_events import changed, fixture, raw

NOW = datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)


def purchase(sku: str = "credits_3", **changes: Any) -> Purchase:
    product = CATALOGUE.get(sku)
    assert product is not None
    session = SessionFacts(type="video", urgent=True) if product.kind == "session" else None
    made = order(
        product,
        purchase_id="p1",
        user_id="u1",
        clerk_id="user_1",
        livemode=False,
        created_at=NOW,
        expires_at=NOW,
        session=session,
    )
    return replace(made, **changes)


def news(number: int = 1, *, name: str | None = None, **members: Any) -> CheckoutEvent:
    """An event of one checkout of three credits, whatever the fixture's own."""
    same = {"id": "cs_1", "amount_total": 1500, "amount_subtotal": 1500} | members
    event = changed(fixture(number, type=name and f"checkout.session.{name}"), **same)
    found = read_event(raw(event))
    assert isinstance(
        found, CheckoutCompleted | CheckoutAsyncSucceeded | CheckoutAsyncFailed | CheckoutExpired
    )
    return found


PAID = news(1)
UNPAID = news(2)
SUCCEEDED = news(3)
FAILED = news(2, name="async_payment_failed")
EXPIRED = news(5)


def settle(start: Purchase, *events: CheckoutEvent) -> tuple[Purchase, int]:
    """The purchase after its news, and how often its effect was asked for."""
    effects = 0
    for event in events:
        decision = decide(start, event)
        effects += decision.action == "fulfil"
        start = start if decision.action == "nothing" else decision.purchase
    return start, effects


def test_a_paid_checkout_fulfils_its_purchase_and_says_all_that_is_known() -> None:
    decision = decide(purchase(), PAID)

    assert decision.action == "fulfil"
    assert decision.purchase.status == "fulfilled"
    assert decision.purchase.checkout_id == "cs_1"
    assert decision.purchase.payment_intent_id == "pi_a1Credits3"
    assert decision.purchase.customer_id == "cus_VocaTest0000001"
    assert decision.purchase.paid_cents == 1500
    assert decision.purchase.paid_at == PAID.created_at


@pytest.mark.parametrize(
    ("sku", "number"), [("credits_3", 1), ("credits_5", 3), ("standard", 7), ("coach_monthly", 8)]
)
def test_every_kind_is_fulfilled_by_its_fixture(sku: str, number: int) -> None:
    found = read_event(raw(fixture(number)))
    assert isinstance(found, CheckoutCompleted | CheckoutAsyncSucceeded)
    seeded = purchase(sku, amount_cents=found.amount_total_cents)

    decision = decide(seeded, found)

    assert decision.action == "fulfil"
    assert decision.purchase.subscription_id == found.subscription_id


@pytest.mark.parametrize(
    ("events", "status", "effects"),
    [
        ((PAID, PAID), "fulfilled", 1),
        ((UNPAID,), "awaiting", 0),
        ((UNPAID, SUCCEEDED), "fulfilled", 1),
        ((UNPAID, FAILED), "failed", 0),
        ((EXPIRED,), "expired", 0),
        ((EXPIRED, UNPAID), "awaiting", 0),
        ((UNPAID, FAILED, SUCCEEDED), "fulfilled", 1),
        ((UNPAID, EXPIRED, SUCCEEDED), "fulfilled", 1),
        ((PAID, EXPIRED), "fulfilled", 1),
        ((PAID, FAILED, UNPAID, EXPIRED), "fulfilled", 1),
    ],
    ids=range(10),
)
def test_every_order_of_the_news_ends_in_one_status(
    events: tuple[CheckoutEvent, ...], status: str, effects: int
) -> None:
    for orders in permutations(events):
        settled, done = settle(purchase(), *orders, *orders)

        assert (settled.status, done) == (status, effects)


def test_an_unpaid_checkout_keeps_its_place_and_an_ended_one_gives_it_up() -> None:
    assert purchase().is_open
    assert settle(purchase(), UNPAID)[0].is_open
    assert not settle(purchase(), EXPIRED)[0].is_open
    assert not settle(purchase(), FAILED)[0].is_open
    assert not settle(purchase(), PAID)[0].is_open


def test_nothing_to_pay_is_as_good_as_paid() -> None:
    free = news(amount_total=0, payment_status="no_payment_required", payment_intent=None)

    decision = decide(purchase(), free)

    assert decision.action == "fulfil"
    assert decision.purchase.paid_cents == 0
    assert decision.purchase.refundable_cents == 0


def test_a_payment_status_that_is_newer_than_ours_waits_and_alarms() -> None:
    decision = decide(purchase(), news(payment_status="promised"))

    assert (decision.action, decision.purchase.status) == ("record", "awaiting")
    assert decision.alarming
    assert not decide(purchase(), UNPAID).alarming


@pytest.mark.parametrize("event", [FAILED, EXPIRED], ids=["failed", "expired"])
def test_news_that_contradicts_money_we_have_changes_nothing_and_alarms(
    event: CheckoutEvent,
) -> None:
    decision = decide(settle(purchase(), PAID)[0], event)

    assert (decision.action, decision.reason, decision.alarming) == (
        "nothing",
        "paid_already",
        True,
    )


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"amount_total": 1499}, "amount"),
        ({"amount_total": 1, "amount_subtotal": 1}, "amount"),
        ({"amount_total": 0}, "amount"),
        ({"amount_total": None}, "amount"),
        ({"amount_total": 1000, "total_details": {"amount_discount": 400}}, "amount"),
        ({"currency": "eur"}, "currency"),
        ({"currency": None}, "currency"),
        ({"mode": "subscription"}, "mode"),
    ],
    ids=str,
)
def test_a_payment_of_something_else_is_unmatched_and_alarms(
    members: dict[str, Any], reason: str
) -> None:
    decision = decide(purchase(), news(**members))

    assert (decision.action, decision.reason, decision.alarming) == ("unmatch", reason, True)
    assert (decision.purchase.status, decision.purchase.reason) == ("unmatched", reason)
    assert decision.purchase.is_paid
    again = decide(decision.purchase, news(**members))
    assert (again.action, again.reason) == ("nothing", "duplicate")


def test_money_of_the_other_mode_is_unmatched() -> None:
    assert mismatch(purchase(livemode=True), PAID) == "livemode"


@pytest.mark.parametrize(
    "members",
    [
        {"amount_total": 1200, "total_details": {"amount_discount": 300}},
        {"amount_total": 1620, "total_details": {"amount_tax": 120}},
        {"currency": "USD"},
        {"presentment_details": {"presentment_amount": 1399, "presentment_currency": "eur"}},
    ],
    ids=str,
)
def test_a_discount_of_ours_and_a_tax_on_top_are_no_mismatch(members: dict[str, Any]) -> None:
    assert mismatch(purchase(), news(**members)) is None


def test_an_unmatched_payment_is_looked_at_again_when_it_is_replayed() -> None:
    waiting = unmatched(settle(purchase(), PAID)[0], "unknown_user")

    assert decide(waiting, PAID).action == "fulfil"


def test_money_of_another_checkout_gets_a_row_of_its_own() -> None:
    theirs = news(id="cs_2")
    for known in (purchase(checkout_id="cs_1"), settle(purchase(), PAID)[0]):
        decision = decide(known, theirs)

        assert (decision.action, decision.alarming) == ("stray", True)
        assert decision.purchase == known
    kept = stray(theirs, purchase_id="p2")
    assert (kept.status, kept.paid_cents, kept.checkout_id) == ("unmatched", 1500, "cs_2")
    assert (kept.credits, kept.user_id) == (0, "")
    assert kept.refundable_cents == 1500


def test_the_end_of_another_checkout_is_none_of_this_purchases() -> None:
    assert decide(purchase(checkout_id="cs_2"), EXPIRED).action == "nothing"


def test_a_session_whose_money_went_back_before_it_came_is_not_started() -> None:
    reversal = Reversal(charge_refunded_cents=1500)
    early = purchase("standard", amount_cents=1500, reversal=reversal)

    decision = decide(early, PAID)

    assert (decision.action, decision.reason) == ("bank", "reversed")
    assert decision.purchase.status == "refunded"
    assert decide(purchase(reversal=reversal), PAID).action == "fulfil"


def test_more_than_one_pack_may_be_bought_and_nothing_else() -> None:
    def many(sku: str, quantity: int) -> Purchase:
        product = CATALOGUE.get(sku)
        assert product is not None
        return order(
            product,
            purchase_id="p1",
            user_id="u1",
            clerk_id="user_1",
            livemode=False,
            created_at=NOW,
            expires_at=NOW,
            quantity=quantity,
        )

    assert (many("credits_3", 4).amount_cents, many("credits_3", 4).credits) == (6000, 1200)
    for sku, quantity in [
        ("credits_3", 0),
        ("credits_3", -1),
        ("credits_3", QUANTITY_MAX + 1),
        ("coach_monthly", 2),
    ]:
        with pytest.raises(ValidationFailed):
            many(sku, quantity)
    with pytest.raises(ValueError, match="session"):
        many("standard", 1)


BANKED = banked(
    replace(purchase("standard"), paid_cents=2999, checkout_id="cs_1"), "active_session"
)
ALL_BACK = Reversal(refunds=(RefundFacts("re_1", 2999, "succeeded"),))
PART_BACK = Reversal(refunds=(RefundFacts("re_1", 1000, "succeeded"),))
DISPUTED = Reversal(disputes=(DisputeFacts("du_1", "needs_response", NOW),))


def test_a_banked_payment_may_be_redeemed_once() -> None:
    check_redeem(BANKED)
    check_redeem(replace(BANKED, reversal=PART_BACK))

    redeemed = fulfilled(BANKED, session_id="s1")

    assert (redeemed.status, redeemed.session_id, redeemed.reason) == ("fulfilled", "s1", None)
    with pytest.raises(Conflict) as refusal:
        check_redeem(redeemed)
    assert refusal.value.code == "PURCHASE_NOT_REDEEMABLE"
    assert refusal.value.facts == {"purchaseStatus": "fulfilled"}


@pytest.mark.parametrize(
    "taken",
    [
        replace(BANKED, reversal=ALL_BACK),
        replace(BANKED, reversal=DISPUTED),
        refund_asked(BANKED),
        replace(BANKED, standing="unmatched"),
        purchase("standard"),
    ],
    ids=["refunded", "disputed", "refund asked", "unmatched", "not paid"],
)
def test_what_was_taken_back_or_never_came_is_not_redeemed(taken: Purchase) -> None:
    with pytest.raises(Conflict):
        check_redeem(taken)


def test_the_owner_refunds_what_is_banked_and_an_admin_also_what_was_had() -> None:
    had = fulfilled(BANKED, session_id="s1")
    check_refund(BANKED, by_admin=False)
    check_refund(had, by_admin=True)
    check_refund(unmatched(BANKED, "amount"), by_admin=True)

    for used in (had, unmatched(BANKED, "amount")):
        with pytest.raises(Forbidden):
            check_refund(used, by_admin=False)


@pytest.mark.parametrize(
    "left",
    [
        purchase("standard"),
        replace(BANKED, reversal=ALL_BACK),
        replace(BANKED, reversal=DISPUTED),
        replace(BANKED, paid_cents=0),
        replace(refund_asked(BANKED), refund_id="re_1"),
    ],
    ids=["not paid", "refunded", "disputed", "for nothing", "refund stands"],
)
def test_what_has_nothing_left_is_not_refunded(left: Purchase) -> None:
    for by_admin in (False, True):
        with pytest.raises(Conflict) as refusal:
            check_refund(left, by_admin=by_admin)
        assert refusal.value.code == "PURCHASE_NOT_REFUNDABLE"


def test_only_the_rest_of_a_partly_refunded_payment_is_left() -> None:
    assert replace(BANKED, reversal=PART_BACK).refundable_cents == 1999
    assert replace(BANKED, reversal=PART_BACK).status == "partially_refunded"


def test_a_refund_is_asked_for_once_and_under_one_key_until_it_ends() -> None:
    asked = refund_asked(BANKED)

    check_refund(asked, by_admin=False)  # its answer never came
    assert refund_key(refund_asked(asked)) == refund_key(asked) == "refund:p1:1"

    answered = replace(asked, refund_id="re_1")
    failed = Reversal(refunds=(RefundFacts("re_1", 2999, "failed"),))
    after_failure = replace(answered, reversal=failed)

    check_redeem(after_failure)
    check_refund(after_failure, by_admin=False)
    assert refund_key(refund_asked(after_failure)) == "refund:p1:2"


def test_a_refund_that_stripe_declines_leaves_the_payment_good() -> None:
    declined = refund_declined(refund_asked(BANKED))

    check_redeem(declined)
    assert refund_key(refund_asked(declined)) == "refund:p1:2"


def test_three_bought_two_spent_and_all_refunded_leaves_a_debt_of_two() -> None:
    bought = settle(purchase(), PAID)[0]
    balance = 300 - 200

    balance += difference(replace(bought, reversal=Reversal(charge_refunded_cents=1500)))

    assert balance == -200
