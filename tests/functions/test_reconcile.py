"""The hourly comparison: it finds, counts and tells, changes nothing, and goes round."""

from greenroom.table.pool import Answer
from tests import aws
from tests.aws import Asked, Way
from tests.books import Vandal
from tests.metrics import Emitted
from tests.till import Till
from tests.world import Person, World


def arrived(world: World) -> Person:
    """Somebody who was here once."""
    person = world.person()
    person.credits()
    return person


def compare(world: World, *, remaining_ms: int = 290_000) -> dict[str, int]:
    answer: dict[str, int] = world.invoke("reconcile", {}, remaining_ms=remaining_ms)
    return answer


def test_books_that_agree_are_counted_and_nothing_is_found(world: World, emitted: Emitted) -> None:
    ada, bob = arrived(world), arrived(world)
    till = Till(world)
    till.deliver(till.paid(till.seed(ada)))
    bob.start()

    found = compare(world)

    assert found == {
        "people": 2,
        "findings": 0,
        "ledger_mismatches": 0,
        "paid_unfulfilled": 0,
        "round_done": 1,
    }
    assert emitted.values("LedgerMismatch") == [0]
    assert emitted.values("PaidUnfulfilled") == [0]


def test_a_balance_that_is_not_the_ledgers_sum_is_told_and_left_as_it_is(
    world: World, emitted: Emitted
) -> None:
    ada = arrived(world)
    Vandal(world).change(f"USER#{ada.user_id}", "ACCOUNT", credits=900)

    found = compare(world)

    assert (found["findings"], found["ledger_mismatches"]) == (1, 1)
    assert emitted.values("LedgerMismatch") == [1]
    assert ada.credits() == 9.0


def test_what_only_one_of_two_looks_saw_was_work_under_way(world: World) -> None:
    """The other half of a transaction is written between the looks."""
    ada, vandal = arrived(world), Vandal(world)
    vandal.change(f"USER#{ada.user_id}", "ACCOUNT", credits=900)
    looks = [0]

    def complete(asked: Asked, way: Way) -> Answer:
        if asked.operation == "Query":
            looks[0] += 1
            if looks[0] == 3:  # people, their rows, and now their lists
                vandal.change(f"USER#{ada.user_id}", "ACCOUNT", credits=300)
        return way(asked)

    with aws.watched(complete):
        found = compare(world)

    assert looks[0] > 5, "there was a second look"
    assert found["findings"] == 0


def test_a_paid_purchase_that_nobody_has_used_is_counted_as_unfulfilled(
    world: World, emitted: Emitted
) -> None:
    till, ada = Till(world), arrived(world)
    ada.start()
    till.deliver(till.paid(till.seed(ada, "quick")))

    found = compare(world)

    assert found["paid_unfulfilled"] == 1
    assert emitted.values("PaidUnfulfilled") == [1]


def test_a_run_without_time_goes_on_where_it_stopped(world: World) -> None:
    for _ in range(3):
        arrived(world)

    nothing = compare(world, remaining_ms=9_000)
    everybody = compare(world)
    again = compare(world)

    assert (nothing["people"], nothing["round_done"]) == (0, 0)
    assert (everybody["people"], everybody["round_done"]) == (3, 1)
    assert (again["people"], again["round_done"]) == (3, 1)


def test_a_round_goes_back_through_the_months_to_those_who_joined_long_ago(world: World) -> None:
    arrived(world)
    world.clock.move(200 * 86_400)
    arrived(world)

    assert compare(world)["people"] == 2


def test_the_function_may_not_scan_and_does_not(world: World) -> None:
    with aws.asking() as asked:
        compare(world)

    allowed = {"Query", "GetItem", "BatchGetItem", "TransactWriteItems"}
    assert {one.operation for one in asked} <= allowed
