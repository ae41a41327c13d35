"""Customers and their e-mail addresses in the table.

| item | PK | SK | GSI1PK / GSI1SK |
|---|---|---|---|
| studio_customer | T#org#{organization_id}#C#{cl or ld}#{customer_id} | CUSTOMER | see below |
| customer_email | T#org#{organization_id}#EMAIL#{fingerprint} | EMAIL | |

A lead that is becoming a client is in GSI2 under DUE#conversion until that is done.
GSI1: ``T#org#{organization_id}#CUSTOMERS#{client or lead}`` / ``{name as it is sorted}#{id}``.
An address is there once for both kinds, as an HMAC: whoever reads the keys learns no address.
"""

from typing import cast

from pynamodb.attributes import UnicodeAttribute

from greenroom.customers.domain import Customer, CustomerStatus, folded
from greenroom.organizations.principal import CustomerKind, CustomerRef
from greenroom.organizations.repo import OrgRepo
from greenroom.table.attributes import IntegerAttribute
from greenroom.table.item import Item, Key


class CustomerItem(Item):
    """A client or a lead. ``passes`` counts those that they ever had."""

    KIND = "studio_customer"

    organization_id = UnicodeAttribute()
    customer_kind = UnicodeAttribute()
    customer_id = UnicodeAttribute()
    name = UnicodeAttribute()
    email = UnicodeAttribute(null=True)
    phone = UnicodeAttribute(null=True)
    notes = UnicodeAttribute(null=True)
    status = UnicodeAttribute()
    user_id = UnicodeAttribute(null=True)
    converted_to = UnicodeAttribute(null=True)
    converted_from = UnicodeAttribute(null=True)
    request_hash = UnicodeAttribute(null=True)
    rev = IntegerAttribute()
    passes = IntegerAttribute(null=True)

    @classmethod
    def at(cls, repo: OrgRepo, ref: CustomerRef) -> "Key[CustomerItem]":
        """Where the customer is."""
        return Key(cls, repo.customer_pk(ref), "CUSTOMER")


class CustomerEmailItem(Item):
    """An e-mail address that a customer of the organisation has, of either kind."""

    KIND = "customer_email"

    customer_kind = UnicodeAttribute()
    customer_id = UnicodeAttribute()

    @classmethod
    def at(cls, repo: OrgRepo, fingerprint: str) -> "Key[CustomerEmailItem]":
        """Where the address is claimed."""
        return Key(cls, repo.pk("EMAIL", fingerprint), "EMAIL")


def list_of(repo: OrgRepo, kind: CustomerKind) -> str:
    """The index partition of all clients, or of all leads."""
    return repo.pk("CUSTOMERS", kind)


def place_of(customer: Customer) -> str:
    """Where a customer stands in the list of their kind."""
    return f"{folded(customer.name)}#{customer.ref.customer_id}"


def customer_item(repo: OrgRepo, customer: Customer) -> CustomerItem:
    """The item of a new customer."""
    key = CustomerItem.at(repo, customer.ref)
    return CustomerItem(
        key.pk,
        key.sk,
        gsi1pk=list_of(repo, customer.ref.kind),
        gsi1sk=place_of(customer),
        organization_id=customer.organization_id,
        customer_kind=customer.ref.kind,
        customer_id=customer.ref.customer_id,
        name=customer.name,
        email=customer.email,
        phone=customer.phone,
        notes=customer.notes,
        status=customer.status,
        user_id=customer.user_id,
        request_hash=customer.request_hash,
        rev=customer.rev,
        created_at=customer.created_at,
    )


def ref_of(item: CustomerItem | CustomerEmailItem) -> CustomerRef:
    """The customer whom a row names."""
    kind: CustomerKind = "client" if item.customer_kind == "client" else "lead"
    return CustomerRef(kind, item.customer_id)


def customer_of(item: CustomerItem) -> Customer:
    """The domain's customer of a stored one."""
    return Customer(
        organization_id=item.organization_id,
        ref=ref_of(item),
        name=item.name,
        status=cast("CustomerStatus", item.status),
        created_at=item.created_at,
        updated_at=item.updated_at,
        email=item.email,
        phone=item.phone,
        notes=item.notes,
        user_id=item.user_id,
        converted_to=item.converted_to,
        request_hash=item.request_hash,
        rev=item.rev,
    )
