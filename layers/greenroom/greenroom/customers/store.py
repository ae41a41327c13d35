"""Reads and writes of customers; ``items`` has the key chart."""

from typing import Any

from pynamodb.expressions.update import Action

from greenroom.customers.domain import Customer
from greenroom.customers.items import (
    CustomerEmailItem,
    CustomerItem,
    customer_item,
    customer_of,
    list_of,
    place_of,
    ref_of,
)
from greenroom.kernel.errors import (
    Conflict,
    CustomerInactive,
    EmailTaken,
    GreenroomError,
    NotFound,
)
from greenroom.kernel.limits import PASSES_MAX
from greenroom.kernel.turns import Overtaken
from greenroom.organizations.principal import CustomerKind, CustomerRef
from greenroom.organizations.repo import OrgRepo
from greenroom.table.batch import get_all
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction


class CustomerExists(Conflict):
    """There is a customer of that kind and id already."""

    default_detail = "There is a customer of this id already."


class CustomerChanged(Overtaken):
    """Somebody changed the customer since they were read: read them again."""


class TooManyPasses(Conflict):
    """The customer has had as many passes as one can have."""

    default_detail = f"A customer can have {PASSES_MAX} passes at most."


class CustomerStore:
    """Customers, and the steps that they add to what others do with them."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def transaction(self) -> Transaction:
        """An empty transaction on the table."""
        return self._table.transaction()

    def find(self, repo: OrgRepo, ref: CustomerRef) -> Customer | None:
        """The customer, or None."""
        item = self._table.get(CustomerItem.at(repo, ref))
        return customer_of(item) if item else None

    def find_both(self, repo: OrgRepo, customer_id: str) -> list[Customer]:
        """The client and the lead of that id, as far as there are any: one batch read."""
        refs = (CustomerRef("client", customer_id), CustomerRef("lead", customer_id))
        keys = [CustomerItem.at(repo, ref) for ref in refs]
        return [customer_of(item) for item in get_all(self._table, keys)]

    def claimant(self, repo: OrgRepo, fingerprint: str) -> CustomerRef | None:
        """The customer who has that e-mail."""
        item = self._table.get(CustomerEmailItem.at(repo, fingerprint))
        return ref_of(item) if item else None

    def page(
        self, repo: OrgRepo, kind: CustomerKind, *, prefix: str, limit: int, cursor: str | None
    ) -> tuple[list[Customer], str | None]:
        """Some customers of a kind by name; ``prefix`` is the folded beginning of it.

        Raises:
            InvalidRequest: the cursor is not one of this list.
        """
        page = self._table.query(
            CustomerItem,
            list_of(repo, kind),
            sk_prefix=prefix,
            index="GSI1",
            limit=limit,
            cursor=cursor,
        )
        refs = [CustomerRef.of_token(item.pk.rpartition("#C#")[2]) for item in page.items]
        found = get_all(self._table, [CustomerItem.at(repo, ref) for ref in refs])
        return [customer_of(item) for item in found], page.next_cursor

    def add_new(
        self, tx: Transaction, repo: OrgRepo, customer: Customer, *, fingerprint: str | None
    ) -> None:
        """Add the steps that make a customer and claim their e-mail.

        They fail with ``CustomerExists`` or ``EmailTaken``.
        """
        tx.put("customer", customer_item(repo, customer), otherwise=CustomerExists())
        if fingerprint is not None:
            self._add_claim(tx, repo, customer.ref, fingerprint)

    def add_change(
        self,
        tx: Transaction,
        repo: OrgRepo,
        wanted: Customer,
        *,
        seen: Customer,
        moved: tuple[str | None, str | None] = (None, None),
    ) -> None:
        """Add the steps that change a customer, if they still are as they were read.

        ``moved`` are the fingerprints of the e-mail that is given up and of that which is taken.
        They fail with ``CustomerChanged`` or ``EmailTaken``.
        """
        told = {name: getattr(wanted, name) for name in _CHANGEABLE}
        tx.update(
            "customer",
            CustomerItem.at(repo, seen.ref),
            *_actions({**told, "gsi1sk": place_of(wanted)}),
            CustomerItem.rev.set(seen.rev + 1),
            when=CustomerItem.rev == seen.rev,
            otherwise=CustomerChanged(),
        )
        given_up, taken = moved
        if given_up is not None:
            self._add_unclaimed(tx, repo, seen.ref, given_up)
        if taken is not None:
            self._add_claim(tx, repo, seen.ref, taken)

    def add_active(self, tx: Transaction, repo: OrgRepo, ref: CustomerRef) -> None:
        """Add the check that there is such a customer, who is active.

        The step ``customer`` fails with ``NotFound`` or ``CustomerInactive``.
        """
        active = CustomerItem.status == "active"
        tx.check("customer", CustomerItem.at(repo, ref), when=active, otherwise=_not_active)

    def add_pass(self, tx: Transaction, repo: OrgRepo, ref: CustomerRef) -> None:
        """Add the step that counts a new pass of a customer who is active.

        The step ``customer`` fails with ``NotFound``, ``CustomerInactive`` or ``TooManyPasses``.
        """
        known = CustomerItem.passes

        def meaning(old: CustomerItem | None) -> GreenroomError:
            inactive = old is None or old.status != "active"
            return _not_active(old) if inactive else TooManyPasses()

        tx.update(
            "customer",
            CustomerItem.at(repo, ref),
            known.add(1),
            when=(CustomerItem.status == "active")
            & (known.does_not_exist() | (known < PASSES_MAX)),
            otherwise=meaning,
        )

    def _add_claim(
        self, tx: Transaction, repo: OrgRepo, ref: CustomerRef, fingerprint: str
    ) -> None:
        key = CustomerEmailItem.at(repo, fingerprint)
        tx.put(
            "customer_email",
            CustomerEmailItem(key.pk, key.sk, customer_kind=ref.kind, customer_id=ref.customer_id),
            otherwise=lambda old: EmailTaken(kind=(ref_of(old) if old else ref).kind),
        )

    def _add_unclaimed(
        self, tx: Transaction, repo: OrgRepo, ref: CustomerRef, fingerprint: str
    ) -> None:
        own = (CustomerEmailItem.customer_kind == ref.kind) & (
            CustomerEmailItem.customer_id == ref.customer_id
        )
        tx.delete(
            "customer_email_before",
            CustomerEmailItem.at(repo, fingerprint),
            when=CustomerEmailItem.pk.does_not_exist() | own,
            otherwise=CustomerChanged(),
        )


_CHANGEABLE = ("name", "email", "phone", "notes", "status", "user_id")


def _not_active(old: CustomerItem | None) -> GreenroomError:
    return NotFound("There is no such customer.") if old is None else CustomerInactive()


def _actions(changes: dict[str, Any]) -> list[Action]:
    return [
        getattr(CustomerItem, name).remove()
        if value is None
        else getattr(CustomerItem, name).set(value)
        for name, value in changes.items()
    ]
