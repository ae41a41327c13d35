"""A whole practice interview without a browser: real handlers, a real WebRTC call, seconds."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from local.standins.common import StandIn, running
from local.standins.openai import make_openai
from tests.e2e.voice_client import VoiceClient
from tests.world import MovableClock, Person, Reply, World

SPEED = 20
SPOKEN = 3  # turns of the person: enough for feedback

MODES = {
    "ga, ephemeral": {"REALTIME_DIALECT": "ga", "REALTIME_EXCHANGE": "ephemeral"},
    "ga, unified": {"REALTIME_DIALECT": "ga", "REALTIME_EXCHANGE": "unified"},
    "beta, ephemeral": {"REALTIME_DIALECT": "beta", "REALTIME_EXCHANGE": "ephemeral"},
}
PATHS = {
    "ga, ephemeral": ["/v1/realtime/client_secrets", "/v1/realtime/calls"],
    "ga, unified": ["/v1/realtime/calls"],
    "beta, ephemeral": ["/v1/realtime/sessions", "/v1/realtime"],
}


@pytest.fixture
def standin() -> StandIn:
    return make_openai(voice_speed=SPEED)


@pytest.fixture
def address(standin: StandIn) -> Iterator[str]:
    with running(standin) as listening:
        yield listening


@pytest.fixture
def wired(template: Any, engine: Any, connection: Any, address: str) -> Iterator[World]:
    """A world on the real clock, whose providers are reached over the network."""
    world = World(template, engine.endpoint, connection, clock=MovableClock(datetime.now(UTC)))
    with httpx.HTTPTransport() as transport:
        world.provider = transport  # type: ignore[assignment]  # anything that carries requests
        world.rewire(OPENAI_BASE_URL=f"{address}/v1", LLM_BASE_URL=f"{address}/v1")
        yield world


async def talk(
    client: VoiceClient, started: Any, exchange: Callable[[str], Reply]
) -> list[dict[str, Any]]:
    """Hold the interview as a page does: what both sides said, by the events that it was told."""
    answer = await asyncio.to_thread(exchange, await client.offer())
    assert answer.status == 200, answer.text
    await client.answer(answer.body["sdp"])
    await client.wait_for("session.created")
    for event in started["clientEvents"]:
        await client.send(event)
        await client.wait_for("session.updated")
    await client.send({"type": "response.create"})
    await client.wait_for("output_audio_buffer.stopped")
    for _ in range(SPOKEN):
        position = len(client.events)
        client.microphone.speak(0.4)
        await client.wait_for(started["events"]["userTranscript"][-1], after=position)
        await client.wait_for("output_audio_buffer.stopped", after=position)
    roles = {
        started["events"]["userTranscript"][-1]: "user",
        started["events"]["assistantTranscript"][-1]: "assistant",
    }
    said = [event for event in client.events if event["type"] in roles]
    now_ms = int(datetime.now(UTC).timestamp() * 1000)
    return [
        {"role": roles[event["type"]], "content": event["transcript"], "timestamp": now_ms + at}
        for at, event in enumerate(said)
    ]


def practise(person: Person) -> tuple[str, list[dict[str, Any]], VoiceClient]:
    """Start, connect, talk: the session's id, the transcript and the client that held the call."""
    begun = person.start({"jobTitle": "Baker", "company": "Bread Ltd"})
    assert begun.status == 201, begun.text
    session_id = begun.body["sessionId"]

    def exchange(sdp: str) -> Reply:
        body = {"sessionId": session_id, "token": begun.body["token"], "sdp": sdp}
        return person.call("POST /api/webrtc-exchange", body)

    async def call() -> tuple[list[dict[str, Any]], VoiceClient]:
        async with VoiceClient() as client:
            said = await talk(client, begun.body, exchange)
            connected = person.call(f"POST /api/sessions/{session_id}/connected")
            assert connected.body["connectedAt"] is not None
            ended = await asyncio.to_thread(person.call, f"POST /api/sessions/{session_id}/end")
            assert ended.body["status"] == "completed"
            if begun.body["dialect"] == "ga":
                await client.wait_until(lambda: client.closed)
            return said, client

    said, client = asyncio.run(call())
    return session_id, said, client


@pytest.mark.parametrize("mode", MODES)
def test_an_interview_is_practised_saved_and_scored(
    wired: World, standin: StandIn, mode: str
) -> None:
    wired.rewire(**MODES[mode])
    ada = wired.person()
    assert ada.credits() == 3.0

    session_id, said, client = practise(ada)

    spoken = [one["content"] for one in said if one["role"] == "user"]
    heard = [one["content"] for one in said if one["role"] == "assistant"]
    assert len(spoken) == SPOKEN
    assert len(heard) == SPOKEN + 1
    assert "Baker at Bread Ltd" in heard[0]
    assert client.frames_heard > 5
    assert client.energy_heard > 0
    assert [request["path"] for request in standin.requests][: len(PATHS[mode])] == PATHS[mode]
    if mode.startswith("ga"):
        assert all("openai-beta" not in request["headers"] for request in standin.requests)
        assert all(request["query"] == {} for request in standin.requests)
    hang_ups = [one for one in standin.requests if one["path"].endswith("/hangup")]
    assert len(hang_ups) == (0 if mode.startswith("beta") else 1)

    saved = ada.call("POST /api/interviews", {"sessionId": session_id, "messages": said})
    assert saved.status == 201, saved.text
    assert saved.body["messageCount"] == len(said)
    assert wired.feedback() == {"worked": 1, "failed": 0}
    found = ada.call(f"GET /api/interviews/{session_id}").body
    assert found["feedbackStatus"] == "completed"
    assert 0 <= found["feedback"]["overallScore"] <= 100
    assert {message["role"] for message in found["messages"]} == {"user", "assistant"}
    assert ada.credits() == 2.0
    assert sorted(entry["kind"] for entry in ada.ledger()) == ["debit", "grant"]
