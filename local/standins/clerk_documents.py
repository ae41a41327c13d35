"""The documents that Clerk's API answers with."""

from typing import Any

from aiohttp import web

from local.standins.clerk_people import Person


def refused(status: int, field: str, message: str) -> web.Response:
    """An error in Clerk's form, naming the field. Source: Clerk, "Backend API", errors."""
    codes = {401: "authentication_invalid", 404: "resource_not_found"}
    error = {
        "code": codes.get(status, "form_param_format_invalid"),
        "message": message,
        "meta": {"param_name": field},
    }
    return web.json_response({"errors": [error]}, status=status)


def user_document(person: Person) -> dict[str, Any]:
    """The person as a ``User`` of the Backend API. Source: Clerk, "Backend API", users."""
    first, _, last = (person.name or "").partition(" ")
    email_id = f"idn_{person.id}"
    status = "verified" if person.email_verified else "unverified"
    email = {
        "id": email_id,
        "object": "email_address",
        "email_address": person.email,
        "verification": {"status": status, "strategy": "email_code"},
    }
    return {
        "id": person.id,
        "object": "user",
        "first_name": first or None,
        "last_name": last or None,
        "image_url": person.image_url or "",
        "primary_email_address_id": email_id if person.email else None,
        "email_addresses": [email] if person.email else [],
        "public_metadata": {},
        "created_at": person.created_at_ms,
        "updated_at": person.updated_at_ms or person.created_at_ms,
    }
