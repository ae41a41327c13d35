"""Passes and their uses in the table.

| item | PK | SK |
|---|---|---|
| package | T#org#{organization_id}#C#{cl or ld}#{customer_id} | PACKAGE#{pass_id} |
| membership | the same | MEMBERSHIP#{pass_id} |
| membership_use | the same | USE#{pass_id}#{period} |
| pass_key | T#org#{organization_id}#KEY#{key_id} | PASS |

A period's uses are in its key, so that nothing has to be reset. No index shows a count.
"""

from typing import ClassVar, Self, cast

from pynamodb.attributes import UnicodeAttribute, UnicodeSetAttribute

from greenroom.organizations.principal import CustomerRef
from greenroom.organizations.repo import OrgRepo
from greenroom.passes.domain import Membership, Package, Pass, PassKind, PassStatus, Period
from greenroom.table.attributes import IntegerAttribute, MomentAttribute
from greenroom.table.item import Item, Key


class PassItem(Item):
    """What all passes have; ``SORTED_UNDER`` is what the sort keys of one kind begin with."""

    SORTED_UNDER: ClassVar[str] = ""

    name = UnicodeAttribute()
    status = UnicodeAttribute()
    valid_from = MomentAttribute()
    valid_until = MomentAttribute(null=True)
    class_types = UnicodeSetAttribute(null=True)

    @classmethod
    def at(cls, repo: OrgRepo, ref: CustomerRef, pass_id: str) -> "Key[Self]":
        """Where the pass is."""
        return Key(cls, repo.customer_pk(ref), cls.SORTED_UNDER + pass_id)


class PackageItem(PassItem):
    """A package of uses."""

    KIND = "package"
    SORTED_UNDER = "PACKAGE#"

    uses = IntegerAttribute()
    remaining = IntegerAttribute()


class MembershipItem(PassItem):
    """A membership; without ``uses_per_period`` there is no limit."""

    KIND = "membership"
    SORTED_UNDER = "MEMBERSHIP#"

    uses_per_period = IntegerAttribute(null=True)
    period = UnicodeAttribute()


class MembershipUseItem(Item):
    """How many uses of a membership the bookings of one period have made."""

    KIND = "membership_use"

    used = IntegerAttribute()

    @classmethod
    def at(
        cls, repo: OrgRepo, ref: CustomerRef, pass_id: str, period: str
    ) -> "Key[MembershipUseItem]":
        """Where the uses of that period are counted."""
        return Key(cls, repo.customer_pk(ref), f"USE#{pass_id}#{period}")


class PassKeyItem(Item):
    """From an Idempotency-Key to the pass that was made under it."""

    KIND = "pass_key"

    pass_kind = UnicodeAttribute()
    pass_id = UnicodeAttribute()
    request_hash = UnicodeAttribute()

    @classmethod
    def at(cls, repo: OrgRepo, key_id: str) -> "Key[PassKeyItem]":
        """Where the key is."""
        return Key(cls, repo.pk("KEY", key_id), "PASS")


ITEMS: dict[PassKind, type[PassItem]] = {"package": PackageItem, "membership": MembershipItem}


def pass_item(repo: OrgRepo, held: Pass) -> PassItem:
    """The item of a new pass."""
    key = ITEMS[held.kind].at(repo, held.customer, held.pass_id)
    item: PassItem
    if isinstance(held, Package):
        item = PackageItem(key.pk, key.sk, uses=held.uses, remaining=held.remaining)
    else:
        item = MembershipItem(
            key.pk, key.sk, uses_per_period=held.uses_per_period, period=held.period
        )
    item.name = held.name
    item.status = held.status
    item.valid_from = held.valid_from
    item.valid_until = held.valid_until
    item.class_types = set(held.class_types) or None
    item.created_at = held.created_at
    return item


def package_of(item: PackageItem) -> Package:
    """The domain's package of a stored one."""
    return Package(
        pass_id=_id_of(item),
        customer=_customer_of(item),
        name=item.name,
        status=cast("PassStatus", item.status),
        valid_from=item.valid_from,
        valid_until=item.valid_until,
        class_types=tuple(sorted(item.class_types or ())),
        created_at=item.created_at,
        uses=item.uses,
        remaining=item.remaining,
    )


def membership_of(item: MembershipItem) -> Membership:
    """The domain's membership of a stored one."""
    return Membership(
        pass_id=_id_of(item),
        customer=_customer_of(item),
        name=item.name,
        status=cast("PassStatus", item.status),
        valid_from=item.valid_from,
        valid_until=item.valid_until,
        class_types=tuple(sorted(item.class_types or ())),
        created_at=item.created_at,
        uses_per_period=item.uses_per_period,
        period=cast("Period", item.period),
    )


def pass_of(item: PassItem) -> Pass:
    """The domain's pass of a stored one."""
    if isinstance(item, PackageItem):
        return package_of(item)
    assert isinstance(item, MembershipItem)
    return membership_of(item)


def _id_of(item: PassItem) -> str:
    return item.sk.partition("#")[2]


def _customer_of(item: PassItem) -> CustomerRef:
    return CustomerRef.of_token(item.pk.rpartition("#C#")[2])
