"""Organisations and members in the table.

| item | PK | SK | GSI1PK / GSI1SK |
|---|---|---|---|
| organization | T#org#{organization_id} | ORGANIZATION | |
| member | T#org#{organization_id} | M#{user_id} | USER#{user_id} / ORG#{organization_id} |

Both stay when they are deleted, without what they told: an older piece of news that comes later
finds the newer one. A member who has left is in no list.
"""

from pynamodb.attributes import UnicodeAttribute

from greenroom.organizations.domain import Member, Organization
from greenroom.table.attributes import MomentAttribute
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
        return Key(cls, f"T#org#{organization_id}", "ORGANIZATION")


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
        return Key(cls, f"T#org#{organization_id}", f"M#{user_id}")


def organization_of(item: OrganizationItem) -> Organization:
    """The domain's organisation of a stored one."""
    return Organization(
        organization_id=item.pk.removeprefix("T#org#"),
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
        organization_id=item.pk.removeprefix("T#org#"),
        membership_id=item.membership_id,
        user_id=item.user_id,
        role=item.role,
        at=item.changed_at,
        removed=item.removed_at is not None,
    )
