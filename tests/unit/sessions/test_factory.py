"""Planning a session: what would be written, for every type and way of paying."""

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest

from greenroom.kernel.limits import Limits
from greenroom.payments.catalogue import CATALOGUE, ExpertSession
from greenroom.sessions.domain import INTERVIEW, Brief, PaymentMethod, SessionRequest
from greenroom.sessions.factory import SessionPlan, plan

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
LIMITS = Limits()
TYPES = [INTERVIEW, *sorted({one.type for one in CATALOGUE.of(ExpertSession)})]
METHODS = get_args(PaymentMethod)

each_type = pytest.mark.parametrize("session_type", TYPES)
each_method = pytest.mark.parametrize("method", METHODS)


def request(session_type: Any = "chat", method: Any = "free", **changes: Any) -> SessionRequest:
    asked: dict[str, Any] = {
        "user_id": "u-1",
        "clerk_id": "user_1",
        "type": session_type,
        "payment_method": method,
        "plan": "standard",
        "source": "intake",
        "cost": 100 if method == "credits" else 0,
        "stripe_session_id": "cs_test_123" if method == "stripe" else None,
    }
    return SessionRequest(**(asked | changes))


def planned(*args: Any, **changes: Any) -> SessionPlan:
    return plan(request(*args, **changes), session_id="s-1", now=NOW, limits=LIMITS)


@each_type
@each_method
def test_a_session_names_its_person_by_both_ids_and_has_begun(
    session_type: str, method: str
) -> None:
    session = planned(session_type, method).session

    assert (session.user_id, session.clerk_id) == ("u-1", "user_1")
    assert (session.session_id, session.type, session.plan) == ("s-1", session_type, "standard")
    assert (session.started_at, session.live_at, session.ended_at) == (NOW, None, None)
    assert (session.attempt, session.charged, session.given_back) == (1, False, False)


@each_method
def test_an_interview_is_reserved_and_needs_no_expert(method: str) -> None:
    made = planned("interview", method)

    assert made.session.status == "reserved"
    assert made.session.mint == 1
    assert made.assignment is None
    assert made.session.due_at == NOW + timedelta(seconds=LIMITS.connect_window_s)


@each_method
@pytest.mark.parametrize("session_type", ["chat", "video", "diagnostic"])
def test_a_session_with_an_expert_waits_in_the_queue_for_half_an_hour(
    session_type: str, method: str
) -> None:
    made = planned(session_type, method, preferred_expert_id="mech-1")

    assert made.session.status == "pending"
    assert made.assignment is not None
    assert (made.assignment.round, made.assignment.status) == (1, "queued")
    assert (made.assignment.queued_at, made.assignment.offered_at) == (NOW, None)
    assert made.assignment.preferred_expert_id == "mech-1"
    assert made.session.due_at == NOW + timedelta(minutes=30)


@each_type
@each_method
def test_only_credits_are_debited_by_the_factory(session_type: str, method: str) -> None:
    charge = planned(session_type, method).charge

    if method != "credits":
        assert charge is None
        return
    assert charge is not None
    assert (charge.user_id, charge.cost) == ("u-1", 100)
    assert (charge.debit_key, charge.void_key) == ("debit:s-1:1", "void:s-1:1")


@each_type
def test_a_payment_by_stripe_is_noted_on_session_and_event(session_type: str) -> None:
    made = planned(session_type, "stripe", amount_cents=2999, currency="usd", intake_id="in-1")

    assert made.session.stripe_session_id == "cs_test_123"
    assert made.session.intake_id == "in-1"
    assert made.session.metadata["payment_method"] == "stripe"
    assert made.session.metadata["amount_paid"] == 2999
    assert made.session.metadata["currency"] == "usd"
    assert made.event_metadata["amount_paid"] == 2999


def test_all_that_origin_002_lists_is_in_the_metadata() -> None:
    made = planned(
        urgent=True,
        is_specialist=True,
        preferred_expert_id="mech-1",
        routing_type="priority_broadcast",
    )

    assert made.session.metadata == {
        "payment_method": "free",
        "amount_paid": None,
        "currency": None,
        "urgent": True,
        "is_specialist": True,
        "preferred_mechanic_id": "mech-1",
        "routing_type": "priority_broadcast",
        "source": "intake",
    }
    assert made.event_metadata == {
        "type": "chat",
        "plan": "standard",
        "payment_method": "free",
        "amount_paid": None,
        "urgent": True,
        "source": "intake",
    }


@pytest.mark.parametrize(
    ("method", "checkout"), [("stripe", None), ("free", "cs_test_1"), ("credits", "cs_test_1")]
)
def test_a_checkout_belongs_to_a_session_paid_by_stripe_and_only_there(
    method: str, checkout: str | None
) -> None:
    with pytest.raises(ValueError, match="checkout"):
        planned("video", method, stripe_session_id=checkout)


def test_the_title_of_an_interview_is_shown_in_lists_and_its_long_texts_are_not() -> None:
    brief = Brief(job_title="Welder", company="Forge", resume_text="long")

    session = planned("interview", "credits", brief=brief).session

    assert (session.job_title, session.company) == ("Welder", "Forge")
    assert "long" not in repr(session)


def test_planning_twice_decides_the_same() -> None:
    assert planned("interview", "credits") == planned("interview", "credits")
