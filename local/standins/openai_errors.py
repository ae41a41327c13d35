"""OpenAI's error answers and key checks, shared by the routes of the stand-in."""

import json
import secrets
from typing import Any

from aiohttp import web

from local.standins.common import Handler


class Refusal(Exception):
    """An answer of OpenAI's error shape."""

    def __init__(
        self,
        status: int,
        code: str | None,
        message: str,
        *,
        param: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


@web.middleware
async def openai_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give every answer a request id, and every refusal OpenAI's shape."""
    try:
        answer = await handler(request)
    except Refusal as refusal:
        answer = web.json_response(refusal.body, status=refusal.status)
    except (web.HTTPNotFound, web.HTTPMethodNotAllowed) as unknown:
        message = f"Invalid URL ({request.method} {request.path})"
        answer = web.json_response(Refusal(unknown.status, None, message).body, status=404)
    if not request.path.startswith("/_control/"):
        answer.headers["x-request-id"] = f"req_{secrets.token_hex(16)}"
    return answer


def bearer(request: web.Request) -> str:
    """The key that the request carries.

    Raises:
        Refusal: 401, there is none.
    """
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        message = (
            "You didn't provide an API key. You need to provide your API key in an Authorization "
            "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY)."
        )
        raise Refusal(401, None, message)
    return key.strip()


def standard_key(request: web.Request) -> str:
    """The project's key, which begins with ``sk-``.

    Raises:
        Refusal: 401, there is none or it is another kind of key.
    """
    key = bearer(request)
    if not key.startswith("sk-"):
        raise wrong_key()
    return key


def wrong_key() -> Refusal:
    """The refusal of a key that is unknown, or has ended."""
    return Refusal(401, "invalid_api_key", "Incorrect API key provided.")


async def json_body(request: web.Request) -> Any:
    """The body as JSON.

    Raises:
        Refusal: 400, its media type is another, or it is not JSON.
    """
    if request.content_type != "application/json":
        message = (
            f"Unsupported content type: '{request.content_type}'. This API method only accepts "
            "'application/json' requests."
        )
        raise Refusal(400, "unsupported_content_type", message)
    return parse_json(await request.read())


def parse_json(raw: bytes | str) -> Any:
    """JSON, or OpenAI's refusal of what is none.

    Raises:
        Refusal: 400, it is not JSON.
    """
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as broken:
        message = (
            "We could not parse the JSON body of your request. (HINT: This likely means you "
            "aren't using your HTTP library correctly. The OpenAI API expects a JSON payload.)"
        )
        raise Refusal(400, None, message) from broken
