"""Reads and writes of organisations and members; ``items`` has the key chart."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from greenroom.kernel.errors import Conflict, GreenroomError
from greenroom.kernel.limits import PAGE_MAX
from greenroom.kernel.tenants import TENANTS, Tenant
from greenroom.organizations.domain import Member, Organization
from greenroom.organizations.entry import Standing
from greenroom.organizations.items import (
    CustomerLinkItem,
    MemberItem,
    OrganizationItem,
    StudioItem,
    customer_of_link,
    member_of,
    organization_of,
    studio_of,
)
from greenroom.organizations.links import Links
from greenroom.organizations.studio import Studio
from greenroom.table.batch import get_all
from greenroom.table.item import Item, Key
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction


class OrganizationStore(Links):
    """Organisations, members and links in the table."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def organization(self, organization_id: str) -> Organization | None:
        """What is known of an organisation, deleted ones included."""
        item = self._table.get(OrganizationItem.at(organization_id))
        return organization_of(item) if item else None

    def member(self, organization_id: str, user_id: str) -> Member | None:
        """What is known of a person in an organisation, those who left included."""
        item = self._table.get(MemberItem.at(organization_id, user_id))
        return member_of(item) if item else None

    def standing(self, organization_id: str, user_id: str) -> Standing:
        """An organisation with its settings, and who the person is in it: one batch read."""
        studio = StudioItem.at(organization_id)
        keys = [*self.standing_keys(organization_id, user_id), Key(Item, studio.pk, studio.sk)]
        return self.standing_of(get_all(self._table, keys))

    @staticmethod
    def standing_keys(organization_id: str, user_id: str) -> list[Key[Item]]:
        """Where the rows are that say who a person is in an organisation."""
        return _standing_keys(organization_id, user_id)

    @staticmethod
    def standing_of(rows: list[Item]) -> Standing:
        """What the rows of one organisation and one person say."""
        return _standing(rows)

    def of_visitors(self, organization_id: str) -> tuple[Organization | None, Studio]:
        """An organisation with its settings, for whoever is not signed in: one batch read."""
        own = (OrganizationItem.at(organization_id), StudioItem.at(organization_id))
        found = _standing(get_all(self._table, [Key(Item, key.pk, key.sk) for key in own]))
        return found.organization, found.studio

    def around(self, user_id: str) -> list[Standing]:
        """Every organisation that a person works in or is a customer of; without its settings.

        At most 100 of each; those who left, and organisations that were deleted, are in it.
        """
        listed = [
            page
            for sk_prefix in ("ORG#", "CUSTOMER#")
            for page in self._table.query(
                Item, f"USER#{user_id}", sk_prefix=sk_prefix, index="GSI1", limit=PAGE_MAX
            ).items
        ]
        ids = dict.fromkeys(Tenant.of_pk(item.pk).tenant_id for item in listed)
        keys = [key for one in ids for key in _standing_keys(one, user_id)]
        rows: dict[str, list[Item]] = {one: [] for one in ids}
        for item in get_all(self._table, keys):
            rows[Tenant.of_pk(item.pk).tenant_id].append(item)
        return [_standing(found) for found in rows.values()]

    def members(
        self, organization_id: str, *, limit: int, cursor: str | None
    ) -> tuple[list[Member], str | None]:
        """Who is in an organisation, and where the next page begins.

        Raises:
            InvalidRequest: the cursor is not one of this list.
        """
        page = self._table.query(
            MemberItem,
            OrganizationItem.at(organization_id).pk,
            sk_prefix="M#",
            limit=limit,
            cursor=cursor,
            keep=lambda item: item.removed_at is None,
            consistent=True,
        )
        return [member_of(item) for item in page.items], page.next_cursor

    def studio(self, organization_id: str) -> Studio:
        """How an organisation runs its classes."""
        item = self._table.get(StudioItem.at(organization_id))
        return studio_of(item) if item else Studio()

    def add_studio(self, tx: Transaction, organization_id: str, changes: Mapping[str, Any]) -> None:
        """Add the step ``studio`` that sets some of an organisation's settings, or clears them."""
        tx.update(
            "studio",
            StudioItem.at(organization_id),
            StudioItem.kind.set(StudioItem.KIND),
            StudioItem.v.set(StudioItem.VERSION),
            StudioItem.created_at.set(StudioItem.created_at | self._now()),
            *_actions(StudioItem, changes),
            when=None,
            otherwise=Conflict("The settings have just changed."),
        )

    def add_organization(
        self, tx: Transaction, wanted: Organization, *, before: Organization | None
    ) -> None:
        """Add the step that writes an organisation, if it still is as it was read."""
        told = {"name": wanted.name, "slug": wanted.slug, "image_url": wanted.image_url}
        if wanted.deleted:
            told = dict.fromkeys(told)
        tx.update(
            "organization",
            OrganizationItem.at(wanted.organization_id),
            *self._made(OrganizationItem),
            OrganizationItem.clerk_organization_id.set(wanted.clerk_organization_id),
            OrganizationItem.changed_at.set(wanted.at),
            *_actions(OrganizationItem, told),
            *_actions(OrganizationItem, {"deleted_at": self._now() if wanted.deleted else None}),
            *_actions(OrganizationItem, _listed(wanted)),
            when=_as_read(OrganizationItem, before) & OrganizationItem.deleted_at.does_not_exist(),
            otherwise=Conflict("Newer news of the organisation has come."),
        )

    def add_standing(
        self,
        tx: Transaction,
        organization_id: str,
        *,
        otherwise: GreenroomError | None = None,
    ) -> None:
        """Add the check that an organisation is known and was not deleted; else ``Conflict``."""
        tx.check(
            "organization",
            OrganizationItem.at(organization_id),
            when=OrganizationItem.pk.exists() & OrganizationItem.deleted_at.does_not_exist(),
            otherwise=otherwise or Conflict("The organisation was deleted."),
        )

    def add_member(self, tx: Transaction, wanted: Member, *, before: Member | None) -> None:
        """Add the step that writes a member, if they still are as they were read."""
        listed = None if wanted.removed else f"USER#{wanted.user_id}"
        place = None if wanted.removed else f"ORG#{wanted.organization_id}"
        changes = {
            "role": None if wanted.removed else wanted.role,
            "removed_at": self._now() if wanted.removed else None,
            "gsi1pk": listed,
            "gsi1sk": place,
        }
        tx.update(
            "member",
            MemberItem.at(wanted.organization_id, wanted.user_id),
            *self._made(MemberItem),
            MemberItem.user_id.set(wanted.user_id),
            MemberItem.membership_id.set(wanted.membership_id),
            MemberItem.changed_at.set(wanted.at),
            *_actions(MemberItem, changes),
            when=_as_read(MemberItem, before) & _as_removed(before),
            otherwise=Conflict("Newer news of the member has come."),
        )

    def transaction(self) -> Transaction:
        """An empty transaction on the table."""
        return self._table.transaction()

    def _made(self, of: type[OrganizationItem] | type[MemberItem]) -> list[Action]:
        """What an update sets that may be the first one."""
        return [
            of.kind.set(of.KIND),
            of.v.set(of.VERSION),
            of.created_at.set(of.created_at | self._now()),
        ]

    def _now(self) -> datetime:
        return self._table.clock()


