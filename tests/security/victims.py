"""Somebody with one of everything, and every request that a stranger can make about them.

A request comes from the route table: each id that it takes, in its path, its query, its body or
a header, is the victim's. Its twin names what does not exist. What a stranger is answered has to
be the same, byte by byte.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from greenroom.kernel.ids import new_id
from greenroom.web.route import Route
from scripts.openapi_words import EXAMPLES
from tests.expertise import claim, expert, offer_of, session_of
from tests.fakes.provider import OFFER
from tests.intakes import intake_of
from tests.isolated import Side, shots, studio_routes, unknown
from tests.practice import saved
from tests.proxies import Proxy
from tests.till import Till
from tests.widgets import SITE
from tests.world import Person, Reply, World

WORD = "canaryvermilion"
KEY = f"{WORD}-key"  # the Idempotency-Key of all that the victim has done
NOTHING_OF_THEM = f"{WORD[::-1]}-key"


@dataclass(frozen=True)
class Request:
    """A request, and the same about what does not exist where it names anything at all."""

    target: str
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    twin: "Request | None" = None
    owner: Person | None = None

    def sent_by(self, person: Person) -> Reply:
        """What the person is answered; pages of the victim's own site send it."""
        return person.call(self.target, self.body, headers={"origin": SITE, **self.headers})


