"""schemas/openapi.json is what the code says, is sound OpenAPI 3.1, and describes every route."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scripts.openapi import all_routes, texts
from scripts.openapi_problems import codes_of
from scripts.openapi_words import EXAMPLES

FILES = texts()
DOCUMENT: dict[str, Any] = next(
    json.loads(text) for path, text in FILES.items() if path.name == "openapi.json"
)
ROUTES = {route.key: route for _, route in all_routes()}
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}
# OpenAPI 3.1 §4.8: the members that each kind of object may have, as far as we use them.
MEMBERS = {
    "document": {
        "openapi",
        "info",
        "servers",
        "security",
        "tags",
        "paths",
        "components",
    },
    "operation": {
        "operationId",
        "summary",
        "description",
        "tags",
        "parameters",
        "requestBody",
        "responses",
        "security",
    },
    "parameter": {"name", "in", "description", "required", "schema"},
    "response": {"description", "headers", "content"},
    "media": {"schema", "example"},
}

each_operation = pytest.mark.parametrize("key", OPERATIONS)


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def followed(reference: str) -> Any:
    found: Any = DOCUMENT
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return found


def response(key: str, status: str) -> dict[str, Any]:
    found: dict[str, Any] = OPERATIONS[key]["responses"][status]
    return followed(found["$ref"]) if "$ref" in found else found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_file_is_what_the_code_says(path: Any) -> None:
    assert path.read_text(encoding="utf-8") == FILES[path], "run `make openapi`"


def test_the_document_is_sound() -> None:
    assert set(DOCUMENT) <= MEMBERS["document"]
    assert re.fullmatch(r"3\.1\.\d", DOCUMENT["openapi"])
    assert {"title", "version"} <= set(DOCUMENT["info"])
    assert [server["url"] for server in DOCUMENT["servers"]] == ["/"]
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)
    known = {tag["name"] for tag in DOCUMENT["tags"]}
    assert {tag for operation in OPERATIONS.values() for tag in operation["tags"]} == known


def test_every_reference_leads_somewhere_and_every_component_is_used() -> None:
    used = set(references(DOCUMENT))
    for reference in used:
        assert followed(reference)
    for kind in ("schemas", "responses", "headers"):
        there = {f"#/components/{kind}/{name}" for name in DOCUMENT["components"][kind]}
        assert there <= used


def test_every_schema_is_a_valid_schema() -> None:
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_route_is_described_and_nothing_else() -> None:
    assert set(OPERATIONS) == set(ROUTES)


@each_operation
def test_an_operation_is_sound(key: str) -> None:
    operation = OPERATIONS[key]
    path = key.partition(" ")[2]

    assert set(operation) <= MEMBERS["operation"]
    for parameter in operation["parameters"]:
        assert set(parameter) <= MEMBERS["parameter"]
        Draft202012Validator.check_schema(parameter["schema"])
    in_path = {one["name"] for one in operation["parameters"] if one["in"] == "path"}
    assert in_path == set(re.findall(r"{(\w+)}", path))
    assert all(one["required"] for one in operation["parameters"] if one["in"] == "path")
    for status in operation["responses"]:
        answer = response(key, status)
        assert set(answer) <= MEMBERS["response"]
        for name in ("X-Request-Id", "Cache-Control"):
            assert followed(answer["headers"][name]["$ref"])["required"], name
        for media in answer.get("content", {}).values():
            assert set(media) <= MEMBERS["media"]


@each_operation
def test_an_operation_tells_every_answer_of_its_route(key: str) -> None:
    route = ROUTES[key]

    told = {int(status) for status in OPERATIONS[key]["responses"]}
    assert told == set(route.answers) | {error.status for error in route.refusals}
    for error in route.refusals:
        answer = response(key, str(error.status))
        assert all(f"`{code}`" in answer["description"] for code in codes_of(error))
        assert set(answer["content"]) == {"application/problem+json"}
    assert (OPERATIONS[key].get("security") == []) is (route.auth == "public")


@each_operation
def test_an_empty_answer_has_no_content_and_others_have(key: str) -> None:
    for status, shape in ROUTES[key].answers.items():
        assert ("content" in response(key, str(status))) is (shape is not None)


@each_operation
def test_a_body_is_described_with_an_example_that_is_valid(key: str) -> None:
    route, operation = ROUTES[key], OPERATIONS[key]
    assert ("requestBody" in operation) is (route.body is not None)
    if route.body is None:
        return
    content = operation["requestBody"]["content"]
    assert set(content) == {"application/json", *route.also_takes}
    media = content["application/json"]
    assert media["example"] == EXAMPLES[key]
    schema = {**media["schema"], "components": DOCUMENT["components"]}
    Draft202012Validator(schema).validate(media["example"])
    route.body.model_validate(media["example"])


@each_operation
def test_where_null_is_told_it_is_taken(key: str) -> None:
    route = ROUTES[key]
    if route.body is None or key not in EXAMPLES:
        return
    schema = OPERATIONS[key]["requestBody"]["content"]["application/json"]["schema"]
    told = Draft202012Validator({**schema, "components": DOCUMENT["components"]})
    for name in followed(schema["$ref"])["properties"]:
        body = {**EXAMPLES[key], name: None}
        if told.is_valid(body):
            route.body.model_validate(body)


@each_operation
def test_what_a_route_needs_is_required(key: str) -> None:
    required = {
        one["name"]
        for one in OPERATIONS[key]["parameters"]
        if one.get("required") and one["in"] != "path"
    }
    assert required == set(ROUTES[key].needs)


@pytest.mark.parametrize(
    ("name", "members", "is_valid"),
    [
        ("CreatePackage", {"clientId": "a", "name": "Ten", "uses": 10}, True),
        ("CreatePackage", {"customerRef": "a", "name": "Ten", "uses": 10}, True),
        ("CreatePackage", {"clientId": "a", "customerId": None, "name": "Ten", "uses": 1}, True),
        ("CreatePackage", {"clientId": "a", "customerId": "b", "name": "Ten", "uses": 1}, False),
        ("CreatePackage", {"name": "Ten", "uses": 10}, False),
        ("StartCheckout", {"sku": "credits_3"}, True),
        ("StartCheckout", {"sku": "credits_3", "intakeId": "i"}, False),
        ("StartCheckout", {"sku": None}, False),
    ],
)
def test_exactly_one_of_what_excludes_each_other_is_told(
    name: str, members: dict[str, Any], is_valid: bool
) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}

    assert Draft202012Validator(schema).is_valid(members) is is_valid


def test_an_offer_goes_as_sdp_too() -> None:
    operation = OPERATIONS["POST /api/webrtc-exchange"]

    assert operation["requestBody"]["content"]["application/sdp"]["schema"] == {"type": "string"}
    assert operation["responses"]["201"]["content"] == {
        "application/sdp": {"schema": {"type": "string"}}
    }
    assert {"X-Session-Id", "X-Session-Token"} <= {one["name"] for one in operation["parameters"]}


def test_a_start_takes_an_idempotency_key_and_says_what_is_a_replay() -> None:
    operation = OPERATIONS["POST /api/realtime-session"]

    (key,) = [one for one in operation["parameters"] if one["name"] == "Idempotency-Key"]
    assert (key["in"], key["schema"]["maxLength"]) == ("header", 255)
    assert "Idempotency-Replayed" in operation["responses"]["201"]["headers"]


def test_no_schema_of_ours_is_looser_than_what_it_describes() -> None:
    loose = {route.body.__name__ for _, route in all_routes() if route.loose and route.body}
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert schema["description"], name
        if name.endswith("Problem"):
            assert name == "Problem" or schema["unevaluatedProperties"] is False, name
        else:
            assert schema["additionalProperties"] is (name in loose), name
