"""The official OpenAI library against the stand-in: every answer has the type that it declares."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import openai
import pytest
from openai import types
from openai.types import chat, realtime
from pydantic import BaseModel

from local.standins.common import running
from local.standins.openai import make_openai
from tests.fakes.provider import OFFER
from tests.figures import Figure
from tests.official_types import openai_differences

MODEL = "gpt-realtime-2.1-mini"
SESSION: Any = {
    "type": "realtime",
    "model": MODEL,
    "instructions": "Role: Baker",
    "output_modalities": ["audio"],
    "audio": {
        "input": {
            "transcription": {"model": "gpt-transcribe"},
            "turn_detection": {"type": "server_vad", "threshold": 0.5, "silence_duration_ms": 200},
        },
        "output": {"voice": "alloy"},
    },
}
ASK: Any = [
    {"role": "developer", "content": "Answer in JSON."},
    {"role": "user", "content": "What is baked at night?"},
]


class Baked(BaseModel):
    """What a structured answer is asked to be."""

    name: str
    loaves: int
    sour: bool


Ask = Callable[[openai.OpenAI], Any]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running(make_openai()) as found:
        yield found


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(api_key="sk-test", base_url=f"{address}/v1", max_retries=0) as made:
        yield made


ASKED: dict[str, tuple[Ask, type[BaseModel]]] = {
    "list models": (lambda c: c.models.with_raw_response.list(), types.Model),
    "retrieve a model": (lambda c: c.models.with_raw_response.retrieve("gpt-5-mini"), types.Model),
    "mint a realtime secret": (
        lambda c: c.realtime.client_secrets.with_raw_response.create(
            session=SESSION, expires_after={"anchor": "created_at", "seconds": 60}
        ),
        realtime.ClientSecretCreateResponse,
    ),
    "mint with the defaults": (
        lambda c: c.realtime.client_secrets.with_raw_response.create(),
        realtime.ClientSecretCreateResponse,
    ),
    "complete a chat": (
        lambda c: c.chat.completions.with_raw_response.create(model="gpt-5-mini", messages=ASK),
        chat.ChatCompletion,
    ),
    "complete a chat as JSON": (
        lambda c: c.chat.completions.with_raw_response.create(
            model="gpt-5-mini", messages=ASK, response_format={"type": "json_object"}
        ),
        chat.ChatCompletion,
    ),
    "complete a chat by a schema": (
        lambda c: c.chat.completions.with_raw_response.parse(
            model="gpt-5-mini", messages=ASK, response_format=Baked
        ),
        chat.ChatCompletion,
    ),
}
# What the API tells beyond what the library knows of.
UNKNOWN_TO_THE_LIBRARY = {"shutdown_date"}


@pytest.mark.parametrize("name", ASKED)
def test_an_answer_is_what_the_library_declares(
    client: openai.OpenAI, name: str, figure: Figure
) -> None:
    ask, declared = ASKED[name]

    answer = ask(client)

    whole = answer.http_response.json()
    parts = whole["data"] if whole.get("object") == "list" else [whole]
    wrong = [one for part in parts for one in openai_differences(part, declared)]
    wrong = [one for one in wrong if not any(name in one for name in UNKNOWN_TO_THE_LIBRARY)]
    figure("official clients", "openai", good=not wrong, of=1)
    assert parts
    assert not wrong
    assert answer.parse() is not None
    assert answer.headers["x-request-id"].startswith("req_")


def test_a_structured_answer_is_parsed_into_the_callers_own_type(client: openai.OpenAI) -> None:
    done = client.chat.completions.parse(model="gpt-5-mini", messages=ASK, response_format=Baked)

    (choice,) = done.choices
    assert isinstance(choice.message.parsed, Baked)
    assert choice.finish_reason == "stop"
    assert done.usage is not None
    assert done.usage.total_tokens == done.usage.prompt_tokens + done.usage.completion_tokens


def test_a_secret_opens_a_call_and_the_key_hangs_it_up(
    client: openai.OpenAI, address: str, figure: Figure
) -> None:
    secret = client.realtime.client_secrets.create(session=SESSION)
    assert isinstance(secret.session, realtime.RealtimeSessionCreateResponse)
    assert secret.session.model == MODEL

    with openai.OpenAI(api_key=secret.value, base_url=f"{address}/v1", max_retries=0) as browser:
        answer = browser.realtime.calls.with_raw_response.create(sdp=OFFER.decode())

    call_id = answer.headers["Location"].rpartition("/")[2]
    taken = answer.http_response.status_code == 201 and answer.http_response.text.startswith("v=0")
    client.realtime.calls.hangup(call_id)
    with pytest.raises(openai.NotFoundError) as gone:
        client.realtime.calls.hangup(call_id)
    figure("official clients", "openai", good=taken + 1, of=2)
    assert taken
    assert gone.value.code == "call_id_not_found"


def test_a_call_is_opened_with_the_key_alone(client: openai.OpenAI, figure: Figure) -> None:
    answer = client.realtime.calls.with_raw_response.create(sdp=OFFER.decode(), session=SESSION)

    call_id = answer.headers["Location"].rpartition("/")[2]
    client.realtime.calls.hangup(call_id)
    figure("official clients", "openai", good=answer.http_response.status_code == 201, of=1)
    assert answer.http_response.status_code == 201
    assert answer.http_response.headers["Content-Type"].startswith("application/sdp")


@pytest.mark.parametrize(
    ("ask", "error", "code"),
    [
        (lambda c: c.models.retrieve("none"), openai.NotFoundError, "model_not_found"),
        (
            lambda c: c.with_options(api_key="wrong").realtime.client_secrets.create(),
            openai.AuthenticationError,
            "invalid_api_key",
        ),
        (
            lambda c: c.chat.completions.create(model="gpt-5-mini", messages=[]),
            openai.BadRequestError,
            "empty_array",
        ),
        (
            lambda c: c.chat.completions.create(model="gpt-5-mini", messages=ASK, max_tokens=5),
            openai.BadRequestError,
            "unsupported_parameter",
        ),
        (
            lambda c: c.chat.completions.create(model="gpt-5-mini", messages=ASK, stream=True),
            openai.BadRequestError,
            "unsupported_value",
        ),
    ],
)
def test_a_refusal_is_the_librarys_own_error(
    client: openai.OpenAI, ask: Ask, error: type[openai.APIStatusError], code: str, figure: Figure
) -> None:
    with pytest.raises(error) as refusal:
        ask(client)

    figure("official clients", "openai", good=refusal.value.code == code, of=1)
    assert refusal.value.code == code
    assert refusal.value.request_id is not None


def test_the_comparison_sees_what_is_undeclared_missing_or_of_another_type(address: str) -> None:
    headers = {"Authorization": "Bearer sk-test"}
    model = httpx.get(f"{address}/v1/models/gpt-5-mini", headers=headers, trust_env=False).json()
    assert list(openai_differences(model, types.Model)) == []
    assert list(openai_differences(model | {"colour": "red"}, types.Model))
    for broken in ({**model, "created": "yesterday"}, {"id": "x"}):
        with pytest.raises(ValueError):
            list(openai_differences(broken, types.Model))
