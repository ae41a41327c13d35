"""Intakes where two ways meet: one key for two plans, paid again, forgotten, exported."""

import pytest

from tests.expertise import Customer, claim, expert
from tests.intakes import begin, intake_of, pay, shown, sign, signed
from tests.world import Person, World


@pytest.fixture
def ada(world: World) -> Person:
    world.rewire(EXPERT_SIGNUP="open", INITIAL_CENTICREDITS="1000")
    return world.person()


def test_one_key_for_two_plans_is_a_misuse_whichever_is_free(ada: Person) -> None:
    begin(ada, "standard", key="paid first")
    begun = begin(ada, "free", key="free first")
    ada.call(f"POST /api/sessions/{begun.body['sessionId']}/cancel")

    for plan, key in (("free", "paid first"), ("standard", "free first")):
        refused = begin(ada, plan, key=key)
        assert (refused.status, refused.code) == (422, "IDEMPOTENCY_MISMATCH"), plan


def test_an_intake_whose_session_lasted_to_its_maximum_was_paid_and_used(ada: Person) -> None:
    intake_id = signed(ada)
    session = Customer(ada, pay(ada, intake_id).body["sessionId"])
    claim(expert(ada.world), session.session_id)
    session.move("start")
    ada.world.clock.move(3600)
    ada.world.sweep()
    assert session.status == "expired"

    again = pay(ada, intake_id)

    assert (again.status, again.body["sessionId"]) == (201, session.session_id)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert ada.credits() == 4.0


def test_an_intake_that_may_still_expire_is_exported_with_its_signature(ada: Person) -> None:
    intake_id = intake_of(ada, concern="canary concern")
    sign(ada, intake_id, signature="Canary Signature")
    assert shown(ada, intake_id)["expiresAt"] is not None

    exported = str(ada.call("GET /api/user/export?limit=100").body)

    assert "canary concern" in exported
    assert "Canary Signature" in exported


def test_a_signature_stays_where_its_intake_is_until_both_are_erased(ada: Person) -> None:
    unsigned, intake_id = intake_of(ada), signed(ada, concern="canary concern")
    kept = {row["PK"]["S"]: row for row in ada.world.rows() if row["kind"]["S"] == "intake"}

    assert "ttl" in kept[f"INTAKE#{unsigned}"]
    assert "ttl" not in kept[f"INTAKE#{intake_id}"]
    ada.world.clock.move(8 * 86_400)
    assert shown(ada, intake_id)["status"] == "expired"
    ada.call("DELETE /api/user")
    ada.world.sweep()
    assert not [row for row in ada.world.rows() if row["PK"]["S"].startswith("INTAKE#")]


def test_a_signature_that_comes_too_late_is_none(ada: Person) -> None:
    store = ada.world.wiring("intake").intake_store
    intake = store.find(intake_of(ada))
    assert intake is not None
    ada.world.clock.move(7 * 86_400)
    tx = ada.world.table.transaction()
    store.add_signature(tx, intake, version="v", signature="Ada", address=None, user_agent=None)

    assert [violation.step for violation in tx.attempt()] == ["intake"]
    assert shown(ada, intake.intake_id)["waiver"]["signedAt"] is None
