"""Webhook endpoints of the Stripe stand-in: the one address that it sends events to.

As in Stripe's API, ``enabled_events`` says which types are sent there and ``disabled`` stops all of
them. The address itself is where the stand-in was told to send, so none can be made or removed.
"""

import re
from dataclasses import dataclass

from local.standins.stripe_account import Account
from local.standins.stripe_calls import LISTING, Call, Route, found, page, retrieve
from local.standins.stripe_errors import invalid_parameter
from local.standins.stripe_form import Tree
from local.standins.stripe_objects import API_VERSION, Document, new_id
from local.standins.stripe_parameters import (
    Flag,
    Link,
    ListOf,
    Metadata,
    Record,
    Text,
    merged_metadata,
)

KIND = "webhook_endpoint"
EVERY_EVENT = "*"

_TYPE = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)+")


@dataclass(frozen=True)
class _EventType:
    """The name of a type of events, or ``*``."""

    def read(self, value: str | Tree, path: str) -> str:
        """The name."""
        if not isinstance(value, str) or not (value == EVERY_EVENT or _TYPE.fullmatch(value)):
            text = f"Invalid {path}: must be one of *, or the name of an event type"
            raise invalid_parameter(path, text)
        return value


_UPDATE = Record(
    {
        "description": Text(clearable=True),
        "disabled": Flag(),
        "enabled_events": ListOf(_EventType(), 500),
        "metadata": Metadata(),
        "url": Link(),
    }
)


def seed(account: Account, url: str) -> None:
    """Make the endpoint of this address, where it is missing; it is sent everything."""
    with account.store.transaction():
        for endpoint in account.store.select(KIND):
            account.change(endpoint, url=url)
            return
        account.add(
            KIND,
            id=new_id("we"),
            api_version=API_VERSION,
            created=account.now(),
            enabled_events=[EVERY_EVENT],
            url=url,
        )


def _list(call: Call) -> Document:
    return page(call, call.account.store.select(KIND), "/v1/webhook_endpoints")


def _update(call: Call) -> Document:
    endpoint = found(call, KIND, "webhook endpoint")
    given = dict(call.given)
    if "url" in given and given["url"] != endpoint["url"]:
        raise invalid_parameter("url", "This stand-in sends to the address that it was given.")
    if "enabled_events" in given and not given["enabled_events"]:
        raise invalid_parameter("enabled_events", "You must enable at least one event.")
    if "disabled" in given:
        given["status"] = "disabled" if given.pop("disabled") else "enabled"
    if "metadata" in given:
        given["metadata"] = merged_metadata(endpoint["metadata"], given["metadata"])
    call.account.change(endpoint, **given)
    return endpoint


ROUTES = (
    Route("GET", "/v1/webhook_endpoints", Record({**LISTING}), _list),
    Route("GET", "/v1/webhook_endpoints/{id}", Record(), retrieve(KIND, "webhook endpoint")),
    Route("POST", "/v1/webhook_endpoints/{id}", _UPDATE, _update),
)
