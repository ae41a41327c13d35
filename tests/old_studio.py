"""Studios for tests of both versions of bookings: the present code's, and that of before."""

from datetime import timedelta
from typing import Any

from greenroom.bookings.class_items import ClassItem
from greenroom.bookings.domain import ClassSession
from greenroom.bookings.service import Wish
from greenroom.customers.domain import NewCustomer
from greenroom.kernel.ids import new_id
from greenroom.organizations.principal import CustomerKind, CustomerRef, Principal
from greenroom.organizations.repo import OrgRepo
from greenroom.organizations.studio import Studio as Settings
from tests.books import Vandal
from tests.first_version import FirstBooking, FirstDesk
from tests.world import World

Rows = list[dict[str, Any]]
UNKNOWN = {"mystery": {"M": {"deep": {"L": [{"N": "7"}, {"NULL": True}]}}}, "odd.name": {"S": "x"}}


class Studio:
    """An organisation with classes and customers of both kinds, and both versions' code."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.organization_id = new_id()
        self.repo = OrgRepo(Principal(organization_id=self.organization_id, role="staff"))
        self.first = FirstDesk(world, self.organization_id)
        self.wired = world.wiring("bookings")
        self.bookings = self.wired.booking_store
        self.classes = self.wired.class_store
        self.seats = self.wired.seat_store

    def klass(self, *, in_hours: float = 48, minutes: int = 60) -> ClassSession:
        now = self.world.clock()
        klass = ClassSession(
            class_session_id=new_id(),
            organization_id=self.organization_id,
            name="Yoga",
            type="yoga",
            starts_at=now + timedelta(hours=in_hours),
            duration_min=minutes,
            capacity=20,
            free=20,
            booked=0,
            held=0,
            waitlist_count=0,
            waitlist_joins=0,
            waitlist_max=5,
            status="scheduled",
            price_cents=1500,
            currency="eur",
            late_cancel_min=60,
            late_cancel_fee_cents=0,
            notice_min=0,
            edition=1,
            created_at=now,
        )
        tx = self.world.table.transaction()
        self.classes.add_class(tx, self.repo, klass, due_at=klass.starts_at)
        tx.commit()
        return klass

    def customer(self, kind: CustomerKind, *, customer_id: str | None = None) -> str:
        told = NewCustomer(name="Ada", customer_id=customer_id)
        return self.wired.customers.create(self.repo, kind, told).customer.ref.customer_id

    def listed(self, ref: CustomerRef, *, limit: int = 2) -> list[str]:
        """The ids of all bookings of a customer, page by page."""
        found, cursor = list[str](), None
        while True:
            page, cursor = self.bookings.of_customer(self.repo, ref, limit=limit, cursor=cursor)
            found += [booking.booking_id for booking in page]
            if cursor is None:
                return found

    def cancel(self, booking_id: str) -> None:
        """Cancel, as the present version does."""
        self.wired.vacating.cancel(self.repo, booking_id)

    def book(self, klass: ClassSession, ref: CustomerRef) -> str:
        """Book, as the present version does."""
        wish = Wish(
            class_session_id=klass.class_session_id,
            customer=ref,
            customer_name="Ada",
            source="staff",
        )
        return self.wired.bookings.book(self.repo, Settings(), wish).booking.booking_id

    def row(self, booking_id: str) -> dict[str, Any]:
        return Vandal(self.world).row(self.repo.pk("B", booking_id), "BOOKING")

    def assert_sound(self) -> None:
        """Every class has as many seats as rows of them, and each is a booking's own."""
        for raw in self.world.rows():
            if raw.get("kind", {}).get("S") == "class_session":
                klass = ClassItem.read(raw)
                roster = self.seats.roster(self.repo, klass.pk.rpartition("#")[2])
                bookings = self.bookings.all_of(self.repo, roster)
                assert klass.free + klass.booked + klass.held == klass.capacity
                assert klass.booked == len(roster) == len(set(roster))
                assert all(one.booking_status in {"confirmed", "attended"} for one in bookings)
                assert all(one.class_session_id in raw["PK"]["S"] for one in bookings)


class Old(Studio):
    """A studio whose bookings are all of version 1; ``told`` are of a kind that was told."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        book = self.first.book
        self.client, self.lead = self.customer("client"), self.customer("lead")
        self.late = self.klass(in_hours=35.5)  # into the next day
        self.today, self.later = self.klass(in_hours=26), self.klass(in_hours=72)
        self.by_id: dict[str, CustomerRef] = {}
        client, lead = CustomerRef("client", self.client), CustomerRef("lead", self.lead)
        self.told_client = book(self.today, self.client, "client", unknown=UNKNOWN)
        self.told_lead = book(self.today, self.lead, "lead")
        self.client_of_old = book(self.late, self.client)
        self.lead_of_old = book(self.late, self.lead, unknown=UNKNOWN)
        self.cancelled = book(self.later, self.client, booking_status="cancelled")
        self.attended = book(self.later, self.lead, booking_status="attended")
        for booking_id in (self.told_client, self.client_of_old, self.cancelled):
            self.by_id[booking_id] = client
        for booking_id in (self.told_lead, self.lead_of_old, self.attended):
            self.by_id[booking_id] = lead

    def first_reads(self) -> list[FirstBooking]:
        """All that version 1 shows: every booking, and every customer's list."""
        lists = [self.first.of_customer(one) for one in (self.client, self.lead)]
        assert [len(one) for one in lists] == [3, 3]
        return [self.first.read(one) for one in self.by_id] + [
            one for some in lists for one in some
        ]


def rows(world: World) -> Rows:
    kept = [row for row in world.rows() if row["PK"]["S"] != "SYS#MIG"]
    return sorted(kept, key=lambda row: (row["PK"]["S"], row["SK"]["S"]))
