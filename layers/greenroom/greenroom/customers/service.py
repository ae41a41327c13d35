"""Use cases of customers: being made and changed, and what others' transactions need of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from greenroom.customers.domain import Customer, NewCustomer
from greenroom.customers.finding import Finding
from greenroom.customers.store import CustomerExists, CustomerStore
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import CustomerInactive, IdempotencyMismatch
from greenroom.kernel.ids import new_id, session_id_of
from greenroom.kernel.turns import in_turn
from greenroom.organizations.principal import CustomerKind, CustomerRef
from greenroom.organizations.repo import OrgRepo
from greenroom.table.transaction import Transaction

ROUTE = "customers"  # in the ids that follow from an Idempotency-Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A customer, and whether an earlier request had made them."""

    customer: Customer
    replayed: bool


class Customers(Finding):
    """Clients and leads of organisations."""

    def __init__(
        self, store: CustomerStore, *, fingerprint_key: Callable[[], str], clock: Clock
    ) -> None:
        super().__init__(store, fingerprint_key=fingerprint_key)
        self._clock = clock

    def create(
        self, repo: OrgRepo, kind: CustomerKind, wanted: NewCustomer, *, key: str | None = None
    ) -> Made:
        """Make a customer and claim their e-mail, in one transaction.

        ``key`` is the request's Idempotency-Key. A repeat, by key or by the id that the caller
        chose, gets the customer who was made.

        Raises:
            EmailTaken: another customer has the e-mail.
            CustomerExists: the id that the caller chose is another customer's of that kind.
            IdempotencyMismatch: the key was used for another request.
        """
        made_for = (repo.organization_id, repo.principal.user_id or "", ROUTE, kind)
        derived = session_id_of(*made_for, key) if key is not None else None
        chosen = wanted.customer_id or derived
        tx = self._store.transaction()
        customer = self._add_new(tx, repo, kind, wanted, customer_id=chosen or new_id())
        try:
            tx.commit()
        except CustomerExists:
            known = self._store.find(repo, customer.ref)
            if known is None or known.request_hash != wanted.request_hash:
                if key is not None:
                    raise IdempotencyMismatch from None
                raise
            return Made(customer=known, replayed=True)
        return Made(customer=customer, replayed=False)

    def change(self, repo: OrgRepo, ref: CustomerRef, changes: Mapping[str, Any]) -> Customer:
        """Change some of name, email, phone, notes, status; the e-mail moves with its claim.

        Raises:
            NotFound: there is no such customer.
            CustomerInactive: a lead who is a client by now, or just becomes one.
            EmailTaken: another customer has the e-mail.
        """

        def turn() -> Customer:
            seen = self._found(repo, ref)
            if seen.status in {"converting", "converted"}:
                raise CustomerInactive
            wanted = replace(seen, **changes)
            if wanted == seen:
                return seen
            tx = self._store.transaction()
            self.add_change(tx, repo, wanted, seen=seen)
            tx.commit()
            return replace(wanted, rev=seen.rev + 1, updated_at=self._clock())

        return in_turn(turn)

    # What others' transactions need

    def add_active(self, tx: Transaction, repo: OrgRepo, ref: CustomerRef) -> None:
        """Add the check that there is such a customer, who is active.

        The step ``customer`` fails with ``NotFound`` or ``CustomerInactive``.
        """
        self._store.add_active(tx, repo, ref)

    def add_pass(self, tx: Transaction, repo: OrgRepo, ref: CustomerRef) -> None:
        """Add the step ``customer`` that counts a new pass of an active customer.

        It fails with ``NotFound``, ``CustomerInactive`` or, past all measure, a ``Conflict``.
        """
        self._store.add_pass(tx, repo, ref)

    def add_lead(
        self,
        tx: Transaction,
        repo: OrgRepo,
        *,
        name: str,
        email: str | None,
        phone: str | None = None,
        user_id: str | None = None,
        customer_id: str | None = None,
    ) -> Customer:
        """Add the steps ``customer`` and ``customer_email`` that make a lead.

        They fail with ``CustomerExists`` or ``EmailTaken``: then somebody else was faster.
        """
        wanted = NewCustomer(name=name, email=email, phone=phone)
        return self._add_new(
            tx, repo, "lead", wanted, customer_id=customer_id or new_id(), user_id=user_id
        )

    def add_change(
        self, tx: Transaction, repo: OrgRepo, wanted: Customer, *, seen: Customer
    ) -> None:
        """Add the steps that change a customer who was read, with the claim of the e-mail.

        They fail with ``CustomerChanged`` (read again) or ``EmailTaken``.
        """
        before, after = (
            self.fingerprint(repo, one.email) if one.email and seen.email != wanted.email else None
            for one in (seen, wanted)
        )
        moved = (None, None) if before == after else (before, after)
        self._store.add_change(tx, repo, wanted, seen=seen, moved=moved)

    def _add_new(
        self,
        tx: Transaction,
        repo: OrgRepo,
        kind: CustomerKind,
        wanted: NewCustomer,
        *,
        customer_id: str,
        user_id: str | None = None,
    ) -> Customer:
        now = self._clock()
        customer = Customer(
            organization_id=repo.organization_id,
            ref=CustomerRef(kind, customer_id),
            name=wanted.name,
            status="active",
            created_at=now,
            updated_at=now,
            email=wanted.email,
            phone=wanted.phone,
            notes=wanted.notes,
            user_id=user_id,
            request_hash=wanted.request_hash,
        )
        fingerprint = self.fingerprint(repo, wanted.email) if wanted.email else None
        self._store.add_new(tx, repo, customer, fingerprint=fingerprint)
        return customer
