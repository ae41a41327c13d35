"""What an act has left behind, all of it: rows, messages, calls of other parties.

Two runs of one act have the same effects if nothing but names and moments differ: each id becomes
``#``, each moment ``T``. So any row too many or too few, any other status, amount or counter shows.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import Any

from tests.reliability.faults import CallRecord
from tests.world import World

Row = dict[str, Any]
Effects = Counter[str]
Keep = Callable[[Row], bool]

# Of a single write, and of this machine's speed.
OWN = {"write_id", "updated_at", "ttl", "processing_ms", "processing_time_ms"}
_NONE = {"crash_before", "timeout_before", "throttle", "conflict", "unavailable"}

# Ids of ours, also short ones, and of the fake provider; sealed tokens, which hold a nonce.
_ID = re.compile(
    r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}|[0-9a-f]{64}"
    r"|(?<![\w-])[\w-]{22}(?![\w-])|rtc_\d+|g1\.k\d+\.[\w-]+"
)
_SPEED = re.compile(r'_ms":\d+')
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
_SHARD = re.compile(r"^(DUE#\w+|\w+)#\d+$")


def everything(_: Row) -> bool:
    """Each row counts."""
    return True


def effects(world: World, *, varies: Collection[str] = (), keep: Keep = everything) -> Effects:
    """The rows as they are, but for names and moments, and but for attributes that vary."""
    without = OWN | set(varies)
    return Counter(
        " ".join(
            f"{name}={_plain(name, value)}"
            for name, value in sorted(row.items())
            if name not in without
        )
        for row in world.rows()
        if keep(row)
    )


def asked(calls: Iterable[CallRecord]) -> Counter[str]:
    """What was asked of other parties and of queues, as far as it reached them.

    DynamoDB's calls are judged by the rows that they leave.
    """
    sent = [one for one in calls if one.service != "dynamodb" and one.fault not in _NONE]
    return Counter(f"{one.service} {_ID.sub('#', one.operation)}" for one in sent)


def _plain(name: str, value: Any) -> str:
    ((kind, inner),) = value.items()
    if kind == "B":
        return "bytes"
    text = _SPEED.sub("", _MOMENT.sub("T", _ID.sub("#", str(inner))))
    return _SHARD.sub(r"\1#n", text) if name == "GSI2PK" else text
