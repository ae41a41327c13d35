"""The AI proxy when many ask at once, and when whatever it stands on breaks."""

from collections import Counter
from typing import Any

import boto3
import httpx
import pytest
from moto import mock_aws

from greenroom.kernel.limits import AI_RESERVE_S
from tests.fakes.provider import completion, failing
from tests.parallel import together
from tests.proxies import ASK, EXAM, Proxy, answer_of
from tests.reliability import faults
from tests.reliability.every_call import fail_at_every_call
from tests.reliability.faults import FOR_EVER, Fault, Kind
from tests.usage_log import assert_sums_are_those_of_the_rows
from tests.world import Reply, World

KEY = "exam-1"
TRANSACTION = "TransactWriteItems"
BEYOND_RESERVATION_S = 301
# The transactions of a call are: reserve, settle, log.
LOG_AWAY = Fault(kind="unavailable", at=3, times=FOR_EVER, operation=TRANSACTION)


@pytest.fixture
def proxy(world: World) -> Proxy:
    return Proxy(world)


def states(proxy: Proxy) -> list[str]:
    return sorted(
        row["state"]["S"] for row in proxy.world.rows() if row["kind"]["S"] == "reservation"
    )


# Many at once


def test_of_a_hundred_calls_at_once_a_quota_of_fifty_lets_fifty_reach_the_model(
    make_world: Any,
) -> None:
    proxy = Proxy(make_world(AI_TENANT_UNITS="50"))

    replies = together(*[proxy.generate] * 100)

    assert Counter(one.status for one in replies) == {200: 50, 429: 50}
    assert proxy.asked == 50
    assert proxy.used == 50
    for refused in (one for one in replies if one.status == 429):
        assert refused.code == "QUOTA_EXCEEDED"
        assert (refused.body["limit"], refused.body["remaining"]) == (50, 0)
        assert refused.body["resetAt"] == "2026-12-01T00:00:00.000000Z"
        assert refused.body["scope"] == "tenant"
        assert int(refused.headers["Retry-After"]) > 0
    assert Counter(row["status"] for row in proxy.rows()) == {"ok": 50}
    proxy.audit()
    assert_sums_are_those_of_the_rows(proxy.world)


def test_calls_that_fail_at_once_give_their_units_to_others(make_world: Any) -> None:
    proxy = Proxy(make_world(AI_TENANT_UNITS="10"))
    proxy.world.provider.script(ASK, *[httpx.Response(500), completion("none")] * 15)

    replies = together(*[proxy.generate] * 30)

    # A refusal may have come while a unit was held that went back later; none is lost.
    assert {one.status for one in replies} <= {429, 502}
    assert proxy.used == 0
    assert proxy.generate().status in {200, 502}
    proxy.audit()
    assert_sums_are_those_of_the_rows(proxy.world)


def test_one_request_sent_ten_times_at_once_reaches_the_model_once(proxy: Proxy) -> None:
    replies = together(*[lambda: proxy.generate(key=KEY)] * 10)

    good = [one for one in replies if one.status == 200]
    assert {one.status for one in replies} <= {200, 409}
    assert len({one.text for one in good}) == 1
    assert proxy.asked == 1
    assert proxy.used == 1


# Repeats


def test_a_repeat_is_answered_as_before_and_costs_nothing(proxy: Proxy) -> None:
    first = proxy.generate(key=KEY)
    again = proxy.generate(key=KEY)

    assert again.text == first.text
    assert again.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert "X-Usage-Log" not in again.headers
    assert (proxy.asked, proxy.used, len(proxy.rows())) == (1, 1, 1)


@pytest.mark.parametrize("change", [{"input": EXAM | {"questionCount": 4}}, {"metadata": [1]}])
def test_another_body_under_the_same_key_is_422(proxy: Proxy, change: dict[str, Any]) -> None:
    proxy.generate(key=KEY)

    answer = proxy.generate(key=KEY, **change)

    assert (answer.status, answer.code) == (422, "IDEMPOTENCY_MISMATCH")
    assert proxy.asked == 1


