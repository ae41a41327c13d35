"""The operators' commands: what they show, what they change, and what they refuse."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from greenroom.payments.privacy import without_person
from tests.books import Operator, Vandal
from tests.till import Till, owned
from tests.unit.payments.stripe_events import fixture
from tests.world import Person, World

ROOT = Path(__file__).parents[3]


@pytest.fixture
def operator(world: World) -> Operator:
    return Operator(world)


@pytest.fixture
def ada(world: World) -> Person:
    person = world.person()
    person.credits()
    return person


def named(found: Any) -> list[str]:
    return [one["id"] for one in found["items"]]


def test_the_ledger_of_a_person_is_shown_under_our_id_and_under_clerks(
    operator: Operator, ada: Person
) -> None:
    ada.world.clock.move(1)
    ada.start()

    code, found = operator.run("ledger", "show", ada.user_id)

    assert code == 0
    assert [entry["amountCenticredits"] for entry in found["entries"]] == [-100, 300]
    assert (found["balanceCenticredits"], found["agrees"]) == (200, True)
    assert operator.run("ledger", "show", ada.clerk_id) == (code, found)


def test_the_ledger_of_nobody_is_refused(
    operator: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert operator.run("ledger", "show", "user_nobody") == (1, None)
    assert "There is nobody user_nobody. (NOT_FOUND)" in capsys.readouterr().err


def test_words_for_a_person_are_lines(operator: Operator, ada: Person) -> None:
    code, said = operator.say("ledger", "show", ada.clerk_id)

    assert code == 0
    assert "grant:welcome" in said
    assert "balance 3.00 agrees with the ledger's 3.00" in said


@pytest.mark.parametrize(
    ("command", "amount", "balance"),
    [("grant", "2", 5.0), ("adjust", "+0.50", 3.5), ("adjust", "-4", -1.0)],
)
def test_credits_by_hand_are_a_new_entry_with_its_reason(
    operator: Operator, ada: Person, command: str, amount: str, balance: float
) -> None:
    code, _ = operator.run(command, ada.clerk_id, amount, "--reason", "a lost call")

    assert code == 0
    assert ada.credits() == balance
    newest = next(one for one in ada.ledger() if one["kind"] == "adjustment")
    assert newest["amount"] == balance - 3.0


def test_an_operation_is_done_once_under_its_id(operator: Operator, ada: Person) -> None:
    words = ("grant", ada.clerk_id, "2", "--reason", "sorry", "--id", "ticket-7")

    results = [operator.run(*words)[1] for _ in range(3)]

    assert [one["alreadyDone"] for one in results] == [False, True, True]
    assert ada.credits() == 5.0


def test_an_operation_is_done_once_by_many_at_once(world: World, ada: Person) -> None:
    words = ("adjust", ada.clerk_id, "-1", "--reason", "abuse", "--id", "ticket-8")
    threads = [threading.Thread(target=Operator(world).run, args=words) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ada.credits() == 2.0


def test_another_amount_under_the_id_of_an_operation_is_refused(
    operator: Operator, ada: Person
) -> None:
    operator.run("grant", ada.clerk_id, "2", "--reason", "sorry", "--id", "ticket-9")

    code, _ = operator.run("grant", ada.clerk_id, "3", "--reason", "sorry", "--id", "ticket-9")

    assert code == 1
    assert ada.credits() == 5.0


@pytest.mark.parametrize("amount", ["0", "1.005", "three", "1e3", "", "--5"])
def test_what_is_no_amount_changes_nothing(operator: Operator, ada: Person, amount: str) -> None:
    code, _ = operator.run("adjust", ada.clerk_id, "--reason", "x", "--", amount)

    assert code == 1
    assert len(ada.ledger()) == 1


def test_a_grant_takes_nothing(operator: Operator, ada: Person) -> None:
    assert operator.run("grant", ada.clerk_id, "-1", "--reason", "x")[0] == 1
    assert ada.credits() == 3.0


def test_nobody_is_made_by_a_grant(operator: Operator, world: World) -> None:
    assert operator.run("grant", "user_nobody", "1", "--reason", "x")[0] == 1
    assert world.rows() == []


def test_events_are_listed_newest_first_and_by_what_became_of_them(
    operator: Operator, world: World, ada: Person
) -> None:
    till = Till(world)
    paid = till.paid(till.seed(ada))
    ignored = owned(fixture(38, at_s=paid["created"] + 60), ada)
    till.deliver(paid)
    till.deliver(ignored)

    _, everything = operator.run("events", "list", "--since", "2020-01-01")
    _, applied = operator.run("events", "list", "--since", "2020-01-01", "--outcome", "applied")
    _, later = operator.run("events", "list", "--since", "2100-01-01T00:00Z")

    assert named(everything) == [ignored["id"], paid["id"]]
    assert named(applied) == [paid["id"]]
    assert named(later) == []


def test_an_event_is_shown_without_who_paid(operator: Operator, world: World, ada: Person) -> None:
    till = Till(world)
    paid = till.paid(till.seed(ada))
    till.deliver(paid)

    code, found = operator.run("events", "show", paid["id"])

    kept = json.loads(without_person(json.dumps(paid).encode()))
    assert (code, found["outcome"], found["event"]) == (0, "applied", kept)
    assert operator.run("events", "show", "evt_unknown")[0] == 1


def test_a_replay_applies_what_could_not_be_applied_before(
    operator: Operator, world: World
) -> None:
    till, late = Till(world), world.person()
    paid = till.paid(till.seed(late))
    assert till.outcome(paid) == "unmatched"
    late.credits()

    code, found = operator.run("events", "replay", paid["id"])

    assert (code, found) == (0, {"items": [{"id": paid["id"], "outcome": "applied"}]})
    assert late.credits() == 6.0
    assert operator.run("events", "replay", paid["id"])[1]["items"][0]["outcome"] == "duplicate"
    assert late.credits() == 6.0


def test_a_replay_of_several_goes_on_after_one_that_is_not_there(
    operator: Operator, world: World, ada: Person
) -> None:
    till = Till(world)
    paid = till.paid(till.seed(ada))
    till.deliver(paid)

    code, found = operator.run("events", "replay", "evt_unknown", paid["id"])

    assert code == 1
    assert [one.get("code") or one["outcome"] for one in found["items"]] == [
        "NOT_FOUND",
        "duplicate",
    ]


def test_a_person_is_exported_whole(operator: Operator, ada: Person) -> None:
    ada.start()

    code, found = operator.run("user", "export", ada.clerk_id)

    assert code == 0
    assert {"user", "ledger_entry", "session"} <= {one["kind"] for one in found["items"]}


def test_a_person_is_erased_only_when_it_is_said_twice(operator: Operator, ada: Person) -> None:
    code, found = operator.run("user", "erase", ada.user_id)
    assert (code, found["deleted"], ada.credits()) == (0, False, 3.0)

    code, found = operator.run("user", "erase", ada.user_id, "--yes")

    assert (code, found["deleted"]) == (0, True)
    assert ada.call("GET /api/user").code == "ACCOUNT_DELETED"
    assert operator.run("user", "erase", ada.user_id, "--yes")[0] == 0


@pytest.mark.parametrize(
    "words", [[], ["fly"], ["events"], ["grant", "user_x", "1"], ["reconcile", "--since", "soon"]]
)
def test_words_that_are_not_understood_are_a_2(operator: Operator, words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        operator.run(*words)

    assert ended.value.code == 2


def test_a_table_that_does_not_answer_is_a_3(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = Operator(world, GREENROOM_DYNAMODB_ENDPOINT="http://127.0.0.1:9")

    assert nowhere.run("ledger", "show", "user_x") == (3, None)
    assert "STORE_UNAVAILABLE" in capsys.readouterr().err


def test_the_command_prints_its_document_and_logs_beside_it(world: World, ada: Person) -> None:
    Vandal(world).put(ada.user_id, "X", "of_tomorrow")
    environ = {**os.environ, **Operator(world).environ}

    done = subprocess.run(
        [sys.executable, "-m", "ops", "--json", "reconcile", "--no-stripe"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1, done.stderr  # nobody can read that row
    assert json.loads(done.stdout)["people"] == 1
    assert "scanning the table" in done.stderr


@pytest.mark.skipif(not (ROOT / ".venv").exists(), reason="no environment of make run")
def test_the_command_has_a_name_that_works_from_any_folder(world: World, tmp_path: Path) -> None:
    link = tmp_path / "greenroom-ops"
    link.symlink_to(ROOT / "ops" / "greenroom-ops")

    done = subprocess.run(
        [link, "--json", "reconcile", "--no-stripe"],
        cwd=tmp_path,
        env={**os.environ, **Operator(world).environ},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["people"] == 0


def test_work_under_way_is_no_finding(world: World, operator: Operator) -> None:
    """Rows are read one after the other: what one look sees half done, the next sees whole."""
    people = [world.person() for _ in range(2)]
    over = threading.Event()

    def work(person: Person) -> None:
        for _ in range(9):
            session_id = person.start().body["sessionId"]
            person.call(f"POST /api/sessions/{session_id}/cancel")
        over.set()

    threads = [threading.Thread(target=work, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    found: list[Any] = []
    while not over.is_set():
        found += operator.run("reconcile", "--no-stripe")[1]["findings"]
    for thread in threads:
        thread.join()

    assert found == []
    assert len(people[0].ledger()) == 1 + 2 * 9
