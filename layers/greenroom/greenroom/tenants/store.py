"""Reads and writes of preschools; ``items`` has the key chart."""

from collections.abc import Callable, Sequence
from typing import Any

from greenroom.kernel.errors import Conflict, NotFound
from greenroom.kernel.limits import PAGE_MAX
from greenroom.kernel.tenants import TENANTS, Tenant
from greenroom.table.batch import Place, raw_all
from greenroom.table.item import Item, Key, RawItem, UnreadableItem
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction
from greenroom.tenants.domain import Preschool, PreschoolMember
from greenroom.tenants.items import (
    PreschoolItem,
    PreschoolMemberItem,
    preschool_member_of,
    preschool_of,
)
from greenroom.usage.domain import Plan


class TenantStore:
    """Preschools in the table, and the plans of tenants, which the usage room keeps.

    ``plan_at`` says where a tenant's plan is, ``plan_of`` what its row means.
    """

    def __init__(
        self,
        table: Table,
        *,
        plan_at: Callable[[Tenant], Key[Any]],
        plan_of: Callable[[Any], Plan],
    ) -> None:
        self._table = table
        self._plan_at = plan_at
        self._plan_of = plan_of

    def transaction(self) -> Transaction:
        """An empty transaction on the table."""
        return self._table.transaction()

    def rows(self, keys: Sequence[Key[Any]]) -> "Rows":
        """What is at these keys: one batch read."""
        return Rows(raw_all(self._table, ((key.pk, key.sk) for key in keys)))

    def preschool_keys(self, preschool_id: str, user_id: str) -> list[Key[Any]]:
        """Where a preschool is, and the person in it."""
        return [PreschoolItem.at(preschool_id), PreschoolMemberItem.at(preschool_id, user_id)]

    def plan_keys(self, tenants: Sequence[Tenant]) -> list[Key[Any]]:
        """Where the plans of tenants are."""
        return [self._plan_at(tenant) for tenant in tenants]

    def plan(self, rows: "Rows", tenant: Tenant) -> Plan:
        """A tenant's plan, of what was read."""
        return self._plan_of(rows.one(self._plan_at(tenant)))

    def preschool(
        self, rows: "Rows", preschool_id: str, user_id: str
    ) -> tuple[Preschool, PreschoolMember] | None:
        """A preschool and the person in it, of what was read, if both are there."""
        item = rows.one(PreschoolItem.at(preschool_id))
        member = rows.one(PreschoolMemberItem.at(preschool_id, user_id))
        if item is None or member is None:
            return None
        return preschool_of(item), preschool_member_of(member)

    def preschools_of(self, user_id: str) -> list[str]:
        """The ids of at most 100 preschools in which a person works."""
        page = self._table.query(
            Item, f"USER#{user_id}", sk_prefix="PRESCHOOL#", index="GSI1", limit=PAGE_MAX
        )
        return [Tenant.of_pk(item.pk).tenant_id for item in page.items]

    def find(self, preschool_id: str) -> Preschool | None:
        """The preschool of that id."""
        item = self._table.get(PreschoolItem.at(preschool_id))
        return preschool_of(item) if item else None

    def members(self, preschool_id: str) -> list[PreschoolMember]:
        """Everybody who works in a preschool; at most a thousand."""
        page = self._table.query(
            PreschoolMemberItem,
            PreschoolItem.at(preschool_id).pk,
            sk_prefix="M#",
            limit=10 * PAGE_MAX,
            consistent=True,
        )
        return [preschool_member_of(item) for item in page.items]

    # Writes

    def add_preschool(self, tx: Transaction, preschool_id: str, name: str, actor: str) -> None:
        """Add the step ``preschool`` that makes one; else ``Conflict``."""
        key = PreschoolItem.at(preschool_id)
        item = PreschoolItem(
            key.pk,
            key.sk,
            gsi1pk=TENANTS,
            gsi1sk=Tenant("preschool", preschool_id).token,
            name=name,
            created_by=actor,
        )
        tx.put("preschool", item, otherwise=Conflict("There is a preschool of this id already."))

    def add_standing(self, tx: Transaction, preschool_id: str) -> None:
        """Add the check that there is such a preschool; else ``NotFound``."""
        key = PreschoolItem.at(preschool_id)
        tx.check("preschool", key, when=PreschoolItem.pk.exists(), otherwise=NotFound())

    def add_member(self, tx: Transaction, member: PreschoolMember) -> None:
        """Add the step ``member`` that lets somebody work in a preschool, in that role."""
        of = PreschoolMemberItem
        tx.update(
            f"member {member.user_id}",
            of.at(member.preschool_id, member.user_id),
            of.kind.set(of.KIND),
            of.v.set(of.VERSION),
            of.created_at.set(of.created_at | self._table.clock()),
            of.user_id.set(member.user_id),
            of.role.set(member.role),
            of.gsi1pk.set(f"USER#{member.user_id}"),
            of.gsi1sk.set(f"PRESCHOOL#{member.preschool_id}"),
            when=None,
            otherwise=Conflict(),
        )

    def add_gone(self, tx: Transaction, preschool_id: str, user_id: str) -> None:
        """Add the step ``member`` that takes somebody out of a preschool; else ``NotFound``."""
        tx.delete(
            "member",
            PreschoolMemberItem.at(preschool_id, user_id),
            when=PreschoolMemberItem.pk.exists(),
            otherwise=NotFound("The person is no member of this preschool."),
        )


class Rows:
    """What one batch read has found."""

    def __init__(self, there: dict[Place, RawItem]) -> None:
        self._there = there

    def one(self, key: Key[Any]) -> Any:
        """The item at a key; None where there is none, or none that can be read."""
        raw = self._there.get((key.pk, key.sk))
        try:
            return None if raw is None else key.of.read(raw)
        except UnreadableItem:
            return None

    def some(self, keys: Sequence[Key[Any]]) -> list[Any]:
        """The items at these keys that are there and can be read."""
        return [item for item in map(self.one, keys) if item is not None]
