"""Finding customers: by reference, e-mail or name, and as others name them."""

import hmac
from collections.abc import Callable

from greenroom.customers.domain import Customer, folded, is_email, same_email
from greenroom.customers.store import CustomerStore
from greenroom.kernel.errors import AmbiguousCustomer, ExactlyOneCustomer, Forbidden, NotFound
from greenroom.kernel.ids import is_id
from greenroom.organizations.principal import CustomerKind, CustomerRef
from greenroom.organizations.repo import OrgRepo


class Finding:
    """Reads of customers; ``Customers`` adds the writes.

    Whether the principal may ask is the caller's business, but in ``load`` and ``chosen``.
    """

    def __init__(self, store: CustomerStore, *, fingerprint_key: Callable[[], str]) -> None:
        self._store = store
        self._fingerprint_key = fingerprint_key

    def find(self, repo: OrgRepo, ref: CustomerRef) -> Customer | None:
        """The customer, or None."""
        return self._store.find(repo, ref)

    def load(self, repo: OrgRepo, ref: CustomerRef) -> Customer:
        """The customer, for the staff and for themselves.

        Raises:
            Forbidden: another customer asks.
            NotFound: there is none.
        """
        repo.require(ref)
        return self._found(repo, ref)

    def by_email(self, repo: OrgRepo, email: str) -> Customer | None:
        """The customer who has that e-mail, of either kind; an address that is none has nobody."""
        ref = self._store.claimant(repo, self.fingerprint(repo, email))
        return self._store.find(repo, ref) if ref else None

    def list(
        self, repo: OrgRepo, kind: CustomerKind, *, q: str | None, limit: int, cursor: str | None
    ) -> tuple[list[Customer], str | None]:
        """Customers of a kind by name, and where the next page begins.

        ``q`` is the beginning of a name, or a whole e-mail.

        Raises:
            InvalidRequest: the cursor is not one of this list.
        """
        if q is not None and is_email(q):
            found = self.by_email(repo, q)
            return ([found] if found and found.ref.kind == kind else []), None
        prefix = folded(q or "")
        return self._store.page(repo, kind, prefix=prefix, limit=limit, cursor=cursor)

    def resolve(
        self,
        repo: OrgRepo,
        *,
        client_id: str | None = None,
        customer_id: str | None = None,
        customer_ref: str | None = None,
    ) -> Customer:
        """The one customer who is named: as a client, as a lead, or by an id alone.

        Raises:
            ExactlyOneCustomer: none is named, or more than one.
            NotFound: there is no such customer.
            AmbiguousCustomer: the id alone is a client's and a lead's.
        """
        named = [one for one in (client_id, customer_id, customer_ref) if one is not None]
        if len(named) != 1:
            raise ExactlyOneCustomer
        if not is_id(named[0]):
            raise NotFound("There is no such customer.")
        if customer_ref is None:
            kind: CustomerKind = "lead" if client_id is None else "client"
            return self._found(repo, CustomerRef(kind, named[0]))
        found = self._store.find_both(repo, customer_ref)
        if len(found) > 1:
            raise AmbiguousCustomer
        if not found:
            raise NotFound("There is no such customer.")
        return found[0]

    def chosen(
        self,
        repo: OrgRepo,
        *,
        client_id: str | None = None,
        customer_id: str | None = None,
        customer_ref: str | None = None,
    ) -> Customer:
        """As ``resolve``, for whoever asks: a customer need not name themselves, nor may others.

        Raises:
            Forbidden: a customer names another one, whether there is such a one or not.
            ExactlyOneCustomer, NotFound, AmbiguousCustomer: as ``resolve``.
        """
        named = {"client_id": client_id, "customer_id": customer_id, "customer_ref": customer_ref}
        told = {name: one for name, one in named.items() if one is not None}
        own = repo.principal.customer
        if repo.principal.is_staff or len(told) > 1:
            return self.resolve(repo, **told)
        if own is None or not set(told.items()) <= _names_of(own):
            raise Forbidden("This is another customer's.")
        return self._found(repo, own)

    def _found(self, repo: OrgRepo, ref: CustomerRef) -> Customer:
        customer = self._store.find(repo, ref)
        if customer is None:
            raise NotFound("There is no such customer.")
        return customer

    def fingerprint(self, repo: OrgRepo, email: str) -> str:
        """HMAC of an address in this organisation: the same person's elsewhere looks different."""
        told = f"{repo.organization_id}\0{same_email(email)}"
        return hmac.digest(self._fingerprint_key().encode(), told.encode(), "sha256").hex()


def _names_of(ref: CustomerRef) -> set[tuple[str, str]]:
    """The ways in which a customer may be named."""
    by_kind = "client_id" if ref.kind == "client" else "customer_id"
    return {(by_kind, ref.customer_id), ("customer_ref", ref.customer_id)}
