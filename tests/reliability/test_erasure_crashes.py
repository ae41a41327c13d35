"""A deletion that dies at any call that leaves the process: delivered again, it converges."""

import contextlib
import gzip
import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from greenroom.kernel.clock import to_text
from greenroom.table.patience import Patience
from greenroom.usage.drift import row_of
from greenroom.usage.log_store import LogStore
from tests.clerk import deletion, message, person_event, tell
from tests.fakes.provider import OFFER
from tests.intakes import begin, intake_of, sign
from tests.reliability import faults
from tests.reliability.every_call import few
from tests.reliability.faults import Crash, Fault, Kind
from tests.reliability.schedules import between_calls
from tests.reliability.snapshots import Snapshot
from tests.usage_log import FACTS
from tests.world import Person, Reply, World

CANARY = "canary"
CLERK_USERS = "/v1/users/"
SECOND_ROUND_S = 300
# To die before a call is to die after the one before it: tests/reliability/test_crash_points.py.
KINDS: list[Kind] = ["crash_after", "timeout_after"]


def texts(value: Any) -> str:
    """Everything that a raw attribute says, unpacked."""
    if isinstance(value, dict):
        return " ".join(f"{name} {texts(member)}" for name, member in value.items())
    if isinstance(value, list):
        return " ".join(map(texts, value))
    if isinstance(value, bytes):
        packed = value.startswith(b"\x1f\x8b")
        return (gzip.decompress(value) if packed else value).decode(errors="replace")
    return str(value)


def leaks(world: World) -> list[str]:
    """Where in the table the person's words are."""
    found = []
    for row in world.rows():
        text = texts({name: value for name, value in row.items() if name not in {"PK", "SK"}})
        if CANARY in text.lower() or CANARY in f"{row['PK']} {row['SK']}".lower():
            found.append(f"{row['PK']['S']} {row['SK']['S']}: {text[:200]}")
    return found


def ledger_of(world: World, person: Person) -> list[tuple[str, int]]:
    rows = [row for row in world.rows() if row["kind"]["S"] == "ledger_entry"]
    mine = [row for row in rows if row["PK"]["S"] == f"USER#{person.user_id}"]
    return sorted((row["key"]["S"], int(row["amount"]["N"])) for row in mine)


def balance_of(world: World, person: Person) -> int:
    (row,) = [
        one
        for one in world.rows()
        if one["PK"]["S"] == f"USER#{person.user_id}" and one["SK"]["S"] == "ACCOUNT"
    ]
    return int(row["credits"]["N"])


def address_of(person: Person) -> str:
    return f"canary.{person.clerk_id}@example.org"


def lived(world: World) -> Person:
    """Somebody who has told a lot: an interview with feedback, one under way, two intakes."""
    ada = world.person()
    told = person_event(
        ada,
        "user.created",
        email=address_of(ada),
        name="Canary Ada",
        image_url="https://img.clerk.com/canary",
    )
    assert tell(world, told) == "applied"
    profile = {"headline": "Canary", "resumeText": "canary", "resumeData": {"canary": "canary"}}
    assert ada.call("PATCH /api/user", {"profile": profile}).status == 200
    brief = {"jobTitle": "Canary Keeper", "company": "Canary Ltd", "resumeText": "canary of all"}
    for number in range(1):
        started = ada.start(brief)
        ada.exchange(started, OFFER)
        turns = [
            {"role": "user", "content": f"My canary sings {n}.", "timestamp": n} for n in range(5)
        ]
        body = {
            "sessionId": started.body["sessionId"],
            "messages": turns,
            "resumeData": {"name": "canary"},
            "metrics": {"canary": number},
        }
        assert ada.call("POST /api/interviews", body).status == 201
    world.feedback()
    asked: dict[str, Any] = {
        "vehicle": "Canary Car",
        "concern": "It sings.",
        "answers": {"canary": ["canary"]},
    }
    signed = intake_of(ada, "standard", **asked)
    assert sign(ada, signed, signature="Canary Ada").status == 200
    chat = begin(ada, "free", **asked).body
    assert ada.call(f"POST /api/sessions/{chat['sessionId']}/cancel").status == 200
    assert ada.exchange(ada.start(brief), OFFER).status == 201
    return ada


def used(world: World, person: Person) -> None:
    """Two uses of the AI proxy, one alone and one for a preschool, with words in their metadata."""
    for number, mine in enumerate(({}, {"tenant_kind": None, "tenant_id": None})):
        facts = (
            FACTS
            | mine
            | {
                "request_id": f"{person.clerk_id}-{number}",
                "user_id": person.user_id,
                "at": to_text(world.clock()),
                "metadata": {"canary": "the canary's own"},
            }
        )
        assert LogStore(world.table).add(row_of(facts, now=world.clock()))


def hasten_patience(world: World) -> None:
    """Let the budget of the store pass by the number of tries, so that no test waits."""
    ticks = itertools.count()
    world.table.patience = Patience(monotonic=lambda: next(ticks) / 4, sleep=lambda _: None)


def writes(run: Callable[[], object]) -> list[int]:
    """The calls of a clean run that change something; to die at a read is to die before those."""
    with faults.plan() as clean:
        run()
    return [call.number for call in clean.calls if call.operation not in faults.READS]


def fault(kind: Kind, point: int) -> Fault:
    """A death at that call; or a failure of it and of all that come after."""
    return Fault(kind=kind, at=point, times=1 if kind.startswith("crash") else faults.FOR_EVER)


