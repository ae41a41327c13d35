"""What limits the sessions that begin in a second, each with its number, its source and its screw.

What one interview uses is counted (``counts``, ``heat``) or assumed (``costs.ASSUMED``, and here).
Numbers of other parties are as their documents said on ``AS_OF``; those marked so are from memory.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.costs import ASSUMED, BY_SCHEDULE, INTERVIEW
from benchmarks.counting import SHARDS, Cost
from benchmarks.heat import Heat
from greenroom.kernel.limits import SWEEP_SHARD_MAX, USAGE_SHARDS
from tests.contract.template import functions, template

AS_OF: Final = "2026-11-26"
UNITS_OF_A_PARTITION: Final = 1_000
UNITS_OF_A_TABLE: Final = 40_000
UNITS_OF_A_NEW_TABLE: Final = 4_000
CONCURRENCY: Final = 1_000
REQUESTS_OF_AN_ACCOUNT: Final = 10_000
STRIPE_PER_S: Final = 100
TRANSACTIONS_OF_AN_ITEM: Final = 100  # a second, one behind the other, at some 10 ms each
TOKENS_PER_MINUTE: Final = 15_000_000
DIE: Final = 0.1  # of ten started interviews one is not ended by its person, but by the sweeper
BUY: Final = 0.2  # one interview in five follows a purchase, of three requests to Stripe
REQUESTS_OF_A_PURCHASE: Final = 3


@dataclass(frozen=True, kw_only=True)
class Limit:
    """Something that a second has only so much of."""

    what: str
    has: float
    uses: float
    source: str
    turn: str

    @property
    def sessions_per_s(self) -> float:
        """How many sessions may begin in a second until it is used up."""
        return self.has / self.uses


def limits(costs: Sequence[Cost], heat: Mapping[str, Heat]) -> list[Limit]:
    """All limits, the one that is reached first at the top."""
    found = [*_ours(), *_of_aws(costs, heat), *_of_others()]
    return sorted(found, key=lambda one: one.sessions_per_s)


def _ours() -> list[Limit]:
    requests = sum(times for name, times in INTERVIEW.items() if name not in BY_SCHEDULE)
    announced = functions()["feedback"]["Events"]["Announced"]["Properties"]
    at_once = announced["ScalingConfig"]["MaximumConcurrency"]
    return [
        Limit(
            what="transactions on a day's sums of the platform",
            has=TRANSACTIONS_OF_AN_ITEM * USAGE_SHARDS,
            uses=1,
            source="`USAGE_SHARDS`; one item of a shard, day and service at a time",
            turn="`USAGE_SHARDS`; until then rows of the usage log take their queue, and are "
            "stored later, once",
        ),
        Limit(
            what="feedback workers at once",
            has=at_once,
            uses=float(ASSUMED["feedback_s"].value),
            source="`MaximumConcurrency` in template.yaml",
            turn="`MaximumConcurrency`, up to what the language model allows; until then feedback "
            "comes later, and nothing else waits for it",
        ),
        Limit(
            what="starts in a second",
            has=_parameter("StartsPerSecond"),
            uses=1,
            source="parameter `StartsPerSecond`",
            turn="`StartsPerSecond` and `StartsBurst`; until then 429",
        ),
        Limit(
            what="requests in a second",
            has=_parameter("RequestsPerSecond"),
            uses=requests,
            source="parameter `RequestsPerSecond`",
            turn="`RequestsPerSecond` and `RequestsBurst`; until then 429",
        ),
        Limit(
            what="dead starts that the sweeper ends",
            has=SWEEP_SHARD_MAX * SHARDS / 60,
            uses=DIE,
            source="`SWEEP_SHARD_MAX` of eight shards a minute; one start in ten dies",
            turn="`SWEEP_SHARD_MAX`, then one schedule for each shard; until then credits come "
            "back later, and no deadline is missed, since conditions decide",
        ),
    ]


def _of_aws(costs: Sequence[Cost], heat: Mapping[str, Heat]) -> list[Limit]:
    by_name = {one.name: one for one in costs}
    units = sum(by_name[name].write_units * times for name, times in INTERVIEW.items())
    requests = sum(times for name, times in INTERVIEW.items() if name not in BY_SCHEDULE)
    found = [
        Limit(
            what="write units of a new table",
            has=UNITS_OF_A_NEW_TABLE,
            uses=units,
            source="DynamoDB, on demand, until it has seen more; it doubles its peak in 30 minutes",
            turn="`WarmThroughput` of table and indexes, before a day that is announced",
        ),
        Limit(
            what="Lambda invocations at once",
            has=CONCURRENCY,
            uses=_seconds(by_name),
            source="Lambda, default quota of an account and region",
            turn="ask for a higher quota; it grows by 1,000 in ten seconds for each function",
        ),
        Limit(
            what="write units of a table",
            has=UNITS_OF_A_TABLE,
            uses=units,
            source="DynamoDB, default quota of a table on demand",
            turn="ask for a higher quota, of table and of each index",
        ),
        Limit(
            what="requests of an account",
            has=REQUESTS_OF_AN_ACCOUNT,
            uses=requests,
            source="API Gateway, default quota of an account and region, from memory",
            turn="ask for a higher quota",
        ),
    ]
    for kind, one in heat.items():
        each = one.units / one.partitions
        shards = f"{one.partitions} partitions" if one.partitions > 1 else "one partition"
        found.append(
            Limit(
                what=f"partition `{kind}`",
                has=UNITS_OF_A_PARTITION,
                uses=each,
                source=f"DynamoDB; {shards}, {one.units:g} units an interview",
                turn=_SCREWS[kind],
            )
        )
    return found


_MORE_SHARDS: Final = (
    "`INDEX_SHARDS`: 8 to 32; readers look at all of them, so a larger number needs no migration"
)
_SCREWS: Final[Mapping[str, str]] = {
    "GSI1 USAGE#USERS#*": "shard the month by the person's id, as `USAGE#` is; its entry is "
    "written once a person, day and service",
    "GSI2 DUE#feedback#*": _MORE_SHARDS,
    "GSI2 DUE#session#*": _MORE_SHARDS,
    "GSI2 DUE#usage#*": _MORE_SHARDS,
    "table USAGE#*#*": "`USAGE_SHARDS`; readers add all of them up",
}


def _of_others() -> list[Limit]:
    minutes = float(ASSUMED["minutes"].value)
    tokens = float(ASSUMED["heard"].value + ASSUMED["spoken"].value)
    return [
        Limit(
            what="audio tokens a minute",
            has=TOKENS_PER_MINUTE,
            uses=tokens * minutes * 60,
            source="OpenAI, an account of the highest tier, from memory; yours is in its settings",
            turn="a higher tier, a second project, or another endpoint (`OPENAI_BASE_URL`); until "
            "then 503, and the credit is given back",
        ),
        Limit(
            what="requests to Stripe",
            has=STRIPE_PER_S,
            uses=BUY * REQUESTS_OF_A_PURCHASE,
            source="Stripe, live mode; one interview in five follows a purchase",
            turn="ask Stripe; until then 503 at the checkout, and webhooks are not touched by it",
        ),
    ]


def _seconds(by_name: Mapping[str, Cost]) -> float:
    """How long functions run for one interview."""
    total = float(ASSUMED["feedback_s"].value)
    for name, times in INTERVIEW.items():
        if name not in BY_SCHEDULE:
            waits = by_name[name].provider_calls > 0
            total += times * float(ASSUMED["provider_s" if waits else "request_s"].value)
    return total


def _parameter(name: str) -> int:
    found: dict[str, Any] = template()["Parameters"][name]
    return int(found["Default"])
