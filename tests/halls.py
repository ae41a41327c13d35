"""One class and its guests as the tests play them, below HTTP.

A guest has one package and is named in every act, so that a test reads as what people do.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from greenroom.bookings.domain import Attended, Booking, ClassSession
from greenroom.bookings.schema import CreateClass
from greenroom.bookings.service import Booked, PassWanted, Paying, Wish
from greenroom.customers.domain import Customer
from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import GreenroomError
from greenroom.organizations.principal import CustomerKind, CustomerRef, Principal
from greenroom.organizations.repo import OrgRepo
from greenroom.organizations.studio import Studio as Settings
from greenroom.passes.domain import PassKind
from tests.auditing import Rows, audit
from tests.journal import Journal, Told, journal_of, replay
from tests.studios import FUTURE, Studio, on_five_minutes
from tests.world import World

CUTOFF = timedelta(hours=1)
LATE = timedelta(hours=12)
OFFER = timedelta(minutes=30)
HOLD = timedelta(minutes=15)


@dataclass(frozen=True)
class Guest:
    """A customer with a pass, and themselves as a principal."""

    customer: Customer
    paying: PassWanted
    repo: OrgRepo

    @property
    def ref(self) -> CustomerRef:
        """Who they are."""
        return self.customer.ref


@dataclass
class Hall:
    """A class of a studio of its own; ``told`` is as in ``POST /classes``, in our own names."""

    world: World
    capacity: int = 1
    starts_in: timedelta = FUTURE
    told: dict[str, Any] = field(default_factory=dict)
    studio: Studio | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.world.table.connection, Journal):
            journal_of(self.world)
        self.home = self.studio or Studio(self.world)
        self.wired = self.world.wiring("bookings")
        self.repo = self.home.repo
        self.settings = Settings()
        self.made: dict[CustomerRef, str] = {}
        told = CreateClass(
            **{
                "name": "Morning flow",
                "type": "yoga",
                "starts_at": to_text(on_five_minutes(self.world.clock() + self.starts_in)),
                "duration_minutes": 60,
                "capacity": self.capacity,
                "late_cancel_fee_cents": 500,
                **self.told,
            }
        ).told(self.settings)
        made = self.wired.classes.make(self.repo, told, key=None, request_hash="hall")
        self.class_id = made.klass.class_session_id

    def other(self, **told: Any) -> "Hall":
        """Another class of the same studio; guests may go to both."""
        return Hall(self.world, studio=self.home, **told)

    def guest(
        self, kind: CustomerKind = "client", *, of: PassKind = "package", uses: int | None = 3
    ) -> Guest:
        """Somebody new with a package of so many uses, or a membership of so many a month."""
        customer = self.home.customer(kind)
        if of == "package":
            pass_id = self.home.package(customer.ref, uses=uses or 0)
        else:
            pass_id = self.home.membership(customer.ref, limit=uses)
        principal = Principal(
            organization_id=self.repo.organization_id,
            role=kind,
            user_id=f"user-of-{customer.ref.customer_id}",
            customer=customer.ref,
        )
        return Guest(customer, PassWanted(kind=of, pass_id=pass_id), OrgRepo(principal))

    def guests(self, count: int, **told: Any) -> list[Guest]:
        """So many new guests."""
        return [self.guest(**told) for _ in range(count)]

    # Acts

    def wish(self, guest: Guest, **told: Any) -> Wish:
        """What a guest wants; unpaid without ``paying``."""
        wanted = {"class_session_id": self.class_id, "source": "test", **told}
        return Wish.of(guest.customer, **wanted)

    def book(self, guest: Guest, *, by: OrgRepo | None = None, **told: Any) -> Booked:
        """Book with the guest's pass, or as told."""
        wish = self.wish(guest, **{"paying": guest.paying, **told})
        booked = self.wired.bookings.book(by or self.repo, self.settings, wish)
        self.made[guest.ref] = booked.booking.booking_id
        return booked

    def try_out(self, guest: Guest, **told: Any) -> Booked:
        """The same as a dry run."""
        wish = self.wish(guest, **{"paying": guest.paying, **told})
        return self.wired.bookings.book(self.repo, self.settings, wish, dry_run=True)

    def join(self, guest: Guest, *, by: OrgRepo | None = None, **told: Any) -> Booked:
        """Join the waitlist."""
        booked = self.wired.bookings.join(by or self.repo, self.wish(guest, **told))
        self.made[guest.ref] = booked.booking.booking_id
        return booked

    def hold(self, guest: Guest) -> Booked:
        """Have a seat held until a card payment comes."""
        return self.book(guest, paying="drop_in")

    def cancel(self, guest: Guest, *, by: OrgRepo | None = None, waived: bool = False) -> Booking:
        """Cancel the guest's booking."""
        return self.wired.vacating.cancel(by or self.repo, self.made[guest.ref], waived=waived)

    def confirm(self, guest: Guest, *, paying: Paying | str = "pass") -> Booking:
        """Take the seat that is offered, with the guest's pass, or as told."""
        how: Any = guest.paying if paying == "pass" else paying
        return self.wired.confirming.confirm(self.repo, self.settings, self.made[guest.ref], how)

    def note(self, guest: Guest, came: Attended = "attended") -> Booking:
        """Note that the guest came, or did not."""
        return self.wired.attendance.note(self.repo, self.made[guest.ref], came)

    def change(self, **changes: Any) -> ClassSession:
        """Change the class."""
        return self.wired.classes.change(self.repo, self.class_id, changes)

    def call_off(self) -> ClassSession:
        """Cancel the class."""
        return self.wired.classes.cancel(self.repo, self.class_id)

    def sweep(self) -> Any:
        """One run of the sweeper over classes and bookings, now."""
        swept = self.world.wiring("sweeper").booking_sweeper.sweep(self.world.clock())
        assert swept.failed == 0
        return swept

    def wait(self, span: timedelta) -> None:
        """Let time pass."""
        self.world.clock.move(span.total_seconds())

    def until_start(self, before: timedelta = timedelta(0)) -> None:
        """Let time pass until the start, or so long before it."""
        self.wait(self.klass.starts_at - before - self.world.clock())

    # What is so

    @property
    def now(self) -> datetime:
        """The present."""
        return self.world.clock()

    @property
    def klass(self) -> ClassSession:
        """The class as it stands."""
        return self.wired.classes.load(self.repo, self.class_id)

    @property
    def counters(self) -> tuple[int, int, int, int]:
        """Free, booked and held seats, and how many wait."""
        klass = self.klass
        return klass.free, klass.booked, klass.held, klass.waitlist_count

    def booking(self, guest: Guest) -> Booking:
        """The guest's last booking in this class."""
        return self.wired.booking_store.load(self.repo, self.made[guest.ref])

    def status(self, guest: Guest) -> str:
        """How it stands."""
        return self.booking(guest).booking_status

    def left(self, guest: Guest) -> int | None:
        """How many uses of the guest's pass are left for this class."""
        found = self.wired.passes.options(self.repo, guest.ref, self.klass.facts)
        (option,) = [one for one in found if one.held.pass_id == guest.paying.pass_id]
        return option.remaining

    def audit(self) -> Rows:
        """Fail if anything disagrees."""
        return audit(self.world, self.home)

    def replay(self) -> Told:
        """Fail if anybody was passed by at any instant."""
        return replay(self.world.table.connection, self.home, cutoff=CUTOFF)  # type: ignore[arg-type]


def outcome(error: object) -> str:
    """The code of a refusal, or what became of a booking."""
    if isinstance(error, GreenroomError):
        return error.code
    if isinstance(error, Booked):
        return error.booking.booking_status
    if isinstance(error, Booking):
        return error.booking_status
    if isinstance(error, BaseException):
        raise error
    return str(error)