def deleting(world: World, ada: Person) -> Callable[[], Any]:
    gone = message(world, deletion(ada))
    return gone.deliver


@pytest.fixture
def rich(make_world: Any) -> World:
    """A world whose people can afford many interviews."""
    world: World = make_world(INITIAL_CENTICREDITS="1000", CLERK_SECRET_KEY="sk_test_canary_key")
    return world


def some(points: list[int]) -> list[int]:
    """Those of these calls that are met in this run: all of them where THOROUGH is set."""
    return [points[number - 1] for number in few(len(points))]


@pytest.mark.parametrize("kind", KINDS)
def test_a_deletion_killed_at_any_call_and_delivered_again_erases_the_person(
    rich: World, kind: Kind
) -> None:
    world = rich
    hasten_patience(world)
    ada = lived(world)
    ledger, balance = ledger_of(world, ada), balance_of(world, ada)
    assert balance == sum(amount for _, amount in ledger)
    alive = Snapshot(world)
    points = writes(deleting(world, ada))
    assert len(points) >= 10

    for point in some(points):
        alive.restore()
        deliver = deleting(world, ada)
        with faults.plan(fault(kind, point)) as plan, contextlib.suppress(Crash):
            assert deliver().status in {200, 503}
        assert plan.fired, f"there is no call {point}"

        assert deliver().status == 200
        assert leaks(world) == [], f"{kind} at call {point}"
        assert ledger_of(world, ada) == ledger
        assert balance_of(world, ada) == balance
        finish(world)
        assert tell(world, person_event(ada, email=address_of(ada))) == "stale"
        assert leaks(world) == []


@pytest.mark.parametrize("kind", ["crash_after", "unavailable"])
def test_a_sweep_killed_at_any_call_and_run_again_finishes_the_erasure(
    rich: World, kind: Kind
) -> None:
    world = rich
    hasten_patience(world)
    ada = lived(world)
    deleting(world, ada)()
    due = Snapshot(world)
    points = writes(world.sweep)
    assert len(points) >= 6

    for point in some(points):
        due.restore()
        with faults.plan(fault(kind, point)), contextlib.suppress(Crash, Exception):
            world.sweep()
        finish(world)
        assert f"{CLERK_USERS}{ada.clerk_id}" in paths(world)
        assert leaks(world) == []
        receipt = erasure_row(world, ada)
        assert "done_at" in receipt, f"{kind} at call {point}"
        assert not {"GSI2PK", "due_at"} & receipt.keys(), "nothing is due any more"


def a_save(world: World) -> tuple[Person, Callable[[], Reply]]:
    """Somebody whose first save is about to be sent, with a transcript that is stored apart."""
    ada = world.person()
    started = ada.start()
    assert ada.exchange(started, OFFER).status == 201
    turns = [{"role": "user", "content": f"A canary {n}.", "timestamp": n} for n in range(5)]
    body = {"sessionId": started.body["sessionId"], "messages": turns}
    return ada, lambda: ada.call("POST /api/interviews", body)


def test_a_save_under_way_at_any_moment_of_the_deletion_leaves_nothing_for_good(
    rich: World,
) -> None:
    """The deletion before each call of the save: what it wrote before its end fails goes, too."""
    world = rich
    first, save = a_save(world)
    with faults.plan() as clean:
        assert save().status == 201
    first.call("DELETE /api/user")
    finish(world)
    left = []
    for number, call in enumerate(clean.calls, 1):
        ada, save = a_save(world)
        between_calls(save, partial(ada.call, "DELETE /api/user"), number)
        left.append(any("CHUNK#" in place for place in leaks(world)))

        finish(world)

        assert leaks(world) == [], f"before call {number}: {call.operation}"
        chunks = [row for row in world.rows() if row["kind"]["S"] == "transcript_chunk"]
        mine = [row for row in chunks if row["PK"]["S"] in sessions_of(world, ada)]
        assert mine == []
        erased = [row for row in world.rows() if "ERASED#" in row.get("GSI1PK", {}).get("S", "")]
        assert erased == [], "and the list of those that were looked through is empty"

    assert any(left), "one of these moments leaves chunks behind, which the last round takes"


def sessions_of(world: World, person: Person) -> set[str]:
    """The partitions of the person's transcripts."""
    return {
        row["PK"]["S"].replace("SESSION#", "INTERVIEW#")
        for row in world.rows()
        if row["kind"]["S"] == "session" and row["user_uuid"]["S"] == person.user_id
    }


def test_whoever_registers_again_gets_no_second_grant(rich: World) -> None:
    world = rich
    ada = lived(world)
    deleting(world, ada)()
    again = world.person()

    tell(world, person_event(again, "user.created", email=address_of(ada)))

    assert again.credits() == 0.0


def finish(world: World) -> None:
    """Sweep until every round of every erasure is over."""
    for _ in range(3):
        world.clock.move(SECOND_ROUND_S)
        world.sweep()


def erasure_row(world: World, person: Person) -> dict[str, Any]:
    (row,) = [
        one
        for one in world.rows()
        if one["PK"]["S"] == f"USER#{person.user_id}" and one["SK"]["S"] == "ERASURE"
    ]
    return row


def paths(world: World) -> list[str]:
    return [request.url.path for request in world.provider.requests]
