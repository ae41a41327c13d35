"""What a container remembers of people: only where the client says so, and never to decide."""

import threading
from itertools import count
from typing import Any

import pytest

from greenroom.kernel.cache import Cache
from greenroom.table.patience import Patience
from greenroom.table.table import Table
from greenroom.table.written import partitions
from tests.fakes.provider import OFFER
from tests.metrics import Emitted
from tests.reliability import faults
from tests.world import MovableClock, Person, Reply, World

OLD = {"cache-control": "max-age=30"}


def look(person: Person, headers: dict[str, str] | None = OLD) -> Reply:
    reply = person.call("GET /api/user", headers=headers)
    assert reply.status == 200, reply.text
    return reply


def apart(world: World) -> None:
    """Let the account function be a container of its own, which hears of nobody else's writes."""
    wired = world.wiring("account")
    table = Table(world.table_name, world.connection, clock=world.clock)
    wired.rewire(environ=wired.environ, clock=world.clock, table=table)


@pytest.fixture
def ada(world: World) -> Person:
    ada = world.person()
    ada.credits()
    return ada


def test_a_hundred_looks_cost_a_tenth_of_the_calls_at_most(
    world: World, ada: Person, emitted: Emitted
) -> None:
    with faults.plan() as plain:
        for _ in range(100):
            look(ada, None)
    world.rewire()

    with faults.plan() as remembered:
        bodies = [look(ada).body for _ in range(100)]

    assert len(remembered.calls) <= 0.1 * len(plain.calls)
    assert all(body == bodies[0] for body in bodies)
    assert sum(emitted.values("UserCacheHit")) == 99
    assert sum(emitted.values("UserCacheMiss")) == 1


def test_without_the_header_every_look_reads(world: World, ada: Person) -> None:
    apart(world)
    look(ada)
    ada.start()

    reply = look(ada, None)

    assert reply.body["credits"] == 2.0
    assert "Age" not in reply.headers


def test_an_old_answer_tells_its_age(world: World, ada: Person) -> None:
    assert look(ada).headers["Age"] == "0"
    world.clock.move(7.9)

    assert look(ada).headers["Age"] == "7"


@pytest.mark.parametrize(("header", "moved_s"), [("max-age=5", 5), ("max-age=99", 30)])
def test_it_is_no_older_than_the_client_and_we_allow(
    world: World, ada: Person, header: str, moved_s: int
) -> None:
    apart(world)
    look(ada)
    ada.start()
    world.clock.move(moved_s - 1)
    assert look(ada, {"cache-control": header}).body["credits"] == 3.0
    world.clock.move(1)

    reply = look(ada, {"cache-control": header})

    assert (reply.body["credits"], reply.headers["Age"]) == (2.0, "0")


@pytest.mark.parametrize(
    "header", ["", "no-cache", "max-age=0", "max-age=x", "max-age=30, no-cache"]
)
def test_whatever_else_the_header_says_asks_for_news(
    world: World, ada: Person, header: str
) -> None:
    apart(world)
    look(ada)
    ada.start()

    assert look(ada, {"cache-control": header}).body["credits"] == 2.0


def test_what_the_container_writes_itself_it_forgets(world: World, ada: Person) -> None:
    look(ada)

    assert ada.call("PATCH /api/user", {"name": "Ada"}, headers=OLD).body["name"] == "Ada"
    assert look(ada).body["name"] == "Ada"


def test_a_write_that_failed_may_have_acted_and_is_forgotten_too(world: World, ada: Person) -> None:
    look(ada)
    fault = faults.Fault(kind="timeout_after", operation="TransactWriteItems", times=99)
    with faults.plan(fault):
        ada.call("PATCH /api/user", {"name": "Ada"})

    assert look(ada).body["name"] == "Ada"


def test_a_start_asks_the_table_whatever_is_remembered(world: World) -> None:
    """A container that remembers 1.00 shows it, and nobody can spend it again."""
    world.rewire(INITIAL_CENTICREDITS="100")
    ada = world.person()
    ada.credits()
    apart(world)
    look(ada)
    started = ada.start()
    assert ada.exchange(started, OFFER).status == 201
    assert ada.call(f"POST /api/sessions/{started.body['sessionId']}/end").status == 200
    assert look(ada).body["credits"] == 1.0

    assert ada.start().code == "INSUFFICIENT_CREDITS"


def test_a_deleted_person_is_remembered_by_no_container_that_deleted_them(
    world: World, ada: Person
) -> None:
    look(ada)
    assert ada.call("DELETE /api/user").status == 202

    assert ada.call("GET /api/user", headers=OLD).code == "ACCOUNT_DELETED"


