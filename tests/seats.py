"""Classes that are paid by card, as the tests see them: a studio, who books there, its books."""

from collections import Counter
from datetime import timedelta
from typing import Any

from greenroom.accounts.identity import Identity
from greenroom.bookings.domain import HELD, SEATED, Booking, ClassSession
from greenroom.bookings.service import Wish
from greenroom.kernel.ids import new_id
from greenroom.organizations.principal import CustomerKind, CustomerRef, Principal
from greenroom.organizations.repo import OrgRepo
from greenroom.organizations.studio import Studio as Settings
from greenroom.payments.catalogue import ClassSeat
from greenroom.payments.domain import BookingFacts, Purchase, money_of, order
from greenroom.payments.items import PurchaseItem, purchase_of
from tests.studios import Studio
from tests.world import Person, Reply, World

PRICE_CENTS = 1800
HOLD_S = 900
DAY_S = 86_400

Row = dict[str, Any]


class CardStudio(Studio):
    """A studio whose classes are paid by card, through the rooms' own use cases."""

    @property
    def wired(self) -> Any:
        """The rooms, as the function wires them that takes bookings."""
        return self.world.wiring("bookings")

    def class_of(self, capacity: int, *, in_s: float = 2 * DAY_S, **told: Any) -> ClassSession:
        """A class with so many seats."""
        told = {"priceCents": PRICE_CENTS, "lateCancelFeeCents": 500, **told}
        held = self.hold_class(capacity=capacity, starts_in=timedelta(seconds=in_s), **told)
        found: ClassSession = self.wired.classes.load(self.repo, held.class_session_id)
        return found

    def now(self, klass: ClassSession) -> ClassSession:
        """The class as it now stands."""
        found: ClassSession = self.wired.classes.load(self.repo, klass.class_session_id)
        return found

    def change(self, klass: ClassSession, **changes: Any) -> None:
        """Change the class, by the names of the domain."""
        self.wired.classes.change(self.repo, klass.class_session_id, changes)

    def cancel(self, klass: ClassSession) -> None:
        """Cancel the class."""
        self.wired.classes.cancel(self.repo, klass.class_session_id)

    def sweep(self) -> Any:
        """What the clock does to classes and bookings."""
        return self.wired.booking_sweeper.sweep(self.world.clock())

    def guest(self, kind: CustomerKind = "client") -> "Guest":
        """Somebody who signs in and is a customer."""
        ref, person = self.client_who_signs_in(kind)
        return Guest(self, person, ref)


class Guest:
    """A customer of a studio, who signs in."""

    def __init__(self, studio: CardStudio, person: Person, ref: CustomerRef) -> None:
        self.studio = studio
        self.person = person
        self.ref = ref
        person.credits()
        self.repo = OrgRepo(
            Principal(
                organization_id=studio.organization_id,
                role=ref.kind,
                user_id=person.user_id,
                customer=ref,
            )
        )

    def call(self, route: str, body: Any = None, **options: Any) -> Reply:
        """Call a route of the studio: ``POST /bookings``."""
        method, _, path = route.partition(" ")
        return self.person.call(f"{method} {self.studio.home}{path}", body, **options)

    @property
    def identity(self) -> Identity:
        """Who the guest's token says they are."""
        return Identity(self.person.clerk_id, "sess_1")

    def books(self, klass: ClassSession, *, paying: Any = "drop_in", join: bool = False) -> Booking:
        """Book, by card unless it is said otherwise."""
        wish = Wish(
            class_session_id=klass.class_session_id,
            customer=self.ref,
            customer_name="Guest",
            source="client",
            user_id=self.person.user_id,
            paying=paying,
            join_waitlist=join,
        )
        booked = self.studio.wired.bookings.book(self.repo, Settings(), wish)
        found: Booking = booked.booking
        return found

    def pays(self, booking: Booking) -> Purchase:
        """Be sent to Stripe's page."""
        payments = self.studio.wired.booking_payments
        found: Purchase = payments.checkout(self.repo, self.identity, booking.booking_id)
        return found

    def orders(self, booking: Booking) -> Purchase:
        """A purchase as a checkout writes it, without Stripe."""
        wired, now = self.studio.wired, self.studio.world.clock()
        purchase = order(
            ClassSeat(
                name=booking.class_name,
                price_cents=booking.amount_cents,
                currency=booking.currency,
            ),
            purchase_id=new_id(),
            user_id=self.person.user_id,
            clerk_id=self.person.clerk_id,
            livemode=False,
            created_at=now,
            expires_at=now + timedelta(minutes=40),
            booking=BookingFacts(
                organization_id=booking.organization_id,
                booking_id=booking.booking_id,
                class_session_id=booking.class_session_id,
                class_name=booking.class_name,
            ),
        )
        tx = wired.payment_store.transaction()
        wired.payment_store.add_purchase(tx, purchase)
        tx.commit()
        return purchase

    def now(self, booking: Booking) -> Booking:
        """The booking as it now stands."""
        found: Booking = self.studio.wired.booking_store.load(self.repo, booking.booking_id)
        return found

    def stands(self, booking: Booking) -> tuple[str, str]:
        """How the booking and its money stand."""
        now = self.now(booking)
        return now.booking_status, now.payment_status

    def events(self, booking: Booking) -> list[str]:
        """What happened to the booking, in the order of time."""
        _, events = self.studio.wired.booking_store.detail(self.repo, booking.booking_id)
        return [event.event_type for event in events]

    def cancels(self, booking: Booking) -> Booking:
        """Cancel the booking."""
        found: Booking = self.studio.wired.vacating.cancel(self.repo, booking.booking_id)
        return found

    def purchase(self, purchase: Purchase) -> Row:
        """The purchase as its owner is shown it."""
        items = self.person.call("GET /api/purchases?limit=100").body["items"]
        found: Row = next(one for one in items if one["id"] == purchase.purchase_id)
        return found


