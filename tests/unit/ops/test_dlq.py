"""``ops dlq``: dead-letter queues are found, shown, and sent back without losing a message."""

import asyncio
import io
import json
import os
import socket
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from local.cloud import address_of, queue_url
from local.configuration import ADDRESSES_FILE
from local.queues import MAX_MESSAGE_BYTES, Message, Queues
from local.resources import Queue
from local.sqs import SqsEndpoint
from ops.cli import main
from ops.queues import BATCH_BYTES, HIDDEN_S, batches
from tests.figures import Figure
from tests.reliability import faults
from tests.reliability.every_call import sampled
from tests.reliability.faults import Crash, Fault, Kind
from tests.world import CREDENTIALS, ISSUER, SECRETS

ROOT = Path(__file__).parents[3]
DEAD = "prod-FeedbackDeadLetterQueue-1A2B"
ALIVE = "prod-FeedbackQueue-3C4D"
SCHEDULES = "prod-ScheduleDeadLetterQueue-5E6F"
ATTRIBUTES = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")


class Post:
    """The queues of an account behind SQS's protocol, and an operator who looks after them."""

    def __init__(self, address: str, queues: Queues, moment: list[int]) -> None:
        self.address = address
        self.queues = queues
        self._moment = moment

    def pass_by(self, seconds: int) -> None:
        self._moment[0] += seconds * 1000

    def add(self, name: str, dead: str | None = None) -> None:
        self.queues._queues[name] = queue(name, dead)
        self.queues._arrivals[name] = asyncio.Event()

    def die(self, count: int) -> list[str]:
        """Put so many messages into the dead-letter queue: their bodies."""
        bodies = [json.dumps({"sessionId": f"{place:04}"}) for place in range(count)]
        for body in bodies:
            self.queues.send(DEAD, body, attributes=named(body))
        return bodies

    def take(self, name: str) -> list[Message]:
        """Everything that a queue holds, taken off."""
        held = self.queues.messages(name)
        self.queues.purge(name)
        return held

    def run(self, *words: str) -> tuple[int, Any]:
        """The exit code of ``ops dlq`` and its JSON."""
        said = io.StringIO()
        environ = {
            **CREDENTIALS,
            **SECRETS,
            "TABLE_NAME": "t",
            "CLERK_ISSUER": ISSUER,
            "SQS_ENDPOINT": f"{self.address}/_sqs",
        }
        code = main(["--json", "dlq", *words], environ=environ, stdout=said)
        return code, json.loads(said.getvalue()) if said.getvalue() else None

    def redrive(self, *words: str) -> tuple[int, Any]:
        return self.run("redrive", "--queue", "FeedbackDeadLetterQueue", "--rate", "10000", *words)


def named(body: str) -> dict[str, Any]:
    return {
        "correlation_id": {"DataType": "String", "StringValue": f"of {body}"},
        "raw": {"DataType": "Binary", "BinaryValue": b64encode(body.encode()).decode()},
    }


def queue(name: str, dead: str | None = None) -> Queue:
    return Queue(
        name=name,
        visibility_timeout_s=30,
        delay_s=0,
        dead_letter_queue=dead,
        max_receive_count=5 if dead else 0,
    )


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    monkeypatch.setattr("ops.queues.WAIT_S", 0)  # one server, which knows all that it holds
    moment = [1_795_000_000_000]
    made = Queues(
        ":memory:",
        [queue(DEAD), queue(ALIVE, DEAD), queue(SCHEDULES)],
        clock_ms=lambda: moment[0],
    )
    listener = socket.create_server(("127.0.0.1", 0))
    address = address_of(listener)
    endpoint = SqsEndpoint(made, lambda name: queue_url(address, name))
    with serving(endpoint, listener):
        yield Post(address, made, moment)
    made.close()


@contextmanager
def serving(endpoint: SqsEndpoint, listener: socket.socket) -> Iterator[None]:
    """The endpoint on a socket, in a thread of its own."""
    application = web.Application()
    application.router.add_post("/{tail:.*}", endpoint.handle)
    runner = web.AppRunner(application)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> None:
        await runner.setup()
        await web.SockSite(runner, listener).start()

    try:
        asyncio.run_coroutine_threadsafe(start(), loop).result(20)
        yield
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()


def test_a_thousand_messages_arrive_again_as_they_were(post: Post, figure: Figure) -> None:
    bodies = post.die(1000)

    code, told = post.redrive()

    arrived = post.take(ALIVE)
    good = [one for one in arrived if one.attributes == named(one.body)]
    figure("redrive", "in one run", good=len({one.body for one in good}), of=len(bodies))
    assert Counter(one.body for one in arrived) == Counter(bodies)
    assert len(good) == 1000
    assert (code, told["moved"], told["left"], len(post.take(DEAD))) == (0, 1000, 0, 0)


@pytest.mark.parametrize("operation", ["SendMessageBatch", "DeleteMessageBatch"])
def test_of_a_thousand_messages_none_is_lost_by_a_crash_in_the_middle(
    post: Post, operation: str, figure: Figure
) -> None:
    bodies = post.die(1000)

    with faults.plan(Fault(kind="crash_after", at=50, operation=operation)), pytest.raises(Crash):
        post.redrive()
    post.pass_by(HIDDEN_S + 1)
    code, _ = post.redrive()

    arrived = Counter(one.body for one in post.take(ALIVE))
    twice = sum(count - 1 for count in arrived.values())
    lost = set(bodies) - set(arrived)
    part = f"with a crash after {operation}"
    figure("redrive", part, good=len(bodies) - len(lost), of=len(bodies))
    assert lost == set()
    assert twice == (10 if operation == "SendMessageBatch" else 0)
    assert (code, len(post.take(DEAD))) == (0, 0)


