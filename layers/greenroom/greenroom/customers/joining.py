"""How a person who can sign in becomes a customer of an organisation, and ceases to be one.

The link from the person and the customer's own ``user_id`` are written and taken away together.
"""

from dataclasses import dataclass, replace

from greenroom.accounts.domain import User
from greenroom.accounts.identity import Identity
from greenroom.accounts.service import Accounts
from greenroom.customers.domain import Customer, is_email
from greenroom.customers.service import Customers
from greenroom.customers.store import CustomerStore
from greenroom.kernel.errors import EmailTaken, ValidationFailed
from greenroom.kernel.limits import CUSTOMER_NAME_CHARS_MAX
from greenroom.kernel.turns import Overtaken, in_turn
from greenroom.organizations.domain import AlreadyLinked
from greenroom.organizations.entry import Entry
from greenroom.organizations.principal import CustomerRef
from greenroom.organizations.repo import OrgRepo
from greenroom.organizations.service import Organizations
from greenroom.table.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """The customer that a person is, and whether this request has made them so."""

    customer: CustomerRef
    new: bool


class Joining:
    """Joins people and customers, one an organisation."""

    def __init__(
        self,
        store: CustomerStore,
        *,
        customers: Customers,
        organizations: Organizations,
        accounts: Accounts,
    ) -> None:
        self._store = store
        self._customers = customers
        self._organizations = organizations
        self._accounts = accounts

    def join(self, entry: Entry, identity: Identity, *, name: str | None) -> Joined:
        """Make a person a customer, once: the one who has their proven e-mail, or a new lead.

        A customer who is somebody else already is not taken over; then the lead has no e-mail.

        Raises:
            ValidationFailed: a new lead has no name.
            AccountDeleted: the person's account was deleted.
        """
        if entry.principal.customer is not None:
            return Joined(customer=entry.principal.customer, new=False)
        person, _ = self._accounts.see(identity)
        proven = self._accounts.proven_email(identity)
        email = proven if proven is not None and is_email(proven) else None
        repo = entry.repo

        def turn() -> Joined:
            linked = self._organizations.customer_of(repo, person.user_id)
            if linked is not None:
                return Joined(customer=linked, new=False)
            tx = self._store.transaction()
            customer = self._add_customer(tx, repo, person, email=email, name=name)
            self._organizations.add_link(tx, repo, person.user_id, customer)
            self._accounts.add_existence(tx, person.user_id)
            try:
                tx.commit()
            except (AlreadyLinked, EmailTaken) as faster:
                raise Overtaken from faster
            return Joined(customer=customer, new=True)

        return in_turn(turn)

    def forget(self, user_id: str) -> bool:
        """Take a deleted person's name off some of the customers they were: whether none is left.

        The studio keeps its own record of the customer.
        """
        links = self._organizations.links_of(user_id)
        for link in links:
            repo = OrgRepo.of_system(link.organization_id)
            tx = self._store.transaction()
            self._organizations.add_unlinked(tx, repo, user_id, link.customer)
            seen = self._customers.find(repo, link.customer)
            if seen is not None and seen.user_id == user_id:
                self._customers.add_change(tx, repo, replace(seen, user_id=None), seen=seen)
            tx.attempt()  # whoever was faster is seen the next time
        return not links

    def _add_customer(
        self, tx: Transaction, repo: OrgRepo, person: User, *, email: str | None, name: str | None
    ) -> CustomerRef:
        found = self._customers.by_email(repo, email) if email else None
        if found is not None and found.user_id in {None, person.user_id}:
            self._customers.add_change(tx, repo, replace(found, user_id=person.user_id), seen=found)
            return found.ref
        lead: Customer = self._customers.add_lead(
            tx,
            repo,
            name=_name_of(person, told=name),
            email=None if found else email,
            user_id=person.user_id,
        )
        return lead.ref


def _name_of(person: User, *, told: str | None) -> str:
    name = " ".join((told or person.name or "").split())[:CUSTOMER_NAME_CHARS_MAX]
    if not name:
        raise ValidationFailed(
            "name: is needed, since we know none",
            errors=[{"field": "name", "message": "is needed", "type": "missing"}],
        )
    return name
