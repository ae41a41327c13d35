"""docs/table.md shows the kinds, keys, indexes and writes that the code has."""

import importlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from greenroom.table.item import KINDS
from greenroom.table.pool import Answer
from tests import aws
from tests.aws import Asked, Way
from tests.contract import quota_deeds, template
from tests.contract.class_deeds import DEEDS, Front
from tests.contract.quota_deeds import Office
from tests.contract.test_imports import by_name, modules
from tests.expertise import claim, expert, offer_of, session_of
from tests.fakes.provider import OFFER
from tests.intakes import begin, intake_of, pay, sign, signed
from tests.proxies import Proxy, model_says
from tests.seats import HOLD_S, PRICE_CENTS, CardStudio
from tests.studios import Studio
from tests.till import Till, event_of, owned
from tests.unit.payments.stripe_events import fixture, invoice_payment
from tests.usage_log import FACTS
from tests.widgets import WidgetSite
from tests.world import Person, World

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "layers" / "greenroom" / "greenroom"
PAGE = (ROOT / "docs" / "table.md").read_text(encoding="utf-8")


IN_ORGANIZATION = "T#org#{organization_id}#"
IN_TENANT = "T#{sign}#{tenant_id}#"
IN_PRESCHOOL = "T#ps#{preschool_id}#"
OF_CUSTOMER = IN_ORGANIZATION + "C#{sign}#{customer_id}"


class Row(NamedTuple):
    """One line of the key chart."""

    kind: str
    pk: str
    sk: str
    gsi1: str
    gsi2: str


def section(title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"no section {title}"
    return found[1]


def cells(title: str) -> list[list[str]]:
    """The body of a section's first table, without the code marks."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")][2:]
    return [
        [cell.strip().replace("`", "") for cell in line.strip("|").split("|")] for line in lines
    ]


CHART = [Row(*row[:5]) for row in cells("Keys")]


def pattern_of(text: str) -> re.Pattern[str]:
    """``USER#{user_id}`` as a pattern for keys."""
    return re.compile(re.sub(r"\\{.*?\\}", ".+", re.escape(text)))


def kind_at(pk: str, sk: str) -> str:
    """The kind that the chart says lives under a key; the most exact row counts."""
    fits = [
        row
        for row in CHART
        if pattern_of(row.pk).fullmatch(pk) and pattern_of(row.sk).fullmatch(sk)
    ]
    return min(fits, key=lambda row: row.sk.count("{")).kind


def registered() -> set[str]:
    """The kinds of the rooms that the wiring knows."""
    wiring = [module for module in modules() if module.room == "wiring"]
    rooms = {name.partition(".")[0] for module in wiring for name in module.ours}
    for name in by_name():
        if name.partition(".")[0] in rooms and name.endswith((".store", "items")):
            importlib.import_module(f"greenroom.{name}")
    return {kind for kind, of in KINDS.items() if of.__module__.split(".")[1] in rooms}


KNOWN = registered()


def test_the_kinds_of_the_chart_are_those_of_the_code() -> None:
    assert [row.kind for row in CHART] == sorted(row.kind for row in CHART)
    assert {row.kind for row in CHART} == KNOWN


@pytest.mark.parametrize("row", CHART, ids=lambda row: row.kind)
def test_the_prefixes_of_a_kinds_keys_stand_in_its_rooms_code(row: Row) -> None:
    room = PACKAGE / KINDS[row.kind].__module__.split(".")[1]
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted(room.glob("*.py")))

    for key in (row.pk, row.sk):
        if key == OF_CUSTOMER:
            assert "customer_pk(" in source
            continue
        if f"{key}#" in {IN_ORGANIZATION, IN_PRESCHOOL, IN_TENANT}:
            assert "Tenant" in source
            continue
        # Only Tenant writes what stands before.
        inside = key.removeprefix(IN_ORGANIZATION).removeprefix(IN_TENANT)
        assert (
            f'"{inside.partition("{")[0]}' if inside == key else f'"{inside.partition("#")[0]}"'
        ) in source


def test_the_indexes_are_those_of_the_template() -> None:
    (table,) = template.resources("AWS::DynamoDB::Table").values()
    by_index = {one["IndexName"]: one["Projection"] for one in table["GlobalSecondaryIndexes"]}

    gsi1 = re.search(r"`GSI1` .*?: (.+?)\.\n", section("Indexes"), re.DOTALL)
    assert gsi1
    assert re.findall(r"`(\w+)`", gsi1[1]) == by_index["GSI1"]["NonKeyAttributes"]
    assert by_index["GSI2"]["ProjectionType"] == "KEYS_ONLY"
    assert "`GSI2` (keys only)" in section("Indexes")
    names = {one.attr_name for of in KINDS.values() for one in of.get_attributes().values()}
    assert set(by_index["GSI1"]["NonKeyAttributes"]) <= names
    assert {"credits", "starts", "token"}.isdisjoint(by_index["GSI1"]["NonKeyAttributes"])


