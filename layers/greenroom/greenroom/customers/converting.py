"""The first and the last step of a lead's becoming a client; what lies between is the bookings'."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from greenroom.customers.conversion_store import ConversionStore
from greenroom.customers.domain import Customer
from greenroom.customers.service import Customers
from greenroom.kernel.clock import Clock
from greenroom.kernel.errors import CustomerInactive, NotFound
from greenroom.kernel.ids import studio_id_of
from greenroom.kernel.limits import CONVERSION_RESUMED_S
from greenroom.kernel.turns import Overtaken
from greenroom.organizations.principal import CustomerRef
from greenroom.organizations.repo import OrgRepo
from greenroom.organizations.service import Organizations


class Converting:
    """Fences leads, and lets the clients that they became be booked for."""

    def __init__(
        self,
        store: ConversionStore,
        *,
        customers: Customers,
        organizations: Organizations,
        clock: Clock,
    ) -> None:
        self._store = store
        self._customers = customers
        self._organizations = organizations
        self._clock = clock

    def due(self, *, now: datetime, limit: int) -> Iterator[str]:
        """Partitions of the leads whose conversion was begun, and not finished by then."""
        return self._store.due(now=now, limit=limit)

    def begin(self, repo: OrgRepo, ref: CustomerRef) -> Customer:
        """The lead, once nobody books for them any more; one that was converted, as it is.

        The client is there from now on, and is the same whoever begins.

        Raises:
            NotFound: there is no such lead.
            CustomerInactive: the lead is closed.
            Overtaken: read it again.
        """
        lead = self._customers.find(repo, ref)
        if lead is None:
            raise NotFound
        if lead.status == "closed":
            raise CustomerInactive
        if lead.status != "active":
            return lead
        client = studio_id_of("client", repo.organization_id, ref.customer_id)
        due_at = self._clock() + timedelta(seconds=CONVERSION_RESUMED_S)
        tx = self._store.transaction()
        self._store.add_begun(tx, repo, lead, CustomerRef("client", client), due_at=due_at)
        tx.commit()
        raise Overtaken

    def finish(self, repo: OrgRepo, ref: CustomerRef, client: CustomerRef) -> Customer:
        """Let the client be booked for, with the lead's e-mail and login; once, then as they are.

        Raises:
            NotFound: there is no such lead.
            Overtaken: read it again.
        """
        lead = self._customers.find(repo, ref)
        if lead is not None and lead.status == "converting":
            fingerprint = self._customers.fingerprint(repo, lead.email) if lead.email else None
            tx = self._store.transaction()
            self._store.add_finished(tx, repo, lead, client, fingerprint)
            if lead.user_id is not None:
                self._organizations.add_relinked(tx, repo, lead.user_id, before=ref, after=client)
            tx.commit()
        found = self._customers.find(repo, client)
        if found is None:
            raise NotFound
        return found
