"""What studios and their customers do: settings, people, passes, classes, bookings."""

from datetime import timedelta

from greenroom.kernel.clock import to_text
from greenroom.organizations.principal import CustomerRef
from tests.counts.walk import Walk
from tests.studios import FUTURE, Studio, named, on_five_minutes


def studio(walk: Walk) -> None:
    """Settings, members, customers and their passes."""
    there = Studio(walk)
    there.admin.credits()
    walk.ask(there.admin.call, "GET /api/organizations")
    walk.ask(there.staff, "GET ")
    walk.ask(there.staff, "PATCH ", {"allowedOrigins": ["https://studio.example"]})
    walk.ask(there.staff, "POST /widget-key")
    walk.ask(there.staff, "GET /members")
    for kind, name in (("clients", "clientId"), ("leads", "customerId")):
        told = {"name": kind, "email": f"{kind}@example.com"}
        made = walk.ask(there.staff, f"POST /{kind}", told)
        one = f"/{kind}/{made.body[name]}"
        walk.ask(there.staff, f"GET /{kind}")
        walk.ask(there.staff, f"GET {one}")
        walk.ask(there.staff, f"PATCH {one}", {"notes": "Vegan"})
    ref = there.customer().ref
    for passes, uses in (("packages", "uses"), ("memberships", "usesPerPeriod")):
        given = {"name": "Ten", uses: 10, **named(ref)}
        made = walk.ask(there.staff, f"POST /{passes}", given)
        query = "&".join(f"{name}={value}" for name, value in named(ref).items())
        walk.ask(there.staff, f"GET /{passes}?{query}")
        one = f"/{passes}/{made.body['passId']}"
        walk.ask(there.staff, f"PATCH {one}", {**named(ref), "validUntil": None})
    _coming_and_becoming(walk, there)


def _coming_and_becoming(walk: Walk, there: Studio) -> None:
    client = there.customer(email="cleo@example.org")
    person = walk.person(email=client.email, email_verified=True)
    person.credits()
    walk.ask(person.call, f"POST {there.home}/me")
    lead = there.customer("lead")
    there.package(lead.ref)
    assert there.hold_class().book(lead).status == 201
    walk.ask(there.staff, f"POST /leads/{lead.ref.customer_id}/convert")


def classes(walk: Walk) -> None:
    """The schedule, and all that is done with a class and its seats."""
    there = Studio(walk)
    told = {
        "name": "Morning flow",
        "type": "yoga",
        "startsAt": to_text(on_five_minutes(walk.clock() + FUTURE)),
        "durationMinutes": 60,
        "capacity": 1,
        "priceCents": 1500,
    }
    made = walk.ask(there.staff, "POST /classes", told).body["classSessionId"]
    one = f"/classes/{made}"
    walk.ask(there.staff, "GET /classes?month=2026-11")
    walk.ask(there.staff, f"GET {one}")
    walk.ask(there.staff, f"PATCH {one}", {"name": "Evening flow"})
    ada, bob = there.customer(), there.customer("lead")
    pass_id = there.package(ada.ref)
    paying = {"use": {"packageId": pass_id}}
    wish = {"classSessionId": made, **named(ada.ref)}
    _before_booking(walk, there, made, ada.ref)
    booked = walk.ask(there.staff, "POST /bookings", {**wish, **paying})
    booking = f"/bookings/{booked.body['bookingId']}"
    walk.ask(there.staff, f"GET {booking}")
    walk.ask(there.staff, f"GET /bookings?clientId={ada.ref.customer_id}")
    waits = walk.ask(there.staff, f"POST {one}/waitlist", named(bob.ref))
    walk.ask(there.staff, f"GET {one}/waitlist")
    walk.ask(there.staff, f"POST {booking}/cancel", {})
    offered = f"/bookings/{waits.body['bookingId']}"
    walk.ask(there.staff, f"POST {offered}/confirm", {"use": "at_studio"})
    walk.ask(there.staff, f"POST {offered}/paid")
    walk.ask(there.staff, f"GET {one}/roster")
    walk.clock.move(FUTURE.total_seconds())
    walk.ask(there.staff, f"POST {offered}/attend")
    walk.ask(there.staff, f"POST {offered}/no-show")
    _called_off(walk, there)


def _before_booking(walk: Walk, there: Studio, class_id: str, ref: CustomerRef) -> None:
    query = f"classSessionId={class_id}&clientId={ref.customer_id}"
    walk.ask(there.staff, f"GET /bookings/payment-options?{query}")
    whole = {
        "customerId": ref.customer_id,
        "customerType": ref.kind,
        "classSessionId": class_id,
        "organizationId": there.organization_id,
    }
    walk.ask(there.admin.call, "POST /api/test-booking", whole)


def _called_off(walk: Walk, there: Studio) -> None:
    held = there.hold_class(capacity=5, starts_in=FUTURE + timedelta(days=3))
    for _ in range(3):
        assert held.book(there.customer()).status == 201
    walk.ask(held.cancel)
    walk.case("what follows a class that is cancelled, of three bookings", walk.sweep)