class Recorder:
    """What goes over the wire to the table, as DynamoDB is told it."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, asked: Asked, way: Way) -> Answer:
        request = asked.document
        if asked.operation == "TransactWriteItems":
            steps = [self._step(step) for step in request["TransactItems"]]
            self.seen.append(", ".join(steps))
        elif asked.operation == "UpdateItem":
            self.seen.append(f"update {self._kind(request['Key'])}")
        elif asked.operation == "BatchWriteItem":
            ((_, writes),) = request["RequestItems"].items()
            kinds = {self._kind(write["PutRequest"]["Item"]) for write in writes}
            self.seen.append(f"write {', '.join(sorted(kinds))}")
        return way(asked)

    def _step(self, step: dict[str, Any]) -> str:
        ((operation, request),) = step.items()
        kind = self._kind(request.get("Item") or request["Key"])
        return f"{operation.lower().replace('conditioncheck', 'check')} {kind}"

    @staticmethod
    def _kind(key: dict[str, Any]) -> str:
        return kind_at(key["PK"]["S"], key["SK"]["S"])


@contextmanager
def recording(world: World) -> Iterator[Recorder]:
    recorder = Recorder()
    with aws.watched(recorder):
        yield recorder


TURNS = [
    {"role": role, "content": f"Turn {n}.", "timestamp": n}
    for n, role in enumerate(("assistant", "user") * 4)
]


class Story:
    """One person whose deeds are the use cases of the page."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ada: Person = world.person(email="ada@example.com", email_verified=True)
        self.ada.credits()
        self.event: dict[str, Any] = {}
        self.bob = self.ada
        self.frozen: dict[str, Any] = {}
        self.studio: Studio
        self.site: WidgetSite
        self.front: Front

    def started(self) -> str:
        self.start = self.ada.start()
        session_id: str = self.start.body["sessionId"]
        return session_id

    def live(self) -> str:
        session_id = self.started()
        self.ada.exchange(self.start, OFFER)
        return session_id

    def saved(self) -> str:
        session_id = self.live()
        self.save(session_id)
        return session_id

    def save(self, session_id: str, more: int = 0) -> None:
        turns = TURNS + [{"role": "user", "content": "More.", "timestamp": 100}] * more
        body = {"sessionId": session_id, "messages": turns}
        assert self.ada.call("POST /api/interviews", body).status in {200, 201}


Prepare = Callable[[Story], Any]
Act = Callable[[Story, Any], object]


def move(story: Story, session_id: str, name: str) -> None:
    assert story.ada.call(f"POST /api/sessions/{session_id}/{name}").status == 200


def swept(story: Story, _: str) -> None:
    story.world.clock.move(10_000)
    story.world.sweep()


def refused_exchange(story: Story, _: str) -> None:
    story.world.provider.script("/calls", httpx.Response(400))
    assert story.ada.exchange(story.start, OFFER).status == 502


def rearmed(story: Story, _: str) -> None:
    assert story.ada.start(key="again").status == 201


def adjusted(story: Story, _: str) -> None:
    body = {"userId": story.ada.user_id, "credits": 1, "reason": "Goodwill"}
    headers = {"idempotency-key": "k"}
    admin = story.world.person("user_admin")
    assert admin.call("POST /api/admin/credits", body, headers=headers).status == 200


def nothing(_: Story) -> str:
    return ""


def with_marks(story: Story) -> str:
    story.world.rewire(WEBHOOK_MARK_PAUSE_S="15")
    return ""


def after_a_failed_mint(story: Story) -> str:
    story.world.provider.script("/client_secrets", httpx.Response(500))
    story.ada.start(key="again")
    return ""


def paid(story: Story, sku: str) -> str:
    till = Till(story.world)
    story.event = till.paid(till.seed(story.ada, sku))
    purchase_id: str = story.event["data"]["object"]["client_reference_id"]
    return purchase_id


def a_pack(story: Story) -> str:
    return paid(story, "credits_3")


def a_refund_of(story: Story) -> dict[str, Any]:
    payment = story.event["data"]["object"]["payment_intent"]
    return event_of(fixture(26), payment_intent=payment)


