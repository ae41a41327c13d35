"""A section: a class that everybody wants at once, and a tenant that calls a thousand times.

Real threads through the real handlers, on an engine with DynamoDB's rule of conflicts in front
(benchmarks/contention.py). Whoever is told 503 asks again, as ``Retry-After`` says.
"""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from benchmarks.contention import COMMIT_S, Contention, contention
from benchmarks.counting import QUEUES, as_deployed
from benchmarks.worlds import a_world
from tests.parallel import together
from tests.proxies import PRESCHOOL_ID, make_tenant
from tests.studios import Studio
from tests.world import Reply, World

TITLE: Final = "Hot spots"
BOOKERS: Final = 500
SEATS: Final = 30
CALLS: Final = 1_000
AT_ONCE: Final = 32
MEMBERS: Final = 20
ROUNDS_MAX: Final = 40
BUSY: Final = 503

TEXT: Final = """\
{bookers} people book one of {seats} seats at the same moment, and {calls:,} AI calls of one tenant
run, {at_once} at a time: real threads through the real handlers. The engines put everything in a
row and never conflict, so DynamoDB's rule stands before one: a transaction holds its items for
{commit_ms:g} ms beside the engine's own time, and whatever else writes them meanwhile is refused.

| | hot class | hot tenant |
|---|---|---|
{rows}

Nothing is sold twice and nothing is lost, whatever the conflicts; tests hold that
(tests/counts/test_hot.py). Refused tries wait with full jitter inside the five seconds that a
request has for the table, those of the usage log inside its 0.4 s; then a request is answered 503
with `Retry-After`, and a row of the usage log goes to its queue. One item takes one transaction at
a time, some hundred in a second, whether it is full or not: [scaling](scaling.md) says what that
means and what to turn. How many conflict depends on the machine that ran this; what is sold does
not.

By `python -m benchmarks hot`."""


@dataclass(frozen=True, kw_only=True)
class Hot:
    """What became of a hot spot."""

    answers: Counter[str]
    """Of all requests, by status and code, those that were asked again included."""

    rounds: int
    done: int
    too_many: int
    spilled: int
    seen: Contention

    def rows(self) -> dict[str, str]:
        """As the table shows it."""
        answers = ", ".join(f"{told} {count:,}" for told, count in sorted(self.answers.items()))
        most = self.seen.conflicts.most_common(4)
        hottest = ", ".join(f"`{kind}` {count:,}" for kind, count in most)
        return {
            "done exactly once": f"{self.done:,}",
            "done too often": f"{self.too_many:,}",
            "answers": answers,
            "rounds until everybody was told": f"{self.rounds}",
            "writes without a conflict, done or not": f"{self.seen.written:,}",
            "conflicts, by item": hottest or "none",
            "most tries of one write": f"{self.seen.tries_max}",
            "rows of the usage log that took the queue": f"{self.spilled:,}",
        }


def section(say: Callable[[str], None]) -> str:
    """Heat a class and a tenant."""
    with as_deployed():
        say(f"{BOOKERS} bookers for {SEATS} seats")
        with a_world() as world:
            studio = hot_class(world, BOOKERS, SEATS)
        say(f"{CALLS} AI calls of one tenant")
        with a_world(**QUEUES) as world:
            tenant = hot_tenant(world, CALLS)
    return text(studio, tenant)


def text(studio: Hot, tenant: Hot) -> str:
    """The section."""
    cells = zip(studio.rows().items(), tenant.rows().values(), strict=True)
    return filled("\n".join(f"| {name} | {one} | {other} |" for (name, one), other in cells))


def filled(rows: str) -> str:
    """The section with these rows of its table."""
    return TEXT.format(
        bookers=BOOKERS,
        seats=SEATS,
        calls=CALLS,
        at_once=AT_ONCE,
        commit_ms=1000 * COMMIT_S,
        rows=rows,
    )


def hot_class(world: World, bookers: int, seats: int, *, commit_s: float = COMMIT_S) -> Hot:
    """So many people book a class at once."""
    studio = Studio(world)
    held = studio.hold_class(capacity=seats)
    waiting = [studio.customer() for _ in range(bookers)]
    answers: Counter[str] = Counter()
    rounds = 0
    with contention(commit_s) as seen:
        while waiting and rounds < ROUNDS_MAX:
            rounds += 1
            acts = [lambda one=one: held.book(one) for one in waiting]
            replies: list[Reply] = together(*acts, wait_s=300)
            answers.update(map(told, replies))
            waiting = [
                one for one, reply in zip(waiting, replies, strict=True) if reply.status == BUSY
            ]
    booked = sum(row["kind"]["S"] == "seat" for row in world.rows())
    assert (held.counters[0], held.counters[1]) == (seats - booked, booked)
    return Hot(
        answers=answers,
        rounds=rounds,
        done=min(booked, seats),
        too_many=max(0, booked - seats),
        spilled=0,
        seen=seen,
    )


def hot_tenant(world: World, calls: int, *, commit_s: float = COMMIT_S) -> Hot:
    """So many AI calls of the members of one tenant, some at a time."""
    people = [world.person() for _ in range(MEMBERS)]
    members = dict.fromkeys((one.user_id for one in people), "admin")
    make_tenant(world, "preschool", PRESCHOOL_ID, members)
    named = {
        "tenant": {"kind": "preschool", "id": PRESCHOOL_ID},
        "serviceType": "exam_generation",
    }
    allowed = {**named, "limit": 2 * calls, "reason": "A busy month"}
    assert world.person("user_admin").call("PUT /api/admin/ai/quota", allowed).status == 200
    exam = {"subject": "Mathematics", "topic": "Sums", "grade": 5, "questionCount": 3}
    body = {**named, "input": exam}
    answers: Counter[str] = Counter()
    waiting = list(range(calls))
    rounds = 0
    spilled = 0

    def ask(number: int) -> Reply:
        headers = {"idempotency-key": f"call-{number}"}
        person = people[number % MEMBERS]
        return person.call("POST /api/ai/generate", body, headers=headers)

    with contention(commit_s) as seen, ThreadPoolExecutor(AT_ONCE) as pool:
        while waiting and rounds < ROUNDS_MAX:
            rounds += 1
            replies = list(pool.map(ask, waiting))
            answers.update(map(told, replies))
            spilled += sum(one.headers.get("X-Usage-Log") == "spilled" for one in replies)
            waiting = [n for n, one in zip(waiting, replies, strict=True) if one.status == BUSY]
    settled = [row for row in world.rows() if row.get("state", {}).get("S") == "settled"]
    return Hot(
        answers=answers,
        rounds=rounds,
        done=min(len(settled), calls),
        too_many=max(0, len(settled) - calls),
        spilled=spilled,
        seen=seen,
    )


def told(reply: Reply) -> str:
    """An answer as it is counted."""
    return f"{reply.status}" if reply.status < 300 else f"{reply.status} {reply.code}"
