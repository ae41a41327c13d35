"""A section: where a warm container's time of a core goes, and what each client of the table takes.

Shares and ratios only: the machine is somebody else's, too, and both clients take turns in one run.
"""

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from benchmarks.containers import Containers, Seen, logging_as_deployed
from benchmarks.parties import apart
from benchmarks.phases import CLIENT, PHASES, phase_of
from benchmarks.visits import SETTINGS, VISITS
from benchmarks.worlds import a_world_of
from greenroom.kernel.clock import utc_now
from greenroom.table.table import CLIENTS, Client, Table
from tests import aws
from tests.world import CREDENTIALS, Reply

TITLE: Final = "Warm path"
TURNS: Final[tuple[Client, ...]] = ("wire", "botocore", "botocore", "wire")
WARM_UP: Final = 5
LOOKS: Final = 250
TIMED: Final = 300
"""Looks at a route over the short way, and requests that are timed, if there is the time..."""
TURNS_S: Final = 7.0
"""... for so many: this long for each of both."""
CALLS: Final = 500
"""Of each kind by each client are two for each of these."""
STEPS: Final = 5
ALL: Final = "all of them"

TEXT: Final = """\
What a container spends a core's time on that answers one route again and again: through the real
handlers, logs and metrics included, on the laptop cloud's DynamoDB engine. The engine and the other
parties are processes of their own and not in these figures. A look at the stack at every 4 ms of
that time (`benchmarks/sampler.py`), {looks} at each route if {seconds:.0f} s are enough, tells
whose work it is (`benchmarks/phases.py`); a share of one route is right within some six points, one
of all of them within two.

{shares}

The client writes down, signs and sends what is asked of DynamoDB, and reads the answer, its JSON
included. Serialisation is what PynamoDB and pydantic make of rows, bodies and answers, the domain's
objects that rows become, and JSON that our own code asks for. The last but one is the standard
library where our own code calls it.

**Two clients.** `TABLE_CLIENT` says which one is used: `wire`, the short way of
`greenroom.table.wire`, or `botocore`. Containers of both took turns request by request, so that
whoever shares the machine disturbs both alike. The first column is the time of a core of a request
over `wire`, divided by that over `botocore`, from the medians:

{clients}

One call by each, in units of a GetItem over `wire`, for items of 22 attributes:

{calls}

**Found with it and removed.** Fillers in a transcript were looked for by a pattern that tried every
word; moments became text by `strftime`; a request computed its person's id several times; rows were
read into PynamoDB's objects, and out of them through its descriptors; the size of a transaction was
counted by recursion, which took longer than encoding it; a request to DynamoDB was encoded with
spaces and a search for circles; Powertools tried to read each message of the log as JSON; a
transcript was encoded to find out whether it fits one page, and then for the answer.

**Left, and not ours**: PynamoDB's objects, pydantic's models and the formatter of Powertools, which
is half of the log. **Left, and ours**: `http.client` reads the head of each answer with the
parser of e-mails, about a fifth of what the client takes over `wire`; a webhook of Stripe's is
parsed twice, once to be understood and once to be kept without its payer.

By `python -m benchmarks warm`."""


def section(say: Callable[[str], None]) -> str:
    """Ask warm containers, and look at what they do."""
    with (
        TemporaryDirectory(prefix="greenroom-warm-") as folder,
        apart(Path(folder)) as parties,
        a_world_of(Containers, **SETTINGS, **parties.settings()) as world,
        aws.unwatched(),
    ):
        say("one call by each client")
        calls = _calls(world)
        seen: dict[str, dict[Client, Seen]] = {}
        for route in VISITS:
            say(route)
            with logging_as_deployed():
                seen[route] = _look(world, route)
    return text(seen, calls)


def text(
    seen: Mapping[str, Mapping[Client, Seen]], calls: Mapping[str, Mapping[Client, float]]
) -> str:
    """What stands on the page."""
    shares = {route: _shares(found["wire"]) for route, found in seen.items()}
    shares[ALL] = {
        phase: statistics.mean(one[phase] for one in shares.values()) for phase in PHASES
    }
    return TEXT.format(
        looks=LOOKS,
        seconds=TURNS_S,
        shares=_table_of_shares(shares),
        clients=_table_of_clients(seen),
        calls=_table_of_calls(calls),
    )


