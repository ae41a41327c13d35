"""One story in the order of time, of whatever a reference means."""

import csv
import io
import json
from typing import Any

import pytest

from greenroom.kernel.ids import new_id
from greenroom.payments.domain import SessionFacts
from greenroom.usage.domain import Payer, Plan, Service, Ticket
from tests.expertise import claim, expert
from tests.fakes.provider import ANSWER, OFFER
from tests.intakes import signed
from tests.seats import CardStudio
from tests.till import Till, event_of, owned
from tests.unit.payments.stripe_events import fixture
from tests.world import API_KEY, Person, Reply, World

Json = dict[str, Any]


def told(world: World, ref: str, query: str = "", **headers: str) -> Reply:
    admin = world.person("user_admin")
    return admin.call(f"GET /api/admin/audit?ref={ref}{query}", headers=headers)


def story(world: World, ref: str, query: str = "") -> list[str]:
    """The lines of a story in short: kind and what."""
    reply = told(world, ref, query)
    assert reply.status == 200, reply.text
    moments = [item["at"] for item in reply.body["items"]]
    assert moments == sorted(moments)
    return [f"{item['kind']} {item['what']}" for item in reply.body["items"]]


def lasting(world: World, *acts: Any) -> None:
    """Do these acts, each a second after the one before."""
    for act in acts:
        world.clock.move(1)
        act()


@pytest.fixture
def till(world: World) -> Till:
    return Till(world)


@pytest.fixture
def ada(world: World) -> Person:
    person = world.person(name="Ada")
    person.credits()
    return person


def now(till: Till, event: Json) -> None:
    """Stripe tells of something that happened just now."""
    till.outcome(event | {"created": int(till.world.clock().timestamp())})


def given_back(ada: Person) -> str:
    """An interview that was started, answered, and given back since it never connected."""
    ada.world.clock.move(1)
    started = ada.start()
    session_id = str(started.body["sessionId"])
    lasting(
        ada.world,
        lambda: ada.exchange(started, OFFER),
        lambda: ada.call(f"POST /api/sessions/{session_id}/connect-failed"),
    )
    return session_id


def test_an_interview_is_told_from_its_debit_to_its_refund(world: World, ada: Person) -> None:
    session_id = given_back(ada)

    assert story(world, session_id) == [
        "session created",
        "credits debit",
        "session live",
        "session connect_failed",
        "credits void",
    ]
    reply = told(world, session_id).body
    assert reply["about"]["kind"] == "session"
    assert reply["about"]["userId"] == ada.user_id
    assert reply["about"]["facts"]["status"] == "cancelled"
    assert reply["about"]["facts"]["givenBack"] is True
    debit = reply["items"][1]
    assert debit["facts"] == {"amount": -1.0, "reason": "interview", "sessionId": session_id}
    assert reply["nextCursor"] is None


def test_a_saved_interview_is_told_with_its_feedback_and_nothing_that_was_said(
    world: World, ada: Person
) -> None:
    started = ada.start({"jobTitle": "Welder", "resumeText": "canary-resume"})
    session_id = started.body["sessionId"]
    turns = [
        {"role": role, "content": f"canary-words {n}", "timestamp": n}
        for n, role in enumerate(("assistant", "user") * 4)
    ]
    body = {"sessionId": session_id, "messages": turns}
    lasting(
        world,
        lambda: ada.exchange(started, OFFER),
        lambda: ada.call("POST /api/interviews", body),
        world.feedback,
    )

    reply = told(world, session_id)

    assert story(world, session_id)[-4:] == [
        "session saved",
        "feedback due",
        "feedback completed",
        "ai ok",
    ]
    used = reply.body["items"][-1]
    assert used["facts"]["serviceType"] == "interview_feedback"
    assert story(world, used["ref"]) == ["ai asked", "ai ok"]
    assert "ai ok" in story(world, ada.user_id)
    facts = reply.body["items"][-2]["facts"]
    assert facts["attempt"] == 1
    assert facts["promptTokens"] > 0
    for secret in ("canary", API_KEY, started.body["token"], OFFER.decode(), ANSWER.decode()):
        assert secret not in reply.text


def bought(till: Till, ada: Person) -> Any:
    """Credits that were bought and refunded."""
    purchase = till.seed(ada)
    refund = till.about(purchase, event_of(fixture(26)), amount=purchase.amount_cents)
    lasting(till.world, lambda: now(till, till.paid(purchase)), lambda: now(till, refund))
    return till.now(purchase)


