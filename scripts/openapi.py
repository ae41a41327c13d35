# ruff: noqa: E402 (started as a script, it has to find our packages first)
"""Write the contracts in ``schemas/`` from the code: ``make openapi``; ``--check`` compares only.

Everything comes from the declarations of routes (``greenroom.<room>.routes``), the wire shapes
and the errors. A contract test compares the files with the code.
"""

import importlib
import json
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "layers" / "greenroom")]

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from greenroom.web.route import JSON, Route
from scripts.openapi_problems import REF, Document, header_references, problems, refusals
from scripts.openapi_words import (
    ANSWER_HEADERS,
    EXAMPLES,
    HEADERS,
    ID,
    PATH,
    QUERY,
    QUERY_OF,
    TAGS,
)

SCHEMAS = ROOT / "schemas"


def all_routes() -> Iterator[tuple[str, Route]]:
    """Every HTTP route with the function that answers it."""
    for path in sorted(ROOT.glob("functions/*/app.py")):
        api = getattr(importlib.import_module(f"functions.{path.parent.name}.app"), "api", None)
        if api is not None:
            yield from ((api.name, route) for route in api.routes.values())


def openapi() -> Document:
    """The OpenAPI 3.1 document of all routes."""
    routes = sorted(all_routes(), key=lambda pair: (pair[1].path, pair[1].method))
    shapes = _Shapes([route for _, route in routes])
    paths: defaultdict[str, Document] = defaultdict(dict)
    responses: Document = {}
    for function, route in routes:
        refused = refusals(route, responses)
        paths[route.path][route.method.lower()] = _operation(function, route, shapes, refused)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Greenroom",
            "version": project["version"],
            "description": f"{project['description']}. How to begin: docs/api.md.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/", "description": "The deployment that serves this document"}],
        "security": [{"session": []}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": dict(paths),
        "components": {
            "securitySchemes": {
                "session": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "A Clerk session token",
                }
            },
            "headers": ANSWER_HEADERS,
            "responses": dict(sorted(responses.items())),
            "schemas": dict(
                sorted({**shapes.definitions, **problems([route for _, route in routes])}.items())
            ),
        },
    }


def feedback_message() -> Document:
    """The contract of a message on the feedback queue."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A job on the feedback queue",
        "description": "Says that the feedback of an interview is due. The table knows the rest.",
        "type": "object",
        "properties": {"sessionId": {**ID, "description": "The interview's session"}},
        "required": ["sessionId"],
        "additionalProperties": False,
    }


def usage_log_message() -> Document:
    """The contract of a message on the usage log's queue."""
    named = {"request_id": {"type": "string"}, "user_id": {"type": "string"}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A row on the usage log's queue",
        "description": "A row that the table did not take at once. All but three of its members "
        "may be missing, and those that nobody knows are kept in its metadata.",
        "type": "object",
        "properties": {
            "usage": {
                "type": "object",
                "properties": {**named, "at": {"type": "string", "format": "date-time"}},
                "required": ["request_id", "user_id", "at"],
            }
        },
        "required": ["usage"],
        "additionalProperties": False,
    }


