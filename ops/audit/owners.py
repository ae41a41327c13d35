"""What belongs to something is not there without it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from greenroom.table.batch import Place
from ops.audit.rows import Check, Fault, Look, Row, fault_of

RULE: Final = "what_belongs_is_not_alone"
SIGNS: Final = {"client": "cl", "lead": "ld"}


def _at(sk: str) -> Callable[[Row], Place]:
    """The row of that sort key in the same partition."""
    return lambda row: (row.pk, sk)


def _of(prefix: str, sk: str) -> Callable[[Row], Place]:
    """The row of that sort key under the same id with another prefix."""
    return lambda row: (f"{prefix}{row.pk.partition('#')[2]}", sk)


def _customer(row: Row) -> Place:
    organization = "#".join(row.pk.split("#")[:3])
    sign = SIGNS.get(row.values["customer_kind"], "cl")
    return f"{organization}#C#{sign}#{row.values['customer_id']}", "CUSTOMER"


def _class(row: Row) -> Place:
    organization = row.pk.partition("#B#")[0]
    return f"{organization}#K#{row.values['class_session_id']}", "CLASS"


def _quota(row: Row) -> Place:
    _, service, period, *_ = row.sk.split("#")
    return row.pk, f"QUOTA#{service}#{period}"


OWNERS: Final[Mapping[str, Callable[[Row], Place]]] = {
    "participant": _at("SESSION"),
    "session_event": _at("SESSION"),
    "assignment": _at("SESSION"),
    "offer": _at("SESSION"),
    "exchange": _of("SESSION#", "SESSION"),
    "interview": _of("SESSION#", "SESSION"),
    "feedback": _of("SESSION#", "SESSION"),
    "chat_message": _of("SESSION#", "SESSION"),
    "waiver": _at("INTAKE"),
    "user_profile": _at("ACCOUNT"),
    "expert": _at("ACCOUNT"),
    "booking": _class,
    "booking_event": _at("BOOKING"),
    "seat": _at("CLASS"),
    "waiting": _at("CLASS"),
    "package": _at("CUSTOMER"),
    "membership": _at("CUSTOMER"),
    "membership_use": lambda row: (row.pk, f"MEMBERSHIP#{row.sk.split('#')[1]}"),
    "customer_email": _customer,
    "customer_link": _customer,
    "preschool_member": _at("PRESCHOOL"),
    "quota_adjustment": _quota,
}


def _belongs(row: Row, look: Look) -> Iterator[Fault]:
    owner = OWNERS.get(row.kind)
    if owner is None or "ttl" in row.values:  # what is forgotten soon may outlive its owner
        return
    place = owner(row)
    if look.get(*place) is None:
        yield fault_of(RULE, row, kind=row.kind, of=" ".join(place))


CHECKS: Final[Mapping[str, Check]] = {RULE: _belongs}
