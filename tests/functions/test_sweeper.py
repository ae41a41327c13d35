"""The clock's side of the charge rule: given back when never answered, closed when too long."""

import threading
from contextlib import suppress
from typing import Any

import httpx
import pytest

from greenroom.kernel.clock import to_text
from greenroom.kernel.limits import INDEX_SHARDS
from tests.fakes.provider import ANSWER, OFFER
from tests.functions.test_life_cycle import Practised, hung_up, kinds, practised
from tests.parallel import WAIT_S, together
from tests.reliability import faults
from tests.reliability.faults import Crash, Fault
from tests.world import World, client_of

MAX_S = 3600
CALLS_MAX = 30  # of one sweep of one session
BETA = {"REALTIME_DIALECT": "beta", "OPENAI_BASE_URL": "https://voice.test/v1"}


def swept(world: World) -> dict[str, int]:
    """What one sweep did, without the zeros."""
    return {name: count for name, count in world.sweep().items() if count}


def in_the_work_index(world: World) -> int:
    return sum("GSI2PK" in row for row in world.rows() if row["kind"]["S"] == "session")


def test_a_session_that_was_never_answered_is_given_back_once(world: World) -> None:
    one = practised(world)
    world.clock.move(179)
    assert swept(world) == {}

    world.clock.move(1)
    assert swept(world) == {"given_back": 1}
    rows = world.rows()
    assert swept(world) == {}
    world.clock.move(60)
    assert swept(world) == {}

    assert world.rows() == rows
    assert one.shown["status"] == "expired"
    assert one.shown["givenBack"]
    assert one.events == ["created", "not_connected"]
    assert one.person.credits() == 3.0
    assert kinds(one.person) == ["debit", "grant", "void"]
    assert one.person.call("GET /api/sessions/active").status == 204
    assert in_the_work_index(world) == 0


def test_the_schedules_time_decides_and_without_one_the_clock(world: World) -> None:
    practised(world)
    late = {"time": to_text(world.clock.move(180))}
    world.clock.move(-180)

    assert world.invoke("sweeper", {})["given_back"] == 0
    assert world.invoke("sweeper", late)["given_back"] == 1


def test_eight_sweeps_at_once_give_back_once(world: World) -> None:
    sessions = [practised(world) for _ in range(3)]
    world.clock.move(181)

    together(*[world.sweep] * 8)

    for one in sessions:
        assert kinds(one.person) == ["debit", "grant", "void"]
        assert one.person.credits() == 3.0


@pytest.mark.parametrize(
    ("settings", "hang_ups"),
    [({}, 1), ({"REALTIME_EXCHANGE": "unified"}, 1), (BETA, 0)],
    ids=["ephemeral", "unified", "beta"],
)
def test_at_its_maximum_a_call_is_hung_up_once_as_its_mode_allows_and_closed(
    world: World, settings: dict[str, str], hang_ups: int
) -> None:
    one = practised(world, live=True, **settings)
    world.clock.move(MAX_S - 1)
    assert swept(world) == {}

    world.clock.move(1)
    assert swept(world) == {"closed": 1}
    world.clock.move(60)
    assert swept(world) == {}

    assert hung_up(world) == hang_ups
    assert one.shown["status"] == "expired"
    assert one.events == ["created", "live", "maximum_reached"]
    assert one.person.credits() == 2.0
    assert one.person.call("GET /api/sessions/active").status == 204
    assert in_the_work_index(world) == 0


def test_eight_sweeps_at_once_hang_up_once(world: World) -> None:
    one = practised(world, live=True)
    world.clock.move(MAX_S)

    results = together(*[world.sweep] * 8)

    assert sum(result["closed"] for result in results) == 1
    assert sum(result["failed"] for result in results) == 0
    assert hung_up(world) == 1
    assert one.events == ["created", "live", "maximum_reached"]


