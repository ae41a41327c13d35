"""The HTTP APIs of a template: their CORS, their limits, their routes."""

from collections.abc import Mapping
from typing import Any

from local.cloudformation import TemplateRefused
from local.resources import Cors, HttpApi, Route, Throttling

SHARED_API = "ServerlessHttpApi"
"""AWS SAM: the API that it makes for routes whose event names none."""


def http_api(logical_id: str, settings: Mapping[str, Any]) -> HttpApi:
    """An HTTP API of its resolved properties."""
    cors = settings.get("CorsConfiguration")
    by_route = {"$default": settings.get("DefaultRouteSettings", {})}
    by_route |= settings.get("RouteSettings", {})
    return HttpApi(
        logical_id=logical_id,
        cors=_cors(cors) if isinstance(cors, dict) else None,
        throttling={
            key: _throttling(limits)
            for key, limits in by_route.items()
            if "ThrottlingRateLimit" in limits
        },
    )


def http_route(function: str, properties: Mapping[str, Any]) -> Route:
    """The route of a function's resolved event.

    Raises:
        TemplateRefused: it wants another payload format than 2.0.
    """
    if str(properties.get("PayloadFormatVersion", "2.0")) != "2.0":
        raise TemplateRefused(f"{function}: only payload format 2.0 runs here")
    api = str(properties.get("ApiId") or SHARED_API)
    path = properties.get("Path")
    if not path or path == "$default":
        return Route(key="$default", method="ANY", path="$default", function=function, api=api)
    method = str(properties.get("Method", "ANY")).upper()
    method = "ANY" if method == "X-AMAZON-APIGATEWAY-ANY-METHOD" else method
    return Route(key=f"{method} {path}", method=method, path=path, function=function, api=api)


def _throttling(limits: Mapping[str, Any]) -> Throttling:
    rate = limits["ThrottlingRateLimit"]
    return Throttling(rate=float(rate), burst=int(limits.get("ThrottlingBurstLimit", rate)))


def _cors(settings: Mapping[str, Any]) -> Cors:
    def listed(name: str) -> tuple[str, ...]:
        value = settings.get(name) or []
        parts = value.split(",") if isinstance(value, str) else value
        return tuple(str(part).strip() for part in parts if str(part).strip())

    max_age = settings.get("MaxAge")
    return Cors(
        origins=listed("AllowOrigins"),
        methods=tuple(method.upper() for method in listed("AllowMethods")),
        headers=tuple(name.lower() for name in listed("AllowHeaders")),
        exposed=tuple(name.lower() for name in listed("ExposeHeaders")),
        max_age_s=None if max_age is None else int(max_age),
        credentials=str(settings.get("AllowCredentials", False)).lower() == "true",
    )
