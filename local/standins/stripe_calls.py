"""What the endpoints of the Stripe stand-in share: calls, routes, lists and expansion."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.standins.stripe_account import Account
from local.standins.stripe_errors import StripeRefused, no_such
from local.standins.stripe_objects import Document, shown
from local.standins.stripe_parameters import Flag, Kind, NumberOrRange, Record, Text, Whole

PAGE_DEFAULT = 10
PAGE_MAX = 100
EXPAND_DEPTH_MAX = 4

LISTING: Mapping[str, Kind] = {
    "limit": Whole(least=1, most=PAGE_MAX),
    "starting_after": Text(),
    "ending_before": Text(),
}
CREATED: Mapping[str, Kind] = {"created": NumberOrRange()}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One accepted request: what was given, read, and the ids in its address."""

    account: Account
    given: Mapping[str, Any]
    ids: Mapping[str, str]
    base_url: str


@dataclass(frozen=True)
class Route:
    """An endpoint; ``path`` names ids in braces, as in ``/v1/customers/{id}``."""

    method: str
    path: str
    takes: Record
    act: Callable[[Call], Document]


def found(call: Call, kind: str, thing: str) -> Document:
    """The object that the address names.

    Raises:
        StripeRefused: there is none, 404.
    """
    document = call.account.store.find(call.ids["id"], kind)
    if document is None:
        raise no_such(thing, call.ids["id"])
    return document


def retrieve(kind: str, thing: str) -> Callable[[Call], Document]:
    """The endpoint that shows one object."""
    return lambda call: found(call, kind, thing)


def listing(kind: str, path: str, where: Mapping[str, str] | None = None) -> Route:
    """The endpoint that lists a kind; ``where`` maps parameters to fields."""
    names = where or {}
    kinds = {name: Flag() if name == "active" else Text() for name in names}
    takes = Record({**LISTING, **CREATED, **kinds})

    def act(call: Call) -> Document:
        chosen = {names[name]: call.given[name] for name in names if name in call.given}
        return page(call, call.account.store.select(kind, chosen), path)

    return Route("GET", path, takes, act)


def page(call: Call, documents: list[Document], path: str) -> Document:
    """One page of the documents, which are newest first.

    Raises:
        StripeRefused: the cursor names no object of the list.
    """
    given = call.given
    if bounds := given.get("created"):
        documents = [each for each in documents if _is_within(each["created"], bounds)]
    limit = given.get("limit", PAGE_DEFAULT)
    if "starting_after" in given and "ending_before" in given:
        text = "You may only specify one of these parameters: starting_after, ending_before."
        raise StripeRefused(text, early=True)
    if "ending_before" in given:
        before = documents[: _place(documents, given["ending_before"], "ending_before")]
        part, has_more = before[-limit:], len(before) > limit
    else:
        start = 0
        if "starting_after" in given:
            start = _place(documents, given["starting_after"], "starting_after") + 1
        part, has_more = documents[start : start + limit], len(documents) > start + limit
    data = [shown(document) for document in part]
    return {"object": "list", "data": data, "has_more": has_more, "url": path}


def _place(documents: list[Document], identifier: str, param: str) -> int:
    for place, document in enumerate(documents):
        if document["id"] == identifier:
            return place
    raise no_such("object", identifier, param=param)


def _is_within(value: int, bounds: Mapping[str, int]) -> bool:
    return (
        value > bounds.get("gt", -1)
        and value >= bounds.get("gte", value)
        and value < bounds.get("lt", value + 1)
        and value <= bounds.get("lte", value)
    )


def expanded(account: Account, document: Document, paths: list[str]) -> Document:
    """The answer with the named ids replaced by their objects.

    Raises:
        StripeRefused: a path does not lead to an id.
    """
    result = copy.deepcopy(document)
    for path in paths:
        parts = path.split(".")
        if len(parts) > EXPAND_DEPTH_MAX:
            text = f"You cannot expand more than {EXPAND_DEPTH_MAX} levels of a property."
            raise StripeRefused(text, param="expand", early=True)
        _expand(account, result, parts, path)
    return result


def _expand(account: Account, document: Document, parts: list[str], path: str) -> None:
    name, *rest = parts
    value = document.get(name)
    if name == "line_items" and document.get("object") == "checkout.session":
        value = document[name] = account.store.get(document["id"])["_line_items"]
    elif name not in document or not isinstance(value, str | dict | list | None):
        raise _not_expandable(path)
    elif isinstance(value, str):
        inner = account.store.find(value)
        if inner is None:
            raise _not_expandable(path)
        value = document[name] = shown(inner)
    if not rest:
        return
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, dict):
            _expand(account, entry, rest, path)


def _not_expandable(path: str) -> StripeRefused:
    text = f"This property cannot be expanded ({path})."
    return StripeRefused(text, param="expand", early=True)