def test_a_key_is_each_persons_own(proxy: Proxy) -> None:
    other = Proxy(proxy.world, None)

    assert proxy.generate(key=KEY).status == other.generate(key=KEY).status == 200
    assert proxy.asked == 2


def test_a_failed_call_is_made_again_under_its_key(proxy: Proxy) -> None:
    proxy.world.provider.script(ASK, httpx.Response(500))

    assert proxy.generate(key=KEY).status == 502
    assert answer_of(proxy.generate(key=KEY))
    assert [(row["attempt"], row["status"]) for row in proxy.rows()] == [(1, "failed"), (2, "ok")]
    assert proxy.used == 1


def test_without_a_key_nothing_of_an_answer_is_kept(proxy: Proxy) -> None:
    proxy.generate()

    assert "generation" not in {row["kind"]["S"] for row in proxy.world.rows()}


# While the model is writing


def in_flight(proxy: Proxy, act: Any) -> Reply:
    """A call in whose midst something else happens."""

    def meanwhile(request: httpx.Request) -> httpx.Response:
        act()
        return proxy.world.provider.feedback(request)

    proxy.world.provider.script(ASK, meanwhile)
    return proxy.generate(key=KEY)


def test_while_a_request_is_at_work_its_repeat_is_told_so(proxy: Proxy) -> None:
    seen: list[Reply] = []

    answer = in_flight(
        proxy, lambda: seen.extend([proxy.generate(key=KEY), proxy.generate(key=KEY, more=1)])
    )

    assert answer.status == 200
    assert [(one.status, one.code) for one in seen] == [
        (409, "IDEMPOTENCY_IN_PROGRESS"), (422, "IDEMPOTENCY_MISMATCH"),
    ]  # fmt: skip
    assert seen[0].headers["Retry-After"] == "1"
    assert proxy.asked == 1


def test_a_call_that_is_cancelled_is_not_answered_and_costs_nothing(proxy: Proxy) -> None:
    seen: list[Reply] = []

    answer = in_flight(proxy, lambda: seen.extend([proxy.cancel(KEY), proxy.cancel(KEY)]))

    assert [one.body["status"] for one in seen] == ["cancelled", "cancelled"]
    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert answer.body["reason"] == "cancelled"
    assert proxy.used == 0
    (row,) = proxy.rows()
    assert (row["status"], row["units"]) == ("cancelled", 0)
    assert row["output_tokens"] == 300, "the provider bills it"
    assert row["processing_time_ms"] >= 0
    proxy.audit()
    assert answer_of(proxy.generate(key=KEY)), "the key may be used anew"
    assert proxy.used == 1


def test_what_was_answered_cannot_be_cancelled(proxy: Proxy) -> None:
    proxy.generate(key=KEY)

    assert proxy.cancel(KEY).body["status"] == "answered"
    assert proxy.used == 1
    assert proxy.cancel("another").status == 404
    assert proxy.cancel(KEY, person=proxy.world.person()).status == 404
    without = proxy.person.call("POST /api/ai/generate/cancel")
    assert (without.status, without.body["errors"][0]["field"]) == (422, "Idempotency-Key")


# A provider that fails


@pytest.mark.parametrize(
    ("reply", "status", "code"),
    [
        (httpx.Response(500), 502, "PROVIDER_ERROR"),
        (httpx.Response(429, headers={"Retry-After": "7"}), 503, "PROVIDER_THROTTLED"),
        (failing(httpx.ReadTimeout), 504, "PROVIDER_TIMEOUT"),
        (failing(httpx.ConnectError), 502, "PROVIDER_ERROR"),
        (httpx.Response(200, content=b"<html>"), 502, "PROVIDER_ERROR"),
    ],
)
def test_what_a_provider_does_wrong_costs_nothing_and_is_logged(
    proxy: Proxy, reply: Any, status: int, code: str
) -> None:
    proxy.world.provider.script(ASK, reply)

    answer = proxy.generate()

    assert (answer.status, answer.code) == (status, code)
    assert answer.headers["Retry-After"] == ("7" if status == 503 else "1")
    assert proxy.used == 0
    (row,) = proxy.rows()
    assert (row["status"], row["error_code"], row["units"]) == ("failed", code, 0)
    assert row["processing_time_ms"] >= 0
    proxy.audit()