def test_a_sweep_inside_another_ones_hang_up_does_nothing(world: World) -> None:
    practised(world, live=True)
    world.clock.move(MAX_S)
    inner: list[dict[str, int]] = []

    def slow(_request: httpx.Request) -> httpx.Response:
        inner.append(swept(world))
        return httpx.Response(200)

    world.provider.script("/hangup", slow)

    assert swept(world) == {"closed": 1}
    assert inner == [{}]
    assert hung_up(world) == 1


def test_a_call_that_comes_back_while_the_old_one_is_hung_up_is_hung_up_too(
    world: World,
) -> None:
    one = practised(world, live=True)
    world.clock.move(MAX_S - 1)
    token = one.person.call(f"POST /api/realtime-session/{one.session_id}/token")
    asked, sweeping, answered = threading.Event(), threading.Event(), threading.Event()

    def slow(_request: httpx.Request) -> httpx.Response:
        asked.set()
        assert sweeping.wait(WAIT_S)
        headers = {"Content-Type": "application/sdp", "Location": "/v1/realtime/calls/rtc_back"}
        return httpx.Response(201, content=ANSWER, headers=headers)

    def hangs_up(_request: httpx.Request) -> httpx.Response:
        sweeping.set()
        assert answered.wait(WAIT_S)
        return httpx.Response(200)

    world.provider.script("/calls", slow)
    world.provider.script("/hangup", hangs_up)

    def reconnect() -> Any:
        answer = one.person.exchange(token, OFFER)
        answered.set()
        return answer.status

    def sweep() -> Any:
        assert asked.wait(WAIT_S)
        world.clock.move(1)
        return swept(world)

    assert together(reconnect, sweep) == [201, {"untouched": 1}]
    world.clock.move(60)
    assert swept(world) == {"closed": 1}

    assert world.provider.requests[-1].url.path.endswith("/rtc_back/hangup")
    assert one.shown["status"] == "expired"


def test_a_sweep_that_died_is_made_good_when_its_lease_is_over(world: World) -> None:
    one = practised(world, live=True)
    world.clock.move(MAX_S)
    with (
        faults.plan(Fault(kind="crash_after", operation="UpdateItem")),
        pytest.raises(Crash),
    ):
        world.sweep()
    assert swept(world) == {}

    world.clock.move(60)

    assert swept(world) == {"closed": 1}
    assert hung_up(world) == 1
    assert one.shown["status"] == "expired"


def sweep_sessions(world: World) -> None:
    """The part of the sweeper's run that is about sessions."""
    world.wiring("sweeper").sweeper.sweep(world.clock())


@pytest.mark.parametrize("kind", ["crash_before", "crash_after"])
@pytest.mark.parametrize("live", [False, True], ids=["unanswered", "overlong"])
def test_a_sweep_that_dies_at_any_call_is_finished_by_the_next(
    world: World, live: bool, kind: Any
) -> None:
    for at in range(1, CALLS_MAX):
        one = practised(world, live=live)
        world.clock.move(MAX_S if live else 180)
        with faults.plan(Fault(kind=kind, at=at)) as plan, suppress(Crash):
            sweep_sessions(world)
        if not plan.fired:
            assert at > INDEX_SHARDS, "every shard of the work index is a call"
            return
        world.clock.move(61)
        sweep_sessions(world)

        assert one.shown["status"] == "expired"
        assert one.person.credits() == (2.0 if live else 3.0)
        assert one.events.count("maximum_reached" if live else "not_connected") == 1
        assert kinds(one.person) == ["debit", "grant"] + ([] if live else ["void"])
    pytest.fail("a sweep of one session makes more calls than that")


def test_a_provider_that_does_not_confirm_is_asked_each_minute_until_the_grace_is_over(
    make_world: Any,
) -> None:
    world = make_world(SESSION_GRACE_S="120")
    one = practised(world, live=True)
    world.provider.script("/hangup", *[httpx.Response(500)] * 9)
    world.clock.move(MAX_S)

    results = []
    for _ in range(3):
        results.append(swept(world))
        world.clock.move(60)

    assert results == [{"failed": 1}, {"failed": 1}, {"closed": 1}]
    assert hung_up(world) == 3
    assert one.shown["status"] == "expired"
    assert in_the_work_index(world) == 0


