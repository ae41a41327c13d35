"""Whether an answer has the type that an official SDK declares for it, member by member.

The SDKs take whatever comes: Stripe's makes objects of any JSON, OpenAI's leaves out its checks.
So what they declare is compared here: nothing undeclared, nothing missing that is not optional, no
value of another type or outside a closed list.
"""

import sys
import typing
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from inspect import get_annotations
from types import NoneType, UnionType
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

import stripe
from pydantic import BaseModel


def openai_differences(value: Any, kind: type[BaseModel], path: str = "$") -> Iterator[str]:
    """Where a JSON value is not what the OpenAI SDK declares: ``types.Model``, for one."""
    for name, one in _undeclared(kind.model_validate(value), path):
        yield f"{path}{name}: nothing of {one} is called that"


def _undeclared(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, BaseModel):
        for name in value.model_extra or ():
            yield f"{path}.{name}", type(value).__name__
        for name in type(value).model_fields:
            yield from _undeclared(getattr(value, name), f"{path}.{name}")
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _undeclared(one, f"{path}[{place}]")


def stripe_differences(value: Any, kind: Any, path: str = "$") -> Iterator[str]:
    """Where a JSON value is not what the Stripe SDK declares: ``stripe.Customer``, for one."""
    kind = _followed(kind)
    if get_origin(kind) in {Union, UnionType}:
        yield from _of_one(value, get_args(kind), path)
    elif get_origin(kind) is not None:
        yield from _of_many(value, kind, path)
    elif isinstance(kind, type) and issubclass(kind, stripe.StripeObject):
        yield from _object_differences(value, kind, path)
    elif not _is_plain(value, kind):
        yield f"{path}: {value!r} is no {getattr(kind, '__name__', kind)}"


def _followed(kind: Any) -> Any:
    if isinstance(kind, ForwardRef):
        kind = kind.__forward_arg__
    return _stripe_class(kind) if isinstance(kind, str) else kind


def _of_many(value: Any, kind: Any, path: str) -> Iterator[str]:
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal:
        if value not in parts:
            yield f"{path}: {value!r} is none of {parts}"
    elif origin is stripe.ListObject:
        yield from _list_differences(value, parts[0], path)
    elif not isinstance(value, list if origin is list else dict):
        yield f"{path}: {value!r} is no {origin.__name__}"
    elif origin is list:  # anything else is a table whose names are data, such as metadata
        for place, one in enumerate(value):
            yield from stripe_differences(one, parts[0], f"{path}[{place}]")


def _of_one(value: Any, parts: tuple[Any, ...], path: str) -> Iterator[str]:
    """The differences to the part of a union that is nearest."""
    if value is None and NoneType in parts:
        return
    tried = [list(stripe_differences(value, part, path)) for part in parts if part is not NoneType]
    yield from min(tried, key=len)


def _object_differences(value: Any, kind: type, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no {kind.__name__}"
        return
    declared = members_of(kind)
    for name in value.keys() - declared.keys():
        yield f"{path}.{name}: {kind.__qualname__} has no such member"
    for name, declaration in declared.items():
        if name in value:
            yield from stripe_differences(value[name], declaration, f"{path}.{name}")
        elif NoneType not in get_args(declaration):
            yield f"{path}.{name}: missing"


def _list_differences(value: Any, kind: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict) or value.get("object") != "list":
        yield f"{path}: {value!r} is no list object"
        return
    # Lists inside of objects tell how long they are, too; the library knows nothing of it.
    for name in {"object", "data", "has_more", "url"} ^ (value.keys() - {"total_count"}):
        yield f"{path}.{name}: lists have object, data, has_more and url"
    for place, one in enumerate(value.get("data", ())):
        yield from stripe_differences(one, kind, f"{path}.data[{place}]")


def _is_plain(value: Any, kind: Any) -> bool:
    if kind is Decimal:  # a text on the wire, so that nothing is rounded
        return isinstance(value, str | Decimal) and Decimal(value).is_finite()
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return not isinstance(kind, type) or isinstance(value, kind)


@cache
def members_of(kind: type) -> dict[str, Any]:
    """What the SDK declares of a class, without its constants and helpers."""
    found: dict[str, Any] = {}
    for one in reversed(kind.__mro__):
        if one.__module__.startswith("stripe.") and one is not stripe.StripeObject:
            found |= get_annotations(one)
    return {
        getattr(kind, "_field_remappings", {}).get(name, name): _resolved(declaration, kind)
        for name, declaration in found.items()
        if not name.startswith("_") and not name.isupper() and "ClassVar" not in str(declaration)
    }


def _resolved(declaration: Any, kind: type) -> Any:
    if not isinstance(declaration, str):
        return declaration
    names = _Names({**vars(typing), **vars(sys.modules[kind.__module__]), kind.__name__: kind})
    return eval(declaration, {}, names)


class _Names(dict[str, Any]):
    """The SDK imports some of its classes for type checkers only."""

    def __missing__(self, name: str) -> Any:
        return _stripe_class(name)


def _stripe_class(name: str) -> Any:
    for place in (stripe, stripe.checkout, stripe.billing_portal, stripe.test_helpers):
        if (found := getattr(place, name.rpartition(".")[2], None)) is not None:
            return found
    return Any
