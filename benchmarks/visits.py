"""Requests that a warm container is asked again and again, each with what has to be there first."""

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Final

from tests.clerk import message, person_event
from tests.fakes.provider import OFFER
from tests.intakes import begin
from tests.practice import live, pending, saved, turns
from tests.proxies import Proxy
from tests.studios import Studio
from tests.till import Till
from tests.world import Reply, World

Visits = Callable[[World], Iterator[Reply]]
"""Asks once for each answer that is taken."""

SETTINGS: Final = {"INITIAL_CENTICREDITS": "100000", "EXPERT_SIGNUP": "open"}
PAGE: Final = 20  # as many as one may start in an hour
SEATS: Final = 400
CALLS_OF_A_TENANT: Final = 40
TURNS: Final = 40


def _config(world: World) -> Iterator[Reply]:
    while True:
        yield world.call("GET /api/config")


def _user(world: World) -> Iterator[Reply]:
    ada = world.person(email="ada@example.com", name="Ada")
    ada.credits()
    while True:
        yield ada.call("GET /api/user")


def _start(world: World) -> Iterator[Reply]:
    while True:
        ada = world.person()
        ada.credits()
        yield ada.start({"jobTitle": "Welder", "company": "Acme"}, key="once")


def _exchange(world: World) -> Iterator[Reply]:
    while True:
        ada = world.person()
        yield ada.exchange(ada.start({"jobTitle": "Welder"}), OFFER)


def _connected(world: World) -> Iterator[Reply]:
    while True:
        practice = live(world)
        yield practice.person.call(f"POST /api/sessions/{practice.session_id}/connected")


def _save(world: World) -> Iterator[Reply]:
    while True:
        yield live(world).save(turns(TURNS))


def _history(world: World) -> Iterator[Reply]:
    ada = world.person()
    for _ in range(PAGE):
        saved(world, ada)
    while True:
        yield ada.call(f"GET /api/interviews?limit={PAGE}")


def _interview(world: World) -> Iterator[Reply]:
    practice = saved(world)
    practice.save(turns(TURNS))
    while True:
        yield practice.person.call(f"GET /api/interviews/{practice.session_id}")


def _session(world: World) -> Iterator[Reply]:
    practice = pending(world)
    while True:
        yield practice.person.call(f"GET /api/sessions/{practice.session_id}")


def _checkout(world: World) -> Iterator[Reply]:
    while True:
        ada = world.person(email="ada@example.com")
        ada.credits()
        yield ada.call("POST /api/checkout", {"sku": "credits_3"})


def _intake(world: World) -> Iterator[Reply]:
    while True:
        ada = world.person()
        ada.credits()
        yield begin(ada, vehicle={"make": "VW", "model": "Golf"}, concern="The brakes squeal.")


def _book(world: World) -> Iterator[Reply]:
    while True:
        studio = Studio(world)
        held = studio.hold_class(capacity=SEATS)
        for _ in range(SEATS):
            customer = studio.customer()
            use = {"packageId": studio.package(customer.ref)}
            yield held.book(customer, use=use)


def _schedule(world: World) -> Iterator[Reply]:
    studio = Studio(world)
    held = [studio.hold_class() for _ in range(PAGE)]
    month = held[0].shown["startsAt"][:7]
    while True:
        yield studio.staff(f"GET /classes?month={month}")


def _ai(world: World) -> Iterator[Reply]:
    for number in count():
        proxy = Proxy(world, tenant_id=f"d5e14446-f19e-4b29-8fb0-{number:012}")
        proxy.generate(key="first")
        for call in range(CALLS_OF_A_TENANT):
            yield proxy.generate(key=f"call {call}")


def _stripe(world: World) -> Iterator[Reply]:
    till = Till(world)
    while True:
        ada = world.person()
        ada.credits()
        yield till.deliver(json.dumps(till.paid(till.seed(ada))).encode())


def _clerk(world: World) -> Iterator[Reply]:
    while True:
        ada = world.person()
        ada.credits()
        yield message(world, person_event(ada, email="ada@example.com")).deliver()


VISITS: Final[Mapping[str, Visits]] = {
    "GET /api/config": _config,
    "GET /api/user": _user,
    "POST /api/realtime-session": _start,
    "POST /api/webrtc-exchange": _exchange,
    "POST /api/sessions/{sessionId}/connected": _connected,
    "GET /api/sessions/{sessionId}": _session,
    "POST /api/interviews": _save,
    "GET /api/interviews": _history,
    "GET /api/interviews/{interviewId}": _interview,
    "POST /api/checkout": _checkout,
    "POST /api/intake/start": _intake,
    "GET /api/organizations/{organizationId}/classes": _schedule,
    "POST /api/organizations/{organizationId}/bookings": _book,
    "POST /api/ai/generate": _ai,
    "POST /api/webhooks/stripe": _stripe,
    "POST /api/webhooks/clerk": _clerk,
}
"""By the key of the route that is asked; other routes are asked on the way."""