def _look(world: Containers, route: str) -> dict[Client, Seen]:
    """What was seen while both clients' containers were asked in turns."""
    world.clock.now = utc_now()
    visits = VISITS[route](world)
    for client in CLIENTS:
        world.turn_to(client)
        _ask(visits, WARM_UP)
    with world.looking_at(route) as seen:
        wire = seen["wire"]
        with world.sampling():
            _take_turns(world, visits, until=lambda: wire.stacks.total() >= LOOKS)
        _take_turns(world, visits, until=lambda: len(wire.seconds) >= TIMED)
    return seen


def _take_turns(world: Containers, visits: Iterator[Reply], *, until: Callable[[], bool]) -> None:
    ends_s = time.monotonic() + TURNS_S
    while not until() and time.monotonic() < ends_s:
        for client in TURNS:
            world.turn_to(client)
            _ask(visits)


def _ask(visits: Iterator[Reply], times: int = 1) -> None:
    for reply in islice(visits, times):
        if not 200 <= reply.status < 300:
            raise SystemExit(f"{reply.status}: {reply.text}")


def _calls(world: Containers) -> dict[str, dict[Client, float]]:
    """The seconds of a core of one call, by what is called and by client."""
    keys = [{"PK": {"S": "WARM"}, "SK": {"S": f"PATH#{number}"}} for number in range(STEPS)]
    values = {f"attribute_{number}": {"S": "as long as most are"} for number in range(20)}
    puts = [{"Put": {"TableName": world.table_name, "Item": {**key, **values}}} for key in keys]
    get = {"TableName": world.table_name, "Key": keys[0], "ConsistentRead": True}
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "a transaction of five items": ("TransactWriteItems", {"TransactItems": puts}),
        "a GetItem": ("GetItem", get),
    }
    region = CREDENTIALS["AWS_REGION"]
    tables = {
        client: Table.open(world.table_name, endpoint=world.endpoint, region=region, client=client)
        for client in CLIENTS
    }
    return {name: _medians(tables, *request) for name, request in asked.items()}


def _medians(
    tables: Mapping[Client, Table], operation: str, request: dict[str, Any]
) -> dict[Client, float]:
    took: dict[Client, list[float]] = {client: [] for client in tables}
    for _ in range(CALLS):
        for client in TURNS:
            began_s = time.process_time()
            tables[client].call(operation, request)
            took[client].append(time.process_time() - began_s)
    return {client: statistics.median(seconds) for client, seconds in took.items()}


def _shares(seen: Seen) -> dict[str, float]:
    """The share of each phase in what was seen."""
    looks: Counter[str] = Counter()
    for stack, times in seen.stacks.items():
        looks[phase_of(stack)] += times
    return {phase: looks[phase] / looks.total() for phase in PHASES}


def _table_of_shares(shares: Mapping[str, Mapping[str, float]]) -> str:
    lines = [f"| | {' | '.join(PHASES)} |", "|---" * (len(PHASES) + 1) + "|"]
    for name, one in shares.items():
        lines.append(f"| {name} | {' | '.join(f'{one[phase]:.0%}' for phase in PHASES)} |")
    return "\n".join(lines)


def _table_of_clients(seen: Mapping[str, Mapping[Client, Seen]]) -> str:
    lines = [
        "| | wire to botocore | the client's share over wire | over botocore |",
        "|---|---|---|---|",
    ]
    rows: dict[str, tuple[float, ...]] = {}
    for route, found in seen.items():
        wire, botocore = found["wire"], found["botocore"]
        ratio = statistics.median(wire.seconds) / statistics.median(botocore.seconds)
        rows[route] = (ratio, _shares(wire)[CLIENT], _shares(botocore)[CLIENT])
    rows[ALL] = tuple(map(statistics.mean, zip(*rows.values(), strict=True)))
    for name, (ratio, over_wire, over_botocore) in rows.items():
        lines.append(f"| {name} | {ratio:.2f} | {over_wire:.0%} | {over_botocore:.0%} |")
    return "\n".join(lines)


def _table_of_calls(calls: Mapping[str, Mapping[Client, float]]) -> str:
    unit = calls["a GetItem"]["wire"]
    lines = ["| | over wire | over botocore | wire to botocore |", "|---|---|---|---|"]
    for name, one in calls.items():
        wire, botocore = one["wire"], one["botocore"]
        lines.append(
            f"| {name} | {wire / unit:.1f} | {botocore / unit:.1f} | {wire / botocore:.2f} |"
        )
    return "\n".join(lines)