class _Plain(GenerateJsonSchema):
    """Members without titles: a title would only repeat the name, with odd capitals."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        del schema
        return False


class _Shapes:
    """The pydantic models of all routes as schemas: bodies as read, answers as written."""

    def __init__(self, routes: list[Route]) -> None:
        pairs: list[tuple[type[BaseModel], JsonSchemaMode]] = []
        for route in routes:
            if route.body is not None:
                pairs.append((route.body, "validation"))
            models = (one for one in route.answers.values() if isinstance(one, type))
            pairs += [(model, "serialization") for model in models]
        found, whole = models_json_schema(pairs, ref_template=REF, schema_generator=_Plain)
        self._refs = found
        self.definitions: Document = whole["$defs"]
        for definition in self.definitions.values():
            if "description" in definition:
                definition["description"] = definition["description"].replace("``", "`")

    def of(self, model: type[BaseModel], mode: JsonSchemaMode) -> Document:
        return self._refs[model, mode]


def _operation(function: str, route: Route, shapes: _Shapes, refused: Document) -> Document:
    operation: Document = {
        "operationId": _operation_id(route),
        "summary": route.summary,
        "tags": [function],
        "parameters": _parameters(route),
        "responses": {**_answers(route, shapes), **refused},
    }
    if route.auth == "public":
        operation["security"] = []
    if route.auth == "admin":
        operation["description"] = "For admins only."
    if route.in_person:
        operation["description"] = "Refused to whoever impersonates the person."
    if route.body is not None:
        content: Document = {JSON: {"schema": shapes.of(route.body, "validation")}}
        if route.key in EXAMPLES:
            content[JSON]["example"] = EXAMPLES[route.key]
        content |= {media: {"schema": {"type": "string"}} for media in route.also_takes}
        operation["requestBody"] = {
            "description": f"At most {route.body_max} bytes.",
            "required": any(field.is_required() for field in route.body.model_fields.values()),
            "content": content,
        }
    return operation


def _operation_id(route: Route) -> str:
    """``getInterviewsInterviewIdMessages``: stable, since it follows from the route alone."""
    words = re.split(r"[^A-Za-z]+", route.path.removeprefix("/api/"))
    return route.method.lower() + "".join(word[:1].upper() + word[1:] for word in words)


def _parameters(route: Route) -> list[Document]:
    found = [
        {"name": name, "in": "path", "required": True, "schema": PATH.get(name, ID)}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    for name, text in route.query.items():
        needed = {"required": True} if name in route.needs else {}
        schema = _schema_of(route, name)
        found.append({"name": name, "in": "query", "description": text, **needed, "schema": schema})
    headers = [name for name in route.needs if name in HEADERS]
    headers += ["Idempotency-Key"] * (route.spends and "Idempotency-Key" not in headers)
    headers += ["If-None-Match"] if 304 in route.answers else []
    headers += ["Cache-Control"] if route.may_be_old else []
    headers += [name for names in route.also_takes.values() for name in names]
    return found + [_header(name, needed=name in route.needs) for name in headers]


def _header(name: str, *, needed: bool) -> Document:
    text, schema = HEADERS[name]
    required = {"required": True} if needed else {}
    return {"name": name, "in": "header", "description": text, **required, "schema": schema}


def _schema_of(route: Route, name: str) -> Document:
    return QUERY_OF.get(f"{route.key} {name}") or QUERY[name]


def _answers(route: Route, shapes: _Shapes) -> Document:
    told: Document = {}
    for status, shape in route.answers.items():
        headers = ["Idempotency-Replayed"] * route.spends
        headers += ["ETag"] * (304 in route.answers)
        headers += route.tells
        headers += ["Age"] * route.may_be_old
        headers += ["Retry-After"] * (status == 503)
        headers += ["X-Next-Cursor", "Content-Disposition"] * ("text/csv" in route.also_answers)
        answer: Document = {
            "description": _DESCRIPTIONS[status],
            "headers": header_references(headers),
        }
        if isinstance(shape, str):
            answer["content"] = {shape: {"schema": {"type": "string"}}}
        elif shape is not None:
            answer["content"] = {JSON: {"schema": shapes.of(shape, "serialization")}}
            answer["content"] |= {
                media: {"schema": {"type": "string"}} for media in route.also_answers
            }
        told[str(status)] = answer
    return told


_DESCRIPTIONS = {
    200: "Done",
    201: "Made",
    202: "Taken on",
    204: "Nothing to tell",
    304: "Nothing has changed",
    503: "Not ready",
}


def texts() -> dict[Path, str]:
    """Every generated file and what it has to hold."""
    made = {
        "openapi.json": openapi(),
        "feedback-message.json": feedback_message(),
        "usage-log-message.json": usage_log_message(),
    }
    return {
        SCHEMAS / name: json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        for name, document in made.items()
    }


def main() -> int:
    """Write the files; with ``--check``, say which ones are not what they should be."""
    stale = [
        path
        for path, text in texts().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what the code says: run `make openapi`")
        return 1 if stale else 0
    SCHEMAS.mkdir(exist_ok=True)
    for path, text in texts().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
