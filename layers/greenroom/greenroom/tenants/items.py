"""Preschools and who works there, in the table.

| item | PK | SK | GSI1PK / GSI1SK |
|---|---|---|---|
| preschool | T#ps#{preschool_id} | PRESCHOOL | TENANTS / ps#{preschool_id} |
| preschool_member | T#ps#{preschool_id} | M#{user_id} | USER#{user_id} / PRESCHOOL#{preschool_id} |

Organisations are the organisations room's. Who has left a preschool has no row there.
"""

from typing import cast

from pynamodb.attributes import UnicodeAttribute

from greenroom.kernel.tenants import Tenant
from greenroom.table.item import Item, Key
from greenroom.tenants.domain import Preschool, PreschoolMember, PreschoolRole


class PreschoolItem(Item):
    """A preschool."""

    KIND = "preschool"

    name = UnicodeAttribute()
    created_by = UnicodeAttribute()

    @classmethod
    def at(cls, preschool_id: str) -> "Key[PreschoolItem]":
        """Where the preschool is."""
        return Key(cls, Tenant("preschool", preschool_id).pk(), "PRESCHOOL")


class PreschoolMemberItem(Item):
    """Somebody who works in a preschool: ``admin`` or ``teacher``."""

    KIND = "preschool_member"

    user_id = UnicodeAttribute()
    role = UnicodeAttribute()

    @classmethod
    def at(cls, preschool_id: str, user_id: str) -> "Key[PreschoolMemberItem]":
        """Where the member is."""
        return Key(cls, Tenant("preschool", preschool_id).pk(), f"M#{user_id}")


def preschool_of(item: PreschoolItem) -> Preschool:
    """The domain's preschool of a stored one."""
    return Preschool(Tenant.of_pk(item.pk).tenant_id, item.name, item.created_at)


def preschool_member_of(item: PreschoolMemberItem) -> PreschoolMember:
    """The domain's member of a stored one."""
    role = cast("PreschoolRole", item.role)
    return PreschoolMember(Tenant.of_pk(item.pk).tenant_id, item.user_id, role)