def a_pack_refunded_before(story: Story) -> str:
    purchase_id = a_pack(story)
    Till(story.world).outcome(a_refund_of(story))
    return purchase_id


def a_refund(story: Story) -> str:
    purchase_id = a_pack(story)
    delivered(story, purchase_id)
    story.event = a_refund_of(story)
    return purchase_id


def a_session(story: Story) -> str:
    return paid(story, "standard")


def a_session_while_active(story: Story) -> str:
    story.started()
    return a_session(story)


def a_banked_session(story: Story) -> str:
    session_id = story.started()
    purchase_id = a_session(story)
    delivered(story, purchase_id)
    move(story, session_id, "cancel")
    return purchase_id


def a_subscription(story: Story) -> str:
    story.event = owned(fixture(12), story.ada)
    return ""


def an_invoice(story: Story) -> str:
    a_subscription(story)
    delivered(story, "")
    story.event = owned(fixture(20), story.ada)
    return ""


def its_payment(story: Story) -> str:
    an_invoice(story)
    delivered(story, "")
    story.event = invoice_payment("pi_1", story.event["data"]["object"]["id"])
    return ""


def its_refund(story: Story) -> str:
    its_payment(story)
    delivered(story, "")
    story.event = event_of(fixture(26), payment_intent="pi_1")
    return ""


def delivered(story: Story, _: str) -> None:
    Till(story.world).outcome(story.event)


class Seat:
    """Somebody's seat in a class for one, held until its card payment comes."""

    def __init__(self, story: Story) -> None:
        self.till, self.studio = Till(story.world), CardStudio(story.world)
        self.klass, self.guest = self.studio.class_of(1), self.studio.guest()
        self.booking = self.guest.books(self.klass)
        self.purchase = self.guest.orders(self.booking)
        story.event = self.till.paid(self.purchase)
        story.ada = self.guest.person


def a_seat(story: Story) -> str:
    return Seat(story).booking.booking_id


def a_late_seat(story: Story) -> str:
    seat = Seat(story)
    seat.studio.world.clock.move(HOLD_S)
    seat.studio.sweep()
    return seat.booking.booking_id


def a_lost_seat(story: Story) -> str:
    seat = Seat(story)
    seat.guest.cancels(seat.booking)
    return seat.booking.booking_id


def a_seat_that_goes_back(story: Story) -> str:
    seat = Seat(story)
    delivered(story, "")
    seat.guest.cancels(seat.booking)
    story.event = seat.till.about(seat.purchase, event_of(fixture(26)), amount=PRICE_CENTS)
    return seat.booking.booking_id


def a_paid_seat(story: Story) -> str:
    seat = Seat(story)
    delivered(story, "")
    return f"{seat.studio.home}/bookings/{seat.booking.booking_id}"


def desk(story: Story) -> str:
    """An expert is there, and a session that looks for one."""
    story.world.rewire(EXPERT_SIGNUP="open")
    story.bob = expert(story.world)
    return session_of(story.ada).session_id


def offered(story: Story) -> str:
    session_id = desk(story)
    story.world.sweep()
    return session_id


def unoffered(story: Story) -> str:
    """Nobody was online when the wave went out."""
    story.world.rewire(EXPERT_SIGNUP="open")
    session_id = session_of(story.ada).session_id
    story.world.sweep()
    story.bob = expert(story.world)
    return session_id


def accepted(story: Story) -> str:
    session_id = unoffered(story)
    assert claim(story.bob, session_id).status == 200
    return session_id


def begun(story: Story) -> str:
    session_id = accepted(story)
    move(story, session_id, "start")
    return session_id


def said(story: Story, session_id: str) -> None:
    route = f"POST /api/sessions/{session_id}/messages"
    assert story.ada.call(route, {"text": "Hi"}, headers={"idempotency-key": "k"}).status == 201


def on_offer(act: str) -> Act:
    def run(story: Story, session_id: str) -> None:
        offer_id = offer_of(story.bob, session_id)
        assert story.bob.call(f"POST /api/offers/{offer_id}/{act}").status == 200

    return run


def released(story: Story, session_id: str) -> None:
    assert story.bob.call(f"POST /api/sessions/{session_id}/release").status == 200


GRACE = {"name": "Grace", "email": "grace@example.org"}


def studio(story: Story) -> str:
    story.studio = Studio(story.world)
    return ""


def a_client(story: Story) -> str:
    """One who has the e-mail of the story's person."""
    studio(story)
    told = {"name": "Ada", "email": "ada@example.com"}
    return str(story.studio.staff("POST /clients", told).body["clientId"])


