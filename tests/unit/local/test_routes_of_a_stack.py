"""The routes and CORS that ministack does not import, by API Gateway's own calls."""

from typing import Any

import pytest

from local.deployment.routes import BodyRefused, import_apis, operations


def integration(target: str, version: str = "2.0") -> dict[str, Any]:
    uri = (
        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        f"${{{target}}}/invocations"
    )
    return {
        "x-amazon-apigateway-integration": {
            "uri": {"Fn::Sub": uri},
            "payloadFormatVersion": version,
        }
    }


BODY = {
    "paths": {
        "/api/things": {"get": integration("Things.Arn"), "post": integration("Things.Arn")},
        "/api/things/{id}": {"parameters": [], "delete": integration("ThingsAliaslive")},
        "/$default": {"x-amazon-apigateway-any-method": integration("Rest.Arn")},
    }
}


class Gateway:
    """What API Gateway was asked to make."""

    def __init__(self) -> None:
        self.integrations: list[str] = []
        self.routes: dict[str, str] = {}
        self.cors: dict[str, Any] = {}

    def update_api(self, *, ApiId: str, CorsConfiguration: dict[str, Any]) -> None:  # noqa: N803
        self.cors[ApiId] = CorsConfiguration

    def create_integration(self, **asked: str) -> dict[str, str]:
        assert asked["IntegrationType"] == "AWS_PROXY"
        assert asked["PayloadFormatVersion"] == "2.0"
        self.integrations.append(asked["IntegrationUri"])
        return {"IntegrationId": f"i{len(self.integrations) - 1}"}

    def create_route(self, *, ApiId: str, RouteKey: str, Target: str) -> None:  # noqa: N803
        number = int(Target.removeprefix("integrations/i"))
        self.routes[RouteKey] = self.integrations[number]


def test_each_operation_is_a_route_to_its_function_or_its_alias() -> None:
    assert list(operations(BODY)) == [
        ("GET /api/things", "Things"),
        ("POST /api/things", "Things"),
        ("DELETE /api/things/{id}", "ThingsAliaslive"),
        ("$default", "Rest"),
    ]


def test_an_api_gets_all_its_routes_and_one_integration_for_each_target() -> None:
    gateway = Gateway()
    processed = {
        "Resources": {
            "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": BODY}},
            "Things": {"Type": "AWS::Lambda::Function"},
        }
    }
    written = {
        "Resources": {
            "Api": {
                "Properties": {
                    "CorsConfiguration": {"AllowOrigins": {"Ref": "Origins"}, "MaxAge": 60}
                }
            }
        }
    }

    made = import_apis(
        written,
        processed,
        physical_ids={"Api": "a1", "Things": "f1", "ThingsAliaslive": "f1:live", "Rest": "f2"},
        parameters={"Origins": "https://a.example, https://b.example"},
        api_gateway=gateway,
    )

    assert made == {"Api": 4}
    assert gateway.integrations == ["f1", "f1:live", "f2"]
    assert gateway.routes["DELETE /api/things/{id}"] == "f1:live"
    origins = ["https://a.example", "https://b.example"]
    assert gateway.cors == {"a1": {"AllowOrigins": origins, "MaxAge": 60}}


@pytest.mark.parametrize(
    "operation", [{}, integration("Things.Arn", "1.0"), {"x-amazon-apigateway-integration": {}}]
)
def test_an_operation_that_cannot_be_imported_is_told(operation: dict[str, Any]) -> None:
    with pytest.raises(BodyRefused, match="GET /api/things"):
        list(operations({"paths": {"/api/things": {"get": operation}}}))
