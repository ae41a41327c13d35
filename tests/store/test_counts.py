"""What starting an interview costs: exact numbers of calls and of write units."""

from tests.reliability import faults
from tests.reliability.faults import Capacity, Plan
from tests.store.people import charge, debit, set_raw, void
from tests.world import World

BRIEF = {
    "jobTitle": "Site Reliability Engineer",
    "company": "Example Railways",
    "interviewType": "technical",
    "difficulty": "senior",
}


def capacity(plan: Plan, operation: str) -> Capacity:
    (call,) = plan.of(operation)
    assert call.capacity is not None
    return call.capacity


def test_a_start_is_no_read_one_transaction_of_six_items_and_one_update(world: World) -> None:
    ada = world.person()
    ada.credits()

    with faults.plan() as plan:
        assert ada.start(BRIEF).status == 201

    assert [call.operation for call in plan.calls] == [
        "TransactWriteItems",
        "POST /v1/realtime/client_secrets",
        "UpdateItem",
    ]
    (transaction,) = plan.of("TransactWriteItems")
    assert len(transaction.request["TransactItems"]) == 6
    written = capacity(plan, "TransactWriteItems")
    # Six items of at most 1 KB at two units, one entry in each index.
    assert (written.write, written.indexes) == (14, {"GSI1": 1, "GSI2": 1})
    moved = capacity(plan, "UpdateItem")
    # The sealed token makes the session larger than 1 KB; the list shows the new state.
    assert (moved.write, moved.indexes) == (3, {"GSI1": 1})
    assert written.read == moved.read == 0


def test_a_first_start_costs_making_the_person_and_one_more_transaction(world: World) -> None:
    with faults.plan() as plan:
        assert world.person().start(BRIEF).status == 201

    sizes = [len(call.request["TransactItems"]) for call in plan.of("TransactWriteItems")]
    assert sizes == [6, 2, 6]
    assert len(plan.of("UpdateItem")) == 1
    assert len(plan.calls) == 5


def test_a_premium_start_is_a_transaction_of_five_items(world: World) -> None:
    ada = world.person()
    ada.credits()
    set_raw(ada, premium_until={"S": "2027-01-01T00:00:00.000000Z"})

    with faults.plan() as plan:
        assert ada.start(BRIEF).status == 201

    sizes = [len(call.request["TransactItems"]) for call in plan.of("TransactWriteItems")]
    assert sizes == [6, 5]
    assert len(plan.calls) == 4


def test_a_debit_and_its_return_write_to_no_index(world: World) -> None:
    ada = world.person()
    ada.credits()
    taken = charge(ada)

    with faults.plan() as plan:
        debit(ada, taken)
        void(ada, taken, counted=True)

    told = [call.capacity for call in plan.calls]
    assert told == [Capacity(write=4), Capacity(write=4)]


def test_looking_at_oneself_is_one_query_and_one_read(world: World) -> None:
    ada = world.person()
    ada.credits()

    assert faults.count(lambda: ada.call("GET /api/user")) == {"Query": 1, "GetItem": 1}


def test_the_ledger_is_one_query_after_a_look_at_its_person(world: World) -> None:
    ada = world.person()
    ada.credits()

    assert faults.count(lambda: ada.call("GET /api/user/ledger")) == {"GetItem": 1, "Query": 1}