@pytest.mark.parametrize("kind", ["crash_before", "crash_after", "timeout_after", "unavailable"])
def test_a_fault_at_any_call_loses_nothing(post: Post, kind: Kind) -> None:
    for at in sampled(13):
        bodies = post.die(25)

        with faults.plan(Fault(kind=kind, at=at)), suppress(Crash):
            post.redrive()
        post.pass_by(HIDDEN_S + 1)
        post.redrive()

        assert {one.body for one in post.take(ALIVE)} == set(bodies)
        assert len(post.take(DEAD)) == 0


def test_a_dry_run_moves_nothing_and_hides_nothing(post: Post) -> None:
    post.die(30)

    code, told = post.redrive("--dry-run", "--max", "20")

    assert (code, told["wouldMove"], told["to"]) == (0, 20, ALIVE)
    assert len(post.take(DEAD)) == 30


def test_no_more_are_moved_than_was_said(post: Post) -> None:
    post.die(30)

    code, told = post.redrive("--max", "12")

    assert (code, told["moved"], told["left"]) == (0, 12, 18)
    assert len(post.take(ALIVE)) == 12


def test_messages_go_no_faster_than_was_said(post: Post) -> None:
    post.die(6)
    began_s = time.monotonic()

    post.redrive("--rate", "20")

    assert time.monotonic() - began_s >= 5 / 20


def test_the_queues_that_hold_what_failed_are_listed(post: Post) -> None:
    empty = post.run("list")
    post.die(3)

    code, told = post.run("list", "--stack", "prod")

    assert empty[0] == 0
    assert code == 1
    assert told["items"] == [
        {"queue": DEAD, "messages": 3, "inFlight": 0, "from": [ALIVE]},
        {"queue": SCHEDULES, "messages": 0, "inFlight": 0, "from": []},
    ]
    assert post.run("list", "--stack", "other") == (0, {"items": []})


def test_messages_are_shown_and_stay(post: Post) -> None:
    (body,) = post.die(1)

    for _ in range(2):
        code, told = post.run("show", "--queue", DEAD)
        (one,) = told["items"]

        assert (code, one["body"], one["attributes"]["correlation_id"]) == (0, body, f"of {body}")
    assert len(post.take(DEAD)) == 1


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--queue", "Nothing"], "is no dead-letter queue"),
        (["--queue", ALIVE], "is no dead-letter queue"),
        (["--queue", SCHEDULES], "no queue names"),
        (["--queue", DEAD, "--to", "Nowhere"], "there is no queue Nowhere"),
        (["--queue", DEAD, "--to", DEAD], "not redriven to itself"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_reason(
    post: Post, words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    post.die(1)

    assert post.run("redrive", *words) == (1, None)

    assert why in capsys.readouterr().err
    assert len(post.take(DEAD)) == 1


def test_the_name_in_the_template_is_enough_unless_two_stacks_have_it(
    post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    post.add("dev-FeedbackDeadLetterQueue-7G8H")

    assert post.redrive()[0] == 1
    assert "several dead-letter queues" in capsys.readouterr().err
    assert post.redrive("--stack", "prod")[0] == 0


def test_a_queue_of_two_is_redriven_to_the_one_that_is_named(
    post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    post.add("prod-Other-1", DEAD)
    post.die(2)

    assert post.redrive()[0] == 1
    assert "say which with --to" in capsys.readouterr().err
    assert post.redrive("--to", "prod-Other-1")[0] == 0
    assert len(post.take("prod-Other-1")) == 2


def test_batches_are_what_sqs_takes_at_once() -> None:
    large = [{"Body": "x" * (BATCH_BYTES // 3)} for _ in range(4)]
    small = [{"Body": "x"} for _ in range(21)]

    assert [len(batch) for batch in batches(large)] == [3, 1]
    assert [len(batch) for batch in batches(small)] == [10, 10, 1]


def test_what_the_queue_refuses_stays_and_the_rest_goes(post: Post) -> None:
    bodies = post.die(3)
    post.queues.send(DEAD, "x" * (MAX_MESSAGE_BYTES + 1))
    bodies += post.die(3)

    code, told = post.redrive()

    assert (code, told["moved"], told["refused"]) == (1, 6, 1)
    assert sorted(one.body for one in post.take(ALIVE)) == sorted(bodies)
    assert len(post.take(DEAD)) == 1


def test_people_run_it_on_the_laptop_cloud_by_its_data_folder(post: Post, tmp_path: Path) -> None:
    post.die(2)
    addresses = {"SQS_ENDPOINT": f"{post.address}/_sqs", "AWS_REGION": "us-east-1"}
    (tmp_path / ADDRESSES_FILE).write_text(json.dumps({"TABLE_NAME": "t", **addresses}))
    environ = {**os.environ, **SECRETS, "GREENROOM_DATA_DIR": str(tmp_path)}
    environ.pop("TABLE_NAME", None)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ops", "dlq", *words]
        return subprocess.run(
            command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False
        )

    listed = run("list")
    moved = run("redrive", "--queue", DEAD)

    assert (listed.returncode, "2 messages" in listed.stdout) == (1, True)
    assert moved.returncode == 0, moved.stderr
    assert f"2 messages moved from {DEAD} to {ALIVE}, 0 left" in moved.stdout
