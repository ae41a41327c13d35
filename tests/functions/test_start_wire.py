"""Golden requests: what the provider sees of a start and an exchange, through the whole stack."""

import hashlib
import json
from email.parser import BytesParser
from typing import Any

import httpx

from greenroom.realtime.instructions import interviewer_instructions
from greenroom.sessions.domain import Brief
from tests.fakes.provider import OFFER, SECRET
from tests.world import API_KEY, World

TURN_DETECTION = {
    "type": "server_vad",
    "threshold": 0.5,
    "prefix_padding_ms": 300,
    "silence_duration_ms": 200,
}
INSTRUCTIONS = interviewer_instructions(Brief(job_title="Welder"))
# What the HTTP library says of itself and of the body; the rest is ours.
OF_THE_LIBRARY = {"host", "accept", "accept-encoding", "connection", "user-agent", "content-length"}


def ours(request: httpx.Request) -> dict[str, str]:
    """The headers that we chose."""
    named = {name.lower(): value for name, value in request.headers.items()}
    return {name: value for name, value in named.items() if name not in OF_THE_LIBRARY}


def wire(world: World, **settings: str) -> tuple[str, list[httpx.Request]]:
    """The person's id and all requests of a start and its exchange."""
    world.rewire(**settings)
    person = world.person()
    begun = person.start({"jobTitle": "Welder"})
    assert begun.status == 201, begun.text
    assert person.exchange(begun, OFFER).status == 201
    return hashlib.sha256(person.user_id.encode()).hexdigest(), world.provider.requests


def form_parts(request: httpx.Request) -> dict[str, Any]:
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    parts = [*BytesParser().parsebytes(head + request.content).walk()][1:]
    return {str(part.get_param("name", header="content-disposition")): part for part in parts}


def ga_session() -> dict[str, Any]:
    return {
        "type": "realtime",
        "model": "gpt-realtime-2.1-mini",
        "instructions": INSTRUCTIONS,
        "output_modalities": ["audio"],
        "audio": {
            "input": {
                "transcription": {"model": "gpt-transcribe"},
                "turn_detection": TURN_DETECTION,
            },
            "output": {"voice": "alloy"},
        },
    }


def test_ga_mints_and_exchanges_with_exactly_this(world: World) -> None:
    person, (mint, call) = wire(world)

    assert (mint.method, str(mint.url)) == (
        "POST",
        "https://api.openai.com/v1/realtime/client_secrets",
    )
    assert ours(mint) == {
        "authorization": f"Bearer {API_KEY}",
        "content-type": "application/json",
        "openai-safety-identifier": person,
    }
    assert json.loads(mint.content) == {
        "expires_after": {"anchor": "created_at", "seconds": 600},
        "session": ga_session(),
    }
    assert (call.method, str(call.url)) == ("POST", "https://api.openai.com/v1/realtime/calls")
    assert ours(call) == {"authorization": f"Bearer {SECRET}", "content-type": "application/sdp"}
    assert call.content == OFFER


def test_beta_is_equal_to_what_the_product_was_first_built_on(world: World) -> None:
    """Origin 003: headers, paths, bodies, and the SDP as raw bytes."""
    _, (mint, call) = wire(
        world, REALTIME_DIALECT="beta", OPENAI_BASE_URL="https://api.openai.com/v1",
        REALTIME_ALLOW_RETIRED="1",
    )  # fmt: skip

    assert (mint.method, str(mint.url)) == ("POST", "https://api.openai.com/v1/realtime/sessions")
    assert ours(mint) == {
        "authorization": f"Bearer {API_KEY}",
        "content-type": "application/json",
        "openai-beta": "realtime=v1",
    }
    assert json.loads(mint.content) == {
        "model": "gpt-4o-mini-realtime-preview",
        "voice": "alloy",
        "instructions": INSTRUCTIONS,
        "turn_detection": TURN_DETECTION,
    }
    assert (call.method, str(call.url)) == (
        "POST",
        "https://api.openai.com/v1/realtime?model=gpt-4o-mini-realtime-preview",
    )
    assert ours(call) == {
        "authorization": f"Bearer {SECRET}",
        "content-type": "application/sdp",
        "openai-beta": "realtime=v1",
    }
    assert call.content == OFFER


def test_unified_mints_nothing_and_sends_two_parts_with_the_standard_key(world: World) -> None:
    person, requests = wire(world, REALTIME_EXCHANGE="unified")

    (call,) = requests
    assert (call.method, str(call.url)) == ("POST", "https://api.openai.com/v1/realtime/calls")
    headers = ours(call)
    assert headers.pop("content-type").startswith("multipart/form-data; boundary=")
    assert headers == {
        "authorization": f"Bearer {API_KEY}",
        "openai-safety-identifier": person,
    }
    parts = form_parts(call)
    assert set(parts) == {"sdp", "session"}
    assert parts["sdp"].get_content_type() == "application/sdp"
    assert OFFER in call.content
    assert parts["session"].get_content_type() == "application/json"
    assert json.loads(parts["session"].get_payload(decode=True)) == ga_session()


def test_the_settings_choose_model_and_transcription_and_the_person_the_voice(
    world: World,
) -> None:
    world.rewire(REALTIME_MODEL="gpt-realtime-3", REALTIME_TRANSCRIPTION_MODEL="whisper-9")
    begun = world.person().start({"jobTitle": "Welder", "voice": "marin"})

    session = json.loads(world.provider.requests[0].content)["session"]
    assert session["model"] == begun.body["model"] == "gpt-realtime-3"
    assert session["audio"]["input"]["transcription"] == {"model": "whisper-9"}
    assert session["audio"]["output"] == {"voice": "marin"}


def test_the_answer_tells_the_client_what_its_dialect_needs(world: World) -> None:
    ga = world.person().start().body
    world.rewire(REALTIME_DIALECT="beta", OPENAI_BASE_URL="https://voice.test/v1")
    beta = world.person().start().body

    assert (ga["dialect"], ga["clientEvents"]) == ("ga", [])
    assert "response.output_audio_transcript.done" in ga["events"]["assistantTranscript"]
    assert beta["dialect"] == "beta"
    assert beta["clientEvents"] == [
        {
            "type": "session.update",
            "session": {"input_audio_transcription": {"model": "whisper-1"}},
        }
    ]
    assert "response.audio_transcript.done" in beta["events"]["assistantTranscript"]
    for answer in (ga, beta):
        words = "conversation.item.input_audio_transcription.completed"
        assert words in answer["events"]["userTranscript"]
        assert answer["exchangeUrl"] == "/api/webrtc-exchange"
        assert (answer["status"], answer["charged"]) == ("pending", 1.0)
        assert answer["maxDurationSeconds"] == 3600
