"""The customer's own rows while a lead becomes a client; ``items`` has the key chart.

The lead is ``converting`` from the first step to the last: nobody books for them meanwhile. Then it
stays as ``converted``, and says which client it became.
"""

from collections.abc import Iterator
from datetime import datetime

from greenroom.customers.domain import Customer
from greenroom.customers.items import (
    CustomerEmailItem,
    CustomerItem,
    list_of,
)
from greenroom.kernel.clock import to_text
from greenroom.kernel.turns import Overtaken
from greenroom.organizations.principal import CustomerRef
from greenroom.organizations.repo import OrgRepo
from greenroom.table.batch import raw_all
from greenroom.table.item import due_key
from greenroom.table.moving import add_copied
from greenroom.table.table import Table
from greenroom.table.transaction import Transaction

WORK = "conversion"


class ConversionMoved(Overtaken):
    """The lead is not as it was read: read it again."""


class ConversionStore:
    """Leads that become clients."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def transaction(self) -> Transaction:
        """An empty transaction on the table."""
        return self._table.transaction()

    def due(self, *, now: datetime, limit: int) -> Iterator[str]:
        """Partitions of the leads whose conversion was not finished."""
        for pk, _ in self._table.due(WORK, until_text=to_text(now), limit=limit):
            yield pk

    def add_begun(
        self,
        tx: Transaction,
        repo: OrgRepo,
        lead: Customer,
        client: CustomerRef,
        *,
        due_at: datetime,
    ) -> None:
        """Add the steps that fence a lead and make the client, with all that the lead's row has.

        They fail with ``ConversionMoved``.
        """
        key = CustomerItem.at(repo, lead.ref)
        raw = raw_all(self._table, [(key.pk, key.sk)]).get((key.pk, key.sk))
        if raw is None:
            raise ConversionMoved
        due_pk, due_sk = due_key(WORK, lead.ref.customer_id, to_text(due_at))
        tx.update(
            "lead",
            key,
            CustomerItem.status.set("converting"),
            CustomerItem.converted_to.set(client.customer_id),
            CustomerItem.rev.set(lead.rev + 1),
            CustomerItem.gsi2pk.set(due_pk),
            CustomerItem.gsi2sk.set(due_sk),
            when=(CustomerItem.rev == lead.rev) & (CustomerItem.status == "active"),
            otherwise=ConversionMoved(),
        )
        changes = {
            "customer_kind": {"S": "client"},
            "customer_id": {"S": client.customer_id},
            "converted_from": {"S": lead.ref.customer_id},
            "status": {"S": "converting"},
            "rev": {"N": "0"},
            "GSI1PK": {"S": list_of(repo, "client")},
            "GSI1SK": {"S": raw["GSI1SK"]["S"].rpartition("#")[0] + f"#{client.customer_id}"},
            "request_hash": None,
        }
        there = CustomerItem.at(repo, client)
        add_copied(tx, raw, there, name="client", changes=changes, otherwise=ConversionMoved())

    def add_finished(
        self,
        tx: Transaction,
        repo: OrgRepo,
        lead: Customer,
        client: CustomerRef,
        fingerprint: str | None,
    ) -> None:
        """Add the steps that end a conversion: the client is active, and has the lead's e-mail.

        They fail with ``ConversionMoved``.
        """
        tx.update(
            "lead",
            CustomerItem.at(repo, lead.ref),
            CustomerItem.status.set("converted"),
            CustomerItem.rev.set(lead.rev + 1),
            CustomerItem.gsi1pk.remove(),
            CustomerItem.gsi1sk.remove(),
            CustomerItem.gsi2pk.remove(),
            CustomerItem.gsi2sk.remove(),
            when=(CustomerItem.rev == lead.rev) & (CustomerItem.status == "converting"),
            otherwise=ConversionMoved(),
        )
        tx.update(
            "client",
            CustomerItem.at(repo, client),
            CustomerItem.status.set("active"),
            when=CustomerItem.status == "converting",
            otherwise=ConversionMoved(),
        )
        if fingerprint is not None:
            tx.update(
                "customer_email",
                CustomerEmailItem.at(repo, fingerprint),
                CustomerEmailItem.customer_kind.set("client"),
                CustomerEmailItem.customer_id.set(client.customer_id),
                when=CustomerEmailItem.customer_id == lead.ref.customer_id,
                otherwise=ConversionMoved(),
            )
