"""The use cases that write, each as a scene that can be set, done, and done again.

``REQUIRED`` is the list of the issue; ``test_crash_points`` fails where one has no scene.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.expertise import accept
from tests.fakes.provider import OFFER
from tests.intakes import begin
from tests.practice import Practice, live, saved, turns
from tests.proxies import Proxy
from tests.quotas import Metered
from tests.reliability.effects import Keep, everything
from tests.reliability.test_booking_crashes import Scene as ClassScene
from tests.reliability.test_erasure_crashes import deleting, finish, hasten_patience, lived
from tests.reliability.test_expert_crashes import Scene as DeskScene
from tests.reliability.test_fulfilment_crashes import pack, refund
from tests.till import Till
from tests.usage_log import assert_sums_are_those_of_the_rows
from tests.world import Reply, World

REQUIRED = (
    "start", "exchange", "save", "feedback", "fulfilment", "refund", "intake", "accept", "end",
    "book", "promote", "cancel", "AI call", "user deletion",
)  # fmt: skip

RESERVATION_S = 181  # then the sweeper gives a dead start back
CLAIM_S = 21  # then a dead exchange's claim is free
USAGE = {"usage_platform", "usage_user", "usage_tenant", "usage_member"}
LEASE_S = 301  # of a feedback job and of a reservation of quota

Act = Callable[[], Any]
Row = dict[str, Any]


@dataclass(frozen=True)
class Done:
    """What is done, and what whoever did it does when no answer came."""

    act: Act
    again: Act
    after: Act = lambda: None  # what time does to it, whether anything died or not


@dataclass(frozen=True)
class UseCase:
    """How a scene is set, and which of its rows and attributes tell of tries, not of effects."""

    set: Callable[[World], Done]
    settings: dict[str, str] = field(default_factory=dict)
    varies: frozenset[str] = frozenset()
    keep: Keep = everything
    # What the rows add up to that tell of tries: it is as in a clean run, too.
    sums: Callable[[World], Any] = lambda _: None
    asks_twice: bool = False  # whether another party may be asked once more for a lost answer


def same(act: Act) -> Done:
    """Whoever got no answer does the same again."""
    return Done(act, act)


def patient(world: World, act: Callable[[], Reply], *, pause_s: float) -> Done:
    """Whoever is told that it is under way waits, and does it again."""

    def again() -> Reply:
        answer = act()
        if answer.status == 409 and answer.code.endswith("IN_PROGRESS"):
            world.clock.move(pause_s)
            world.sweep()
            answer = act()
        return answer

    return Done(act, again)


def start(world: World) -> Done:
    ada = world.person()
    ada.credits()
    return patient(world, lambda: ada.start({"jobTitle": "Welder"}, key="k"), pause_s=RESERVATION_S)


def exchange(world: World) -> Done:
    ada = world.person()
    begun = ada.start({"jobTitle": "Welder"})
    return patient(world, lambda: ada.exchange(begun, OFFER), pause_s=CLAIM_S)


def save(world: World) -> Done:
    practice = live(world)
    return same(lambda: practice.save(turns(8)))


def announced(world: World, practice: Practice) -> Any:
    body = json.dumps({"sessionId": practice.session_id})
    records = [{"messageId": "1", "body": body}]
    answer = world.invoke("feedback", {"Records": records}, remaining_ms=119_000)
    assert answer == {"batchItemFailures": []}


def feedback(world: World) -> Done:
    practice = saved(world)

    def again() -> Any:
        announced(world, practice)
        world.clock.move(LEASE_S)
        return world.feedback()

    return Done(lambda: announced(world, practice), again, lambda: passes(world))


def passes(world: World) -> None:
    """The leases of whatever died are over, and swept."""
    world.clock.move(LEASE_S)
    world.sweep()


def fulfilment(world: World) -> Done:
    till = Till(world)
    _, _, event = pack(world, till)
    return same(lambda: till.deliver(event))


def refunded(world: World) -> Done:
    till = Till(world)
    _, _, event = refund(world, till)
    return same(lambda: till.deliver(event))


def intake(world: World) -> Done:
    ada = world.person()
    ada.credits()
    return same(lambda: begin(ada, "free", key="k"))


def accepted(world: World) -> Done:
    scene = DeskScene(world)
    return same(lambda: accept(scene.bob, scene.offer_id))


def end(world: World) -> Done:
    scene = DeskScene(world)
    scene.live()
    return same(lambda: scene.ada.move("end"))


def book(world: World) -> Done:
    scene = ClassScene(world)
    scene.is_empty()
    return same(scene.books)


def promote(world: World) -> Done:
    """An offer is over: the next one in the line has it."""
    scene = ClassScene(world)
    scene.offer_is_over()
    return same(scene.offer_ends)


def cancel(world: World) -> Done:
    scene = ClassScene(world)
    return same(lambda: scene.hall.cancel(scene.ada))


def ai_call(world: World) -> Done:
    proxy = Proxy(world)
    done = patient(world, lambda: proxy.generate(key="k"), pause_s=LEASE_S)
    return Done(done.act, done.again, lambda: passes(world))


def user_deletion(world: World) -> Done:
    hasten_patience(world)
    deliver = deleting(world, lived(world))
    return Done(deliver, deliver, lambda: finish(world))


# Which rows tell of tries, and what they add up to


def is_no_orphan(row: Row) -> bool:
    """A generation of a transcript that nothing points at goes by itself."""
    return not (row["kind"]["S"] == "transcript_chunk" and "ttl" in row)


def is_no_try_to_start(row: Row) -> bool:
    """A start that died is given back and done anew, and its entries and events stay."""
    return row["kind"]["S"] not in {"ledger_entry", "session_event"}


def charged(world: World) -> Any:
    """What the ledger adds up to, and how many debits were not given back."""
    rows = [row for row in world.rows() if row["kind"]["S"] == "ledger_entry"]
    names = Counter(row["entry"]["S"] for row in rows)
    return sum(int(row["amount"]["N"]) for row in rows), names["debit"] - names["void"]


def is_no_use(row: Row) -> bool:
    """Calls of a model are reserved and logged one by one, also those that died."""
    return row["kind"]["S"] not in {"reservation", "ai_log", "quota"} | USAGE


def used(world: World) -> Any:
    """The units that were used: by the reservations, and by the log, its sums and the quotas."""
    assert_sums_are_those_of_the_rows(world)
    Metered(world).audit()
    rows = world.rows()
    settled = [row for row in rows if row.get("state", {}).get("S") == "settled"]
    held = [row for row in rows if row.get("state", {}).get("S") == "held"]
    logged = [row for row in rows if row["kind"]["S"] == "ai_log"]
    units = sum(int(row.get("units", {"N": "0"})["N"]) for row in logged)
    return len(settled), len(held), units


def used_as_asked(world: World) -> Any:
    """Each attempt at feedback is a use of its own: what is settled is logged, and nothing held."""
    settled, held, units = used(world)
    return settled - units, held


USE_CASES: dict[str, UseCase] = {
    "start": UseCase(
        start,
        varies=frozenset({"attempt", "starts"}),
        keep=is_no_try_to_start,
        sums=charged,
        asks_twice=True,
    ),
    "exchange": UseCase(exchange, asks_twice=True),
    "save": UseCase(save, keep=is_no_orphan, asks_twice=True),
    "feedback": UseCase(
        feedback, varies=frozenset({"attempt"}), keep=is_no_use, sums=used_as_asked, asks_twice=True
    ),
    "fulfilment": UseCase(fulfilment),
    "refund": UseCase(refunded),
    "intake": UseCase(intake),
    "accept": UseCase(accepted, settings={"EXPERT_SIGNUP": "open"}),
    "end": UseCase(end, settings={"EXPERT_SIGNUP": "open"}),
    "book": UseCase(book),
    "promote": UseCase(promote),
    "cancel": UseCase(cancel),
    "AI call": UseCase(
        ai_call, varies=frozenset({"attempt"}), keep=is_no_use, sums=used, asks_twice=True
    ),
    "user deletion": UseCase(
        user_deletion,
        settings={"INITIAL_CENTICREDITS": "1000", "CLERK_SECRET_KEY": "sk_test_canary_key"},
        asks_twice=True,
    ),
}
