"""A person's own quotas: in their export, gone with their account, given back by the minute."""

from typing import Any

import pytest

from greenroom.accounts.identity import Identity
from greenroom.kernel.errors import NotFound
from greenroom.kernel.tenants import Tenant
from greenroom.usage.domain import Payer, Person, Plan, Service, Ticket
from tests.functions.test_export import export
from tests.quotas import Metered
from tests.reliability import test_erasure_crashes as erasures
from tests.world import Person as Somebody
from tests.world import World

SCHOOL = Tenant("preschool", "d5e14446-f19e-4b29-8fb0-9551869348dd")
EXAM = Service("exam_generation", 1)


@pytest.fixture
def ada(world: World) -> Somebody:
    """Somebody who has used the proxy for herself, and in the school where she works."""
    person = world.person()
    person.credits()
    wired = world.wiring("account")
    wired.tenants.create(
        SCHOOL.kind,
        "A school",
        tenant_id=SCHOOL.tenant_id,
        members={person.user_id: "admin"},
        actor="test",
    )
    for tenant in (None, SCHOOL):
        wired.meter.settle(reserved(person, tenant, "r1"), answer=b'{"text": "canary"}')
    wired.allowances.adjust(
        Person(person.user_id), EXAM.name, units=5, reason="canary", actor="op", key="k"
    )
    return person


def reserved(person: Somebody, tenant: Tenant | None, request_id: str) -> Ticket:
    meter = person.world.wiring("account").meter
    payer = Payer(person.user_id, tenant)
    ticket = meter.reserve(payer, EXAM, plan=Plan(), request_id=request_id, request_hash="h")
    assert isinstance(ticket, Ticket)
    return ticket


def kinds(items: list[dict[str, Any]]) -> list[str]:
    return sorted(item["kind"] for item in items)


def test_what_a_person_has_used_is_in_their_export(ada: Somebody) -> None:
    items = [item for item in export(ada) if item["kind"] not in {"user", "ledger_entry"}]

    assert kinds(items) == [
        "preschool_member",
        "quota",
        "quota_adjustment",
        "reservation",
        "reservation",
    ]
    (used,) = [item for item in items if item["kind"] == "quota"]
    assert (used["available"], used["limitUnits"], used["adjusted"]) == (24, 20, 5)
    assert "requestHash" not in str(items)


def test_a_deleted_persons_quotas_and_answers_are_gone_and_the_schools_account_stays(
    world: World, ada: Somebody
) -> None:
    assert ada.call("DELETE /api/user").status == 202

    assert erasures.leaks(world) == [], "nothing that can be done at once is left to later"
    erasures.finish(world)
    left = [row for row in world.rows() if row["kind"]["S"] not in {"user", "ledger_entry"}]
    assert sorted((row["kind"]["S"], row["PK"]["S"]) for row in left) == [
        ("erasure", f"USER#{ada.user_id}"),
        ("preschool", SCHOOL.pk()),
        ("quota", SCHOOL.pk()),
        ("quota", SCHOOL.pk()),
        ("reservation", SCHOOL.pk("R", "r1")),
    ]
    assert [row["kind"]["S"] for row in left if "GSI1PK" in row] in ([], ["preschool"])
    Metered(world).audit()
    with pytest.raises(NotFound):
        world.wiring("account").tenant_access.enter(
            Identity(ada.clerk_id, "s"), kind="preschool", tenant_id=SCHOOL.tenant_id
        )


def test_what_a_call_holds_that_was_never_heard_of_again_goes_back_within_a_minute(
    world: World, ada: Somebody
) -> None:
    reserved(ada, SCHOOL, "r2")
    world.clock.move(299)
    assert world.sweep()["usage_released"] == 0
    world.clock.move(1)

    swept = world.sweep()

    assert (swept["usage_released"], swept["usage_failed"]) == (1, 0)
    assert world.sweep()["usage_released"] == 0
    metered = Metered(world, payer=Payer(ada.user_id, SCHOOL))
    assert metered.used() == 1
    metered.audit()
    (row,) = [row for row in world.rows() if row["kind"]["S"] == "ai_log"]
    assert row["PK"]["S"].startswith(SCHOOL.pk("L"))
    told = {name: row[name]["S"] for name in ("request_id", "user_id", "status", "service_type")}
    assert told == {
        "request_id": "r2",
        "user_id": ada.user_id,
        "status": "crashed",
        "service_type": "exam_generation",
    }
    assert row["preschool_id"]["S"] == SCHOOL.tenant_id
    assert "organization_id" not in row
    assert row["units"]["N"] == "0"
    assert "flags" not in row, "every fact has the form that the log wants"
