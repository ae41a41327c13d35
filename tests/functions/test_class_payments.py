"""Classes that are paid by card: a payment confirms its booking, or goes back by itself."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from greenroom.bookings.domain import Booking, ClassSession
from greenroom.kernel.errors import Forbidden, GreenroomError, InvalidTransition, OfferExpired
from greenroom.payments.domain import Purchase
from tests.fakes.stripe import Stripe, open_stripe
from tests.seats import DAY_S, HOLD_S, PRICE_CENTS, CardStudio, Guest, audit_seats
from tests.till import event_of
from tests.unit.payments.stripe_events import REVERSALS
from tests.world import World

# stripe 16.1 hands its body to httpx by the old name `data`.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

CHECKOUTS = "/v1/checkout/sessions"
REFUNDS = "/v1/refunds"


@pytest.fixture
def stripe(world: World, tmp_path: Path) -> Iterator[Stripe]:
    with open_stripe(tmp_path, world) as running:
        yield running


class Visit:
    """A guest with a held seat in a class, and the page where it is paid."""

    def __init__(self, stripe: Stripe, *, capacity: int = 1, **changes: Any) -> None:
        self.stripe = stripe
        self.world = stripe.world
        self.studio = CardStudio(stripe.world)
        self.klass: ClassSession = self.studio.class_of(capacity, **changes)
        self.guest: Guest = self.studio.guest()
        self.booking: Booking = self.guest.books(self.klass)
        self.purchase: Purchase = self.guest.pays(self.booking)

    def pay(self) -> None:
        """Pay, and let the news arrive."""
        self.stripe.act(f"checkout/{self.purchase.checkout_id}/pay")
        self.stripe.settle()

    def refunds(self) -> int:
        """Let what is due go back, and the news of it arrive; how many went."""
        count = int(self.world.sweep()["refunds_refunded"])
        self.stripe.settle()
        audit_seats(self.world)
        return count

    @property
    def stands(self) -> tuple[str, str]:
        """How the booking and its money stand."""
        return self.guest.stands(self.booking)

    @property
    def shown(self) -> dict[str, Any]:
        """The purchase as the guest sees it."""
        return self.guest.purchase(self.purchase)

    def dispute(self, number: int) -> None:
        """News of a dispute."""
        held = self.stripe.till.held(self.purchase)
        event = event_of(REVERSALS[number](), payment_intent=held.purchase.payment_intent_id)
        assert self.stripe.till.outcome(event) == "applied"


def alarms(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What somebody is called for."""
    return [vars(line)["alarm"] for line in caplog.records if hasattr(line, "alarm")]


def test_a_paid_seat_is_confirmed(stripe: Stripe) -> None:
    visit = Visit(stripe)
    assert visit.stands == ("pending", "pending")

    visit.pay()

    assert visit.stands == ("confirmed", "paid")
    assert visit.guest.now(visit.booking).purchase_id == visit.purchase.purchase_id
    assert visit.guest.events(visit.booking) == ["created", "paid"]
    assert (visit.shown["status"], visit.shown["name"]) == ("fulfilled", "Morning flow")
    assert visit.shown["bookingId"] == visit.booking.booking_id
    assert visit.refunds() == 0


def test_stripe_is_told_which_seat_and_comes_back_to_it(stripe: Stripe) -> None:
    visit = Visit(stripe)

    asked = stripe.get(f"checkout/sessions/{visit.purchase.checkout_id}")

    booking = visit.booking
    assert asked["amount_total"] == PRICE_CENTS
    assert asked["payment_method_types"] == ["card"]
    assert asked["metadata"] == {
        "purchase_id": visit.purchase.purchase_id,
        "user_id": visit.guest.person.user_id,
        "clerk_id": visit.guest.person.clerk_id,
        "sku": "class",
        "organization_id": visit.studio.organization_id,
        "booking_id": booking.booking_id,
        "class_session_id": booking.class_session_id,
    }
    place = f"booking_id={booking.booking_id}&organization_id={booking.organization_id}"
    purchase = f"purchase={visit.purchase.purchase_id}"
    app = "https://app.greenroom.test/#/classes"
    assert asked["success_url"] == f"{app}/paid?{place}&checkout=success&{purchase}"
    assert asked["cancel_url"] == f"{app}/pay?{place}&checkout=cancelled&{purchase}"


