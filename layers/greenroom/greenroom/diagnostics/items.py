"""Rows of the diagnostics in the table.

| item | PK | SK |
|---|---|---|
| probe | PROBE#{probe_id} | ROW#{n} |
| webhook_mark | WEBHOOK#{source} | MARK |

Probes are written and removed by one test; ``ttl`` forgets those of a test that died.
"""

from pynamodb.attributes import UnicodeAttribute

from greenroom.table.attributes import IntegerAttribute, MomentAttribute
from greenroom.table.item import Item, Key


class ProbeItem(Item):
    """A row that a test writes."""

    KIND = "probe"

    turn = IntegerAttribute(null=True)

    @classmethod
    def at(cls, probe_id: str, n: int) -> "Key[ProbeItem]":
        """Where the n-th row of a test is."""
        return Key(cls, f"PROBE#{probe_id}", f"ROW#{n}")


class WebhookMarkItem(Item):
    """When news of a source were last accepted, and rejected."""

    KIND = "webhook_mark"

    accepted_at = MomentAttribute(null=True)
    lag_s = IntegerAttribute(null=True)
    rejected_at = MomentAttribute(null=True)
    rejected_code = UnicodeAttribute(null=True)

    @classmethod
    def at(cls, source: str) -> "Key[WebhookMarkItem]":
        """Where the marks of a source are."""
        return Key(cls, f"WEBHOOK#{source}", "MARK")
