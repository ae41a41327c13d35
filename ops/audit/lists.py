"""What the two indexes hold follows from the rows: lists by owner, and what is due."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from greenroom.kernel.clock import from_text, to_text
from greenroom.table.batch import Place
from greenroom.table.item import due_key
from ops.audit.rows import Check, Fault, Look, Row, Set, fault_of

OVERDUE: Final = timedelta(hours=1)  # a sweep comes every minute and tries again after five
_DUE: Final[Mapping[str, tuple[str, str]]] = {  # the work, and when it is due
    "session": ("session", "due_at"),
    "feedback": ("feedback", "due_at"),
    "booking": ("booking", "expires_at"),
    "erasure": ("erasure", "due_at"),
    "purchase": ("refund", "refund_due_at"),
}


def _id_of(row: Row) -> str:
    return row.pk.rpartition("#")[2]


def _wanted(row: Row) -> Place | None:
    work, name = _DUE[row.kind]
    due_at = row.values.get(name)
    return due_key(work, _id_of(row), to_text(due_at)) if due_at is not None else None


def _due(row: Row, look: Look) -> Iterator[Fault]:
    del look
    if row.kind in _DUE and row.due != (wanted := _wanted(row)):
        pk, sk = wanted or (None, None)
        yield fault_of(
            "what_is_due_is_in_the_work_index",
            row,
            repair=Set((("GSI2PK", pk), ("GSI2SK", sk))),
            index=" ".join(row.due or ()) or "none",
            due=" ".join(wanted or ()) or "none",
        )


def _held(row: Row, look: Look) -> Iterator[Fault]:
    """Units that a call holds come back even if it is never heard of again."""
    del look
    if row.kind == "reservation" and row.values["state"] == "held" and row.due is None:
        pk, sk = due_key("usage", _id_of(row), to_text(row.values["expires_at"]))
        repair = Set((("GSI2PK", pk), ("GSI2SK", sk)))
        yield fault_of("held_units_are_due", row, repair=repair)


def _class_due(row: Row, look: Look) -> Iterator[Fault]:
    """A class that is to come is looked at when it begins, at the latest."""
    if row.kind == "class_session" and row.values["status"] == "scheduled":
        starts_at = row.values["starts_at"]
        if row.due is None and starts_at > look.now:
            pk, sk = due_key("class", _id_of(row), to_text(starts_at))
            repair = Set((("GSI2PK", pk), ("GSI2SK", sk)))
            yield fault_of("class_to_come_is_due", row, repair=repair)


def _swept(row: Row, look: Look) -> Iterator[Fault]:
    if row.due is None or not row.due[0].startswith("DUE#"):
        return
    try:
        due_at = from_text(row.due[1].partition("#")[0])
    except ValueError:
        yield fault_of("what_is_due_is_swept", row, index=" ".join(row.due))
        return
    if look.now - due_at > OVERDUE:
        yield fault_of("what_is_due_is_swept", row, kind=row.kind, due=to_text(due_at))


def _place_of_session(row: Row) -> Place | None:
    if "erased_at" in row.values:
        return row.listed  # leaves its person's list for good
    place = f"SESSION#{to_text(row.values['started_at'])}#{_id_of(row)}"
    return f"USER#{row.values['user_uuid']}", place


def _place_of_user(row: Row) -> Place | None:
    """Where a person joined; the moment of the list is of an instant before that of the row."""
    if "deleted_at" in row.values:
        return row.listed
    pk, sk = row.listed or ("", "")
    joined, _, user_id = sk.partition("#")
    if pk == f"USERS#{joined[:7]}" and user_id == _id_of(row):
        return row.listed
    created_at = row.values["created_at"]
    return f"USERS#{created_at:%Y-%m}", f"{to_text(created_at)}#{_id_of(row)}"


def _place_of_class(row: Row) -> Place:
    organization = row.pk.partition("#K#")[0]
    starts_at = row.values["starts_at"]
    return f"{organization}#SCHEDULE#{starts_at:%Y-%m}", f"{to_text(starts_at)}#{_id_of(row)}"


def _place_of_booking(row: Row) -> Place | None:
    if row.raw["v"]["N"] != "2":
        return row.listed  # `migrate verify` tells about those
    sign = "cl" if row.values.get("client_id") else "ld"
    customer_id = row.values.get("client_id") or row.values.get("customer_id")
    organization = row.pk.partition("#B#")[0]
    place = f"B#{to_text(row.values['starts_at'])}#{_id_of(row)}"
    return f"{organization}#C#{sign}#{customer_id}", place


def _place_of_tenant(row: Row) -> Place | None:
    if "deleted_at" in row.values:
        return row.listed
    return "TENANTS", row.pk.removeprefix("T#")


def _place_of_member(row: Row) -> Place:
    preschool_id = row.pk.rpartition("#")[2]
    return f"USER#{row.sk.removeprefix('M#')}", f"PRESCHOOL#{preschool_id}"


_PLACES: Final[Mapping[str, Callable[[Row], Place | None]]] = {
    "session": _place_of_session,
    "user": _place_of_user,
    "class_session": _place_of_class,
    "booking": _place_of_booking,
    "organization": _place_of_tenant,
    "preschool": _place_of_tenant,
    "preschool_member": _place_of_member,
}


def _listed(row: Row, look: Look) -> Iterator[Fault]:
    del look
    place_of = _PLACES.get(row.kind)
    if place_of is None or row.listed == (wanted := place_of(row)):
        return
    pk, sk = wanted or (None, None)
    yield fault_of(
        "row_is_in_its_list",
        row,
        repair=Set((("GSI1PK", pk), ("GSI1SK", sk))),
        index=" ".join(row.listed or ()) or "none",
        list=" ".join(wanted or ()) or "none",
    )


CHECKS: Final[Mapping[str, Check]] = {
    "what_is_due_is_in_the_work_index": _due,
    "held_units_are_due": _held,
    "class_to_come_is_due": _class_due,
    "what_is_due_is_swept": _swept,
    "row_is_in_its_list": _listed,
}
