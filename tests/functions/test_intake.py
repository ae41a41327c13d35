"""Intakes: what may be asked, who sees it, the waiver, and paying with credits."""

from typing import Any

import pytest

from greenroom.intake.domain import waiver_path
from greenroom.intake.waiver import CURRENT
from greenroom.payments.catalogue import CATALOGUE, ExpertSession
from tests.expertise import Customer, claim, expert
from tests.intakes import (
    begin,
    checkout,
    customer_with_credits,
    intake_of,
    pay,
    shown,
    sign,
    signed,
)
from tests.parallel import together
from tests.world import Person, World

DAY_S = 86_400
NOBODY = "01999999-9999-7999-8999-999999999999"


@pytest.fixture
def ada(world: World) -> Person:
    world.rewire(EXPERT_SIGNUP="open", INITIAL_CENTICREDITS="1000")
    return world.person()


def rows(world: World, kind: str) -> list[dict[str, Any]]:
    return [row for row in world.rows() if row["kind"]["S"] == kind]


# Beginning


def test_an_intake_is_kept_as_it_was_told(ada: Person) -> None:
    bob = expert(ada.world, workshopId="north")
    asked: dict[str, Any] = {
        "vehicle": {"make": "Volvo", "model": "V60", "year": 2015, "mileageKm": 90_000},
        "concern": "The brakes squeal — ¿por qué? 🔧",
        "answers": {"since": "May", "parts": ["front", "rear"]},
        "urgent": True,
        "isSpecialist": True,
        "preferredMechanicId": bob.user_id,
        "routingType": "hybrid",
    }

    begun = begin(ada, "standard", **asked)

    intake_id = begun.body["intakeId"]
    told = shown(ada, intake_id)
    assert begun.body["sessionId"] is None
    assert begun.body["redirect"] == f"/intake/waiver?plan=standard&intake_id={intake_id}"
    assert {name: told[name] for name in asked} == asked
    assert told["workshopId"] == "north"
    assert (told["status"], told["sessionType"], told["isFree"]) == ("submitted", "video", False)
    assert (told["amountCents"], told["currency"], told["credits"]) == (2999, "usd", 6.0)
    assert told["waiver"] == {"required": True, "version": None, "signedAt": None}
    assert told["next"] == begun.body["redirect"]


@pytest.mark.parametrize("plan", ["trial", "free", "trial-free"])
def test_a_free_plan_makes_its_session_at_once_and_leads_to_the_waiver(
    ada: Person, plan: str
) -> None:
    begun = begin(ada, plan, vehicle="Volvo V60")

    session_id, intake_id = begun.body["sessionId"], begun.body["intakeId"]
    assert begun.body["redirect"] == (
        f"/intake/waiver?session={session_id}&plan={plan}&intake_id={intake_id}"
    )
    session = Customer(ada, session_id).shown
    assert (session["type"], session["plan"], session["status"]) == ("chat", plan, "pending")
    assert session["intakeId"] == intake_id
    assert session["customerUserId"] == ada.user_id
    assert session["queuedAt"] is not None
    assert session["offeredAt"] is None
    assert session["assignment"]["status"] == "queued"
    assert shown(ada, intake_id)["status"] == "consumed"


def test_every_other_plan_is_paid_first(ada: Person) -> None:
    for product in CATALOGUE.of(ExpertSession):
        if not product.is_free:
            begun = begin(ada, product.sku)
            assert begun.body["sessionId"] is None
    assert rows(ada.world, "session") == []
    assert rows(ada.world, "active_guard") == []


@pytest.mark.parametrize("plan", ["trial", "trial-free"])
def test_a_trial_is_once_per_person_for_ever(ada: Person, plan: str) -> None:
    first = begin(ada, plan)
    ada.call(f"POST /api/sessions/{first.body['sessionId']}/cancel")
    before = ada.world.rows()

    again = begin(ada, plan)

    assert (again.status, again.code) == (409, "PLAN_USED")
    assert ada.world.rows() == before
    assert begin(ada.world.person(), plan).status == 200


def test_a_free_chat_repeats(ada: Person) -> None:
    for _ in range(2):
        begun = begin(ada)
        assert begun.status == 200
        ada.call(f"POST /api/sessions/{begun.body['sessionId']}/cancel")


def test_a_trial_is_had_once_also_when_asked_for_sixteen_times_at_once(ada: Person) -> None:
    ada.credits()

    replies = together(*[lambda: begin(ada, "trial") for _ in range(16)])

    assert sorted(reply.status for reply in replies) == [200] + [409] * 15
    assert len(rows(ada.world, "session")) == len(rows(ada.world, "plan_claim")) == 1