def joined(story: Story, _: str) -> None:
    route = f"POST {story.studio.home}/me"
    assert story.ada.call(route, {"name": "Ada"}).status == 201


def given(story: Story, client_id: str) -> str:
    body = {"clientId": client_id, "name": "Ten", "uses": 10}
    story.frozen = {"clientId": client_id, "status": "frozen"}
    headers = {"idempotency-key": "k"}
    return str(story.studio.staff("POST /packages", body, headers=headers).body["passId"])


def a_package(story: Story) -> str:
    return given(story, a_client(story))


def a_widget(story: Story) -> str:
    story.site = WidgetSite(story.world)
    return story.site.make_class()


def a_widgets_booking(story: Story) -> str:
    class_id = a_widget(story)
    return story.site.booked(class_id)


def booked_by_a_visitor(story: Story, class_id: str) -> None:
    assert story.site.book(class_id).status == 201


def failing_model(story: Story) -> Proxy:
    proxy = Proxy(story.world)
    model_says(proxy, "no exam")
    return proxy


def used(story: Story, **facts: Any) -> None:
    log = story.world.wiring("feedback").usage_log
    assert log.write({**FACTS, **facts}) == "stored"


def at_the_desk(
    prepare: Callable[[Front], object], act: Callable[[Front], object]
) -> tuple[Prepare, Act]:
    """A deed of a studio's front desk as a use case."""

    def begin(story: Story) -> str:
        story.front = Front(story.world)
        prepare(story.front)
        return ""

    return begin, lambda story, _: act(story.front)


def in_the_office(
    prepare: Callable[[Office], None], act: Callable[[Office], None]
) -> tuple[Prepare, Act]:
    """A deed about quotas as a use case."""
    offices: list[Office] = []

    def begin(story: Story) -> str:
        offices.append(Office(story.world))
        prepare(offices[-1])
        return ""

    return begin, lambda _story, _: act(offices[-1])