@dataclass
class Victim:
    """People and a studio with one of everything; every text of theirs holds ``WORD``."""

    world: World
    ids: dict[str, list[str]] = field(default_factory=dict)
    owners: dict[str, Person] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)
    public: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.side = Side(self.world, WORD)
        self.person = self._somebody()
        self._interviews()
        self._sessions_with_experts()
        self._money()
        self._uses_of_ai()
        self._widget()
        named = {one for name, ids in self.ids.items() if name != "key" for one in ids}
        self.private |= {KEY, *self.side.everything, *named}
        # A studio gives out addresses with its id; all studios of the tests have one phone.
        self.private -= {self.side.studio.organization_id, "+4930123456"}
        # What stands on the studio's own site, and is told to whoever joins it.
        self.public = {WORD, self.side.class_id, self.side.open_id}

    def _somebody(self) -> Person:
        number = len(self.private)
        made = self.world.person(email=f"{WORD}{number}@example.com", name=f"{WORD} {number}")
        made.credits()
        self.private |= {made.user_id, made.clerk_id}
        return made

    def _owns(self, owner: Person, **ids: str) -> None:
        for name, known in ids.items():
            self.ids.setdefault(name, []).append(known)
            self.owners[known] = owner

    def _interviews(self) -> None:
        practice = saved(self.world, self.person)
        other = [
            {"role": role, "content": f"{WORD} says so.", "timestamp": 1_795_000_100_000 + number}
            for number, role in enumerate(("assistant", "user"))
        ]
        assert practice.save(other).status == 200
        self.world.feedback()
        self.interview_id = practice.session_id
        waiting = self._somebody()
        started = waiting.start({"jobTitle": WORD}, key=KEY)
        self.token = str(started.body["token"])
        self._owns(self.person, sessionId=practice.session_id)
        self._owns(self.person, interviewId=practice.session_id)
        self._owns(waiting, sessionId=str(started.body["sessionId"]))

    def _sessions_with_experts(self) -> None:
        """One that is offered, one that is live, with something said in it."""
        self.world.rewire(EXPERT_SIGNUP="open")
        offered = session_of(self._somebody())
        self.expert = expert(self.world)
        self.world.sweep()
        self._owns(self.expert, offerId=offer_of(self.expert, offered.session_id))
        self._owns(self.expert, sessionId=offered.session_id)
        live = session_of(self._somebody())
        assert claim(self.expert, live.session_id).status == 200
        assert live.move("start", by=self.expert).status == 200
        route = f"POST /api/sessions/{live.session_id}/messages"
        said = live.person.call(route, {"text": f"{WORD} says"}, headers={"idempotency-key": KEY})
        assert said.status == 201, said.text
        self._owns(live.person, sessionId=live.session_id)
        self.world.rewire(EXPERT_SIGNUP="approval")

    def _money(self) -> None:
        till = Till(self.world)
        purchase = till.seed(self.person)
        assert till.outcome(till.paid(purchase)) == "applied"
        self._owns(self.person, purchaseId=purchase.purchase_id)
        self._owns(self.person, intakeId=intake_of(self.person, concern=f"{WORD} brakes", key=KEY))

    def _uses_of_ai(self) -> None:
        proxy = Proxy(self.world)
        self.tenant = proxy.tenant
        asked = proxy.generate(key=KEY, metadata={"screen": WORD})
        assert asked.status == 200, asked.text
        self.request_id = str(asked.body["requestId"])
        self.private |= {self.request_id, proxy.person.user_id, proxy.person.clerk_id}

    def _widget(self) -> None:
        studio = self.side.studio
        assert studio.staff("PATCH ", {"allowedOrigins": [SITE]}).status == 200
        self.ids["key"] = [str(studio.staff("POST /widget-key").body["studio"]["widget"]["key"])]
        body = {"name": f"{WORD} visitor", "email": f"{WORD}@example.com"}
        body["classSessionId"] = self.side.open_id
        route = f"POST /api/widget/{self.ids['key'][0]}/bookings"
        booked = self.world.call(route, body, headers={"origin": SITE})
        self.ids["token"] = [str(booked.body["manageToken"])]

    def requests(self, route: Route, *, widget_key: str) -> Iterator[Request]:
        """All that a stranger can ask of a route; ``widget_key`` is their own widget's."""
        if route in studio_routes():
            for shot in shots(route):
                twin = Request(*shot.filled(unknown(shot)))
                yield Request(*shot.filled(self.side.ids(shot)), twin=twin)
            return
        yield from self._about(route, widget_key)
        if "cursor" in route.query and "{" not in route.path:
            cursor = self._cursor(route)
            yield Request(f"{route.key}?limit=1&cursor={cursor}" if cursor else route.key)

    def _about(self, route: Route, widget_key: str) -> Iterator[Request]:
        body = _told(EXAMPLES.get(route.key))
        keys = ({"idempotency-key": KEY}, {"idempotency-key": NOTHING_OF_THEM})
        headers = keys if route.spends else ({}, {})
        queries = self._queries(route)
        if "{key}" in route.path:
            yield from self._of_the_widget(route, widget_key)
        elif names := re.findall(r"{(\w+)}", route.path):
            yield from self._at_a_path(route, names[0], body, headers)
        elif body and "sessionId" in body:
            yield from self._in_a_body(route, body, headers)
        elif queries:
            for name, known in queries.items():
                targets = [f"{route.key}?{name}={one}" for one in (known, new_id())]
                yield _pair(targets, [body, body], headers)
        else:
            yield from self._of_a_person(route, body, headers)

    def _at_a_path(
        self, route: Route, name: str, body: Any, headers: tuple[Any, Any]
    ) -> Iterator[Request]:
        for known in self.ids[name] if name != "userId" else [self.person.user_id]:
            targets = [route.key.replace(f"{{{name}}}", one) for one in (known, new_id())]
            yield replace(_pair(targets, [body, body], headers), owner=self.owners.get(known))

    def _in_a_body(self, route: Route, body: Any, headers: tuple[Any, Any]) -> Iterator[Request]:
        """Also with the victim's own token of the session, which is sealed for them alone."""
        if "sdp" in body:
            body |= {"sdp": OFFER.decode(), "token": self.token}
        for known in self.ids["sessionId"]:
            bodies = [{**body, "sessionId": one} for one in (known, new_id())]
            request = _pair([route.key] * 2, bodies, headers)
            yield replace(request, owner=self.owners[known])

    def _of_a_person(self, route: Route, body: Any, headers: tuple[Any, Any]) -> Iterator[Request]:
        """What names nobody, or only a tenant, a person or an ``Idempotency-Key``."""
        if route.key == "POST /api/ai/generate":
            tenants = ({"tenant": one} for one in (self.tenant, {**self.tenant, "id": new_id()}))
            yield _pair([route.key] * 2, [body | tenant for tenant in tenants], headers)
        elif route.key == "POST /api/ai/generate/cancel":
            yield _pair([route.key] * 2, [None, None], headers)
        else:
            named = {"userId": self.person.user_id} if route.auth == "admin" else {}
            yield Request(route.key, body and json.dumps(body | named), headers[0])

    def _of_the_widget(self, route: Route, widget_key: str) -> Iterator[Request]:
        """The link of a booking, and a class, at the widget of another studio."""
        body = _told(EXAMPLES.get(route.key))
        nothing = {"token": "x", "classSessionId": new_id()}
        known = {"token": self.ids["token"][0], "classSessionId": self.side.open_id}
        named = "{token}" in route.path or body is not None
        targets, bodies = [], []
        for ids in (known, nothing):
            target = route.key.replace("{key}", widget_key).replace("{token}", ids["token"])
            targets.append(target)
            bodies.append(body and body | {"classSessionId": ids["classSessionId"]})
        if named:
            yield _pair(targets, bodies, ({}, {}))
        else:
            yield Request(route.key.replace("{key}", self.ids["key"][0]))

    def _queries(self, route: Route) -> dict[str, str]:
        known = {
            "requestId": self.request_id,
            "tenantId": self.tenant["id"],
            "userId": self.person.user_id,
            "ref": self.person.user_id,
            "actor": self.person.user_id,
            "q": WORD,
        }
        found = {name: one for name, one in known.items() if name in route.query}
        if "tenantId" in found:
            found[f"tenantKind={self.tenant['kind']}&tenantId"] = found.pop("tenantId")
        return found

    def _cursor(self, route: Route) -> str | None:
        """Where the victim's own second page begins."""
        reply = self.person.call(f"{route.key}?limit=1")
        return reply.body.get("nextCursor") if reply.status == 200 else None


def _told(example: Any) -> Any:
    return json.loads(json.dumps(example)) if example is not None else None


def _pair(targets: list[str], bodies: list[Any], headers: tuple[Any, Any]) -> Request:
    """A request about the victim with its twin about nothing."""
    texts = [None if body is None else json.dumps(body) for body in bodies]
    twin = Request(targets[1], texts[1], headers[1])
    return Request(targets[0], texts[0], headers[0], twin=twin)
