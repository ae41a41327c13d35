"""Requests that name something of an organisation, made from the routes themselves.

Whatever a route takes by an id in its path, its query or its body becomes a *place*: a request is
sent with a studio's own ids, and with those of another one in one place or in all.
"""

import copy
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

from greenroom.customers.domain import Customer
from greenroom.kernel.ids import new_id
from greenroom.organizations.domain import Member
from greenroom.organizations.principal import CustomerKind
from greenroom.web.route import Route
from scripts.openapi import all_routes
from scripts.openapi_words import EXAMPLES
from tests.studios import Class, Studio
from tests.world import Person, Reply, World

KINDS: tuple[CustomerKind, ...] = ("client", "lead")
WHO = ("clientId", "customerId", "customerRef")
# Every id that requests name: what a new one is has to be said in ``Side.ids``.
PLACES = {"organizationId", "classSessionId", "bookingId", "packageId", "membershipId", "passId"}
PLACES |= set(WHO)
# Parameters of queries that are no id, and the id that whoever makes a customer may choose.
PLAIN = {"month", "limit", "cursor", "q", "dryRun", "n", "kind"}
CHOSEN = {"id"}
# Of those, what is one customer's.
PERSONAL = PLACES - {"organizationId", "classSessionId"}

Ids = Mapping[str, str]


def members(route: Route) -> set[str]:
    """Every member that a route's body may have, also inside another one."""
    if route.body is None:
        return set()
    schema = route.body.model_json_schema()
    shapes = [schema, *schema.get("$defs", {}).values()]
    return {name for shape in shapes for name in shape.get("properties", ())}


@cache
def studio_routes() -> tuple[Route, ...]:
    """The routes that name an organisation, in their path or their body."""
    return tuple(
        route
        for _, route in all_routes()
        if "{organizationId}" in route.path
        # A tenant of the AI proxy may be called so, too: tests/functions/test_ai.py.
        or ("organizationId" in members(route) and not route.path.startswith("/api/ai/"))
    )


def named_ids(route: Route) -> set[str]:
    """Everything that a route takes and that looks like the name of something."""
    found = set(re.findall(r"{(\w+)}", route.path))
    found |= {name for name in route.query if name not in PLAIN}
    return found | {name for name in members(route) if re.search(r"(Id|Ref|Key|Token)$", name)}


@dataclass(frozen=True)
class Shot:
    """A request of a route about a customer of one kind; ``{packageId}`` stands for an id."""

    route: Route
    kind: CustomerKind
    query: tuple[tuple[str, str], ...]
    body: str | None

    @property
    def target(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.query)
        return f"{self.route.path}?{query}" if query else self.route.path

    @property
    def places(self) -> list[str]:
        """The ids that it names."""
        return sorted(set(re.findall(r"{(\w+)}", f"{self.target} {self.body or ''}")))

    def filled(self, ids: Ids) -> tuple[str, str | None]:
        """The request with these ids: method and target, and the body."""
        target, body = f"{self.route.method} {self.target}", self.body
        for place in self.places:
            target = target.replace(f"{{{place}}}", ids[place])
            body = body and body.replace(f"{{{place}}}", json.dumps(ids[place])[1:-1])
        return target, body

    def sent_by(self, person: Person, ids: Ids) -> Reply:
        """What the person is answered."""
        target, body = self.filled(ids)
        return person.call(target, body)


def shots(route: Route) -> Iterator[Shot]:
    """The requests of a route, each customer and each pass named in every way there is."""
    seen = set()
    for kind in KINDS:
        for query in _queries(route, kind):
            for body in _bodies(route, kind):
                shot = Shot(route, kind, query, body)
                dependent = kind if "{bookingId}" in route.path or "{passId}" in route.path else ""
                if (query, body, dependent) not in seen:
                    seen.add((query, body, dependent))
                    yield shot


def _queries(route: Route, kind: CustomerKind) -> Iterator[tuple[tuple[str, str], ...]]:
    plain = [(name, f"{{{name}}}") for name in route.query if name in PLACES and name not in WHO]
    plain = [(name, value.replace("classSessionId", "openClassId")) for name, value in plain]
    for who in _ways(set(route.query), kind):
        yield (*plain, *who.items())


def _bodies(route: Route, kind: CustomerKind) -> Iterator[str | None]:
    if route.body is None:
        yield None
        return
    fields = {field.alias or name for name, field in route.body.model_fields.items()}
    told = copy.deepcopy(EXAMPLES.get(route.key, {}))
    told = {name: one for name, one in told.items() if name not in PLACES | CHOSEN | {"use"}}
    told |= {name: f"{{{name}}}" for name in fields & {"organizationId"}}
    told |= dict.fromkeys(fields & {"classSessionId"}, "{openClassId}")
    uses: list[Any] = [None, {"packageId": "{packageId}"}, {"membershipId": "{membershipId}"}]
    for who in _ways(fields, kind):
        for use in uses if "use" in fields else uses[:1]:
            yield json.dumps({**told, **who, **({"use": use} if use else {})}, sort_keys=True)


def _ways(names: set[str], kind: CustomerKind) -> list[dict[str, str]]:
    """The ways in which a request may name a customer of that kind."""
    own = "clientId" if kind == "client" else "customerId"
    if "customerType" in names:
        return [{"customerType": kind, "customerId": f"{{{own}}}"}]
    found = [{own: f"{{{own}}}"}] if own in names else []
    return found + [{"customerRef": f"{{{own}}}"}] * ("customerRef" in names) or [{}]


