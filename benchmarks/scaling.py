"""A section: what is reached first when more people come; and docs/scaling.md, in full."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from benchmarks import counts, heat, limits, routes
from benchmarks.costs import ASSUMED
from benchmarks.counting import QUEUES, Cost, as_deployed
from benchmarks.page import ROOT
from benchmarks.plot import Line, plot
from benchmarks.simulation import crowd, hottest
from benchmarks.worlds import a_world

TITLE: Final = "Scaling"
PAGE: Final = ROOT / "docs" / "scaling.md"
PLOT: Final = ROOT / "docs" / "crowd.svg"
CROWDS: Final = (10, 50, 100, 250, 500, 1_000)
RATES: Final = (100, 400, 1_000)
HOLDS_S: Final = 0.008
TICKS: Final = ("sweep with nothing due", "feedback with nothing due")
DUE: Final = "GSI2 DUE#session#*"

TEXT: Final = """\
On paper and simulated, from what is counted: [scaling](scaling.md) says at how many sessions a
second what is reached first, and what to turn then. As it is deployed, {first} are all
busy at {first_at:.2g} sessions a second, {second} are used up at {second_at:.2g}, and the first
partition of the table is full at {partition_at:,.0f}.

By `python -m benchmarks scaling`."""

WHOLE: Final = """\
# Scaling

From one interview a day to as many as there can be: what is reached first, and what to turn then.
Nobody has measured this in AWS. What an interview uses is counted through the real handlers
([counts](counts.md)), what other parties allow is as their documents said on {as_of}
(`benchmarks/limits.py`, where those from memory say so), and the rest is arithmetic and two small
simulations with a fixed seed (`benchmarks/simulation.py`). `python -m benchmarks scaling` writes
this page, and a test holds it to the code and to the template.

## What is reached first

Sessions are practice interviews that begin in a second, each lived through as in
[costs](costs.md); 1 a second is 2.6 million a month.

| sessions a second | what is used up | has | an interview uses | source | turn |
|---|---|---|---|---|---|
{limits}

So the voice stands before anything of AWS: {tokens_at:.2g} sessions a second are {live:,.0f} people
who talk at once. The sweeper and feedback look at their shards once a minute, for {sweep:g} read
units where nothing is due. Clerk is asked for nothing in a request: tokens are verified here, with
keys that a container fetches once.

## Which partitions are hot

A partition of DynamoDB takes {partition:,} write units and 3,000 read units a second, in the table
and in each index; an index that cannot follow holds up the table's writes, too. {people} people
practise, and each write is taken apart. From start to feedback an interview takes write units of
{places}. What more than one person writes to is:

| partition | how many | write units an interview | sessions a second until one is full |
|---|---|---|---|
{heat}

Everything else belongs to one person, session or studio, and spreads by itself. Ids are spread over
shards by `crc32`, which is not even within one second: the fullest shard of `DUE#session`, in the
worst of a thousand seconds, against its share:

| sessions a second | its share, units | the fullest, units |
|---|---|---|
{shards}

Not in an interview, and shared: `GSI1 USERS#*` and `TENANTS` (a unit for each new person or
tenant, one partition a month), `GSI1 EXPERTS#online` (an expert who comes or goes), `QUEUE#*`
(eight shards; a look of an expert at a full queue reads 25 of each, some 220 units, so pages poll
slowly), a studio's month (`SCHEDULE#*`), and the items of the next part.

## A crowd at one item

A class, or a tenant's quota of a month, is one item, and a transaction has it alone for some
{holds_ms:g} ms. So many who come at one instant, with the product's own patience (full jitter, five
seconds in all, the last try early enough to end inside them):

| at once | told | 503 | tries | the last was told after |
|---|---|---|---|---|
{crowds}

![Of a crowd at one item: how many are told, and how many get 503](crowd.svg)

