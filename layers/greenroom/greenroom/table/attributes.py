"""Attributes that refuse what PynamoDB's own would store without a murmur."""

import json
from datetime import datetime
from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.constants import NUMBER, STRING

from greenroom.kernel.clock import from_text, to_text


class IntegerAttribute(Attribute[int]):
    """A whole number. Floats and booleans are refused: money and counters are integers."""

    attr_type = NUMBER

    def serialize(self, value: Any) -> str:
        """The number as text.

        Raises:
            TypeError: the value is not an ``int``.
        """
        if type(value) is not int:
            raise TypeError(f"not an integer: {value!r}")
        return str(value)

    def deserialize(self, value: Any) -> int:
        """The number that was stored; ValueError if it has a fraction."""
        return int(value)


class MomentAttribute(Attribute[datetime]):
    """An aware moment, stored as text whose order is the order of time."""

    attr_type = STRING

    def serialize(self, value: datetime) -> str:
        """ISO 8601 in UTC with microseconds; ValueError for a naive moment."""
        return to_text(value)

    def deserialize(self, value: Any) -> datetime:
        """The stored moment, aware, in UTC."""
        return from_text(value)


class JsonAttribute(Attribute[Any]):
    """A JSON value, stored as text: what it means is its room's business."""

    attr_type = STRING

    def serialize(self, value: Any) -> str:
        """Compact JSON; ValueError for NaN and infinities."""
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))

    def deserialize(self, value: Any) -> Any:
        """The value that was stored."""
        return json.loads(value)
