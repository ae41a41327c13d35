"""Organisations and members in the table.

| item | PK | SK | GSI1PK / GSI1SK |
|---|---|---|---|
| organization | T#org#{organization_id} | ORGANIZATION | TENANTS / org#{organization_id} |
| member | T#org#{organization_id} | M#{user_id} | USER#{user_id} / ORG#{organization_id} |
| studio | T#org#{organization_id} | STUDIO | |
| customer_link | T#org#{organization_id} | U#{user_id} | USER#{user_id} / CUSTOMER#{id of org} |

The first two stay when they are deleted, without what they told: an older piece of news that comes
later finds the newer one. A member who has left is in no list.
"""

from pynamodb.attributes import BooleanAttribute, ListAttribute, UnicodeAttribute

from greenroom.kernel.tenants import Tenant
from greenroom.organizations.domain import Member, Organization
from greenroom.organizations.principal import CustomerKind, CustomerRef
from greenroom.organizations.studio import Studio
from greenroom.table.attributes import IntegerAttribute, MomentAttribute
from greenroom.table.item import Item, Key


class OrganizationItem(Item):
    """An organisation, as the newest news of it says."""

    KIND = "organization"

    clerk_organization_id = UnicodeAttribute()
    name = UnicodeAttribute(null=True)
    slug = UnicodeAttribute(null=True)
    image_url = UnicodeAttribute(null=True)
    changed_at = MomentAttribute()
    deleted_at = MomentAttribute(null=True)

    @classmethod
    def at(cls, organization_id: str) -> "Key[OrganizationItem]":
        """Where the organisation is."""
        return Key(cls, _pk(organization_id), "ORGANIZATION")


class MemberItem(Item):
    """A person in an organisation, as the newest news of it says."""

    KIND = "member"

    user_id = UnicodeAttribute()
    membership_id = UnicodeAttribute()
    role = UnicodeAttribute(null=True)
    changed_at = MomentAttribute()
    removed_at = MomentAttribute(null=True)

    @classmethod
    def at(cls, organization_id: str, user_id: str) -> "Key[MemberItem]":
        """Where the member is."""
        return Key(cls, _pk(organization_id), f"M#{user_id}")


class StudioItem(Item):
    """How an organisation runs its classes, where it differs from what is usual."""

    KIND = "studio"

    timezone = UnicodeAttribute(null=True)
    currency = UnicodeAttribute(null=True)
    requires_prepayment = BooleanAttribute(null=True)
    late_cancel_minutes = IntegerAttribute(null=True)
    notice_minutes = IntegerAttribute(null=True)
    waitlist_max = IntegerAttribute(null=True)
    widget_key = UnicodeAttribute(null=True)
    widget_enabled = BooleanAttribute(null=True)
    allowed_origins = ListAttribute(of=UnicodeAttribute, null=True)

    @classmethod
    def at(cls, organization_id: str) -> "Key[StudioItem]":
        """Where the organisation's own settings are."""
        return Key(cls, _pk(organization_id), "STUDIO")


class CustomerLinkItem(Item):
    """From a person who can sign in to the customer that they are in an organisation."""

    KIND = "customer_link"

    user_id = UnicodeAttribute()
    customer_kind = UnicodeAttribute()
    customer_id = UnicodeAttribute()

    @classmethod
    def at(cls, organization_id: str, user_id: str) -> "Key[CustomerLinkItem]":
        """Where the person's link is."""
        return Key(cls, _pk(organization_id), f"U#{user_id}")


def studio_of(item: StudioItem) -> Studio:
    """The domain's studio of a stored one."""
    told = {name: getattr(item, name) for name in Studio.__dataclass_fields__}
    known = {name: value for name, value in told.items() if value is not None}
    return Studio(**{**known, "allowed_origins": tuple(known.get("allowed_origins", ()))})


def customer_of_link(item: CustomerLinkItem) -> CustomerRef:
    """The customer that a link leads to."""
    kind: CustomerKind = "client" if item.customer_kind == "client" else "lead"
    return CustomerRef(kind, item.customer_id)


def organization_of(item: OrganizationItem) -> Organization:
    """The domain's organisation of a stored one."""
    return Organization(
        organization_id=Tenant.of_pk(item.pk).tenant_id,
        clerk_organization_id=item.clerk_organization_id,
        name=item.name,
        slug=item.slug,
        image_url=item.image_url,
        at=item.changed_at,
        deleted=item.deleted_at is not None,
    )


def member_of(item: MemberItem) -> Member:
    """The domain's member of a stored one."""
    return Member(
        organization_id=Tenant.of_pk(item.pk).tenant_id,
        membership_id=item.membership_id,
        user_id=item.user_id,
        role=item.role,
        at=item.changed_at,
        removed=item.removed_at is not None,
    )


def _pk(organization_id: str) -> str:
    return Tenant("organization", organization_id).pk()
