"""`GET /v1/models`: the models that matter here, with the end dates that OpenAI published."""

from typing import Any

from aiohttp import web

from local.standins.openai_errors import Refusal, bearer

# Source: OpenAI's deprecation notices, read in November 2026.
_SHUTDOWN_DATES: dict[str, str | None] = {
    "gpt-realtime-2.1": None,
    "gpt-realtime-2.1-mini": None,
    "gpt-realtime": "2027-01-20",
    "gpt-realtime-2025-08-28": "2027-01-20",
    "gpt-realtime-mini": "2027-01-20",
    "gpt-realtime-mini-2025-12-15": "2027-01-20",
    "gpt-4o-mini-realtime-preview": "2026-05-07",
    "gpt-transcribe": None,
    "whisper-1": "2027-02-26",
    "gpt-4o-transcribe": "2027-02-26",
    "gpt-4o-mini-transcribe": "2027-02-26",
    "gpt-5-mini": None,
    "gpt-4o-mini": "2027-01-14",
}
_CREATED = 1_756_339_200


def _shown(name: str) -> dict[str, Any]:
    model = {"id": name, "object": "model", "created": _CREATED, "owned_by": "system"}
    date = _SHUTDOWN_DATES[name]
    return {**model, "shutdown_date": date} if date else model


async def list_models(request: web.Request) -> web.Response:
    """Every model."""
    bearer(request)
    models = [_shown(name) for name in _SHUTDOWN_DATES]
    return web.json_response({"object": "list", "data": models})


async def show_model(request: web.Request) -> web.Response:
    """One model."""
    bearer(request)
    name = request.match_info["model"]
    if name not in _SHUTDOWN_DATES:
        message = f"The model '{name}' does not exist"
        raise Refusal(404, "model_not_found", message, param="model")
    return web.json_response(_shown(name))
