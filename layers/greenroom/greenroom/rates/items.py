"""Counts of requests in the table.

| item | PK | SK |
|---|---|---|
| rate | T#org#{organization_id}#RATE#{fingerprint}#{window} | RATE |
| rate | RATE#{what}#{fingerprint}#{window} | RATE |

A row is of one hour, and of one address (as HMAC) or of everybody (``all``); ``ttl`` forgets it.
"""

from greenroom.organizations.repo import OrgRepo
from greenroom.rates.domain import Scope
from greenroom.table.attributes import IntegerAttribute
from greenroom.table.item import Item, Key


class RateItem(Item):
    """How many requests there were in an hour."""

    KIND = "rate"

    asked = IntegerAttribute()

    @classmethod
    def at(cls, scope: Scope, who: str, window: str) -> "Key[RateItem]":
        """Where that hour's count is, of a fingerprint or of everybody."""
        return Key(cls, f"{scope.pk}#{who}#{window}", "RATE")


def in_organization(repo: OrgRepo, salt: str) -> Scope:
    """What is counted in one organisation."""
    return Scope(pk=repo.pk("RATE"), salt=f"{salt}\0{repo.organization_id}")


def in_all(what: str) -> Scope:
    """What is counted in the whole deployment."""
    return Scope(pk=f"RATE#{what}", salt=what)