def test_a_second_click_gets_the_same_page(stripe: Stripe) -> None:
    visit = Visit(stripe)

    again = visit.guest.pays(visit.booking)

    assert again.checkout_url == visit.purchase.checkout_url
    assert len(stripe.requests(CHECKOUTS)) == 1


def test_a_page_that_stripe_refused_is_made_anew_at_the_price_as_it_was_booked(
    stripe: Stripe,
) -> None:
    studio = CardStudio(stripe.world)
    klass, guest = studio.class_of(1), studio.guest()
    booking = guest.books(klass)
    stripe.fault("POST", CHECKOUTS, "status", status=400)
    with pytest.raises(GreenroomError, match="provider failed"):
        guest.pays(booking)
    studio.change(klass, price_cents=9900)

    purchase = guest.pays(booking)

    stripe.act(f"checkout/{purchase.checkout_id}/pay")
    stripe.settle()
    assert guest.stands(booking) == ("confirmed", "paid")
    assert guest.purchase(purchase)["amountCents"] == PRICE_CENTS


def test_only_the_customer_themselves_is_sent_to_pay(stripe: Stripe) -> None:
    visit = Visit(stripe)
    stranger = visit.studio.guest()

    for repo in (stranger.repo, visit.studio.repo):
        with pytest.raises(Forbidden):
            visit.studio.wired.booking_payments.checkout(
                repo, stranger.identity, visit.booking.booking_id
            )


def test_a_booking_that_awaits_no_payment_has_no_page(stripe: Stripe) -> None:
    visit = Visit(stripe)
    visit.pay()

    with pytest.raises(InvalidTransition):
        visit.guest.pays(visit.booking)


def test_a_seat_that_was_held_too_long_has_no_page(stripe: Stripe) -> None:
    visit = Visit(stripe)
    stripe.world.clock.move(HOLD_S)

    with pytest.raises(OfferExpired):
        visit.guest.pays(visit.booking)

    visit.studio.sweep()
    with pytest.raises(InvalidTransition):
        visit.guest.pays(visit.booking)


def over(guest: Guest, _: Booking) -> None:
    guest.studio.world.clock.move(HOLD_S)


def given_up(guest: Guest, booking: Booking) -> None:
    guest.cancels(booking)


@pytest.mark.parametrize(
    ("act", "refused", "least"), [(over, OfferExpired, 2), (given_up, InvalidTransition, 3)]
)
def test_the_page_is_begun_only_while_the_seat_is_held(
    stripe: Stripe,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Guest, Booking], None],
    refused: type[GreenroomError],
    least: int,
) -> None:
    """Whatever happens between the reads and the purchase: then nothing is written."""
    studio = CardStudio(stripe.world)
    klass, table = studio.class_of(9), stripe.world.table
    kept_out = []
    for point in range(1, 7):
        guest = studio.guest()
        booking = guest.books(klass)
        calls, call = itertools.count(1), table.call

        def counted(*args: Any, **options: Any) -> Any:
            if next(calls) == point:  # noqa: B023 (called at once)
                act(guest, booking)  # noqa: B023
            return call(*args, **options)  # noqa: B023

        with monkeypatch.context() as patched:
            patched.setattr(table, "call", counted)
            try:
                guest.pays(booking)
            except refused:
                kept_out.append(point)
        bought = guest.person.call("GET /api/purchases").body["items"]
        assert bool(bought) is (point not in kept_out)
    assert kept_out == list(range(1, len(kept_out) + 1))
    assert len(kept_out) >= least


def test_a_payment_after_the_hold_still_counts_while_nobody_has_taken_the_seat(
    stripe: Stripe,
) -> None:
    visit = Visit(stripe)
    stripe.world.clock.move(HOLD_S + 1)

    visit.pay()

    assert visit.stands == ("confirmed", "paid")
    audit_seats(stripe.world)


def test_a_payment_after_the_sweep_takes_a_seat_that_is_free(stripe: Stripe) -> None:
    visit = Visit(stripe)
    stripe.world.clock.move(HOLD_S)
    visit.studio.sweep()
    assert visit.stands == ("expired", "void")

    visit.pay()

    assert visit.stands == ("confirmed", "paid")
    assert visit.refunds() == 0