@dataclass
class Own:
    """A customer with one of everything, and the person who signs in as them."""

    customer: Customer
    person: Person
    ids: dict[str, str]


@dataclass
class Side:
    """A studio with one of everything that requests name; every text holds its ``word``.

    Of either kind there are a customer, whose ids are named, and ``other`` than them.
    """

    world: World
    word: str
    own: dict[CustomerKind, Own] = field(default_factory=dict)
    other: dict[CustomerKind, Own] = field(default_factory=dict)
    numbers: int = 0

    def __post_init__(self) -> None:
        self.studio = Studio(self.world, name=f"{self.word} studio")
        self.member = self.studio.member()
        for one in (self.member, self.studio.admin):
            one.claims |= {"name": f"{self.word} staff", "email": f"{self.word}-staff@example.com"}
            one.credits()
            self.employ(one)
        texts: dict[str, Any] = dict.fromkeys(
            ("name", "description", "instructor", "location"), self.word
        )
        full = self.studio.hold_class(capacity=4, **texts)
        self.class_id = full.class_session_id
        self.open_id = self.studio.hold_class(**texts).class_session_id
        for kind in KINDS:
            self.own[kind] = self._with_everything(kind, full)
            self.other[kind] = self._with_everything(kind, full)
        assert full.join(self._customer("client")).status == 201
        self._offer()

    def employ(self, person: Person, *, removed: bool = False) -> None:
        """Keep a membership, or its end, as Clerk's news of it would."""
        store = self.world.wiring("bookings").organization_store
        told = Member(
            organization_id=self.studio.organization_id,
            membership_id="orgmem_1",
            user_id=person.user_id,
            role="admin" if person is self.studio.admin else "member",
            at=self.world.clock(),
            removed=removed,
        )
        tx = store.transaction()
        known = store.member(told.organization_id, told.user_id)
        store.add_member(tx, told, before=known)
        tx.commit()

    def _with_everything(self, kind: CustomerKind, full: Class) -> Own:
        customer = self._customer(kind)
        self.studio.package(customer.ref, name=self.word)
        self.studio.membership(customer.ref, name=self.word)
        ids = {
            "who": customer.ref.customer_id,
            "packageId": self.studio.package(customer.ref, name=self.word),
            "membershipId": self.studio.membership(customer.ref, name=self.word),
        }
        booked = full.book(customer, use={"packageId": ids["packageId"]})
        assert booked.status == 201, booked.text
        ids["bookingId"] = booked.body["bookingId"]
        return Own(customer, self.studio.person_of(customer), ids)

    def _offer(self) -> None:
        """All are offered a seat in another class, so that there is something to confirm."""
        class_ = self.studio.hold_class(capacity=1, starts_in=timedelta(days=4), name=self.word)
        seated = class_.book(self._customer("client"))
        for one in self._all:
            one.ids["offeredId"] = class_.join(one.customer).body["bookingId"]
        class_.act(seated, "cancel")
        assert class_.change(capacity=4).body["held"] == 4

    def _customer(self, kind: CustomerKind) -> Customer:
        self.numbers += 1
        return self.studio.customer(
            kind,
            name=f"{self.word} {kind}",
            email=f"{self.word}-{self.numbers}@example.com",
            phone="+4930123456",
            notes=f"{self.word} notes",
        )

    def ids(self, shot: Shot, of: Own | None = None) -> dict[str, str]:
        """The id for each place of a request, also such as a customer would name of themselves."""
        path = shot.route.path
        booking = "offeredId" if path.endswith("/confirm") else "bookingId"
        held = "packageId" if "/packages" in path else "membershipId"
        own = (of or self.own[shot.kind]).ids
        return {
            "organizationId": self.studio.organization_id,
            "classSessionId": self.class_id,
            "openClassId": self.open_id,
            "bookingId": own[booking],
            "clientId": (of or self.own["client"]).ids["who"],
            "customerId": (of or self.own["lead"]).ids["who"],
            "packageId": own["packageId"],
            "membershipId": own["membershipId"],
            "passId": own[held],
        }

    def personal(self, *, but: Own | None = None) -> set[str]:
        """What only the staff, and each customer of themselves, may see."""
        staff = [self.member, self.studio.admin]
        found = {f"{self.word}-", f"{self.word} notes", f"{self.word} staff", "+4930123456"}
        for one in self._all:
            if one is not but:
                found |= set(one.ids.values()) | {one.person.user_id, one.person.clerk_id}
        return found | {one.user_id for one in staff} | {one.clerk_id for one in staff}

    @property
    def everything(self) -> set[str]:
        """What nobody else may see."""
        known = {self.word, self.class_id, self.open_id, self.studio.clerk_id}
        return self.personal() | known | {self.studio.organization_id}

    @property
    def _all(self) -> list[Own]:
        return [*self.own.values(), *self.other.values()]


def unknown(shot: Shot) -> dict[str, str]:
    """An id of nothing for each place of a request."""
    return {place: new_id() for place in shot.places}


def apart_from_its_name(reply: Reply) -> tuple[int, Any]:
    """Status and body without the request's own id."""
    body = json.loads(reply.text) if reply.text else {}
    if isinstance(body, dict):
        body.pop("requestId", None)
    return reply.status, body