@pytest.mark.parametrize("plan", ["free", "standard"])
def test_the_same_key_is_the_same_intake(ada: Person, plan: str) -> None:
    first = begin(ada, plan, key="k", concern="Brakes")

    again = begin(ada, plan, key="k", concern="Brakes")

    assert (again.status, again.body) == (200, first.body)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert begin(ada, plan, key="k", concern="Clutch").code == "IDEMPOTENCY_MISMATCH"
    assert len(rows(ada.world, "intake")) == 1
    assert begin(ada.world.person(), plan, key="k").body["intakeId"] != first.body["intakeId"]


def test_a_repeat_after_the_waiver_leads_to_the_session(ada: Person) -> None:
    first = begin(ada, key="k")
    sign(ada, first.body["intakeId"])

    again = begin(ada, key="k")

    assert again.body["redirect"] == f"/sessions/{first.body['sessionId']}"


def test_values_in_a_redirect_are_encoded() -> None:
    assert waiver_path(session_id="a&b", plan="x y/ä", intake_id="1=2") == (
        "/intake/waiver?session=a%26b&plan=x+y%2F%C3%A4&intake_id=1%3D2"
    )


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("plan", "phone"),
        ("plan", "credits_3"),
        ("plan", ""),
        ("type", "phone"),
        ("routingType", "x"),
        ("amount", -1),
        ("amountPaid", 29.99),
        ("status", "live"),
        ("userId", NOBODY),
        ("paymentMethod", "free"),
        ("preferredMechanicId", "USER#1"),
        ("preferredMechanicId", NOBODY),
        ("preferredMechanicId", 7),
        ("workshopId", "North#1"),
        ("urgent", "yes"),
        ("vehicle", ""),
        ("vehicle", {"make": "Volvo"}),
        ("vehicle", {"make": "Volvo", "model": "V60", "price": 1}),
        ("concern", "x" * 4001),
        ("concern", ["x"]),
        ("answers", ["x"]),
        ("answers", {"x": "y" * 9000}),
        ("answers", {"a": {"b": {"c": {"d": {"e": {"f": {"g": 1}}}}}}}),
    ],
)
@pytest.mark.parametrize("plan", ["free", "standard"])
def test_what_is_not_valid_is_refused_by_its_field_and_nothing_is_written(
    ada: Person, plan: str, member: str, value: Any
) -> None:
    ada.credits()
    before = ada.world.rows()

    refused = begin(ada, **{"plan": plan, member: value})

    assert (refused.status, refused.code) == (422, "VALIDATION_FAILED"), refused.text
    fields = {one["field"].partition(".")[0] for one in refused.body["errors"]}
    assert fields == {member}
    assert ada.world.rows() == before


def test_all_that_is_wrong_is_named_at_once(ada: Person) -> None:
    refused = begin(ada, "free", type="phone", routingType="x", amount=-1, workshopId="a#b")

    fields = {one["field"] for one in refused.body["errors"]}
    assert fields == {"type", "routingType", "amount", "workshopId"}


def test_a_megabyte_is_refused_before_it_is_read(ada: Person) -> None:
    assert begin(ada, "free", concern="x" * 1_000_000).code == "BODY_TOO_LARGE"


def test_an_id_with_a_hash_opens_nothing(ada: Person) -> None:
    assert ada.call("GET /api/intake/x%23y").status == 404
    assert checkout(ada, "INTAKE#1").status == 404


def test_a_workshop_is_named_or_the_preferred_experts(ada: Person) -> None:
    inside, outside = expert(ada.world, workshopId="north"), expert(ada.world)
    asked = {"routingType": "workshop_only"}

    missing = begin(ada, **asked)
    without = begin(ada, **asked, preferredMechanicId=outside.user_id)
    begun = begin(ada, **asked, preferredMechanicId=inside.clerk_id)

    for refused in (missing, without):
        assert refused.body["errors"][0]["field"] == "workshopId"
    told = Customer(ada, begun.body["sessionId"]).shown
    assert told["assignment"]["workshopId"] == told["metadata"]["workshop_id"] == "north"
    assert told["metadata"]["preferred_mechanic_id"] == inside.user_id


def test_somebody_who_was_never_seen_may_begin(ada: Person) -> None:
    for plan in ("free", "standard"):
        eve = ada.world.person()
        assert begin(eve, plan).status == 200
        assert eve.credits() == 10.0


# One active session


def test_sixteen_free_intakes_of_one_customer_make_one_session(ada: Person) -> None:
    ada.credits()

    replies = together(*[lambda: begin(ada) for _ in range(16)])

    won = [reply for reply in replies if reply.status == 200]
    assert len(won) == 1
    for lost in (reply for reply in replies if reply.status != 200):
        assert lost.code == "ACTIVE_SESSION_EXISTS"
        assert lost.body["error"] == "You already have an active session"
        assert lost.body["activeSessionId"] == won[0].body["sessionId"]
        assert lost.body["activeSessionType"] == "chat"
        assert lost.body["activeSessionStatus"] == "pending"
    assert len(rows(ada.world, "assignment")) == 1
    assert len(rows(ada.world, "session")) == len(rows(ada.world, "intake")) == 1


