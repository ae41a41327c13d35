"""Two simulations, the same on every machine: a second's load by shard, and a crowd at one item."""

import heapq
import random
from collections import Counter
from dataclasses import dataclass
from typing import Final
from uuid import UUID
from zlib import crc32

from greenroom.table.patience import Patience

SEED: Final = 7
SECONDS: Final = 600
REFUSAL_S: Final = 0.005  # until a refused try is back


def hottest(sessions_per_s: int, *, shards: int, units: float) -> float:
    """Write units on the hottest of the shards in the worst of a thousand seconds.

    ``units`` are those of one session. Sessions are spread by ``crc32`` of their ids, as rows are.
    """
    chance = random.Random(SEED)  # noqa: S311 (a simulation, the same every time)
    worst = []
    for _ in range(SECONDS):
        ids = (UUID(int=chance.getrandbits(128)) for _ in range(sessions_per_s))
        load = Counter(crc32(str(one).encode()) % shards for one in ids)
        worst.append(units * max(load.values()))
    return sorted(worst)[int(0.999 * SECONDS)]


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """What became of a crowd at one item."""

    told: int
    gave_up: int
    tries: int
    last_s: float
    """When the last of those was told who were told."""


class _Contender:
    """Somebody with the product's own patience, on a clock of their own."""

    def __init__(self, chance: random.Random) -> None:
        self.at_s = 0.0
        patience = Patience(
            monotonic=lambda: self.at_s,
            sleep=self._sleep,
            jitter=lambda ceiling_s: chance.uniform(0, ceiling_s),
        )
        self._tries = patience.tries()
        next(self._tries)

    def tries_again(self) -> bool:
        """Wait, if patience lasts."""
        return any(True for _ in self._tries)

    def _sleep(self, seconds: float) -> None:
        self.at_s += seconds


def crowd(people: int, *, holds_s: float) -> Crowd:
    """So many transactions on one item, begun at one instant; each holds it for ``holds_s``."""
    chance = random.Random(SEED)  # noqa: S311 (a simulation, the same every time)
    waiting = [(chance.uniform(0, holds_s), n, _Contender(chance)) for n in range(people)]
    heapq.heapify(waiting)
    free_s = last_s = 0.0
    told = gave_up = tries = 0
    while waiting:
        at_s, number, one = heapq.heappop(waiting)
        tries += 1
        if at_s >= free_s:
            free_s = last_s = at_s + holds_s
            told += 1
            continue
        one.at_s = at_s + REFUSAL_S
        if one.tries_again():
            heapq.heappush(waiting, (one.at_s, number, one))
        else:
            gave_up += 1
    return Crowd(told=told, gave_up=gave_up, tries=tries, last_s=last_s)
