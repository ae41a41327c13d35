"""The HTTP APIs of a stack get their routes and their CORS: ministack makes APIs without either.

SAM writes both into the OpenAPI ``Body`` of each API, which API Gateway imports and ministack
ignores. So the body is read here, from the template as CloudFormation processed it, and each
operation becomes an integration and a route by API Gateway's own calls. CORS is read from the
template itself: ministack lets SAM process it without the values of parameters, and SAM then
drops all of CORS but the origins' reference (AWS gives it the values).
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Document = Mapping[str, Any]

_FUNCTION = re.compile(r"/functions/\$\{(?P<name>\w+)(?:\.Arn)?\}/invocations$")
_ANY = "x-amazon-apigateway-any-method"
_DEFAULT = "/$default"


class BodyRefused(Exception):
    """An API says something that this import does not know; the text says where and what."""


def import_apis(
    written: Document,
    processed: Document,
    *,
    physical_ids: Mapping[str, str],
    parameters: Mapping[str, str],
    api_gateway: Any,
) -> dict[str, int]:
    """Give every API of a stack its routes and its CORS: how many routes each has.

    ``written`` is the template with SAM's resources, ``processed`` the one with CloudFormation's;
    ``physical_ids`` are those of the stack; ``api_gateway`` is a client of API Gateway v2.

    Raises:
        BodyRefused: an operation has no Lambda integration, or a reference is not known.
    """
    made = {}
    for logical_id, resource in processed["Resources"].items():
        if resource["Type"] != "AWS::ApiGatewayV2::Api":
            continue
        api_id = physical_ids[logical_id]
        settings = written["Resources"].get(logical_id, {}).get("Properties", {})
        if cors := settings.get("CorsConfiguration"):
            api_gateway.update_api(ApiId=api_id, CorsConfiguration=resolved(cors, parameters))
        body = resource["Properties"]["Body"]
        made[logical_id] = _add_routes(api_gateway, api_id, body, physical_ids)
    return made


def operations(body: Document) -> Iterator[tuple[str, str]]:
    """Route keys of an API's body, each with the logical id of what it invokes.

    Raises:
        BodyRefused: an operation has no Lambda integration of payload format 2.0.
    """
    for path, item in body.get("paths", {}).items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            key = _route_key(method, path)
            integration = operation.get("x-amazon-apigateway-integration", {})
            uri = integration.get("uri")
            found = _FUNCTION.search(uri.get("Fn::Sub", "") if isinstance(uri, dict) else "")
            if found is None or str(integration.get("payloadFormatVersion")) != "2.0":
                raise BodyRefused(f"{key}: {integration}")
            yield key, found["name"]


def resolved(cors: Document, parameters: Mapping[str, str]) -> dict[str, Any]:
    """CORS with the values of the parameters that it refers to, which are comma lists.

    Raises:
        BodyRefused: it refers to something else.
    """

    def value_of(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        if set(value) != {"Ref"} or value["Ref"] not in parameters:
            raise BodyRefused(f"CorsConfiguration: {value}")
        return [part.strip() for part in parameters[value["Ref"]].split(",")]

    return {name: value_of(value) for name, value in cors.items()}


def _route_key(method: str, path: str) -> str:
    if path == _DEFAULT:
        return "$default"
    return f"{'ANY' if method == _ANY else method.upper()} {path}"


def _add_routes(
    api_gateway: Any, api_id: str, body: Document, physical_ids: Mapping[str, str]
) -> int:
    integrations: dict[str, str] = {}
    keys = list(operations(body))
    for key, target in keys:
        if target not in integrations:
            made = api_gateway.create_integration(
                ApiId=api_id,
                IntegrationType="AWS_PROXY",
                IntegrationUri=physical_ids[target],
                PayloadFormatVersion="2.0",
            )
            integrations[target] = made["IntegrationId"]
        api_gateway.create_route(
            ApiId=api_id, RouteKey=key, Target=f"integrations/{integrations[target]}"
        )
    return len(keys)
