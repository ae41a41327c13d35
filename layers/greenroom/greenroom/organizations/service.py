"""Keeps organisations and their members as Clerk's news says, in any order of arrival."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from greenroom.accounts.clerk_events import (
    MembershipChanged,
    MembershipDeleted,
    OrganizationChanged,
    OrganizationDeleted,
    OrganizationFacts,
)
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import NotFound
from greenroom.kernel.ids import new_id, user_id_of
from greenroom.organizations.domain import (
    Link,
    Member,
    Organization,
    joins,
    leaves,
    organization_id_of,
    tells_more,
)
from greenroom.organizations.principal import CustomerRef
from greenroom.organizations.repo import OrgRepo
from greenroom.organizations.store import OrganizationStore
from greenroom.organizations.studio import Studio
from greenroom.table.transaction import Transaction

News = OrganizationChanged | OrganizationDeleted | MembershipChanged | MembershipDeleted


class Organizations:
    """What the product knows of organisations."""

    def __init__(self, store: OrganizationStore, *, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def of_user(self, user_id: str) -> list[tuple[Organization, Member]]:
        """The organisations that a person is in, each with how they are in it."""
        return [
            (one.organization, one.member)
            for one in self._store.around(user_id)
            if one.organization is not None
            and not one.organization.deleted
            and one.member is not None
            and not one.member.removed
        ]

    def members(
        self, repo: OrgRepo, *, limit: int, cursor: str | None
    ) -> tuple[list[Member], str | None]:
        """Who is in an organisation, and where the next page begins.

        Raises:
            InvalidRequest: the cursor is not one of this list.
        """
        return self._store.members(repo.organization_id, limit=limit, cursor=cursor)

    def set_studio(self, repo: OrgRepo, changes: Mapping[str, Any]) -> Studio:
        """Set some of an organisation's settings: how all of them now are."""
        tx = self._store.transaction()
        self.add_studio(tx, repo, changes)
        tx.commit()
        return self._store.studio(repo.organization_id)

    def add_studio(self, tx: Transaction, repo: OrgRepo, changes: Mapping[str, Any]) -> None:
        """Add the step ``studio`` that sets some of an organisation's settings."""
        self._store.add_studio(tx, repo.organization_id, changes)

    # Who of the customers a person is

    def customer_of(self, repo: OrgRepo, user_id: str) -> CustomerRef | None:
        """Who a person is among the customers, or None."""
        return self._store.customer_of(repo.organization_id, user_id)

    def links_of(self, user_id: str) -> list[Link]:
        """At most 100 links of a person."""
        return self._store.links_of(user_id)

    def customers_partition(self, pk: str, sk: str) -> str | None:
        """Where the customer is to whom the link at that key leads, if it is there."""
        return self._store.partition_of(pk, sk)

    def add_link(self, tx: Transaction, repo: OrgRepo, user_id: str, customer: CustomerRef) -> None:
        """Add the step ``customer_link`` that makes a person a customer; else ``AlreadyLinked``."""
        self._store.add_link(tx, repo.organization_id, user_id, customer)

    def add_unlinked(
        self, tx: Transaction, repo: OrgRepo, user_id: str, customer: CustomerRef
    ) -> None:
        """Add the step ``customer_link`` that ends a link as it was read; else ``LinkChanged``."""
        self._store.add_unlinked(tx, repo.organization_id, user_id, customer)

    def add_relinked(
        self,
        tx: Transaction,
        repo: OrgRepo,
        user_id: str,
        *,
        before: CustomerRef,
        after: CustomerRef,
    ) -> None:
        """Add the step ``customer_link`` that leads a person to another customer.

        It fails with ``LinkChanged`` where they are not ``before``.
        """
        self._store.add_relinked(tx, repo.organization_id, user_id, before=before, after=after)

    # What operators set up

    def add_made(
        self, tx: Transaction, organization_id: str, *, clerk_organization_id: str, name: str
    ) -> None:
        """Add the step ``organization`` that makes one by hand; else ``Conflict``.

        Later news of Clerk's counts more.
        """
        wanted = Organization(
            organization_id=organization_id,
            clerk_organization_id=clerk_organization_id,
            name=name,
            slug=None,
            image_url=None,
            at=self._clock(),
        )
        self._store.add_organization(tx, wanted, before=None)

    def add_worker(
        self, tx: Transaction, organization_id: str, user_id: str, role: str | None
    ) -> None:
        """Add the steps that let somebody work in an organisation by hand; with None, no more.

        The steps hold only while things are as they were read here. Later news of Clerk's counts
        more. The organisation has to be there, or made in the same transaction.

        Raises:
            NotFound: nobody works there whom one could take out.
        """
        before = self._store.member(organization_id, user_id)
        if role is None and (before is None or before.removed):
            raise NotFound("The person is no member of this organisation.")
        wanted = Member(
            organization_id=organization_id,
            membership_id=f"ops:{new_id()}",
            user_id=user_id,
            role=role,
            at=self._clock(),
            removed=role is None,
        )
        self._store.add_member(tx, wanted, before=before)

    def add_standing(self, tx: Transaction, organization_id: str) -> None:
        """Add the check that an organisation is known and was not deleted; else ``NotFound``."""
        self._store.add_standing(tx, organization_id, otherwise=NotFound())

    def find(self, organization_id: str) -> Organization | None:
        """What is known of an organisation that was not deleted."""
        found = self._store.organization(organization_id)
        return None if found is None or found.deleted else found

    # Clerk's news

    def add_news(self, tx: Transaction, news: News) -> bool:
        """Add the steps of a piece of Clerk's news; False, and none, where it is overtaken.

        The steps hold only while things are as they were read here; then it is read again.
        """
        if isinstance(news, OrganizationChanged):
            return self._add_facts(tx, news.organization)
        if isinstance(news, OrganizationDeleted):
            return self._add_end(tx, news)
        return self._add_membership(tx, news)

    def forget(self, user_id: str) -> bool:
        """Take a deleted person out of their organisations: whether they are in none."""
        found = self.of_user(user_id)
        for _, member in found:
            tx = self._store.transaction()
            self._store.add_member(tx, replace(member, removed=True), before=member)
            tx.attempt()  # whoever was faster is seen the next time
        return not found

    def _add_facts(self, tx: Transaction, facts: OrganizationFacts) -> bool:
        wanted = _organization(facts)
        before = self._store.organization(wanted.organization_id)
        if not tells_more(wanted, before):
            return False
        self._store.add_organization(tx, wanted, before=before)
        return True

    def _add_end(self, tx: Transaction, news: OrganizationDeleted) -> bool:
        organization_id = organization_id_of(news.organization_id)
        before = self._store.organization(organization_id)
        if before is not None and before.deleted:
            return False
        wanted = Organization(
            organization_id=organization_id,
            clerk_organization_id=news.organization_id,
            name=None,
            slug=None,
            image_url=None,
            at=news.at,
            deleted=True,
        )
        self._store.add_organization(tx, wanted, before=before)
        return True

    def _add_membership(self, tx: Transaction, news: MembershipChanged | MembershipDeleted) -> bool:
        facts = _organization(news.organization)
        user_id = user_id_of(news.clerk_id)
        member = self._store.member(facts.organization_id, user_id)
        removed = isinstance(news, MembershipDeleted)
        counts = leaves if removed else joins
        if not counts(news.membership_id, news.at, member):
            return False
        organization = self._store.organization(facts.organization_id)
        if organization is not None and organization.deleted:
            return False
        wanted = Member(
            organization_id=facts.organization_id,
            membership_id=news.membership_id,
            user_id=user_id,
            role=news.role,
            at=news.at,
            removed=removed,
        )
        if tells_more(facts, organization):
            # Membership news may come before that of the organisation, and tells of it, too.
            self._store.add_organization(tx, facts, before=organization)
        else:
            self._store.add_standing(tx, facts.organization_id)
        self._store.add_member(tx, wanted, before=member)
        return True


def _organization(facts: OrganizationFacts) -> Organization:
    return Organization(
        organization_id=organization_id_of(facts.organization_id),
        clerk_organization_id=facts.organization_id,
        name=facts.name,
        slug=facts.slug,
        image_url=facts.image_url,
        at=facts.at,
    )