@pytest.mark.parametrize(("left_s", "most_s"), [(29, 22), (10, 10 - AI_RESERVE_S)])
def test_the_model_has_the_time_that_is_left_and_never_more_than_its_own(
    proxy: Proxy, left_s: int, most_s: float
) -> None:
    proxy.generate(remaining_ms=left_s * 1000)

    timeout = proxy.world.provider.requests[-1].extensions["timeout"]["read"]
    assert most_s - 2 < timeout <= most_s


# A store that is away


@pytest.mark.parametrize("kind", ["timeout_before", "throttle", "unavailable"])
def test_a_quota_that_cannot_be_asked_lets_nobody_ask_the_model(proxy: Proxy, kind: Kind) -> None:
    with faults.plan(Fault(kind=kind, times=FOR_EVER, operation=TRANSACTION)):
        answer = proxy.generate()

    assert (answer.status, answer.code) == (503, "STORE_UNAVAILABLE")
    assert answer.headers["Retry-After"] == "1"
    assert proxy.asked == 0
    assert proxy.rows() == []


def test_a_log_that_cannot_be_written_changes_a_header_and_nothing_else(proxy: Proxy) -> None:
    with faults.plan(LOG_AWAY):
        answer = proxy.generate(metadata={"big": "x" * 1_000_000})

    assert len(answer_of(answer)["questions"]) == 3
    assert answer.headers["X-Usage-Log"] == "lost", "this world has no queue"
    assert proxy.rows() == []
    assert (proxy.used, states(proxy)) == (1, ["settled"])


def test_a_row_that_is_spilled_is_there_once_after_it_was_driven_again(make_world: Any) -> None:
    with mock_aws():
        sqs = boto3.client("sqs", region_name="eu-central-1")
        url = sqs.create_queue(QueueName="usage")["QueueUrl"]
        proxy = Proxy(make_world(USAGE_LOG_QUEUE_URL=url))
        with faults.plan(LOG_AWAY):
            answer = proxy.generate(metadata={"n": float("nan")}, colour="grün 🎨")
        (message,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]

    assert answer.status == 200, answer.text
    assert answer.headers["X-Usage-Log"] == "spilled"
    assert proxy.rows() == []
    for _ in range(3):
        assert proxy.world.redrive(message["Body"]) == []
    (row,) = proxy.rows()
    assert row["request_id"] == answer.body["requestId"]
    assert row["metadata"]["colour"] == "grün 🎨"
    assert_sums_are_those_of_the_rows(proxy.world)


def test_an_answer_is_given_out_though_its_settlement_was_not_heard(proxy: Proxy) -> None:
    with faults.plan(Fault(kind="timeout_before", at=2, times=FOR_EVER, operation=TRANSACTION)):
        answer = proxy.generate()

    assert answer.status == 200
    assert states(proxy) == ["held"]
    proxy.world.clock.move(BEYOND_RESERVATION_S)
    proxy.world.sweep()
    assert (states(proxy), proxy.used) == (["released"], 0)
    proxy.audit()


@pytest.mark.parametrize("kind", ["crash_after", "crash_before"])
def test_what_was_used_by_a_call_that_died_before_its_row_is_told_by_the_sweeper(
    proxy: Proxy, kind: Kind
) -> None:
    at = 2 if kind == "crash_after" else 3  # after it was settled, before it is logged

    with faults.plan(Fault(kind=kind, at=at, operation=TRANSACTION)), pytest.raises(faults.Crash):
        proxy.generate(key=KEY)

    assert (states(proxy), proxy.used, proxy.rows()) == (["settled"], 1, [])
    for _ in range(2):
        proxy.world.clock.move(BEYOND_RESERVATION_S)
        proxy.world.sweep()
    (row,) = proxy.rows()
    assert (row["status"], row["units"], row["output_tokens"]) == ("ok", 1, 300)
    assert row["metadata"]["foundAt"] > row["finished_at"]
    assert_sums_are_those_of_the_rows(proxy.world)
    assert proxy.generate(key=KEY).headers["Idempotency-Replayed"] == "true"