def test_a_call_left_behind_by_an_end_is_given_up_when_the_grace_is_over(
    make_world: Any,
) -> None:
    world = make_world(SESSION_GRACE_S="60")
    one = practised(world, live=True)
    world.provider.script("/hangup", *[httpx.Response(500)] * 9)
    one.move("end")

    first = swept(world)
    world.clock.move(60)
    second = swept(world)

    assert (first, second) == ({"failed": 1}, {"hung_up": 1})
    assert in_the_work_index(world) == 0
    assert one.shown["status"] == "completed"


def test_a_dead_sweeper_locks_nobody_out_and_a_guard_taken_over_blocks_nothing(
    world: World,
) -> None:
    person = world.person()
    first = Practised(person, key="first")
    world.clock.move(181)
    second = Practised(person, key="second")

    assert swept(world) == {"given_back": 1}

    assert first.shown["status"] == "expired"
    assert person.credits() == 2.0
    active = person.call("GET /api/sessions/active").body
    assert active["sessionId"] == second.session_id


@pytest.mark.parametrize("act", ["cancel", "connect-failed"])
def test_a_guard_that_was_taken_over_does_not_block_a_give_back(world: World, act: str) -> None:
    person = world.person()
    first = Practised(person, key="first")
    world.clock.move(181)
    second = Practised(person, key="second")

    assert first.move(act).body["givenBack"]

    assert person.credits() == 2.0
    assert person.call("GET /api/sessions/active").body["sessionId"] == second.session_id


@pytest.mark.parametrize("how", ["end", "sweep"])
def test_a_guard_that_was_taken_over_does_not_block_a_release(world: World, how: str) -> None:
    person = world.person()
    first = Practised(person, key="first", live=True)
    world.clock.move(MAX_S + 900)
    second = Practised(person, key="second", live=True)

    if how == "end":
        assert first.move("end").status == 200
    else:
        assert swept(world) == {"closed": 1}

    assert first.shown["status"] in {"completed", "expired"}
    assert person.call("GET /api/sessions/active").body["sessionId"] == second.session_id
    assert second.move("end").status == 200
    assert person.call("GET /api/sessions/active").status == 204


def test_a_guard_that_was_taken_over_does_not_block_a_call_that_goes_live(world: World) -> None:
    one = practised(world)
    guard = next(row for row in world.rows() if row["kind"]["S"] == "active_guard")
    foreign = guard | {"session_id": {"S": "another"}}
    client_of(world.endpoint).put_item(TableName=world.table_name, Item=foreign)

    assert one.person.exchange(one.begun, OFFER).status == 201

    assert one.shown["status"] == "live"
    assert next(row for row in world.rows() if row["kind"]["S"] == "active_guard") == foreign


def test_a_row_that_nobody_can_read_does_not_stop_the_others(world: World) -> None:
    sessions = [practised(world) for _ in range(3)]
    broken = next(
        row
        for row in world.rows()
        if row["kind"]["S"] == "session" and row["session_id"]["S"] == sessions[0].session_id
    )
    item = broken | {"cost": {"S": "much"}}
    client_of(world.endpoint).put_item(TableName=world.table_name, Item=item)
    world.clock.move(181)

    assert swept(world) == {"given_back": 2, "failed": 1}

    assert [one.person.credits() for one in sessions] == [2.0, 3.0, 3.0]


def test_the_shortened_deadlines_of_a_script_are_kept(make_world: Any) -> None:
    world = make_world(CONNECT_WINDOW_S="5", SESSION_MAX_S="10")
    waits, talks = practised(world), practised(world, live=True)
    world.clock.move(5)
    assert swept(world) == {"given_back": 1}
    world.clock.move(5)
    assert swept(world) == {"closed": 1}

    assert (waits.shown["status"], talks.shown["status"]) == ("expired", "expired")
    assert talks.begun.body["maxDurationSeconds"] == 10