def test_a_payment_whose_seat_is_gone_goes_back_by_itself(stripe: Stripe) -> None:
    visit = Visit(stripe)
    stripe.world.clock.move(HOLD_S)
    visit.studio.sweep()
    visit.studio.guest().books(visit.klass, paying=None)

    visit.pay()

    assert visit.stands == ("expired", "refund_due")
    assert (visit.shown["status"], visit.shown["reason"]) == ("banked", "class_full")
    audit_seats(stripe.world)
    assert visit.refunds() == 1
    assert visit.stands == ("expired", "refunded")
    assert visit.shown["status"] == "refunded"
    assert visit.refunds() == 0


def test_a_payment_of_a_class_that_was_cancelled_goes_back_by_itself(stripe: Stripe) -> None:
    visit = Visit(stripe)
    visit.studio.cancel(visit.klass)

    visit.pay()

    assert visit.shown["reason"] == "invalid_transition"
    assert visit.refunds() == 1
    assert visit.stands == ("cancelled", "refunded")


def test_a_payment_of_a_booking_that_was_cancelled_meanwhile_goes_back(stripe: Stripe) -> None:
    visit = Visit(stripe)
    visit.guest.cancels(visit.booking)

    visit.pay()

    assert visit.stands == ("cancelled", "refund_due")
    assert visit.refunds() == 1
    assert visit.stands == ("cancelled", "refunded")


def test_a_second_payment_of_a_booking_goes_back_and_leaves_the_first(stripe: Stripe) -> None:
    visit = Visit(stripe)
    other = visit.guest.orders(visit.booking)
    visit.pay()

    assert stripe.till.outcome(stripe.till.paid(other)) == "banked"

    assert visit.stands == ("confirmed", "paid")
    assert visit.guest.now(visit.booking).purchase_id == visit.purchase.purchase_id


def test_what_was_paid_goes_back_when_it_is_cancelled_in_time(stripe: Stripe) -> None:
    visit = Visit(stripe)
    visit.pay()

    visit.guest.cancels(visit.booking)

    assert visit.stands == ("cancelled", "refund_due")
    assert (visit.shown["status"], visit.shown["reason"]) == ("banked", "cancelled")
    audit_seats(stripe.world)
    assert visit.refunds() == 1
    assert visit.stands == ("cancelled", "refunded")
    assert visit.guest.events(visit.booking) == ["created", "paid", "cancelled", "refunded"]


def test_what_was_paid_stays_when_it_is_cancelled_late(stripe: Stripe) -> None:
    visit = Visit(stripe, in_s=DAY_S / 4)
    visit.pay()

    visit.guest.cancels(visit.booking)

    assert visit.refunds() == 0
    assert visit.stands == ("late_cancelled", "paid")


def test_every_payment_of_a_class_goes_back_when_the_class_is_cancelled(stripe: Stripe) -> None:
    visit = Visit(stripe, capacity=3)
    others = [visit.studio.guest() for _ in range(2)]
    bookings = [guest.books(visit.klass) for guest in others]
    for guest, booking in zip(others, bookings, strict=True):
        stripe.act(f"checkout/{guest.pays(booking).checkout_id}/pay")
    visit.pay()

    visit.studio.cancel(visit.klass)

    assert visit.refunds() == 3
    assert visit.stands == ("cancelled", "refunded")
    assert [one.stands(b) for one, b in zip(others, bookings, strict=True)] == [
        ("cancelled", "refunded")
    ] * 2


def test_an_operators_refund_leaves_the_seat_and_says_so(stripe: Stripe) -> None:
    visit = Visit(stripe)
    visit.pay()
    held = stripe.till.held(visit.purchase)

    stripe.refund(str(held.purchase.payment_intent_id))
    stripe.settle()

    assert visit.stands == ("confirmed", "refunded")
    visit.guest.cancels(visit.booking)
    assert visit.stands == ("cancelled", "refunded")
    assert visit.refunds() == 0


def test_a_refund_in_part_changes_nothing_and_the_rest_goes_back(stripe: Stripe) -> None:
    visit = Visit(stripe)
    visit.pay()
    held = stripe.till.held(visit.purchase)
    stripe.refund(str(held.purchase.payment_intent_id), amount="500")
    stripe.settle()
    assert visit.stands == ("confirmed", "paid")

    visit.guest.cancels(visit.booking)

    assert visit.refunds() == 1
    assert visit.stands == ("cancelled", "refunded")


