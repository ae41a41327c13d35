"""Studios as the tests play them: their staff, classes, customers and passes."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from greenroom.customers.domain import Customer, NewCustomer
from greenroom.kernel.clock import to_text
from greenroom.organizations.domain import Organization, organization_id_of
from greenroom.organizations.principal import CustomerKind, CustomerRef, Principal
from greenroom.organizations.repo import OrgRepo
from greenroom.passes.domain import Package
from greenroom.passes.service import NewPass
from greenroom.wiring import Wiring
from tests.world import Person, Reply, World

FUTURE = timedelta(days=3)


@dataclass
class Studio:
    """One organisation with an admin."""

    world: World
    clerk_id: str = field(default_factory=lambda: f"org_{uuid.uuid4().hex}")
    numbers: int = 0
    name: str = "A studio"

    def __post_init__(self) -> None:
        self.organization_id = organization_id_of(self.clerk_id)
        self._tell()
        self.admin = self.member("admin")
        self.repo = OrgRepo(
            Principal(
                organization_id=self.organization_id, role="admin", user_id=self.admin.user_id
            )
        )

    def _tell(self) -> None:
        """Keep the organisation as Clerk's news of it would."""
        store = self._wired().organization_store
        told = Organization(
            organization_id=self.organization_id,
            clerk_organization_id=self.clerk_id,
            name=self.name,
            slug="a-studio",
            image_url=None,
            at=self.world.clock(),
        )
        tx = store.transaction()
        store.add_organization(tx, told, before=None)
        tx.commit()

    @property
    def home(self) -> str:
        """The path of everything that is the studio's."""
        return f"/api/organizations/{self.organization_id}"

    def member(self, role: str = "member") -> Person:
        """Somebody new who works there."""
        claim = {"id": self.clerk_id, "rol": role, "slg": "a-studio"}
        return self.world.person(o=claim)

    def staff(self, route: str, body: Any = None, **options: Any) -> Reply:
        """Call a route of the studio as its admin: ``POST /classes``."""
        method, _, path = route.partition(" ")
        return self.admin.call(f"{method} {self.home}{path}", body, **options)

    def hold_class(
        self, *, capacity: int = 10, starts_in: timedelta = FUTURE, **told: Any
    ) -> "Class":
        """A new class."""
        body = {
            "name": "Morning flow",
            "type": "yoga",
            "startsAt": to_text(on_five_minutes(self.world.clock() + starts_in)),
            "durationMinutes": 60,
            "capacity": capacity,
            **told,
        }
        reply = self.staff("POST /classes", body)
        assert reply.status == 201, reply.text
        return Class(self, reply.body["classSessionId"])

    def set(self, **settings: Any) -> None:
        """Change how the studio runs its classes."""
        self._wired().organizations.set_studio(self.repo, settings)

    def customer(
        self,
        kind: CustomerKind = "client",
        *,
        name: str | None = None,
        **told: Any,
    ) -> Customer:
        """A new client or lead."""
        self.numbers += 1
        wanted = NewCustomer(name=name or f"Customer {self.numbers}", **told)
        return self._wired().customers.create(self.repo, kind, wanted).customer

    def client_who_signs_in(self, kind: CustomerKind = "client") -> tuple[CustomerRef, Person]:
        """A new customer, and the person who has joined them by their proven e-mail."""
        customer = self.customer(kind, email=f"{uuid.uuid4().hex}@example.org")
        return customer.ref, self.person_of(customer)

    def person_of(self, customer: Customer) -> Person:
        """Somebody new who signs in as that customer."""
        person = self.world.person(email=customer.email, email_verified=True)
        joined = person.call(f"POST {self.home}/me")
        assert joined.status == 201, joined.text
        return person

    def package(self, ref: CustomerRef, *, uses: int = 10, **told: Any) -> str:
        """A package of a customer's; its id."""
        wanted = NewPass(kind="package", uses=uses, **{"name": "Ten classes", **told})
        return self._wired().passes.create(self.repo, ref, wanted).state.held.pass_id

    def membership(self, ref: CustomerRef, *, limit: int | None = None, **told: Any) -> str:
        """A membership of a customer's; its id."""
        told = {"name": "Member", **told}
        wanted = NewPass(kind="membership", uses_per_period=limit, **told)
        return self._wired().passes.create(self.repo, ref, wanted).state.held.pass_id

    def remaining(self, ref: CustomerRef, pass_id: str) -> int:
        """The uses that are left of a package."""
        found, _ = self._wired().passes.of_customer(
            self.repo, ref, "package", limit=100, cursor=None
        )
        (held,) = [one.held for one in found if one.held.pass_id == pass_id]
        assert isinstance(held, Package)
        return held.remaining

    def _wired(self) -> Wiring:
        return self.world.wiring("bookings")


@dataclass
class Class:
    """One class of a studio."""

    studio: Studio
    class_session_id: str

    @property
    def shown(self) -> Any:
        """The class as the staff see it."""
        return self.studio.staff(f"GET /classes/{self.class_session_id}").body

    @property
    def counters(self) -> tuple[int, int, int, int]:
        """Free, booked and held seats, and how many wait."""
        shown = self.shown
        return shown["free"], shown["booked"], shown["held"], shown["waitlistCount"]

    def book(self, customer: Customer, *, dry_run: bool = False, **told: Any) -> Reply:
        """Book a seat for a customer, as the staff."""
        return self.book_for(customer.ref, dry_run=dry_run, **told)

    def book_for(self, ref: CustomerRef, *, dry_run: bool = False, **told: Any) -> Reply:
        """Book a seat for whom a reference names, as the staff."""
        query = "?dryRun=1" if dry_run else ""
        headers = told.pop("headers", {})
        body = {"classSessionId": self.class_session_id, **named(ref), **told}
        return self.studio.staff(f"POST /bookings{query}", body, headers=headers)

    def join(self, customer: Customer) -> Reply:
        """Put a customer on the waitlist, as the staff."""
        route = f"POST /classes/{self.class_session_id}/waitlist"
        return self.studio.staff(route, named(customer.ref))

    def change(self, **told: Any) -> Reply:
        """Change the class, as the staff."""
        return self.studio.staff(f"PATCH /classes/{self.class_session_id}", told)

    def cancel(self) -> Reply:
        """Cancel the class, as the staff."""
        return self.studio.staff(f"POST /classes/{self.class_session_id}/cancel")

    def act(self, booking: Reply, act: str, body: Any = None) -> Reply:
        """Do something with a booking, as the staff."""
        return self.studio.staff(f"POST /bookings/{booking.body['bookingId']}/{act}", body)

    def status(self, booking: Reply) -> str:
        """How a booking stands."""
        shown = self.studio.staff(f"GET /bookings/{booking.body['bookingId']}").body
        return str(shown["bookingStatus"])


def named(ref: CustomerRef) -> dict[str, str]:
    """A customer as a body names them."""
    return {"clientId" if ref.kind == "client" else "customerId": ref.customer_id}


def on_five_minutes(moment: datetime) -> datetime:
    """The moment without the minutes that no class starts at."""
    return moment.replace(minute=moment.minute - moment.minute % 5, second=0, microsecond=0)


def codes(reply: Reply) -> list[str]:
    """The violated rules that a refusal names."""
    return [one["code"] for one in reply.body["violations"]]
