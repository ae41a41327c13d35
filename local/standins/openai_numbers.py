"""Numbers that a schema allows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any


def bounds_of(schema: Mapping[str, Any], said: tuple[float, float]) -> tuple[float, float]:
    """Lowest and highest number of a schema; a side that it leaves open is as ``said``."""
    low = max((schema[key] for key in ("minimum", "exclusiveMinimum") if key in schema),
              default=None)  # fmt: skip
    high = min((schema[key] for key in ("maximum", "exclusiveMaximum") if key in schema),
               default=None)  # fmt: skip
    if low is None:
        low = said[0] if high is None else min(said[0], high - 1)
    if high is None:
        high = max(said[1], low + 1)
    return low, high


def number_within(
    schema: Mapping[str, Any], value: float, said: tuple[float, float], *, whole: bool
) -> float:
    """The number next to ``value`` that the schema allows, if it allows any."""
    low, high = bounds_of(schema, said)
    value = min(high, max(low, value))
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if not whole:
        tenth = round(value, 1)
        value = tenth if low <= tenth <= high else value
        return (low + high) / 2 if value in (above, below) else value
    first = math.floor(low) + 1 if low == above else math.ceil(low)
    last = math.ceil(high) - 1 if high == below else math.floor(high)
    return int(min(last, max(first, round(value))))