def _standing_keys(organization_id: str, user_id: str) -> list[Key[Item]]:
    keys = (
        OrganizationItem.at(organization_id),
        MemberItem.at(organization_id, user_id),
        CustomerLinkItem.at(organization_id, user_id),
    )
    return [Key(Item, key.pk, key.sk) for key in keys]


def _standing(rows: list[Item]) -> Standing:
    """What the rows of one organisation and one person say."""
    organization = member = customer = None
    studio = Studio()
    for item in rows:
        if isinstance(item, OrganizationItem):
            organization = organization_of(item)
        elif isinstance(item, StudioItem):
            studio = studio_of(item)
        elif isinstance(item, MemberItem):
            member = member_of(item)
        elif isinstance(item, CustomerLinkItem):
            customer = customer_of_link(item)
    return Standing(organization=organization, studio=studio, member=member, customer=customer)


def _as_read(
    of: type[OrganizationItem] | type[MemberItem], before: Organization | Member | None
) -> Condition:
    condition: Condition = of.pk.does_not_exist() if before is None else of.changed_at == before.at
    return condition


def _as_removed(before: Member | None) -> Condition:
    """That nobody has left since: an end need not change the time of the newest news."""
    removed = before is not None and before.removed
    path = MemberItem.removed_at
    condition: Condition = path.exists() if removed else path.does_not_exist()
    return condition


def _listed(wanted: Organization) -> dict[str, str | None]:
    """Where an organisation is among all tenants; nowhere once it was deleted."""
    if wanted.deleted:
        return {"gsi1pk": None, "gsi1sk": None}
    return {"gsi1pk": TENANTS, "gsi1sk": Tenant("organization", wanted.organization_id).token}


def _actions(of: type[Any], changes: Mapping[str, Any]) -> list[Action]:
    return [
        getattr(of, name).remove() if value is None else getattr(of, name).set(value)
        for name, value in changes.items()
    ]