def audit_seats(world: World) -> None:
    """What holds at every instant between classes, seats, bookings and card payments."""
    stored = world.rows()
    rows = [{name: _plain(value) for name, value in row.items()} for row in stored]
    by_kind: dict[str, list[Row]] = {}
    for row in rows:
        by_kind.setdefault(row["kind"], []).append(row)
    bookings = {row["PK"].rpartition("#")[2]: row for row in by_kind.get("booking", [])}
    for klass in by_kind.get("class_session", []):
        own = [one for one in bookings.values() if one["class_session_id"] == _id_of(klass)]
        _audit_class(klass, own, [row for row in rows if row["PK"] == klass["PK"]])
    for raw, row in zip(stored, rows, strict=True):
        if row["kind"] == "purchase":
            purchase = purchase_of(PurchaseItem.read(raw))
            if purchase.booking is not None:
                _audit_purchase(row, purchase, bookings[purchase.booking.booking_id])
    purchases = {_id_of(row): row for row in by_kind.get("purchase", [])}
    for booking_id, booking in bookings.items():
        if booking.get("purchase_id") and booking["payment_status"] == "paid":
            assert purchases[booking["purchase_id"]]["standing"] == "fulfilled", booking_id


def _audit_class(klass: Row, bookings: list[Row], partition: list[Row]) -> None:
    statuses = Counter(row["booking_status"] for row in bookings)
    assert klass["free"] + klass["booked"] + klass["held"] == klass["capacity"], klass
    assert klass["booked"] == sum(statuses[status] for status in SEATED), (klass, statuses)
    assert klass["held"] == sum(statuses[status] for status in HELD), (klass, statuses)
    seats = {row["booking_id"] for row in partition if row["kind"] == "seat"}
    inside = SEATED | HELD | {"waitlisted"}
    expected = {_id_of(row) for row in bookings if row["booking_status"] in inside}
    assert seats == expected, "the seats are the roster"


def _audit_purchase(row: Row, purchase: Purchase, booking: Row) -> None:
    """A payment is a booking's, or it goes back; never both, and never neither."""
    is_paid_by_it = booking.get("purchase_id") == purchase.purchase_id
    money = money_of(purchase)
    if purchase.standing == "fulfilled":
        assert is_paid_by_it, (purchase, booking)
        assert booking["payment_status"] == money, (purchase, booking)
        over = {"late_cancelled"} | (SEATED if money == "paid" else SEATED | {"cancelled"})
        assert booking["booking_status"] in over, (purchase, booking)
    if purchase.standing == "banked":
        if is_paid_by_it:
            assert booking["payment_status"] == money, (purchase, booking)
            assert booking["booking_status"] in {"cancelled", "expired"}, booking
        goes = purchase.refund_due_at is not None or purchase.refund_stands
        assert goes or purchase.is_taken_back or purchase.reversal.failures, "it goes back"
    assert ("GSI2PK" in row) is (purchase.refund_due_at is not None)


def _id_of(row: Row) -> str:
    return str(row["PK"]).rpartition("#")[2]


def _plain(value: dict[str, Any]) -> Any:
    ((sign, inner),) = value.items()
    return int(inner) if sign == "N" else inner
