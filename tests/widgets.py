"""A studio with a widget on its own site, for tests; visitors come through the handler."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from greenroom.customers.domain import Customer, NewCustomer
from greenroom.organizations.principal import CustomerKind
from greenroom.organizations.repo import OrgRepo
from tests.studios import Class, Studio
from tests.world import Reply, World

SITE = "https://studio.example"
EVIL = "https://evil.example"
ADDRESS = "203.0.113.7"
DETAILS: dict[str, Any] = {"capacity": 500, "priceCents": 1500}


class WidgetSite:
    """One studio, and visitors of its site."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.studio = Studio(world)
        self.organization_id = self.studio.organization_id
        self.key = ""
        self.rotate()
        self.set(allowedOrigins=[SITE])

    def set(self, **settings: Any) -> None:
        """Change the studio's settings, as its admin."""
        reply = self.studio.staff("PATCH ", settings)
        assert reply.status == 200, reply.text

    def rotate(self) -> str:
        """Give the widget another key, as its admin: the new one."""
        reply = self.studio.staff("POST /widget-key")
        assert reply.status == 200, reply.text
        self.key = reply.body["studio"]["widget"]["key"]
        return self.key

    def hold_class(self, *, in_hours: float = 48, **changes: Any) -> Class:
        """A class."""
        starts_in = timedelta(hours=in_hours)
        return self.studio.hold_class(starts_in=starts_in, **{**DETAILS, **changes})

    def make_class(self, *, in_hours: float = 48, **changes: Any) -> str:
        """A class: its id."""
        return self.hold_class(in_hours=in_hours, **changes).class_session_id

    def call(
        self,
        route: str,
        body: Any = None,
        *,
        origin: str | None = SITE,
        headers: Mapping[str, str] | None = None,
        address: str = ADDRESS,
        key: str | None = None,
    ) -> Reply:
        """Call ``GET /schedule`` of the widget, as a page of that origin."""
        method, _, path = route.partition(" ")
        sent = {**({"origin": origin} if origin is not None else {}), **(headers or {})}
        whole = f"{method} /api/widget/{self.key if key is None else key}{path}"
        return self.world.call(whole, body, headers=sent, address=address)

    def book(
        self,
        class_session_id: str,
        email: str = "robin@example.com",
        *,
        wish: str | None = None,
        origin: str | None = SITE,
        address: str = ADDRESS,
        **more: Any,
    ) -> Reply:
        """Book as a visitor."""
        body = {"classSessionId": class_session_id, "name": "Robin Reed", "email": email, **more}
        headers = {} if wish is None else {"idempotency-key": wish}
        return self.call("POST /bookings", body, origin=origin, headers=headers, address=address)

    def booked(self, class_session_id: str, email: str = "robin@example.com", **more: Any) -> str:
        """Book as a visitor: the token of the booking's link."""
        reply = self.book(class_session_id, email, **more)
        assert reply.status == 201, reply.text
        token: str = reply.body["manageToken"]
        return token

    def customers(self, kind: CustomerKind) -> list[Customer]:
        """The studio's clients, or its leads."""
        customers = self.world.wiring("bookings").customers
        found, _ = customers.list(self.studio.repo, kind, q=None, limit=100, cursor=None)
        return found

    def client(self, email: str, name: str = "Ada Client") -> Customer:
        """A client with that e-mail."""
        customers = self.world.wiring("bookings").customers
        wanted = NewCustomer(name=name, email=email, notes="VIP")
        return customers.create(self.studio.repo, "client", wanted).customer

    def rows(self, kind: str) -> list[dict[str, Any]]:
        """The organisation's rows of a kind, raw."""
        own = f"T#org#{self.organization_id}"
        return [
            row
            for row in self.world.rows()
            if row["kind"]["S"] == kind and row["PK"]["S"].startswith(own)
        ]


def open_widget(world: World, organization_id: str, *, key: str) -> None:
    """Give an organisation a widget with that key, which may stand on ``SITE``."""
    wired, repo = world.wiring("organizations"), OrgRepo.of_system(organization_id)
    tx = world.table.transaction()
    wired.widget_keys.issue(tx, repo, None, key)
    settings = {"widget_key": key, "widget_enabled": True, "allowed_origins": [SITE]}
    wired.organizations.add_studio(tx, repo, settings)
    tx.commit()