def test_a_dispute_counts_once_it_is_decided(stripe: Stripe) -> None:
    visit = Visit(stripe)
    visit.pay()

    visit.dispute(30)
    assert visit.stands == ("confirmed", "paid")
    visit.dispute(34)

    assert visit.stands == ("confirmed", "refunded")
    audit_seats(stripe.world)


def test_a_refund_that_never_arrives_is_due_again_and_somebody_is_told(
    stripe: Stripe, caplog: pytest.LogCaptureFixture
) -> None:
    visit = Visit(stripe)
    visit.pay()
    visit.guest.cancels(visit.booking)
    visit.refunds()
    (refund,) = stripe.get("refunds")["data"]

    stripe.act(f"refunds/{refund['id']}/fail")
    stripe.settle()

    assert visit.stands == ("cancelled", "refund_due")
    assert alarms(caplog) == ["REFUND_FAILED"]


def test_a_payment_that_was_banked_can_be_redeemed_once_a_seat_is_free(stripe: Stripe) -> None:
    visit = Visit(stripe)
    stripe.world.clock.move(HOLD_S)
    visit.studio.sweep()
    rival = visit.studio.guest()
    taken = rival.books(visit.klass, paying=None)
    visit.pay()
    route = f"POST /api/purchases/{visit.purchase.purchase_id}/redeem"
    assert visit.guest.person.call(route).code == "CLASS_FULL"
    rival.cancels(taken)

    redeemed = visit.guest.person.call(route)

    assert (redeemed.status, redeemed.body["sessionId"]) == (200, None), redeemed.text
    assert redeemed.body["bookingId"] == visit.booking.booking_id
    assert visit.stands == ("confirmed", "paid")
    assert visit.refunds() == 0
    assert visit.guest.person.call(route).code == "PURCHASE_NOT_REDEEMABLE"


def test_what_goes_back_by_itself_alarms_nobody(
    stripe: Stripe, caplog: pytest.LogCaptureFixture
) -> None:
    visit = Visit(stripe)
    visit.guest.cancels(visit.booking)

    visit.pay()

    assert visit.shown["status"] == "banked"
    assert alarms(caplog) == []


def test_a_payment_of_another_amount_is_looked_at_and_confirms_nothing(stripe: Stripe) -> None:
    studio = CardStudio(stripe.world)
    klass, guest = studio.class_of(1), studio.guest()
    booking = guest.books(klass)
    purchase = guest.orders(booking)

    wrong = stripe.till.paid(purchase, amount_total=1, amount_subtotal=1)
    assert stripe.till.outcome(wrong) == "unmatched"

    assert guest.stands(booking) == ("pending", "pending")


def forgetful(stripe: Stripe) -> tuple[Guest, Booking, Purchase]:
    """A seat that was paid, whose purchase's row was put back to before that."""
    studio = CardStudio(stripe.world)
    klass, guest = studio.class_of(1), studio.guest()
    booking = guest.books(klass)
    purchase, till = guest.orders(booking), stripe.till
    assert till.outcome(till.paid(purchase)) == "applied"
    held = till.held(purchase)
    before = replace(held.purchase, standing="open", paid_at=None, paid_cents=None)
    tx = till.store.transaction()
    till.store.add_change(tx, held, before)
    tx.commit()
    return guest, booking, purchase


def test_a_row_that_was_put_back_is_adopted_and_the_seat_stays(stripe: Stripe) -> None:
    """The booking says that this payment confirmed it, whatever the purchase has forgotten."""
    guest, booking, purchase = forgetful(stripe)

    assert stripe.till.outcome(stripe.till.paid(purchase)) == "duplicate"

    assert stripe.till.now(purchase).standing == "fulfilled"
    assert guest.stands(booking) == ("confirmed", "paid")


def test_a_row_that_was_put_back_is_not_returned_and_its_news_sends_it_back(
    stripe: Stripe,
) -> None:
    guest, booking, purchase = forgetful(stripe)

    guest.cancels(booking)

    assert stripe.till.now(purchase).standing == "open"
    assert stripe.till.outcome(stripe.till.paid(purchase)) == "banked"
    assert stripe.till.now(purchase).refund_due_at is not None
    assert guest.stands(booking) == ("cancelled", "refund_due")