Those who get 503 are told to come again; what is sold is right in any case
([hot spots](performance.md#hot-spots)). One class sells some hundred seats a second, one tenant's
quota some hundred calls; more needs no other code for classes (no class has a thousand seats), and
for tenants the quota split into several items, each with a part of the month's units.

## In what order to turn

1. **Feedback late** (`OutboxOldestAgeSeconds` of feedback grows): `MaximumConcurrency`.
2. **429 at the start**: `StartsPerSecond`, `RequestsPerSecond`, with the voice provider's limit.
3. **`PROVIDER_QUOTA`, 503 of the provider**: its tier; nothing here helps.
4. **Before a day that is announced**: `WarmThroughput` of the table and both indexes, a higher
   quota for Lambda, `WarmContainers`.
5. **`TableThrottles`**: look in slow lines whether it is one item (a class, a tenant), one shard,
   or the table's quota; each has its row above.
"""


def section(say: Callable[[str], None]) -> str:
    """Count, compute and simulate."""
    say("counting an interview, and where it writes")
    measured = measure()
    say("simulating seconds and crowds")
    PAGE.write_text(page(measured), encoding="utf-8")
    PLOT.write_text(drawing(), encoding="utf-8")
    return text(measured)


class Measured(NamedTuple):
    """What an interview costs, which partitions interviews share, and its units by place."""

    costs: Sequence[Cost]
    shared: Mapping[str, heat.Heat]
    places: Mapping[str, float]


def measure() -> Measured:
    """Count an interview, and where it writes."""
    with a_world(**QUEUES) as world:
        costs = counts.measure(world)
    with as_deployed():
        return Measured(costs, *heat.measure())


def text(measured: Measured) -> str:
    """The section."""
    found = limits.limits(measured.costs, measured.shared)
    partitions = [one for one in found if one.what.startswith("partition")]
    return TEXT.format(
        first=found[0].what,
        first_at=found[0].sessions_per_s,
        second=found[1].what,
        second_at=found[1].sessions_per_s,
        partition_at=partitions[0].sessions_per_s,
    )


def page(measured: Measured) -> str:
    """docs/scaling.md."""
    shared = measured.shared
    found = limits.limits(measured.costs, shared)
    swept = routes.read()
    tokens = next(one for one in found if one.what == "audio tokens a minute")
    due = shared[DUE]
    rows = [
        f"| {_told(one.sessions_per_s)} | {one.what} | {_amount(one.has)} | {_amount(one.uses)} "
        f"| {one.source} | {one.turn} |"
        for one in found
    ]
    return WHOLE.format(
        as_of=limits.AS_OF,
        limits="\n".join(rows),
        tokens_at=tokens.sessions_per_s,
        live=tokens.sessions_per_s * float(ASSUMED["minutes"].value) * 60,
        sweep=sum(swept[name]["read_units"] for name in TICKS),
        partition=limits.UNITS_OF_A_PARTITION,
        people=heat.PEOPLE,
        places=", ".join(
            f"the table {units:.3g}" if name == "table" else f"`{name}` {units:.3g}"
            for name, units in measured.places.items()
        ),
        holds_ms=1000 * HOLDS_S,
        heat="\n".join(
            f"| `{kind}` | {one.partitions} | {one.units:g} "
            f"| {limits.UNITS_OF_A_PARTITION * one.partitions / one.units:,.0f} |"
            for kind, one in shared.items()
        ),
        shards="\n".join(
            f"| {rate:,} | {rate * due.units / due.partitions:,.0f} "
            f"| {hottest(rate, shards=due.partitions, units=due.units):,.0f} |"
            for rate in RATES
        ),
        crowds="\n".join(_crowd(people) for people in CROWDS),
    )


def drawing() -> str:
    """What becomes of crowds, as SVG."""
    found = [crowd(people, holds_s=HOLDS_S) for people in CROWDS]
    lines = [
        Line("told inside the request", [one.told for one in found]),
        Line("503, come again", [one.gave_up for one in found]),
    ]
    title = "Of a crowd at one item: how many are told, and how many get 503"
    return plot(title, [f"{people:,}" for people in CROWDS], lines, below="at one instant")


def _crowd(people: int) -> str:
    one = crowd(people, holds_s=HOLDS_S)
    return f"| {people:,} | {one.told:,} | {one.gave_up:,} | {one.tries:,} | {one.last_s:.1f} s |"


def _amount(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def _told(rate: float) -> str:
    return f"{rate:,.2g}" if rate < 10 else f"{rate:,.0f}"