def test_a_purchase_is_told_with_stripes_events_and_its_credits(
    world: World, till: Till, ada: Person
) -> None:
    purchase = bought(till, ada)

    lines = story(world, purchase.purchase_id)

    assert sorted(lines) == [
        "credits purchase",
        "credits reversal",
        "payment checkout",
        "payment paid",
        "stripe checkout.session.completed",
        "stripe refund.created",
    ]
    about = told(world, purchase.purchase_id).body["about"]
    assert about["facts"]["standing"] == "fulfilled"
    assert about["facts"]["reversedCredits"] == 3.0


def test_each_of_stripes_ids_leads_to_the_same_purchase(
    world: World, till: Till, ada: Person
) -> None:
    purchase = bought(till, ada)
    events = [
        item["ref"]
        for item in told(world, purchase.purchase_id).body["items"]
        if item["kind"] == "stripe"
    ]
    whole = story(world, purchase.purchase_id)

    assert purchase.checkout_id is None or purchase.checkout_id.startswith("cs_")
    short = purchase.purchase_id.replace("-", "")
    for ref in (f"cs_test_{short}", f"pi_{short}"):
        assert story(world, ref) == whole, ref
        assert told(world, ref).body["about"]["id"] == purchase.purchase_id
    for ref in events:
        assert story(world, ref) == whole, ref
        assert told(world, ref).body["about"]["kind"] == "stripe_event"


def test_an_event_that_leads_nowhere_is_told_alone(world: World, till: Till) -> None:
    event = event_of(fixture(1), client_reference_id=new_id(), payment_intent="pi_lost")
    till.outcome(event)

    assert story(world, event["id"]) == ["stripe checkout.session.completed"]


def test_a_session_with_an_expert_is_told_from_the_question_to_the_refund(
    world: World, till: Till, ada: Person
) -> None:
    world.rewire(EXPERT_SIGNUP="open")
    helper = expert(world)
    world.clock.move(1)
    intake_id = signed(ada)
    facts = SessionFacts(type="video", waived_at=world.clock())
    purchase = till.seed(ada, "standard", intake_id=intake_id, session=facts)
    lasting(world, lambda: now(till, till.paid(purchase)))
    session_id = till.now(purchase).session_id or ""
    lasting(
        world,
        world.sweep,
        lambda: claim(helper, session_id),
        lambda: ada.call(f"POST /api/sessions/{session_id}/cancel"),
    )

    lines = story(world, session_id)

    assert {"intake asked", "intake signed", "payment checkout", "payment paid"} <= set(lines)
    assert (
        lines.index("intake asked") < lines.index("payment paid") < lines.index("session created")
    )
    assert lines[-1] == "session cancelled"
    assert "stripe checkout.session.completed" in lines
    for ref in (intake_id, purchase.purchase_id):
        assert story(world, ref) == lines


def test_a_booking_is_told_with_its_payment_with_and_without_its_studio(
    world: World, till: Till
) -> None:
    studio = CardStudio(world)
    guest = studio.guest()
    booking = guest.books(studio.class_of(2))
    world.clock.move(1)
    purchase = guest.orders(booking)
    lasting(
        world,
        lambda: now(till, till.paid(purchase)),
        lambda: guest.call(f"POST /bookings/{booking.booking_id}/cancel", {}),
    )

    lines = story(world, booking.booking_id)

    assert lines[0] == "booking created"
    assert {"booking paid", "booking cancelled", "payment paid"} <= set(lines)
    about = told(world, booking.booking_id).body["about"]
    assert about["facts"]["bookingStatus"] == "cancelled"
    for organization in (studio.organization_id, "org_edge", new_id()):
        reply = told(world, booking.booking_id, f"&organizationId={organization}")
        assert reply.status == (200 if organization == studio.organization_id else 404)
    assert story(world, purchase.purchase_id) == lines


def test_a_subscription_is_told_by_its_id_and_by_its_invoice(
    world: World, till: Till, ada: Person
) -> None:
    lasting(
        world,
        lambda: till.outcome(owned(fixture(12), ada)),
        lambda: till.outcome(owned(fixture(20), ada)),
    )
    (row,) = [row for row in world.rows() if row["kind"]["S"] == "subscription"]
    name = row["SK"]["S"].removeprefix("SUBSCRIPTION#")

    lines = story(world, name)

    assert {f"stripe {fixture(12)['type']}", "stripe invoice.paid"} <= set(lines)
    assert any(line.startswith("subscription is ") for line in lines)
    assert told(world, name).body["about"]["userId"] == ada.user_id
    invoice = fixture(20)["data"]["object"]["id"]
    assert told(world, invoice).body["about"] == told(world, name).body["about"]