def test_an_active_session_of_any_kind_is_in_the_way_of_any_intake(ada: Person) -> None:
    interview = ada.start().body["sessionId"]

    for plan in ("free", "standard"):
        refused = begin(ada, plan)
        assert (refused.status, refused.body["activeSessionId"]) == (409, interview)
        assert refused.body["activeSessionType"] == "interview"
    assert rows(ada.world, "intake") == []


def test_free_sessions_are_begun_so_often_an_hour_and_no_more(ada: Person) -> None:
    ada.world.rewire(STARTS_PER_HOUR="2")
    for _ in range(2):
        begun = begin(ada)
        ada.call(f"POST /api/sessions/{begun.body['sessionId']}/cancel")

    refused = begin(ada)
    ada.world.clock.move(3600)

    assert (refused.status, refused.code) == (429, "RATE_LIMITED")
    assert refused.headers["Retry-After"] == "3600"
    assert begin(ada).status == 200


# Who sees it


def test_an_intake_is_its_customers_and_its_experts(ada: Person) -> None:
    begun = begin(ada, concern="Brakes")
    intake_id, session_id = begun.body["intakeId"], begun.body["sessionId"]
    bob, eve = expert(ada.world), expert(ada.world)
    assert claim(bob, session_id).status == 200

    assert bob.call(f"GET /api/intake/{intake_id}").body["concern"] == "Brakes"
    before = ada.world.rows()
    for stranger in (eve, ada.world.person()):
        assert stranger.call(f"GET /api/intake/{intake_id}").status == 404
        assert sign(stranger, intake_id).status == 404
        assert pay(stranger, intake_id).status == 404
        assert checkout(stranger, intake_id).status == 404
    assert sign(bob, intake_id).status == 404
    assert ada.world.rows() == before


def test_an_intake_lasts_seven_days(ada: Person) -> None:
    begun, kept = intake_of(ada), signed(ada)
    ada.world.clock.move(7 * DAY_S)

    assert shown(ada, begun)["status"] == "expired"
    assert sign(ada, begun).code == "INTAKE_EXPIRED"
    for act in (pay, checkout):
        assert act(ada, kept).code == "INTAKE_EXPIRED"
    assert rows(ada.world, "session") == []


# The waiver


def test_the_waiver_is_public_and_signed_once(ada: Person) -> None:
    current = ada.world.call("GET /api/waivers/current").body
    intake_id = intake_of(ada)

    first = sign(ada, intake_id, signature="  Ada Lovelace ")
    ada.world.clock.move(5)
    again = sign(ada, intake_id, signature="Somebody Else")

    assert current == {
        "version": CURRENT.version,
        "title": CURRENT.title,
        "text": CURRENT.text,
    }
    assert first.body == again.body == {"next": f"/intake/pay?intake_id={intake_id}"}
    (row,) = rows(ada.world, "waiver")
    assert row["signature"]["S"] == "Ada Lovelace"
    assert row["version"]["S"] == CURRENT.version
    assert row["address"]["S"] == "127.0.0.1"
    assert row["signed_at"]["S"] == "2026-11-21T12:00:00.000000Z"
    assert shown(ada, intake_id)["status"] == "waived"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"accepted": False}, "accepted"),
        ({"signature": " "}, "signature"),
        ({"signature": "x" * 121}, "signature"),
        ({"version": ""}, "version"),
        ({"signedAt": "now"}, "signedAt"),
    ],
)
def test_a_signature_that_is_none_is_refused_by_its_field(
    ada: Person, changes: dict[str, Any], field: str
) -> None:
    refused = sign(ada, intake_of(ada), **changes)

    assert refused.body["errors"][0]["field"] == field
    assert rows(ada.world, "waiver") == []


def test_another_version_is_not_signed(ada: Person) -> None:
    refused = sign(ada, intake_of(ada), version="2020-01-01")

    assert (refused.status, refused.code) == (409, "WAIVER_VERSION")
    assert refused.body["currentVersion"] == CURRENT.version


def test_signing_lets_a_free_session_begin(ada: Person) -> None:
    begun = begin(ada)
    session = Customer(ada, begun.body["sessionId"])
    bob = expert(ada.world)
    assert claim(bob, session.session_id).status == 200
    assert session.move("start").code == "WAIVER_REQUIRED"

    signed_reply = sign(ada, begun.body["intakeId"])

    assert signed_reply.body == {"next": f"/sessions/{session.session_id}"}
    assert session.shown["waiverSignedAt"] is not None
    assert session.move("start").body["status"] == "live"
    assert "waiver_signed" in session.events


