"""What bookings of version 1 mean to the present version. Pure.

Version 1 is that of origin 004 before its fix. It has ``org_id`` for ``organization_id``, and one
``customer_id`` for both kinds of customers, beside which ``customer_type`` may tell the kind. Its
place in the customer's list (partition ``C#{customer_id}``) names no kind, and its seat and its
time may be in no row of their own.

Where nothing tells the kind, a reader takes the customer for a lead, as origin 004's foreign key
did, until migration 0001 has looked the customer up.
"""

from collections.abc import Mapping
from typing import Any, Final

Row = Mapping[str, dict[str, Any]]

ORGANIZATION_BEFORE: Final = "org_id"
KIND_BEFORE: Final = "customer_type"


def upgraded(row: Row) -> Row:
    """A raw row of version 1, or what an index shows of one, in the names of version 2.

    Its version stays, which tells that its seat may be in no row. Whatever else it has stays, too.
    """
    found = dict(row)
    organization = found.pop(ORGANIZATION_BEFORE, None)
    if organization is not None:
        found.setdefault("organization_id", organization)
    told = found.pop(KIND_BEFORE, {}).get("S")
    if "S" in found.get("client_id", {}):  # a lead that was made a client since
        found.pop("customer_id", None)
    elif told == "client" and "customer_id" in found:
        found["client_id"] = found.pop("customer_id")
    return found
