"""A world with one of each thing that the API is about, and with somebody who may do much there.

What is there is known by the parameters that name it, as ``classSessionId``.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from greenroom.kernel.clock import to_text
from tests.expertise import customer
from tests.functions.edge import ORGANIZATION_ID, STAFF, WIDGET_KEY, saved_interview
from tests.proxies import PRESCHOOL_ID, make_tenant
from tests.studios import on_five_minutes
from tests.widgets import SITE, open_widget
from tests.world import Person, Reply, World

STUDIO = f"/api/organizations/{ORGANIZATION_ID}"
WIDGET = f"/api/widget/{WIDGET_KEY}"


@dataclass
class Furnished:
    """The world, who asks there, and the ids of what is there."""

    world: World
    known: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ada = self.world.person("user_ada", **STAFF)
        self.admin = self.world.person("user_admin", **STAFF)
        people = [self.ada, self.admin]
        for person in people:
            person.credits()
        open_widget(self.world, ORGANIZATION_ID, key=WIDGET_KEY)
        members = {person.user_id: "admin" for person in people}
        make_tenant(self.world, "preschool", PRESCHOOL_ID, members)
        self.known |= {
            "organizationId": [ORGANIZATION_ID],
            "key": [WIDGET_KEY],
            "userId": [person.user_id for person in people],
        }
        self._furnish_the_studio()
        self._furnish_the_rest()

    def caller(self, *, admin: bool) -> Person:
        """Who asks: an admin of ours, or an admin of the studio."""
        return self.admin if admin else self.ada

    def _furnish_the_studio(self) -> None:
        lesson = {
            "name": "Morning flow",
            "type": "yoga",
            "startsAt": to_text(on_five_minutes(self.world.clock() + timedelta(days=3))),
            "durationMinutes": 60,
            "capacity": 100,
        }
        first = self._made(self.ada.call(f"POST {STUDIO}/classes", lesson), "classSessionId")
        self._made(self.ada.call(f"POST {STUDIO}/classes", lesson), "classSessionId")
        people = {"clients": "clientId", "leads": "customerId"}
        client, lead = (
            self._made(
                self.ada.call(f"POST {STUDIO}/{kind}", {"name": kind, "email": f"{kind}@x.org"}),
                name,
            )
            for kind, name in people.items()
        )
        self.known["customerRef"] = [client, lead]
        held = {"clientId": client, "name": "Ten classes"}
        self._made(self.ada.call(f"POST {STUDIO}/packages", {**held, "uses": 10}), "passId")
        member = {**held, "usesPerPeriod": None}
        self._made(self.ada.call(f"POST {STUDIO}/memberships", member), "passId")
        booking = {"classSessionId": first, "clientId": client}
        self._made(self.ada.call(f"POST {STUDIO}/bookings", booking), "bookingId")
        visit = {"classSessionId": first, "name": "Robin", "email": "robin@example.com"}
        booked = self.world.call(f"POST {WIDGET}/bookings", visit, headers={"origin": SITE})
        self.known["token"] = [self._made(booked, "manageToken")]

    def _furnish_the_rest(self) -> None:
        ada = self.ada
        saved = saved_interview(self.world, ada)
        self.known |= {"sessionId": [saved], "interviewId": [saved]}
        self.known["sessionId"].append(customer(self.world).session_id)
        ada.call("PUT /api/experts/me", {"status": "online"})
        self._made(ada.call("POST /api/intake/start", {"plan": "standard"}), "intakeId")
        self._made(ada.call("POST /api/realtime-session", {"jobTitle": "Welder"}), "sessionId")
        self._made(ada.call("POST /api/checkout", {"sku": "credits_3"}), "purchaseId")

    def _made(self, reply: Reply, name: str) -> str:
        assert 200 <= reply.status < 300, reply.text
        body: dict[str, Any] = reply.body
        found: str = body[name]
        self.known.setdefault(name, []).append(found)
        return found