USE_CASES: dict[str, tuple[Prepare, Act]] = {
    "first look at a person": (
        nothing,
        lambda story, _: story.world.person(email="b@example.com", email_verified=True).credits(),
    ),
    "change of name and profile": (
        nothing,
        lambda story, _: story.ada.call("PATCH /api/user", {"name": "A", "profile": {"bio": "B"}}),
    ),
    "start of an interview": (nothing, lambda story, _: story.started()),
    "start whose mint fails": (nothing, lambda story, _: after_a_failed_mint(story)),
    "same start again after that": (after_a_failed_mint, rearmed),
    "fresh token": (
        Story.started,
        lambda story, one: story.ada.call(f"POST /api/realtime-session/{one}/token"),
    ),
    "exchange": (Story.started, lambda story, _: story.ada.exchange(story.start, OFFER)),
    "exchange that the provider refuses": (Story.started, refused_exchange),
    "connected": (Story.live, lambda story, one: move(story, one, "connected")),
    "connect-failed": (Story.live, lambda story, one: move(story, one, "connect-failed")),
    "cancel": (Story.started, lambda story, one: move(story, one, "cancel")),
    "end": (Story.live, lambda story, one: move(story, one, "end")),
    "sweep of a session that was never answered": (Story.started, swept),
    "sweep of a session past its maximum": (Story.live, swept),
    "save": (Story.live, lambda story, one: story.save(one)),
    "save of a longer copy": (Story.saved, lambda story, one: story.save(one, more=1)),
    "feedback": (Story.saved, lambda story, _: story.world.feedback()),
    "exam for a tenant": (lambda story: Proxy(story.world), lambda _, one: one.generate()),
    "exam with an Idempotency-Key, of a person alone": (
        lambda story: Proxy(story.world, None),
        lambda _, one: one.generate(key="exam-1"),
    ),
    "exam that the model fails to write": (failing_model, lambda _, one: one.generate()),
    "row of the usage log, for a tenant": (nothing, lambda story, _: used(story)),
    "row of the usage log, of a person alone": (
        nothing,
        lambda story, _: used(story, tenant_kind=None),
    ),
    "row of the usage log that was spilled": (
        nothing,
        lambda story, _: story.world.redrive(json.dumps({"usage": FACTS})),
    ),
    "webhook that is refused": (
        with_marks,
        lambda story, _: story.world.call("POST /api/webhooks/stripe", "{}"),
    ),
    "hourly look at a person's books, after a day with news": (
        lambda story: story.started(),
        lambda story, _: story.world.invoke("reconcile", {}),
    ),
    "error in a browser of somebody who is signed in": (
        nothing,
        lambda story, _: story.ada.call("POST /api/client-errors", {"message": "It broke."}),
    ),
    "payment of credits": (a_pack, delivered),
    "payment of credits that were refunded before": (a_pack_refunded_before, delivered),
    "refund or dispute": (a_refund, delivered),
    "payment of a session": (a_session, delivered),
    "payment of a session while one is active": (a_session_while_active, delivered),
    "news of a subscription": (a_subscription, delivered),
    "invoice that was paid": (an_invoice, delivered),
    "payment of that invoice": (its_payment, delivered),
    "refund or dispute of that payment": (its_refund, delivered),
    "redeem": (
        a_banked_session,
        lambda story, one: story.ada.call(f"POST /api/purchases/{one}/redeem"),
    ),
    "payment of a seat in a class": (a_seat, delivered),
    "payment of a seat that was held too long": (a_late_seat, delivered),
    "payment of a seat that is gone": (a_lost_seat, delivered),
    "refund of a seat that was given up": (a_seat_that_goes_back, delivered),
    "cancel of a seat that was paid": (
        a_paid_seat,
        lambda story, one: story.ada.call(f"POST {one}/cancel", {}),
    ),
    "credits by an admin": (nothing, adjusted),
    "delete an interview": (
        Story.saved,
        lambda story, one: story.ada.call(f"DELETE /api/interviews/{one}"),
    ),
    "free intake": (nothing, lambda story, _: begin(story.ada, "trial")),
    "paid intake": (nothing, lambda story, _: begin(story.ada, "standard")),
    "signature": (
        lambda story: intake_of(story.ada),
        lambda story, one: sign(story.ada, one),
    ),
    "signature of a free session": (
        lambda story: intake_of(story.ada, "free"),
        lambda story, one: sign(story.ada, one),
    ),
    "intake paid with credits": (
        lambda story: signed(story.ada, "quick"),
        lambda story, one: pay(story.ada, one),
    ),
    "first profile of an expert": (
        nothing,
        lambda story, _: story.ada.call("PUT /api/experts/me", {"status": "online"}),
    ),
    "wave of offers": (desk, lambda story, _: story.world.sweep()),
    "accept an offer": (offered, on_offer("accept")),
    "claim without an offer": (
        unoffered,
        lambda story, one: claim(story.bob, one),
    ),
    "decline an offer": (offered, on_offer("decline")),
    "release a session": (accepted, released),
    "begin a session": (accepted, lambda story, one: move(story, one, "start")),
    "end of a session with an expert": (begun, lambda story, one: move(story, one, "end")),
    "sweep of a session that no expert took": (unoffered, swept),
    "cancel of a session paid with credits": (
        lambda story: str(pay(story.ada, signed(story.ada, "quick")).body["sessionId"]),
        lambda story, one: move(story, one, "cancel"),
    ),
    "say something": (accepted, said),
    "settings of a studio": (
        studio,
        lambda story, _: story.studio.staff("PATCH ", {"currency": "eur"}),
    ),
    "new client or lead": (studio, lambda story, _: story.studio.staff("POST /leads", GRACE)),
    "another e-mail of a customer": (
        a_client,
        lambda story, one: story.studio.staff(f"PATCH /clients/{one}", {"email": "g@example.org"}),
    ),
    "joining as the customer who has one's e-mail": (a_client, joined),
    "joining as a new lead": (studio, joined),
    "new pass": (a_client, given),
    "freezing a pass": (
        a_package,
        lambda story, one: story.studio.staff(f"PATCH /packages/{one}", story.frozen),
    ),
    "booking of somebody new through the widget": (a_widget, booked_by_a_visitor),
    "cancellation through a booking's link": (
        a_widgets_booking,
        lambda story, token: story.site.call(f"POST /bookings/{token}/cancel"),
    ),
    **{name: in_the_office(*deed) for name, deed in quota_deeds.DEEDS.items()},
    **{name: at_the_desk(*deed) for name, deed in DEEDS.items()},
}


def test_every_use_case_is_on_the_page() -> None:
    assert [name for name, _ in cells("Writes")] == list(USE_CASES)


@pytest.mark.parametrize(("name", "writes"), cells("Writes"), ids=lambda text: text[:40])
def test_a_use_case_writes_what_the_page_says(world: World, name: str, writes: str) -> None:
    prepare, act = USE_CASES[name]
    story = Story(world)
    session_id = prepare(story)

    with recording(world) as recorder:
        act(story, session_id)

    assert "; ".join(recorder.seen) == writes
