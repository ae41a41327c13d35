"""A section: what a cold start costs each function, beside a floor and the usual way.

callgrind counts instructions, which are the same in every run where times are not. What is counted
is what ``make build`` makes, for this machine, under Lambda's Python; other parties are those of
the tests, over HTTP.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.page import ROOT
from benchmarks.starts.counter import Counter, Start
from benchmarks.starts.served import served
from benchmarks.worlds import a_world_of
from greenroom.kernel.clock import epoch_s, utc_now
from tests.contract.test_events import ASKS_STRIPE, EVENTS, Filled
from tests.fakes.stripe import open_stripe
from tests.world import Person, World

TITLE: Final = "Cold starts"
PYTHON: Final = ROOT / ".venv-bench" / "bin" / "python"
BUDGET: Final = ROOT / "benchmarks" / "starts" / "budget.json"
FLOOR, NAIVE = "floor", "naive"
WORKERS: Final = 2
TOKENS_LIVE_S: Final = 3600  # callgrind is some fifty times slower than life
STAGED: Final = {  # as the template has it
    "POWERTOOLS_SERVICE_NAME": "greenroom",
    "POWERTOOLS_METRICS_NAMESPACE": "Greenroom",
}

# What each function is asked first: what it is mostly there for, or wakes up to.
FIRST: Final = (
    "account/user",
    "admin/usage",
    "ai/generate_exam",
    "bookings/book",
    "checkout/checkout",
    "classes/schedule",
    "clerk_webhook/user_created",
    "diagnostics/ready",
    "experts/queue",
    "feedback/every_minute",
    "feedback/announced",
    "intake/start_free",
    "interviews/save",
    "organizations/mine",
    "realtime_session/start",
    "reconcile/every_hour",
    "sessions/active",
    "stripe_webhook/checkout_completed",
    "sweeper/every_minute",
    "usage_log/spilled",
    "webrtc_exchange/offer_as_json",
    "widget/schedule",
)
REFERENCE: Final = {
    "key": "nothing",
    "version": "2.0",
    "rawPath": "/rows/nothing",
    "headers": {},
    "requestContext": {
        "stage": "$default",
        "http": {"method": "GET", "path": "/rows/nothing"},
    },
}
SLACK: Final = 0.02  # of a ratio to the floor: ids and times differ from run to run

TEXT: Final = """\
What a container does before its first answer, in millions of instructions: importing the function,
and answering a first request (events/, as named) with everything that it makes for it. As `make
build` builds it, for this machine's processor, under Python 3.13. Beside it

- **the floor**: the interpreter, botocore's client of DynamoDB and one read: {floor:,.0f};
- **the usual way**: every party's own SDK (boto3, PynamoDB, stripe, openai, svix), Powertools'
  validating resolver and tracer, Sentry as it comes, and the same one read: {naive:,.0f}.

{table}

`benchmarks/starts/budget.json` holds each of them to a ratio to the floor, a few percent above what
is; the measurement fails where one is over it by more than {slack}. Between measurements
tests/contract/test_starts.py holds each function to the libraries that it imports.

Not in these figures: secrets are read from the environment, not from Secrets Manager, and other
parties are called over HTTP, so that neither the floor nor we read certificates or shake hands.
Instructions on x86-64 are no milliseconds on Lambda; the ratios are what to look at.

**SnapStart** (the parameter `WarmStarts`) takes a snapshot of memory and disk when a version is
published, after the function's initialisation, and resumes new environments from it instead of
initialising them (AWS: docs.aws.amazon.com/lambda/latest/dg/snapstart.html). So the first column is
paid when a version is published, and the rest by the first request, as ever. It was not measured.

By `python -m benchmarks cold` (valgrind, Python 3.13, make)."""


def section(say: Callable[[str], None]) -> str:
    """Count every start, and hold each to its budget."""
    counted = measure(FIRST, say)
    hold_to_budget(counted)
    return text(counted)


def measure(names: tuple[str, ...], say: Callable[[str], None]) -> dict[str, Start]:
    """The starts of these events' functions, and of the references, by name.

    ``WORKERS`` at a time, each with an event that was just made: signatures and calls grow old.
    """
    counted: dict[str, Start] = {}
    left = [FLOOR, NAIVE, *names]
    with TemporaryDirectory() as scratch, ThreadPoolExecutor(WORKERS) as pool:
        counter = Counter(Path(scratch), PYTHON)
        say("building the layer for this machine")
        counter.build()
        while left:
            running: dict[str, Future[Start]] = {}
            with ExitStack() as stack:
                for name in left[:WORKERS]:
                    folder = Path(scratch, name.replace("/", "-"))
                    folder.mkdir()
                    event, environ = stack.enter_context(_first_event(name, folder))
                    running[name] = pool.submit(counter.count, name, event, environ)
                counted |= {name: one.result() for name, one in running.items()}
            say("; ".join(f"{name}: {counted[name].whole / 1e6:,.0f}" for name in running))
            left = left[WORKERS:]
    return counted


def text(counted: Mapping[str, Start]) -> str:
    """The section of what was counted."""
    floor, naive = counted[FLOOR].whole, counted[NAIVE].whole
    lines = [
        "| first request | import | with it | to the floor | to the usual way |",
        "|---" * 5 + "|",
    ]
    lines += [
        f"| {name} | {one.imported / 1e6:,.0f} | {one.whole / 1e6:,.0f} "
        f"| {one.whole / floor:.2f} | {one.whole / naive:.2f} |"
        for name, one in counted.items()
        if name not in {FLOOR, NAIVE}
    ]
    return TEXT.format(floor=floor / 1e6, naive=naive / 1e6, table="\n".join(lines), slack=SLACK)


def hold_to_budget(counted: Mapping[str, Start]) -> None:
    """Raises SystemExit that names each start that is over its budget."""
    budget: dict[str, float] = json.loads(BUDGET.read_text())
    floor = counted[FLOOR].whole
    over = [
        f"{name}: {one.whole / floor:.2f} of the floor, {budget[name]} allowed"
        for name, one in counted.items()
        if name in budget and one.whole / floor > budget[name] + SLACK
    ]
    if over:
        raise SystemExit("over budget: " + "; ".join(over))


class _LongLived(World):
    """Its people's tokens outlive a slow start."""

    def person(self, clerk_id: str | None = None, **claims: Any) -> Person:
        """Somebody."""
        return super().person(clerk_id, exp=epoch_s(self.clock()) + TOKENS_LIVE_S, **claims)


@contextmanager
def _first_event(name: str, folder: Path) -> Iterator[tuple[Any, dict[str, str]]]:
    """The event, and the environment of a world in which it is answered."""
    function = name.partition("/")[0] if name in EVENTS else "account"
    with ExitStack() as stack:
        world = stack.enter_context(a_world_of(_LongLived))
        world.clock.now = utc_now()
        if name in ASKS_STRIPE:
            stack.enter_context(open_stripe(folder, world))
        event = Filled(world).event(EVENTS[name].read_text()) if name in EVENTS else REFERENCE
        address = stack.enter_context(served(world.provider))
        yield (
            event,
            {
                **dict(world.wiring(function).environ),
                **STAGED,
                "OPENAI_BASE_URL": f"{address}/v1",
                "LLM_BASE_URL": f"{address}/v1",
                "AWS_LAMBDA_FUNCTION_NAME": function,
            },
        )
