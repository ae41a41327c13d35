"""Which partitions an interview writes to, and which of them all interviews share: counted.

So many people practise once, through the real handlers; every write is taken apart into units by
partition, by DynamoDB's own rules (tests/counts/judge.py). What only one of them writes to spreads
by itself; what several share has to carry them all.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.counting import SHARDS
from benchmarks.worlds import a_world
from greenroom.kernel.limits import USAGE_SHARDS
from tests import aws
from tests.counts.judge import Judge
from tests.practice import saved
from tests.reliability import faults

PEOPLE: Final = 24
_PARTS: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d{2}|\b\d+\b")


@dataclass(frozen=True, kw_only=True)
class Heat:
    """A kind of partition that interviews share."""

    partitions: int
    """How many there are of it at one time."""

    units: float
    """Write units of one interview, in all of them."""


def measure() -> tuple[dict[str, Heat], dict[str, float]]:
    """The shared kinds of partitions, such as ``GSI2 DUE#session#*``; and all units, by place.

    Places are ``table``, ``GSI1`` and ``GSI2``; units are those of one interview.
    """
    with a_world() as world:
        people = [world.person() for _ in range(PEOPLE)]
        for person in people:
            person.credits()
        judge, owners = Judge(world), dict[str, set[int]]()
        with aws.watched(judge.watch):
            for number, person in enumerate(people):
                before = Counter(judge.heat)
                with faults.plan():
                    saved(world, person)
                    world.feedback()
                for place in judge.heat - before:
                    owners.setdefault(place, set()).add(number)
    places: Counter[str] = Counter()
    for name, units in judge.heat.items():
        places[name.partition(" ")[0]] += units
    all_units = {place: units / PEOPLE for place, units in sorted(places.items(), reverse=True)}
    return _kinds(judge.heat, owners), all_units


def _kinds(heat: Mapping[str, float], owners: Mapping[str, set[int]]) -> dict[str, Heat]:
    kinds: dict[str, list[str]] = {}
    for place in owners:
        kinds.setdefault(_PARTS.sub("*", place), []).append(place)
    common = {_PARTS.sub("*", place) for place, people in owners.items() if len(people) > 1}
    return {
        kind: Heat(
            partitions=_shards(kind), units=sum(heat[place] for place in kinds[kind]) / PEOPLE
        )
        for kind in sorted(common)
    }


def _shards(kind: str) -> int:
    if kind.startswith("GSI2"):
        return SHARDS
    return USAGE_SHARDS if kind.startswith("table USAGE#") else 1