def test_a_person_is_told_whole_whoever_page_by_page(world: World, till: Till, ada: Person) -> None:
    sessions = [given_back(ada), given_back(ada)]
    purchase = bought(till, ada)
    world.clock.move(5)
    body = {"userId": ada.user_id, "credits": 1, "reason": "Goodwill"}
    world.person("user_admin").call("POST /api/admin/credits", body)

    whole = told(world, ada.user_id).body
    pages: list[Json] = []
    cursor = ""
    while True:
        page = told(world, ada.clerk_id, f"&limit=1{cursor}").body
        pages += page["items"]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"

    refs = {item["ref"] for item in whole["items"]}
    assert {ada.user_id, purchase.purchase_id, *sessions} <= refs
    short = [f"{item['kind']} {item['what']}" for item in whole["items"]]
    assert short[:2] == ["person joined", "credits grant"]
    assert short[-2:] == ["admin credits.adjusted", "credits adjustment"]
    assert short.count("credits debit") == short.count("credits void") == 2
    assert sorted(map(json.dumps, pages)) == sorted(map(json.dumps, whole["items"]))
    assert whole["about"]["facts"]["credits"] == 4.0


def test_an_admins_request_is_told_by_its_id(world: World, ada: Person) -> None:
    body = {"userId": ada.user_id, "credits": 1, "reason": "Goodwill"}
    done = world.person("user_admin").call("POST /api/admin/credits", body)
    world.clock.move(20 * 86_400)

    assert story(world, done.headers["X-Request-Id"]) == ["admin credits.adjusted"]


def test_what_a_tenants_call_used_is_told_by_its_request(world: World, ada: Person) -> None:
    wired = world.wiring("admin")
    members = {ada.user_id: "admin"}
    school = wired.tenants.create("preschool", "Elm", tenant_id=None, members=members, actor="t")
    request_id = new_id()
    ticket = wired.meter.reserve(
        Payer(ada.user_id, school),
        Service("exam_generation", 1),
        plan=Plan(),
        request_id=request_id,
        request_hash="h",
    )
    assert isinstance(ticket, Ticket)
    wired.meter.release(ticket, reason="failed")

    reply = told(world, request_id).body

    assert story(world, request_id) == ["ai asked"]
    assert (reply["about"]["kind"], reply["about"]["userId"]) == ("ai", ada.user_id)
    assert reply["about"]["facts"]["state"] == "released"


@pytest.mark.parametrize(
    "ref",
    [
        "01a213e9-a1b5-7dec-bc5f-26031ebee95d",
        "user_nobody",
        "pi_nothing",
        "evt_nothing",
        "cs_x",
        "sub_x",
        "in_x",
        "req-1",
        "#",
        "*",
    ],
)
def test_what_means_nothing_is_404(world: World, ref: str) -> None:
    assert told(world, ref).status == 404


def test_a_reference_is_asked_for(world: World) -> None:
    reply = world.person("user_admin").call("GET /api/admin/audit")

    assert (reply.status, reply.body["errors"][0]["field"]) == (422, "ref")
    assert told(world, "x" * 257).status == 422


def test_a_cursor_belongs_to_a_persons_story(world: World, ada: Person) -> None:
    session_id = given_back(ada)

    assert (
        told(world, session_id, "&cursor=WyIyMDI2LTExLTIxVDEyOjAwOjAwLjAwMDAwMFoiLCIiXQ").status
        == 400
    )


def test_a_story_as_csv_holds_no_formula(world: World, ada: Person) -> None:
    world.clock.move(1)
    body = {"userId": ada.user_id, "credits": 1, "reason": "=1+1"}
    world.person("user_admin").call("POST /api/admin/credits", body)

    reply = told(world, ada.user_id, accept="text/csv")

    rows = list(csv.DictReader(io.StringIO(reply.text.removeprefix("\ufeff"), newline="")))
    assert [row["what"] for row in rows] == ["joined", "grant", "credits.adjusted", "adjustment"]
    assert all(cell[:1] not in set("=+-@") for row in rows for cell in row.values())