def test_a_failure_that_nobody_lived_to_log_is_told_by_the_sweeper(proxy: Proxy) -> None:
    proxy.world.provider.script(ASK, httpx.Response(500))
    died = Fault(kind="crash_before", at=3, operation=TRANSACTION)

    with faults.plan(died), pytest.raises(faults.Crash):
        proxy.generate(key=KEY)

    assert (states(proxy), proxy.used, proxy.rows()) == (["released"], 0, [])
    proxy.world.clock.move(BEYOND_RESERVATION_S)
    proxy.world.sweep()
    (row,) = proxy.rows()
    assert (row["status"], row["error_code"], row["units"]) == ("failed", "PROVIDER_ERROR", 0)


def test_an_attempt_that_crashed_is_not_told_of_as_the_one_before_it(proxy: Proxy) -> None:
    proxy.world.provider.script(ASK, httpx.Response(500))
    assert proxy.generate(key=KEY).status == 502
    # The transactions of a repeat are: reserve in vain, reserve anew, settle, log.
    died = Fault(kind="crash_before", at=3, operation=TRANSACTION)

    with faults.plan(died), pytest.raises(faults.Crash):
        proxy.generate(key=KEY)
    proxy.world.clock.move(BEYOND_RESERVATION_S)
    proxy.world.sweep()

    told = [(row["attempt"], row["status"], row["units"]) for row in proxy.rows()]
    assert told == [(1, "failed", 0), (2, "crashed", 0)]
    assert proxy.used == 0


def test_nothing_is_due_of_a_call_whose_row_was_written(proxy: Proxy) -> None:
    proxy.generate(key=KEY)

    (reservation,) = [row for row in proxy.world.rows() if row["kind"]["S"] == "reservation"]
    assert "GSI2PK" not in reservation


# Death, and whatever else, at every call


@pytest.mark.parametrize(
    "kind",
    ["crash_before", "crash_after", "timeout_before", "timeout_after", "throttle", "conflict",
     "unavailable"],
)  # fmt: skip
def test_whatever_breaks_at_whichever_call_units_are_used_once_and_the_books_agree(
    world: World, kind: Kind
) -> None:
    made: list[Proxy] = []

    def prepare() -> Proxy:
        made.append(Proxy(world, None))  # somebody new, alone
        return made[-1]

    def act(proxy: Proxy) -> None:
        answer = proxy.generate(key=KEY)
        if answer.status == 409:
            world.clock.move(BEYOND_RESERVATION_S)
            answer = proxy.generate(key=KEY)
        assert answer.status < 600
        assert answer.status != 500, answer.text

    def audit(proxy: Proxy) -> None:
        proxy.audit()
        assert_sums_are_those_of_the_rows(world)

    def check(proxy: Proxy) -> None:
        answer = proxy.generate(key=KEY)
        assert answer.headers["Idempotency-Replayed"] == "true", answer.text
        assert (proxy.used, answer.body["quota"]["used"]) == (1, 1)
        world.clock.move(BEYOND_RESERVATION_S)
        world.sweep()
        rows = [one for one in proxy.rows() if one["user_id"] == proxy.person.user_id]
        assert sum(one["units"] for one in rows) == 1, "the log tells of what was used"
        assert Counter(one["status"] for one in rows)["ok"] == 1
        assert_sums_are_those_of_the_rows(world)

    assert fail_at_every_call(kind, prepare=prepare, act=act, audit=audit, check=check) >= 1


def test_a_generation_costs_so_many_round_trips(proxy: Proxy) -> None:
    proxy.generate()

    seen = faults.count(proxy.generate)

    # Batch reads: who the person is in the tenant, and how the quota stands afterwards.
    assert seen == {"BatchGetItem": 2, TRANSACTION: 3, "POST /v1/chat/completions": 1}
    assert faults.count(lambda: proxy.generate(key=KEY)) == seen
    alone = Proxy(proxy.world, None)
    assert faults.count(alone.generate) == seen | {"BatchGetItem": 1}


def test_the_refusal_of_a_body_reads_nothing(proxy: Proxy) -> None:
    assert faults.count(lambda: proxy.generate(input={})) == {}
