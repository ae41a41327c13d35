"""Who may be asked and who may ask: the not approved, the departed, old rows, hostile bodies."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from greenroom.payments.domain import SessionFacts
from greenroom.payments.items import PurchaseItem, session_of_json
from tests.expertise import Customer
from tests.functions.test_edge_errors import raw_set
from tests.intakes import begin, checkout, intake_of, pay, shown, sign, signed
from tests.till import Till
from tests.world import Person, World


@pytest.fixture
def ada(world: World) -> Person:
    return world.person()


@pytest.mark.parametrize("plan", ["free", "standard"])
def test_whom_nobody_has_approved_is_no_expert_to_prefer(
    make_world: Callable[..., World], plan: str
) -> None:
    world = make_world(EXPERT_SIGNUP="approval")
    bob, ada = world.person(), world.person()
    bob.call("PUT /api/experts/me", {"status": "online", "workshopId": "north"})
    ada.credits()
    before = world.rows()

    for asked in ({}, {"routingType": "workshop_only"}):
        refused = begin(ada, plan, preferredMechanicId=bob.user_id, **asked)
        assert (refused.status, refused.code) == (422, "VALIDATION_FAILED")
        assert refused.body["errors"][0]["field"] in {"preferredMechanicId", "workshopId"}
    assert world.rows() == before


def test_who_has_left_asks_for_nothing_and_nothing_is_written(ada: Person) -> None:
    intake_id = signed(ada)
    ada.call("DELETE /api/user")
    ada.world.sweep()
    before = ada.world.rows()

    for plan in ("free", "standard"):
        assert begin(ada, plan).code == "ACCOUNT_DELETED"
    assert shown(ada, intake_id)["code"] == "NOT_FOUND"
    for act in (sign, pay, checkout):
        assert act(ada, intake_id).status in {403, 404}
    assert ada.world.rows() == before


def test_a_purchase_of_before_there_were_intakes_still_becomes_a_session(ada: Person) -> None:
    ada.credits()
    till = Till(ada.world)
    purchase = till.seed(ada, "standard")
    key = PurchaseItem.at(purchase.purchase_id)
    old = {
        "type": "video",
        "urgent": True,
        "is_specialist": False,
        "preferred_expert_id": None,
        "routing_type": "broadcast",
    }
    raw_set(ada.world, key.pk, key.sk, "session", {"S": json.dumps(old)})

    assert till.outcome(till.paid(purchase)) == "applied"

    session = Customer(ada, till.now(purchase).session_id or "").shown
    assert (session["metadata"]["urgent"], session["intakeId"]) == (True, None)
    assert (session["metadata"]["source"], session["waiverSignedAt"]) == ("checkout", None)


def test_facts_of_a_later_version_are_read_as_far_as_they_are_known() -> None:
    assert session_of_json({"type": "tour", "colour": "red"}) == SessionFacts(type="tour")


@pytest.mark.parametrize(
    "raw",
    [
        b'{"plan":"free","answers":{"x":1e400}}',
        b'{"plan":"free","answers":{"x":' + b"9" * 5000 + b"}}",
        b'{"plan":"free","answers":{"x":"\\ud800"}}',
        b'{"plan":"free","answers":{"\\ud800":1}}',
        b'{"plan":"free","concern":"\\ud800"}',
        b'{"plan":"free","vehicle":{"make":"a","model":"b","year":1e30}}',
        b'{"plan":"free","vehicle":{"make":"a","model":"b","mileageKm":-1}}',
        b'{"plan":"free","vehicle":{"make":"a","model":"b","vin":"O"}}',
        b'{"plan":"free","urgent":null}',
        b'{"plan":null}',
        b'{"plan":"free","plan":"phone"}',
        b"[]",
        b'"free"',
        b"{",
        b"\xff",
        b"[" * 10_000,
    ],
    ids=lambda raw: repr(raw[:60]),
)
def test_hostile_bodies_are_refused_and_write_nothing(ada: Person, raw: bytes) -> None:
    ada.credits()
    before = ada.world.rows()
    headers = {"content-type": "application/json"}

    refused = ada.call("POST /api/intake/start", raw, headers=headers)

    assert 400 <= refused.status < 500, refused.text
    assert ada.world.rows() == before


@pytest.mark.parametrize("member", ["signature", "version"])
@pytest.mark.parametrize("value", ["\ud800x", "\x00\x00", "x" * 100_000, 7, None, [], {"a": 1}])
def test_hostile_signatures_are_refused_by_their_field(
    ada: Person, member: str, value: Any
) -> None:
    refused = sign(ada, intake_of(ada), **{member: value})

    allowed = {"VALIDATION_FAILED", "INVALID_REQUEST"} | (
        {"WAIVER_VERSION"} if member == "version" else set()
    )
    assert refused.code in allowed, refused.text


def test_a_user_agent_of_a_mile_is_cut(ada: Person) -> None:
    body = {"version": "2026-11-01", "signature": "Ada Lovelace", "accepted": True}
    headers = {"user-agent": "x" * 9000}
    route = f"POST /api/intake/{intake_of(ada)}/waiver"

    assert ada.call(route, body, headers=headers).status == 200

    (row,) = [row for row in ada.world.rows() if row["kind"]["S"] == "waiver"]
    assert len(row["user_agent"]["S"]) == 300
