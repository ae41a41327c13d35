"""THE factory writes what it planned: the three tests that origin 002 lists, and the person."""

from datetime import timedelta
from typing import Any

import pytest

from greenroom.accounts.domain import UnknownUser
from greenroom.kernel.clock import to_text
from greenroom.kernel.errors import ActiveSessionExists
from greenroom.kernel.ids import new_id
from greenroom.kernel.settings import LimitSettings
from greenroom.sessions.domain import SessionRequest
from greenroom.sessions.factory import Opened, SessionFactory, plan
from greenroom.sessions.matching import Detail
from tests.world import Person, World, client_of


def open_session(person: Person, **changes: Any) -> Opened:
    """What a later room does: plan, then commit."""
    world = person.world
    wiring = world.wiring("realtime_session")
    limits = wiring.of(LimitSettings)
    factory = SessionFactory(
        world.table, store=wiring.session_store, accounts=wiring.accounts, limits=limits
    )
    asked: dict[str, Any] = {
        "user_id": person.user_id,
        "clerk_id": person.clerk_id,
        "type": "chat",
        "payment_method": "free",
        "plan": "free",
        "source": "intake",
        "intake_id": "intake-123",
    }
    request = SessionRequest(**(asked | changes))
    session_id = new_id()
    return factory.commit(plan(request, session_id=session_id, now=world.clock(), limits=limits))


def known(world: World) -> Person:
    person = world.person()
    assert person.credits() == 3.0
    return person


def detail_of(person: Person, opened: Opened) -> Detail:
    store = person.world.wiring("sessions").session_store
    return store.detail(opened.session.session_id, user_id=person.user_id)


def test_a_free_chat_has_session_participant_queued_assignment_event_and_guard(
    world: World,
) -> None:
    ada = known(world)

    opened = open_session(ada, preferred_expert_id="mech-1")

    found = ada.call(f"GET /api/sessions/{opened.session.session_id}").body
    assert (found["type"], found["status"], found["plan"]) == ("chat", "pending", "free")
    assert (found["userId"], found["userUuid"]) == (ada.clerk_id, ada.user_id)
    assert found["intakeId"] == "intake-123"
    assert found["startedAt"] == found["participants"][0]["joinedAt"]
    assert [(one["userId"], one["role"]) for one in found["participants"]] == [
        (ada.user_id, "customer")
    ]
    assert found["assignment"]["status"] == "queued"
    assert found["assignment"]["round"] == 1
    assert found["assignment"]["preferredMechanicId"] == "mech-1"
    assert [one["eventType"] for one in found["events"]] == ["created"]
    assert found["events"][0]["metadata"] == {
        "type": "chat",
        "plan": "free",
        "payment_method": "free",
        "amount_paid": None,
        "urgent": False,
        "source": "intake",
    }
    assert ada.call("GET /api/sessions/active").body["sessionId"] == opened.session.session_id
    assert ada.credits() == 3.0
    assert [entry["kind"] for entry in ada.ledger()] == ["grant"]


def test_whoever_has_an_active_session_gets_no_second_one_of_any_type(world: World) -> None:
    ada = known(world)
    first = open_session(ada).session

    with pytest.raises(ActiveSessionExists) as refused:
        open_session(ada, type="diagnostic", intake_id="intake-456")
    answer = ada.start()

    facts = {
        "activeSessionId": first.session_id,
        "activeSessionType": "chat",
        "activeSessionStatus": "pending",
    }
    assert refused.value.facts == facts
    assert (answer.status, answer.code) == (409, "ACTIVE_SESSION_EXISTS")
    assert answer.body["error"] == "You already have an active session"
    assert facts.items() <= answer.body.items()
    assert ada.credits() == 3.0


def test_a_session_paid_by_stripe_carries_the_payment(world: World) -> None:
    ada = known(world)

    opened = open_session(
        ada,
        type="video",
        plan="standard",
        payment_method="stripe",
        stripe_session_id="cs_test_123",
        amount_cents=2999,
    )

    stored = detail_of(ada, opened).session
    assert stored.stripe_session_id == "cs_test_123"
    assert stored.metadata["payment_method"] == "stripe"
    assert stored.metadata["amount_paid"] == 2999
    assert [entry["kind"] for entry in ada.ledger()] == ["grant"]


def test_a_chat_paid_in_credits_is_debited_in_the_same_transaction(world: World) -> None:
    ada = known(world)

    opened = open_session(ada, payment_method="credits", cost=250)

    assert opened.session.charged
    assert ada.credits() == 0.5
    assert f"debit:{opened.session.session_id}:1" in {entry["id"] for entry in ada.ledger()}


@pytest.mark.parametrize("method", ["free", "credits"])
def test_nobody_who_is_unknown_gets_a_session(world: World, method: str) -> None:
    with pytest.raises(UnknownUser):
        open_session(world.person(), payment_method=method)

    assert world.rows() == []


def test_a_session_that_no_expert_takes_up_is_given_back_after_half_an_hour(world: World) -> None:
    ada = known(world)
    opened = open_session(ada, payment_method="credits", cost=100)

    world.clock.move(1799)
    assert world.sweep()["given_back"] == 0
    world.clock.move(1)
    assert world.sweep()["given_back"] == 1

    assert detail_of(ada, opened).session.status == "expired"
    assert ada.credits() == 3.0


@pytest.mark.parametrize("act", ["cancel", "the sweeper"])
def test_a_session_that_took_no_credits_gives_none_back(world: World, act: str) -> None:
    ada = known(world)
    opened = open_session(ada)

    if act == "cancel":
        ada.call(f"POST /api/sessions/{opened.session.session_id}/cancel")
    else:
        world.clock.move(1800)
        world.sweep()

    stored = detail_of(ada, opened).session
    assert stored.status in {"cancelled", "expired"}
    assert not stored.given_back
    assert ada.credits() == 3.0
    assert [entry["kind"] for entry in ada.ledger()] == ["grant"]


def test_a_premium_person_pays_nothing_and_is_given_nothing_back(world: World) -> None:
    ada = known(world)
    account = next(row for row in world.rows() if row["kind"]["S"] == "user")
    until = to_text(world.clock() + timedelta(days=30))
    item = account | {"premium_until": {"S": until}}
    client_of(world.endpoint).put_item(TableName=world.table_name, Item=item)

    begun = ada.start()
    ended = ada.call(f"POST /api/sessions/{begun.body['sessionId']}/cancel")

    assert (begun.status, begun.body["charged"]) == (201, 0.0)
    assert (ended.body["charged"], ended.body["givenBack"]) == (False, False)
    assert ada.credits() == 3.0
    assert [entry["kind"] for entry in ada.ledger()] == ["grant"]
