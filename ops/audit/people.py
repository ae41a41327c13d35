"""What people, their deletion, intakes, offers and admins' acts obey beside their books."""

from collections.abc import Iterator, Mapping
from typing import Final

from ops.audit.rows import Check, Fault, Look, Row, fault_of


def _erasure(row: Row, look: Look) -> Iterator[Fault]:
    """Who was deleted is erased, step by step, until there is a receipt."""
    if row.kind == "user" and "deleted_at" in row.values and look.get(row.pk, "ERASURE") is None:
        yield fault_of("deleted_person_is_erased", row)


def _intake(row: Row, look: Look) -> Iterator[Fault]:
    """An intake that became a session leads to it."""
    session_id = row.values.get("session_id") if row.kind == "intake" else None
    if session_id and look.get(f"SESSION#{session_id}", "SESSION") is None:
        yield fault_of("intake_leads_to_its_session", row, session_id=session_id)


def _offer(row: Row, look: Look) -> Iterator[Fault]:
    """An offer that somebody may accept is of a round that still looks."""
    if row.kind != "offer" or row.values["status"] != "pending":
        return
    if row.values["expires_at"] <= look.now:
        return
    number = row.values["round"]
    looking = look.get(row.pk, f"ASSIGNMENT#{number:04}")
    if looking is None or looking.due is None:
        yield fault_of("pending_offer_is_of_an_open_round", row, round=number)


def _studio_customer(row: Row, look: Look) -> Iterator[Fault]:
    """Who can sign in as a customer has a link that leads there."""
    user_id = row.values.get("user_id") if row.kind == "studio_customer" else None
    if not user_id or row.values.get("converted_to"):
        return
    link = look.get(row.pk.partition("#C#")[0], f"U#{user_id}")
    if link is None or link.values["customer_id"] != row.values["customer_id"]:
        yield fault_of("customer_has_their_link", row, user_id=user_id)


def _widget(row: Row, look: Look) -> Iterator[Fault]:
    """The key of a studio's widget leads to the studio."""
    key = row.values.get("widget_key") if row.kind == "studio" else None
    if not key:
        return
    found = look.get(f"WIDGET#{key}", "WIDGET")
    organization_id = row.pk.rpartition("#")[2]
    if found is None or found.values["organization_id"] != organization_id:
        yield fault_of("widget_key_leads_to_the_studio", row)


CHECKS: Final[Mapping[str, Check]] = {
    "deleted_person_is_erased": _erasure,
    "intake_leads_to_its_session": _intake,
    "pending_offer_is_of_an_open_round": _offer,
    "customer_has_their_link": _studio_customer,
    "widget_key_leads_to_the_studio": _widget,
}
