"""The bad answers of the OpenAPI document: one schema for each error, one response for each set."""

from collections import defaultdict
from typing import Any

from greenroom.kernel.errors import GreenroomError, Unauthenticated, Unavailable
from greenroom.web.problem import MEDIA_TYPE as PROBLEM
from greenroom.web.route import Route
from scripts.openapi_words import ANSWER_HEADERS, CODES, FACTS, OPTIONAL

REF = "#/components/schemas/{model}"
WAITING = {429, 502, 503, 504}  # statuses whose answers say when to come again

Document = dict[str, Any]


def refusals(route: Route, responses: Document) -> Document:
    """References to the route's bad answers; ``responses`` collects the answers themselves."""
    by_status: defaultdict[int, list[type[GreenroomError]]] = defaultdict(list)
    for error in route.refusals:
        by_status[error.status].append(error)
    told: Document = {}
    for status, errors in by_status.items():
        name = "Or".join(error.__name__ for error in errors)
        responses[name] = _refusal(status, errors)
        told[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return told


def _refusal(status: int, errors: list[type[GreenroomError]]) -> Document:
    refs = [{"$ref": REF.format(model=_name(error))} for error in errors]
    names = ["Retry-After"] * (status in WAITING)
    names += ["WWW-Authenticate"] * (Unauthenticated in errors)
    headers = header_references(names)
    if status == 409:  # only some of its errors end by waiting
        headers["Retry-After"] = {**ANSWER_HEADERS["Retry-After"], "required": False}
    return {
        "description": ", ".join(f"`{code}`" for error in errors for code in codes_of(error)),
        "headers": headers,
        "content": {PROBLEM: {"schema": refs[0] if len(refs) == 1 else {"anyOf": refs}}},
    }


def header_references(names: list[str]) -> Document:
    """Headers of an answer, by reference: those that all have, and these."""
    every = ["X-Request-Id", "Cache-Control", *names]
    return {name: {"$ref": f"#/components/headers/{name}"} for name in every}


def codes_of(error: type[GreenroomError]) -> list[str]:
    """The codes under which clients may see this error."""
    return CODES.get(error.__name__, [error.code])


def _name(error: type[GreenroomError]) -> str:
    return f"{error.__name__}Problem"


def problems(routes: list[Route]) -> Document:
    """The problem document, and one schema for each error that a route may answer."""
    text: Document = {"type": "string"}
    members: Document = {
        "type": {"type": "string", "format": "uri", "description": "Names the kind of error"},
        "title": text,
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One sentence that a person may read"},
        "code": {"type": "string", "description": "Stable: see docs/errors.md"},
        "requestId": text,
        "error": {"type": "string", "description": "Repeats `detail`, for older clients"},
    }
    found: Document = {
        "Problem": {
            "description": "What went wrong (RFC 9457)",
            "type": "object",
            "properties": members,
            "required": list(members),
        }
    }
    for error in {error for route in routes for error in route.refusals}:
        codes, facts = codes_of(error), FACTS.get(error.__name__, {})
        properties = {"status": {"const": error.status}, "code": {"enum": codes}, **facts}
        again = " It is safe to try again." if issubclass(error, Unavailable) else ""
        found[_name(error)] = {
            "description": (error.__doc__ or "").partition("\n")[0] + again,
            "allOf": [{"$ref": REF.format(model="Problem")}],
            "properties": properties,
            "required": [name for name in facts if name not in OPTIONAL],
            "unevaluatedProperties": False,
        }
    return found
