"""From people who can sign in to the customers that they are: one an organisation."""

from greenroom.kernel.limits import PAGE_MAX
from greenroom.organizations.domain import AlreadyLinked, Link, LinkChanged
from greenroom.organizations.items import CustomerLinkItem, customer_of_link
from greenroom.organizations.principal import CustomerRef
from greenroom.organizations.repo import OrgRepo, organization_of
from greenroom.table.batch import get_all
from greenroom.table.item import Key
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction


class Links:
    """Links in the table; ``OrganizationStore`` adds the rest.

    The customer's own row names the person, too.
    """

    _table: Table

    def customer_of(self, organization_id: str, user_id: str) -> CustomerRef | None:
        """Who the person is in the organisation, or None."""
        item = self._table.get(CustomerLinkItem.at(organization_id, user_id))
        return customer_of_link(item) if item else None

    def links_of(self, user_id: str) -> list[Link]:
        """At most 100 links of a person."""
        page = self._table.query(
            CustomerLinkItem, f"USER#{user_id}", sk_prefix="CUSTOMER#", index="GSI1", limit=PAGE_MAX
        )
        organizations = [organization_of(item.pk) for item in page.items]
        found = get_all(self._table, [CustomerLinkItem.at(one, user_id) for one in organizations])
        return [Link(organization_of(item.pk), customer_of_link(item)) for item in found]

    def partition_of(self, pk: str, sk: str) -> str | None:
        """The partition of the customer to whom the link at that key leads, if it is there."""
        item = self._table.get(Key(CustomerLinkItem, pk, sk))
        if item is None:
            return None
        return OrgRepo.of_system(organization_of(pk)).customer_pk(customer_of_link(item))

    def add_link(
        self, tx: Transaction, organization_id: str, user_id: str, customer: CustomerRef
    ) -> None:
        """Add the step ``customer_link`` that makes a person a customer; else ``AlreadyLinked``."""
        key = CustomerLinkItem.at(organization_id, user_id)
        link = CustomerLinkItem(
            key.pk,
            key.sk,
            user_id=user_id,
            customer_kind=customer.kind,
            customer_id=customer.customer_id,
            gsi1pk=f"USER#{user_id}",
            gsi1sk=f"CUSTOMER#{organization_id}",
        )
        tx.put("customer_link", link, otherwise=AlreadyLinked())

    def add_unlinked(
        self, tx: Transaction, organization_id: str, user_id: str, customer: CustomerRef
    ) -> None:
        """Add the step ``customer_link`` that ends a link as it was read; else ``LinkChanged``."""
        of = CustomerLinkItem
        tx.delete(
            "customer_link",
            of.at(organization_id, user_id),
            when=(of.customer_kind == customer.kind) & (of.customer_id == customer.customer_id),
            otherwise=LinkChanged(),
        )

    def add_relinked(
        self,
        tx: Transaction,
        organization_id: str,
        user_id: str,
        *,
        before: CustomerRef,
        after: CustomerRef,
    ) -> None:
        """Add the step ``customer_link`` that leads a person to another customer, as theirs moves.

        It fails with ``LinkChanged`` where the link is not ``before``.
        """
        of = CustomerLinkItem
        tx.update(
            "customer_link",
            of.at(organization_id, user_id),
            of.customer_kind.set(after.kind),
            of.customer_id.set(after.customer_id),
            when=(of.customer_kind == before.kind) & (of.customer_id == before.customer_id),
            otherwise=LinkChanged(),
        )
