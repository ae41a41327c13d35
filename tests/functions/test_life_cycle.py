"""The moves that a person may make, and who keeps the credit after each."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.fakes.provider import ANSWER, OFFER
from tests.parallel import together
from tests.world import Person, Reply, World

UNKNOWN_ID = "01999999-9999-7999-8999-999999999999"
MOVES = ["connected", "connect-failed", "end", "cancel"]
each_move = pytest.mark.parametrize("act", MOVES)


class Practised:
    """One session of somebody, and what may be asked of it."""

    def __init__(self, person: Person, *, live: bool = False, key: str | None = None) -> None:
        self.person = person
        self.begun = person.start(key=key)
        assert self.begun.status == 201, self.begun.text
        self.session_id = self.begun.body["sessionId"]
        if live:
            assert person.exchange(self.begun, OFFER).status == 201

    def move(self, act: str) -> Reply:
        return self.person.call(f"POST /api/sessions/{self.session_id}/{act}")

    @property
    def shown(self) -> Any:
        return self.person.call(f"GET /api/sessions/{self.session_id}").body

    @property
    def events(self) -> list[str]:
        return [event["eventType"] for event in self.shown["events"]]


def practised(world: World, *, live: bool = False, **settings: str) -> Practised:
    if settings:
        world.rewire(**settings)
    return Practised(world.person(), live=live)


def kinds(person: Person) -> list[str]:
    return sorted(entry["kind"] for entry in person.ledger())


def hung_up(world: World) -> int:
    return world.provider.count("/hangup")


def test_a_session_is_shown_with_participants_no_assignment_and_events(world: World) -> None:
    one = practised(world)

    shown = one.shown

    assert (shown["type"], shown["status"], shown["plan"]) == ("interview", "pending", "interview")
    assert (shown["userId"], shown["userUuid"]) == (one.person.clerk_id, one.person.user_id)
    assert [(p["userId"], p["role"]) for p in shown["participants"]] == [
        (one.person.user_id, "customer")
    ]
    assert shown["assignment"] is None
    assert (shown["cost"], shown["charged"], shown["givenBack"]) == (1.0, True, False)
    assert one.events == ["created"]
    assert one.person.call("GET /api/sessions/active").body == shown


def test_a_whole_life_is_told_by_its_events_and_times(world: World) -> None:
    one = practised(world)
    times = []
    world.clock.move(5)
    one.person.exchange(one.begun, OFFER)
    for act in ("connected", "end"):
        world.clock.move(5)
        times.append(one.move(act).body)

    assert one.events == ["created", "live", "completed"]
    assert times[0]["status"] == "live"
    assert times[0]["liveAt"] < times[0]["connectedAt"]
    assert (times[1]["status"], times[1]["deadline"]) == ("completed", None)
    assert times[1]["endedAt"] == times[1]["completedAt"] > times[1]["connectedAt"]
    assert one.person.call("GET /api/sessions/active").status == 204
    assert kinds(one.person) == ["debit", "grant"]


def test_the_list_shows_the_newest_first_and_goes_on_where_it_stopped(world: World) -> None:
    person = world.person()
    ids = []
    for _ in range(3):
        one = Practised(person)
        one.move("cancel")
        ids.append(one.session_id)
        world.clock.move(60)

    first = person.call("GET /api/sessions?limit=2").body
    rest = person.call(f"GET /api/sessions?limit=2&cursor={first['nextCursor']}").body

    assert [item["sessionId"] for item in first["items"] + rest["items"]] == ids[::-1]
    assert {item["status"] for item in first["items"]} == {"cancelled"}
    shown = person.call(f"GET /api/sessions/{ids[2]}").body
    assert first["items"][0].items() <= shown.items(), "the list shows nothing that is not so"
    assert rest["nextCursor"] is None
    assert world.person().call("GET /api/sessions").body == {"items": [], "nextCursor": None}


@each_move
@pytest.mark.parametrize("whose", ["foreign", "unknown", "no id"])
def test_nobody_moves_or_sees_what_is_not_theirs(world: World, act: str, whose: str) -> None:
    one, eve = practised(world, live=True), world.person()
    session_id = {"foreign": one.session_id, "unknown": UNKNOWN_ID, "no id": "x"}[whose]

    answers = [
        eve.call(f"POST /api/sessions/{session_id}/{act}"),
        eve.call(f"GET /api/sessions/{session_id}"),
    ]

    assert [(answer.status, answer.code) for answer in answers] == [(404, "NOT_FOUND")] * 2
    assert one.shown["status"] == "live"
    assert hung_up(world) == 0


# What a session in that state answers to each move: the state after it, or None for a refusal.
TABLE: dict[str, dict[str, str | None]] = {
    "pending": {
        "connected": None,
        "connect-failed": "cancelled",
        "end": None,
        "cancel": "cancelled",
    },
    "live": {
        "connected": "live",
        "connect-failed": "cancelled",
        "end": "completed",
        "cancel": None,
    },
    "completed": {"connected": None, "connect-failed": None, "end": "completed", "cancel": None},
    "cancelled": {
        "connected": None,
        "connect-failed": "cancelled",
        "end": None,
        "cancel": "cancelled",
    },
    "expired": {"connected": None, "connect-failed": None, "end": None, "cancel": None},
    "failed": {"connected": None, "connect-failed": None, "end": None, "cancel": None},
}
TARGETS = {"connected": "live", "connect-failed": "cancelled", "end": "completed"}


def in_state(world: World, state: str) -> Practised:
    if state == "failed":
        person = world.person()
        world.provider.script("/client_secrets", httpx.Response(500))
        person.start(key="k")
        one = Practised.__new__(Practised)
        one.person = person
        one.session_id = person.call("GET /api/sessions").body["items"][0]["sessionId"]
        return one
    one = practised(world, live=state in {"live", "completed"})
    if state == "completed":
        one.move("end")
    elif state == "cancelled":
        one.move("cancel")
    elif state == "expired":
        world.clock.move(181)
        world.sweep()
    return one


@each_move
@pytest.mark.parametrize("state", TABLE)
def test_every_state_answers_every_move_as_the_machine_says(
    world: World, state: str, act: str
) -> None:
    one = in_state(world, state)
    assert one.shown["status"] == state
    after = TABLE[state][act]
    credits_before = one.person.credits()

    answer = one.move(act)

    assert one.shown["status"] == (after or state)
    if after is not None:
        assert (answer.status, answer.body["status"]) == (200, after)
        return
    assert (answer.status, answer.code) == (409, "INVALID_TRANSITION")
    target = TARGETS.get(act, "cancelled")
    assert (answer.body["from"], answer.body["to"]) == (state, target)
    assert target not in answer.body["allowed"]
    assert one.person.credits() == credits_before


def test_a_refused_move_names_what_is_allowed(world: World) -> None:
    answer = practised(world).move("end")

    assert {name: answer.body[name] for name in ("from", "to", "allowed")} == {
        "from": "pending",
        "to": "completed",
        "allowed": ["cancelled", "expired", "live"],
    }


def test_cancelled_before_the_answer_it_is_given_back_once(world: World) -> None:
    one = practised(world)

    answers = [one.move("cancel"), one.move("cancel")]

    assert [answer.body["status"] for answer in answers] == ["cancelled"] * 2
    assert answers[0].body["givenBack"]
    assert kinds(one.person) == ["debit", "grant", "void"]
    assert one.person.credits() == 3.0
    assert one.events == ["created", "cancelled"]
    assert one.person.start().status == 201


def test_cancelled_sixteen_times_at_once_it_is_given_back_once(world: World) -> None:
    one = practised(world)

    answers = together(*[lambda: one.move("cancel")] * 16)

    assert {answer.status for answer in answers} == {200}
    assert kinds(one.person) == ["debit", "grant", "void"]
    assert one.events == ["created", "cancelled"]


def test_cancel_and_an_answered_offer_at_once_have_one_winner(world: World) -> None:
    one = practised(world)
    inside: list[Reply] = []

    def slow(_request: httpx.Request) -> httpx.Response:
        inside.extend([one.move("cancel"), one.move("connect-failed")])
        return httpx.Response(201, content=ANSWER, headers={"Content-Type": "application/sdp"})

    world.provider.script("/calls", slow)

    assert one.person.exchange(one.begun, OFFER).status == 201

    assert {(answer.status, answer.code) for answer in inside} == {(409, "EXCHANGE_IN_PROGRESS")}
    assert one.shown["status"] == "live"
    assert one.person.credits() == 2.0


def answered_then(*acts: str, wait_s: float = 0) -> Callable[[Practised], None]:
    def do(one: Practised) -> None:
        one.person.world.clock.move(wait_s)
        for act in acts:
            one.move(act)

    return do


WHATEVER = {
    "nothing": answered_then(),
    "connected": answered_then("connected"),
    "cancel": answered_then("cancel"),
    "cancel after connected": answered_then("connected", "cancel"),
    "connect-failed after 60 s": answered_then("connect-failed", wait_s=60),
    "connect-failed after connected and 60 s": answered_then(
        "connected", "connect-failed", wait_s=61
    ),
    "end": answered_then("end"),
    "end, then connect-failed": answered_then("end", "connect-failed", "cancel"),
}


@pytest.mark.parametrize("send", WHATEVER.values(), ids=WHATEVER)
def test_once_answered_the_charge_is_final_whatever_the_client_sends_or_withholds(
    world: World, send: Callable[[Practised], None]
) -> None:
    one = practised(world, live=True)

    send(one)
    for seconds in (181, 3600, 3600):
        world.clock.move(seconds)
        world.sweep()

    assert one.person.credits() == 2.0
    assert kinds(one.person) == ["debit", "grant"]
    assert one.shown["status"] in {"expired", "completed"}
    assert not one.shown["givenBack"]


def test_a_reconnect_does_not_begin_the_sixty_seconds_again(world: World) -> None:
    one = practised(world, live=True)
    world.clock.move(50)
    token = one.person.call(f"POST /api/realtime-session/{one.session_id}/token")
    assert one.person.exchange(token, OFFER).status == 201
    world.clock.move(10)

    answer = one.move("connect-failed")

    assert (answer.status, answer.code) == (409, "INVALID_TRANSITION")
    assert one.person.credits() == 2.0


def test_connect_failed_hangs_up_first_and_then_gives_back(world: World) -> None:
    one = practised(world, live=True)
    seen: list[str] = []

    def hangs_up(_request: httpx.Request) -> httpx.Response:
        seen.append(one.shown["status"])
        return httpx.Response(200)

    world.provider.script("/hangup", hangs_up)
    world.clock.move(59)

    answer = one.move("connect-failed")

    assert seen == ["live"]
    assert (answer.status, answer.body["status"]) == (200, "cancelled")
    assert answer.body["givenBack"]
    assert one.person.credits() == 3.0
    assert kinds(one.person) == ["debit", "grant", "void"]
    assert one.move("connect-failed").status == 200
    assert one.person.credits() == 3.0


def test_a_call_that_is_gone_already_counts_as_hung_up(world: World) -> None:
    one = practised(world, live=True)
    world.provider.script("/hangup", httpx.Response(404))

    assert one.move("connect-failed").status == 200
    assert one.person.credits() == 3.0


@pytest.mark.parametrize(
    "reply", [httpx.Response(500), httpx.ConnectError("down"), httpx.ReadTimeout("late")]
)
def test_a_hang_up_that_fails_gives_nothing_back(
    world: World, reply: httpx.Response | Exception
) -> None:
    one = practised(world, live=True)
    world.provider.script("/hangup", reply)

    answer = one.move("connect-failed")

    assert (answer.status, answer.code) == (502, "PROVIDER_ERROR")
    assert one.shown["status"] == "live"
    assert one.person.credits() == 2.0
    assert one.move("connect-failed").status == 200, "the next try may succeed"
    assert one.person.credits() == 3.0


def test_connect_failed_gives_back_three_times_a_day_and_then_closes_charged(
    make_world: Any,
) -> None:
    world = make_world(INITIAL_CENTICREDITS="600")
    person = world.person()
    given = []
    for _ in range(4):
        one = Practised(person, live=True)
        answer = one.move("connect-failed")
        given.append((answer.status, answer.body["status"], answer.body["givenBack"]))
        world.clock.move(60)

    assert given == [(200, "cancelled", True)] * 3 + [(200, "cancelled", False)]
    assert person.credits() == 5.0
    assert person.call("GET /api/sessions/active").status == 204
    assert hung_up(world) == 4

    world.clock.move(86_400)
    assert Practised(person, live=True).move("connect-failed").body["givenBack"]


def test_connect_failed_sixteen_times_at_once_gives_back_once(world: World) -> None:
    one = practised(world, live=True)

    answers = together(*[lambda: one.move("connect-failed")] * 16)

    assert {answer.status for answer in answers} == {200}
    assert kinds(one.person) == ["debit", "grant", "void"]


def test_in_beta_a_call_has_no_name_and_is_given_back_without_a_hang_up(world: World) -> None:
    one = practised(
        world, live=True, REALTIME_DIALECT="beta", OPENAI_BASE_URL="https://voice.test/v1"
    )

    assert one.move("connect-failed").status == 200
    assert one.person.credits() == 3.0
    assert hung_up(world) == 0


@pytest.mark.parametrize("mode", ["ephemeral", "unified"])
def test_an_ended_session_is_hung_up_once_however_often_it_is_ended(
    world: World, mode: str
) -> None:
    one = practised(world, live=True, REALTIME_EXCHANGE=mode)

    answers = [one.move("end") for _ in range(3)]
    world.clock.move(3600)
    world.sweep()

    assert [answer.body["status"] for answer in answers] == ["completed"] * 3
    assert len({answer.body["endedAt"] for answer in answers}) == 1
    assert one.events == ["created", "live", "completed"]
    assert hung_up(world) == 1


def test_ended_in_parallel_there_is_one_end(world: World) -> None:
    one = practised(world, live=True)

    answers = together(*[lambda: one.move("end")] * 8)

    assert {answer.status for answer in answers} == {200}
    assert one.events == ["created", "live", "completed"]


def test_a_call_that_could_not_be_hung_up_at_the_end_is_hung_up_by_the_sweeper(
    world: World,
) -> None:
    one = practised(world, live=True)
    world.provider.script("/hangup", httpx.Response(500))
    assert one.move("end").body["status"] == "completed"

    assert world.sweep()["hung_up"] == 1
    world.clock.move(3600)
    assert world.sweep()["hung_up"] == 0

    assert hung_up(world) == 2


def test_the_call_of_an_interview_that_was_saved_while_live_is_hung_up(world: World) -> None:
    one = practised(world, live=True)
    turn = {"role": "user", "content": "I am done.", "timestamp": 1_795_000_000_000}
    body = {"sessionId": one.session_id, "messages": [turn]}

    assert one.person.call("POST /api/interviews", body).status == 201
    assert one.shown["deadline"] is None
    assert world.sweep()["hung_up"] == 1

    assert hung_up(world) == 1
    assert one.shown["status"] == "completed"


def test_connected_is_noted_once_and_never_moves_the_charge(world: World) -> None:
    one = practised(world, live=True)
    first = one.move("connected").body["connectedAt"]
    world.clock.move(5)

    assert one.move("connected").body["connectedAt"] == first
    assert one.events == ["created", "live"]
    assert one.move("connect-failed").body["givenBack"]


def test_the_twenty_first_start_within_an_hour_is_refused(world: World) -> None:
    person = world.person()
    for _ in range(20):
        assert Practised(person).move("cancel").status == 200
        world.clock.move(60)

    refused = person.start()

    assert (refused.status, refused.code) == (429, "RATE_LIMITED")
    wait_s = int(refused.headers["Retry-After"])
    assert wait_s == 3600 - 20 * 60
    assert person.credits() == 3.0
    assert person.call("GET /api/sessions/active").status == 204
    world.clock.move(wait_s - 1)
    assert person.start().status == 429
    world.clock.move(1)
    assert person.start().status == 201


@pytest.mark.parametrize(
    ("balance", "needed"), [("75", 1.0), ("99", 1.0), ("50", 1.0), ("25", 0.5), ("0", 0.5)]
)
def test_who_cannot_pay_is_told_in_the_origins_words_and_keeps_the_balance(
    make_world: Any, balance: str, needed: float
) -> None:
    world = make_world(INITIAL_CENTICREDITS=balance)
    person = world.person()

    answer = person.start()

    assert (answer.status, answer.code) == (403, "INSUFFICIENT_CREDITS")
    assert answer.body["error"] == (
        f"Insufficient VocahireCredits. You need at least {needed} VocahireCredits "
        "to start an interview."
    )
    has = int(balance) / 100
    assert answer.body["currentCredits"] == has
    assert (answer.body["minimumRequired"], answer.body["interviewCost"]) == (needed, 1.0)
    assert person.credits() == has
    assert world.provider.requests == []