def test_a_session_that_has_run_out_meanwhile_is_not_shown(world: World) -> None:
    world.rewire(CONNECT_WINDOW_S="10")
    ada = world.person()
    ada.start()
    assert look(ada).body["activeSession"] is not None
    world.clock.move(20)

    reply = look(ada)

    assert (reply.headers["Age"], reply.body["activeSession"]) == ("20", None)


def away(world: World) -> faults.Fault:
    """The table, away for good; nobody waits for it in a test."""
    world.table.patience = Patience(monotonic=count().__next__, sleep=lambda _: None)
    return faults.Fault(kind="unavailable", times=faults.FOR_EVER)


def test_while_the_table_is_away_what_is_remembered_is_shown_as_stale(
    world: World, ada: Person
) -> None:
    news = look(ada, None).body
    world.clock.move(29.9)

    with faults.plan(away(world)):
        old = look(ada, None)

    assert news["stale"] is False
    assert old.body == news | {"stale": True}
    assert old.headers["Age"] == "29"
    assert look(ada, None).body["stale"] is False


def test_half_a_minute_later_nothing_is_shown_while_the_table_is_away(
    world: World, ada: Person
) -> None:
    look(ada, None)
    world.clock.move(30)

    with faults.plan(away(world)):
        refused = ada.call("GET /api/user")

    assert (refused.status, refused.code) == (503, "STORE_UNAVAILABLE")


def test_nobody_elses_record_is_shown_while_the_table_is_away(world: World, ada: Person) -> None:
    look(ada, None)

    with faults.plan(away(world)):
        assert world.person().call("GET /api/user").status == 503


def test_what_this_container_may_have_changed_is_not_shown_while_the_table_is_away(
    world: World, ada: Person
) -> None:
    look(ada, None)

    with faults.plan(away(world)):
        assert ada.call("PATCH /api/user", {"name": "Ada"}).status == 503
        assert ada.call("GET /api/user").status == 503


def test_names_are_read_once_in_half_a_minute(world: World, ada: Person) -> None:
    seeing, stranger = world.wiring("organizations").seeing, world.person()

    def reads() -> int:
        with faults.plan() as plan:
            assert set(seeing.people([ada.user_id])) == {ada.user_id}
        return len(plan.calls)

    assert (reads(), reads()) == (1, 0)
    world.clock.move(30)
    assert reads() == 1
    assert seeing.people([stranger.user_id]) == {}


def test_nothing_that_was_being_read_while_something_was_forgotten_is_remembered() -> None:
    cache = Cache[str](
        hit="UserCacheHit", miss="UserCacheMiss", life_s=30, most=9, clock=MovableClock()
    )
    remember = cache.reading()
    cache.forget("ada")
    remember("ada", "old")

    assert cache.look("ada") is None


def test_the_oldest_is_dropped_beyond_the_most() -> None:
    cache = Cache[int](
        hit="UserCacheHit", miss="UserCacheMiss", life_s=30, most=2, clock=MovableClock()
    )
    for n in range(3):
        cache.reading()(str(n), n)

    assert [cache.look(str(n)) is None for n in range(3)] == [True, False, False]


def test_every_kind_of_write_names_its_partitions() -> None:
    key = {"Key": {"PK": {"S": "a"}, "SK": {"S": "x"}}}
    item = {"Item": {"PK": {"S": "b"}, "SK": {"S": "x"}}}
    batch = {"RequestItems": {"t": [{"PutRequest": item}, {"DeleteRequest": key}]}}
    steps: dict[str, Any] = {"TransactItems": [{"Update": key}, {"Put": item}]}
    check = {"TransactItems": [{"ConditionCheck": key}]}

    assert partitions("UpdateItem", key) == {"a"}
    assert partitions("PutItem", item) == {"b"}
    assert partitions("BatchWriteItem", batch) == {"a", "b"}
    assert partitions("TransactWriteItems", steps) == {"a", "b"}
    assert partitions("TransactWriteItems", check) == frozenset()
    assert partitions("GetItem", key) == frozenset()


def test_threads_that_look_and_forget_do_not_break_it() -> None:
    cache = Cache[int](
        hit="UserCacheHit", miss="UserCacheMiss", life_s=30, most=5, clock=MovableClock()
    )

    def run(n: int) -> None:
        for turn in range(300):
            cache.reading()(str(turn % 9), n)
            cache.look(str(turn % 7))
            cache.forget(str(turn % 3))

    threads = [threading.Thread(target=run, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
