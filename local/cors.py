"""CORS as an HTTP API does it: the gateway answers preflights and sets the headers itself."""

from collections.abc import Mapping

from local.resources import Cors

REQUESTED_METHOD = "access-control-request-method"


def is_preflight(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a request asks for permission of a later one (Fetch standard, CORS preflight)."""
    return method == "OPTIONS" and "origin" in headers and REQUESTED_METHOD in headers


def preflight_headers(cors: Cors, headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of the 204 that answers a preflight; none where the origin may not."""
    answer = _origin_headers(cors, headers.get("origin"))
    if not answer:
        return {}
    if cors.methods:
        answer["access-control-allow-methods"] = ",".join(cors.methods)
    if cors.headers:
        answer["access-control-allow-headers"] = ",".join(cors.headers)
    if cors.max_age_s is not None:
        answer["access-control-max-age"] = str(cors.max_age_s)
    return answer


def response_headers(cors: Cors, origin: str | None) -> dict[str, str]:
    """What the gateway adds to an answer; what the function said of CORS is dropped."""
    answer = _origin_headers(cors, origin)
    if answer and cors.exposed:
        answer["access-control-expose-headers"] = ",".join(cors.exposed)
    return answer


def _origin_headers(cors: Cors, origin: str | None) -> dict[str, str]:
    if origin is None:
        return {}
    answer: dict[str, str] = {}
    scheme = origin.partition("://")[0]
    if "*" in cors.origins:
        answer["access-control-allow-origin"] = "*"
    elif origin in cors.origins or f"{scheme}://*" in cors.origins:
        answer["access-control-allow-origin"] = origin
        answer["vary"] = "origin"
    if answer and cors.credentials:
        answer["access-control-allow-credentials"] = "true"
    return answer