def test_a_free_session_that_nobody_signs_for_expires_after_half_an_hour(ada: Person) -> None:
    begun = begin(ada)
    session = Customer(ada, begun.body["sessionId"])
    claim(expert(ada.world), session.session_id)
    ada.world.clock.move(1800)
    ada.world.sweep()

    assert session.status == "expired"
    assert sign(ada, begun.body["intakeId"]).code == "INVALID_TRANSITION"
    assert begin(ada).status == 200


def test_a_signature_and_an_accepting_expert_do_not_get_in_each_others_way(ada: Person) -> None:
    for _ in range(5):
        begun = begin(ada)
        session, bob = Customer(ada, begun.body["sessionId"]), expert(ada.world)
        together(
            lambda: sign(ada, begun.body["intakeId"]),  # noqa: B023 (used at once)
            lambda: claim(bob, session.session_id),  # noqa: B023
        )

        told = session.shown
        assert (told["status"], told["waiverSignedAt"] is not None) == ("waiting", True)
        session.move("cancel")


# Paying with credits


def test_credits_open_the_session_and_are_debited_once(ada: Person) -> None:
    intake_id = signed(ada)

    replies = together(*[lambda: pay(ada, intake_id) for _ in range(8)])

    assert {reply.status for reply in replies} == {201}
    (session_id,) = {reply.body["sessionId"] for reply in replies}
    assert replies[0].body["redirect"] == f"/sessions/{session_id}"
    assert sum("Idempotency-Replayed" in reply.headers for reply in replies) == 7
    assert ada.credits() == 4.0
    session = Customer(ada, session_id).shown
    assert (session["type"], session["paymentMethod"], session["cost"]) == ("video", "credits", 6.0)
    assert session["assignment"]["status"] == "queued"
    (debit,) = [one for one in ada.ledger() if one["kind"] == "debit"]
    assert (debit["amount"], debit["reason"]) == (-6.0, "session")
    assert shown(ada, intake_id)["sessionId"] == session_id


def test_credits_are_not_taken_before_the_waiver_is_signed(ada: Person) -> None:
    assert pay(ada, intake_of(ada)).code == "WAIVER_REQUIRED"
    assert ada.credits() == 10.0


def test_too_few_credits_are_told_with_the_price(ada: Person) -> None:
    ada.world.rewire(INITIAL_CENTICREDITS="300")
    poor = customer_with_credits(ada.world)

    refused = pay(poor, signed(poor))

    assert (refused.status, refused.code) == (403, "INSUFFICIENT_CREDITS")
    assert refused.body["sessionCost"] == refused.body["minimumRequired"] == 6.0
    assert refused.body["currentCredits"] == 3.0
    assert poor.credits() == 3.0
    assert rows(ada.world, "session") == []


def test_a_free_plan_is_not_paid_for(ada: Person) -> None:
    intake_id = begin(ada).body["intakeId"]

    for act in (pay, checkout):
        assert act(ada, intake_id).body["errors"][0]["field"] == "intakeId"


def test_credits_of_a_session_that_never_began_come_back_and_pay_again(ada: Person) -> None:
    intake_id = signed(ada)
    first = pay(ada, intake_id).body["sessionId"]
    ada.call(f"POST /api/sessions/{first}/cancel")
    assert ada.credits() == 10.0
    assert shown(ada, intake_id)["status"] == "waived"

    second = pay(ada, intake_id)

    assert second.status == 201
    assert second.body["sessionId"] != first
    assert ada.credits() == 4.0


def test_an_intake_that_was_used_is_not_paid_again(ada: Person) -> None:
    intake_id = signed(ada)
    session = Customer(ada, pay(ada, intake_id).body["sessionId"])
    claim(expert(ada.world), session.session_id)
    session.move("start")
    session.move("end")

    assert checkout(ada, intake_id).code == "INTAKE_USED"
    assert pay(ada, intake_id).body["sessionId"] == session.session_id
    assert ada.credits() == 4.0


def test_a_deleted_persons_intakes_are_gone_with_the_signatures(ada: Person) -> None:
    begin(ada, concern="canary concern", vehicle="canary car")
    for one in range(2):
        sign(ada, intake_of(ada.world.person()), signature=f"Somebody {one}")
    ada.call("GET /api/sessions/active")
    intake_id = rows(ada.world, "intake")
    assert len(intake_id) == 3

    exported = str(ada.call("GET /api/user/export?limit=100").body)
    assert "canary concern" in exported
    ada.call("DELETE /api/user")
    ada.world.sweep()

    assert "canary" not in str(ada.world.rows())
    assert len(rows(ada.world, "intake")) == 2
