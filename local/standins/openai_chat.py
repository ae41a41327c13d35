"""`POST /v1/chat/completions`: answers that follow the JSON schema they are asked for."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from local.standins.openai_coach import Coach
from local.standins.openai_errors import Refusal, bearer, json_body
from local.standins.openai_exam import asked_for, is_exam, write_exam
from local.standins.openai_schema import schema_of
from local.standins.openai_transcript import find_turns
from local.standins.openai_writer import Writer
from local.standins.voice import BadParameter
from local.standins.voice.shapes import anything, boolean, closed, integer, number, one_of, text

_CHARS_PER_TOKEN = 4
_MESSAGE_TOKENS = 4  # what the chat format itself adds to each message
_REASONING_MODELS = ("gpt-5", "o1", "o3", "o4")
_ECHO_CHARS_MAX = 400


def _message(value: Any, path: str) -> None:
    if not isinstance(value, Mapping):
        closed({})(value, path)
        return
    one_of("system", "developer", "user", "assistant", "tool")(
        value.get("role", ""), f"{path}.role"
    )
    if not isinstance(value.get("content"), str | list):
        message = f"Invalid value for 'content': expected a string, got null. ({path})"
        raise BadParameter(None, f"{path}.content", message)


def _messages(value: Any, path: str) -> None:
    if not isinstance(value, list) or not value:
        message = f"Invalid '{path}': empty array. Expected an array with minimum length 1."
        raise BadParameter("empty_array", path, message)
    for index, entry in enumerate(value):
        _message(entry, f"{path}[{index}]")


_REQUEST = closed(
    {
        "model": text,
        "messages": _messages,
        "response_format": anything,
        "max_tokens": integer(1, 1_000_000),
        "max_completion_tokens": integer(1, 1_000_000),
        "temperature": number(0, 2),
        "top_p": number(0, 1),
        "n": integer(1, 1),
        "seed": integer(-(2**63), 2**63 - 1),
        "stop": anything,
        "stream": boolean,
        "presence_penalty": number(-2, 2),
        "frequency_penalty": number(-2, 2),
        "user": text,
        "safety_identifier": text,
        "prompt_cache_key": text,
        "metadata": anything,
        "store": anything,
        "service_tier": text,
        "reasoning_effort": one_of("none", "minimal", "low", "medium", "high", "xhigh"),
        "verbosity": one_of("low", "medium", "high"),
        "tools": anything,
        "tool_choice": anything,
        "logprobs": anything,
    },
    required=("model", "messages"),
)


async def complete(request: web.Request) -> web.Response:
    """Answer one chat completion."""
    bearer(request)
    body = await json_body(request)
    try:
        _REQUEST(body, "")
    except BadParameter as bad:
        if bad.code == "unknown_parameter":
            raise Refusal(
                400, None, f"Unrecognized request argument supplied: {bad.param}"
            ) from bad
        raise Refusal(400, bad.code, bad.message, param=bad.param) from bad
    _check_model_rules(body)
    texts = [_text_of(message) for message in body["messages"]]
    content = _content(body, texts)
    prompt_tokens = sum(len(one) // _CHARS_PER_TOKEN + _MESSAGE_TOKENS for one in texts)
    most = body.get("max_completion_tokens", body.get("max_tokens"))
    finish = "stop"
    if most is not None and len(content) > most * _CHARS_PER_TOKEN:
        content, finish = content[: most * _CHARS_PER_TOKEN], "length"
    return web.json_response(_answer(body["model"], content, finish, prompt_tokens))


def _check_model_rules(body: Mapping[str, Any]) -> None:
    if body.get("stream"):
        message = "Unsupported value: 'stream' does not support true with this stand-in."
        raise Refusal(400, "unsupported_value", message, param="stream")
    if not body["model"].startswith(_REASONING_MODELS):
        return
    if "max_tokens" in body:
        message = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. "
            "Use 'max_completion_tokens' instead."
        )
        raise Refusal(400, "unsupported_parameter", message, param="max_tokens")
    for name in ("temperature", "top_p"):
        if body.get(name, 1) != 1:
            message = (
                f"Unsupported value: '{name}' does not support {body[name]} with this model. "
                "Only the default (1) value is supported."
            )
            raise Refusal(400, "unsupported_value", message, param=name)


def _content(body: Mapping[str, Any], texts: list[str]) -> str:
    wanted = body.get("response_format") or {"type": "text"}
    if not isinstance(wanted, Mapping):
        message = "Invalid type for 'response_format': expected an object."
        raise Refusal(400, "invalid_type", message, param="response_format")
    roles = [message["role"] for message in body["messages"]]
    said = [text for role, text in zip(roles, texts, strict=True) if role == "user"]
    # What stands in the instructions may be an example, so the person's messages come first.
    coach = Coach(find_turns(said) or find_turns(texts))
    kind = wanted.get("type")
    if kind == "json_schema":
        schema = schema_of(wanted)
        if is_exam(schema) and not coach.exchanges:
            return json.dumps(write_exam(schema, said), ensure_ascii=False)
        document = Writer(schema, coach, asked=asked_for(said)).write()
        return json.dumps(document, ensure_ascii=False)
    if kind == "json_object":
        if not any("json" in one.lower() for one in texts):
            message = (
                "'messages' must contain the word 'json' in some form, to use "
                "'response_format' of type 'json_object'."
            )
            raise Refusal(400, None, message, param="messages")
        return json.dumps({"summary": coach.summary()}, ensure_ascii=False)
    if kind != "text":
        message = (
            f"Invalid value: '{kind}'. "
            "Supported values are: 'json_object', 'json_schema', and 'text'."
        )
        raise Refusal(400, "invalid_value", message, param="response_format.type")
    if coach.exchanges:
        return coach.summary()
    asked = " ".join((said or texts)[-1].split())[:_ECHO_CHARS_MAX]
    return f"This is the local language model, which has no knowledge. You asked: {asked}"


def _text_of(message: Mapping[str, Any]) -> str:
    content = message["content"]
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))


def _answer(model: str, content: str, finish: str, prompt_tokens: int) -> dict[str, Any]:
    completion_tokens = max(1, len(content) // _CHARS_PER_TOKEN)
    message: dict[str, Any] = {
        "role": "assistant",
        "content": content,
        "refusal": None,
        "annotations": [],
    }
    return {
        "id": f"chatcmpl-{secrets.token_hex(14)}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": prompt_tokens + completion_tokens,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
        },
        "service_tier": "default",
        "system_fingerprint": None,
    }
