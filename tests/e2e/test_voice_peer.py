"""Whole calls over real WebRTC, without a browser: an aiortc caller and the voice peer."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.standins.common import StandIn, running
from local.standins.openai import make_openai
from local.standins.voice import Calls
from tests.e2e.voice_client import Event, VoiceClient

KEY = {"Authorization": "Bearer sk-test"}
BETA = {"OpenAI-Beta": "realtime=v1"}
BETA_MODEL = "gpt-4o-mini-realtime-preview"
INSTRUCTIONS = "Role: Baker\nCompany: Bread Ltd\nInterview type: behavioural\n"
SPEED = 20
USER_WORDS = "conversation.item.input_audio_transcription.completed"
ANSWER = "I reorganised the night shift of our bakery together with my whole team and its owner."
ASSISTANT_WORDS = {
    "ga": "response.output_audio_transcript.done",
    "unified": "response.output_audio_transcript.done",
    "beta": "response.audio_transcript.done",
}


@dataclass(slots=True)
class Call:
    """A call that is connected."""

    client: VoiceClient
    http: httpx.AsyncClient
    dialect: str
    location: str | None

    async def greeted(self) -> None:
        await self.client.send({"type": "response.create"})
        await self.client.wait_for("output_audio_buffer.stopped")

    async def replied(self, after: int) -> Event:
        return await self.client.wait_for("output_audio_buffer.stopped", after=after)

    async def speak(self, seconds: float = 0.4) -> int:
        position = len(self.client.events)
        self.client.microphone.speak(seconds)
        await self.replied(position)
        return position


async def _open(http: httpx.AsyncClient, dialect: str, offer: str, *, words: bool) -> Any:
    transcription = {"model": "gpt-transcribe"} if words else None
    if dialect == "beta":
        body: dict[str, Any] = {"model": BETA_MODEL, "instructions": INSTRUCTIONS}
        minted = await http.post("/v1/realtime/sessions", headers={**KEY, **BETA}, json=body)
        value = minted.json()["client_secret"]["value"]
        headers = {"Authorization": f"Bearer {value}", **BETA, "Content-Type": "application/sdp"}
        path = f"/v1/realtime?model={BETA_MODEL}"
        return await http.post(path, headers=headers, content=offer)
    session = {
        "type": "realtime",
        "model": "gpt-realtime-2.1-mini",
        "instructions": INSTRUCTIONS,
        "audio": {"input": {"transcription": transcription}},
    }
    if dialect == "unified":
        parts: Any = {"sdp": (None, offer), "session": (None, json.dumps(session))}
        return await http.post("/v1/realtime/calls", headers=KEY, files=parts)
    minted = await http.post("/v1/realtime/client_secrets", headers=KEY, json={"session": session})
    value = minted.json()["value"]
    headers = {"Authorization": f"Bearer {value}", "Content-Type": "application/sdp"}
    return await http.post("/v1/realtime/calls", headers=headers, content=offer)


@asynccontextmanager
async def calling(
    address: str,
    dialect: str = "ga",
    *,
    words: bool = True,
    change_offer: Callable[[str], str] = str,
) -> AsyncIterator[Call]:
    async with httpx.AsyncClient(base_url=address) as http, VoiceClient() as client:
        answer = await _open(http, dialect, change_offer(await client.offer()), words=words)
        assert answer.status_code == 201
        await client.answer(answer.text)
        await client.wait_for("session.created")
        if dialect == "beta" and words:
            change = {"input_audio_transcription": {"model": "whisper-1"}}
            await client.send({"type": "session.update", "session": change})
            await client.wait_for("session.updated")
        yield Call(client, http, dialect, answer.headers.get("location"))


def run(
    scenario: Callable[[str], Coroutine[Any, Any, None]], standin: StandIn | None = None
) -> None:
    """Run a scenario against a stand-in of its own."""
    with running(standin or make_openai(voice_speed=SPEED)) as address:
        asyncio.run(scenario(address))


@pytest.mark.parametrize("dialect", ["ga", "unified", "beta"])
def test_a_whole_call_has_both_sides_in_the_words_of_the_dialect(dialect: str) -> None:
    async def scenario(address: str) -> None:
        begun = time.monotonic()
        async with calling(address, dialect) as call:
            await call.greeted()
            await call.speak()
            position = len(call.client.events)
            await call.client.say(ANSWER)
            await call.replied(position)
            await call.speak()

            events = call.client.events
            assistant = [one for one in events if one["type"] == ASSISTANT_WORDS[dialect]]
            person = [one for one in events if one["type"] == USER_WORDS]
            assert "Baker at Bread Ltd" in assistant[0]["transcript"]
            assert "reorganised" in assistant[2]["transcript"]
            assert len(assistant) == 4
            assert [one["transcript"][:15] for one in person] == [
                "(Spoken answer ",
                "(Spoken answer ",
            ]
            assert call.client.frames_heard > 5
            assert call.client.energy_heard > 0
            assert "error" not in call.client.types
            names = {name for name in call.client.types if name.startswith("response.")}
            other = "response.output_audio" if dialect == "beta" else "response.audio"
            assert not any(name.startswith(other) for name in names)
        assert time.monotonic() - begun < 8, "three turns take about two seconds"

    run(scenario)


def _without_deltas(types: list[str]) -> list[str]:
    return [name for name in types if not name.endswith(".delta")]


def test_the_events_of_a_reply_come_in_openais_order() -> None:
    async def scenario(address: str) -> None:
        async with calling(address) as call:
            await call.greeted()

            assert _without_deltas(call.client.types) == [
                "session.created",
                "response.created",
                "response.output_item.added",
                "conversation.item.added",
                "response.content_part.added",
                "output_audio_buffer.started",
                "response.output_audio.done",
                "response.output_audio_transcript.done",
                "response.content_part.done",
                "conversation.item.done",
                "response.output_item.done",
                "response.done",
                "rate_limits.updated",
                "output_audio_buffer.stopped",
            ]
            events = {event["type"]: event for event in call.client.events}
            done = events["response.done"]["response"]
            assert done["status"] == "completed"
            assert done["output"][0]["content"][0]["type"] == "output_audio"
            assert done["usage"]["output_token_details"]["audio_tokens"] > 0
            deltas = [
                event["delta"]
                for event in call.client.events
                if event["type"] == "response.output_audio_transcript.delta"
            ]
            transcript = events["response.output_audio_transcript.done"]["transcript"]
            assert "".join(deltas) == transcript
            ids = [event["event_id"] for event in call.client.events]
            assert len(set(ids)) == len(ids)

    run(scenario)


def test_a_spoken_turn_is_committed_after_the_item_before_it() -> None:
    async def scenario(address: str) -> None:
        async with calling(address) as call:
            await call.greeted()
            position = await call.speak()

            spoken = _without_deltas(call.client.types[position:])
            assert spoken[:7] == [
                "input_audio_buffer.speech_started",
                "input_audio_buffer.speech_stopped",
                "input_audio_buffer.committed",
                "conversation.item.added",
                "conversation.item.done",
                USER_WORDS,
                "response.created",
            ]
            events = {event["type"]: event for event in call.client.events[position:]}
            greeting = await call.client.wait_for("response.output_item.added")
            committed = events["input_audio_buffer.committed"]
            assert committed["previous_item_id"] == greeting["item"]["id"]
            assert events[USER_WORDS]["item_id"] == committed["item_id"]
            assert events["response.done"]["response"]["output"][0]["role"] == "assistant"

    run(scenario)


@pytest.mark.parametrize("dialect", ["ga", "beta"])
def test_without_transcription_the_persons_words_never_arrive(dialect: str) -> None:
    async def scenario(address: str) -> None:
        async with calling(address, dialect, words=False) as call:
            await call.greeted()
            await call.speak()

            assert "input_audio_buffer.committed" in call.client.types
            assert not any("input_audio_transcription" in name for name in call.client.types)

    run(scenario)


def test_speech_interrupts_the_interviewer() -> None:
    async def scenario(address: str) -> None:
        async with calling(address) as call:
            await call.client.send({"type": "response.create"})
            await call.client.wait_for("output_audio_buffer.started")
            call.client.microphone.speak(0.5)
            done = await call.client.wait_for("response.done")
            await call.client.wait_for(USER_WORDS)

            assert done["response"]["status"] == "cancelled"
            assert done["response"]["status_details"]["reason"] == "turn_detected"
            types = call.client.types
            assert types.index("input_audio_buffer.speech_started") < types.index("response.done")
            assert "output_audio_buffer.cleared" in types
            assert "conversation.item.truncated" in types

    # Slow enough that the greeting is still being spoken.
    run(scenario, make_openai(voice_speed=4))


def test_what_the_client_may_not_do_is_an_error_event_and_the_call_goes_on() -> None:
    async def refused(call: Call, event: Event) -> dict[str, Any]:
        position = len(call.client.events)
        await call.client.send({**event, "event_id": "mine"})
        error = (await call.client.wait_for("error", after=position))["error"]
        assert error["event_id"] == "mine"
        assert isinstance(error, dict)
        return error

    async def scenario(address: str) -> None:
        async with calling(address) as call:
            unknown = await refused(call, {"type": "foo.bar"})
            assert "foo.bar" in unknown["message"]
            flat = await refused(call, {"type": "session.update", "session": {"voice": "ash"}})
            assert flat["code"] == "unknown_parameter"
            idle = await refused(call, {"type": "response.cancel"})
            assert idle["code"] == "response_cancel_not_active"
            gone = await refused(call, {"type": "conversation.item.delete", "item_id": "item_none"})
            assert gone["code"] == "item_delete_invalid_item_id"
            await call.client.send({"type": "response.create"})
            twice = await refused(call, {"type": "response.create"})
            assert twice["code"] == "conversation_already_has_active_response"
            await call.client.wait_for("output_audio_buffer.stopped")

    run(scenario)


def test_a_cancelled_reply_makes_room_for_the_next_at_once() -> None:
    async def scenario(address: str) -> None:
        async with calling(address) as call:
            await call.client.send({"type": "response.create"})
            await call.client.wait_for("output_audio_buffer.started")
            await call.client.send({"type": "response.cancel"})
            await call.client.say(ANSWER)
            await call.client.wait_for("output_audio_buffer.stopped")

            done = [one["response"] for one in call.client.events if one["type"] == "response.done"]
            assert [one["status"] for one in done] == ["cancelled", "completed"]
            assert "error" not in call.client.types

    run(scenario)


def test_a_text_reply_has_words_and_no_sound() -> None:
    async def scenario(address: str) -> None:
        async with calling(address) as call:
            response = {"output_modalities": ["text"]}
            await call.client.send({"type": "response.create", "response": response})
            done = await call.client.wait_for("response.done")

            assert done["response"]["output"][0]["content"][0]["type"] == "output_text"
            assert "response.output_text.done" in call.client.types
            assert "output_audio_buffer.started" not in call.client.types

    run(scenario)


def test_without_turn_detection_the_client_commits_by_itself() -> None:
    async def scenario(address: str) -> None:
        async with calling(address) as call:
            audio = {"input": {"turn_detection": None}}
            session = {"type": "realtime", "audio": audio}
            await call.client.send({"type": "session.update", "session": session})
            await call.client.wait_for("session.updated")
            await call.client.send({"type": "input_audio_buffer.clear"})
            await call.client.wait_for("input_audio_buffer.cleared")
            await call.client.send({"type": "input_audio_buffer.commit"})
            error = await call.client.wait_for("error")
            assert error["error"]["code"] == "input_audio_buffer_commit_empty"

    run(scenario)


@pytest.mark.parametrize("ending", ["", "a=end-of-candidates\r\n"])
def test_a_browser_that_hides_its_addresses_is_reached(ending: str) -> None:
    def hidden(offer: str) -> str:
        name = "3f2a1c9e-0b1d-4f7e-9a55-1b2c3d4e5f60.local"
        shown = re.sub(r"(a=candidate:\S+ 1 udp \d+) \S+ ", rf"\1 {name} ", offer)
        assert name in shown
        return shown.replace("a=end-of-candidates\r\n", ending)

    async def scenario(address: str) -> None:
        begun = time.monotonic()
        async with calling(address, change_offer=hidden):
            assert time.monotonic() - begun < 5

    run(scenario)


def test_hanging_up_closes_the_callers_channel() -> None:
    async def scenario(address: str) -> None:
        async with calling(address) as call:
            answer = await call.http.post(f"{call.location}/hangup", headers=KEY)
            assert answer.status_code == 200
            await call.client.wait_until(lambda: call.client.closed, timeout_s=5)

            again = await call.http.post(f"{call.location}/hangup", headers=KEY)
            assert again.status_code == 404

    run(scenario)


def test_a_reset_ends_every_call() -> None:
    async def scenario(address: str) -> None:
        async with calling(address) as first, calling(address, "beta") as second:
            await first.http.post("/_control/reset")
            for call in (first, second):
                await call.client.wait_until(lambda: call.client.closed, timeout_s=5)  # noqa: B023

    run(scenario)


def test_a_caller_who_leaves_ends_the_call() -> None:
    calls = Calls(speed=SPEED)

    async def scenario(address: str) -> None:
        async with calling(address) as call:
            await call.greeted()
            assert len(calls) == 1
        async with asyncio.timeout(5):
            while len(calls) > 0:  # noqa: ASYNC110 - it changes in the server's thread
                await asyncio.sleep(0.02)

    run(scenario, make_openai(calls=calls))


def test_a_call_ends_at_its_maximum() -> None:
    async def scenario(address: str) -> None:
        async with calling(address) as call:
            await call.client.wait_until(lambda: call.client.closed, timeout_s=5)

    run(scenario, make_openai(calls=Calls(speed=SPEED, max_s=1.0)))


def test_several_calls_at_once_do_not_disturb_each_other() -> None:
    async def one(address: str, dialect: str) -> str:
        async with calling(address, dialect) as call:
            await call.greeted()
            done = await call.client.wait_for(ASSISTANT_WORDS[dialect])
            return str(done["transcript"])

    async def scenario(address: str) -> None:
        texts = await asyncio.gather(*(one(address, name) for name in ("ga", "beta", "ga", "beta")))
        assert all("Baker at Bread Ltd" in text for text in texts)

    run(scenario)


def test_a_call_works_with_loopback_as_the_only_network() -> None:
    unshare = shutil.which("unshare")
    ip = shutil.which("ip")
    if unshare is None or subprocess.run([unshare, "-rn", "true"], check=False).returncode != 0:
        pytest.skip("network namespaces are not permitted here")
    if ip is None:
        pytest.skip("no ip command to bring the loopback interface up")
    root = Path(__file__).parents[2]
    test = f"{__file__}::test_the_events_of_a_reply_come_in_openais_order"
    command = f'{ip} link set lo up && exec "$0" -m pytest -q -p no:cacheprovider "$1"'

    done = subprocess.run(
        [unshare, "-rn", "sh", "-c", command, sys.executable, test],
        cwd=root,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3_000:]
