"""A voice provider and language model behind an httpx transport: counted, scripted, strict."""

import json
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from greenroom.kernel.clock import Clock, epoch_s, utc_now
from local.standins.openai_coach import Coach
from local.standins.openai_exam import is_exam, write_exam
from local.standins.openai_writer import Writer

Reply = Callable[[httpx.Request], httpx.Response]

OFFER = (Path(__file__).parents[1] / "fixtures/sdp/chromium_gathered.sdp").read_bytes()
ANSWER = OFFER.replace(b"a=setup:actpass", b"a=setup:active")
SECRET = "ek_canary_provider_secret_0123456789"


class FakeProvider(httpx.BaseTransport):
    """Answers as OpenAI does; ``script`` replaces the next replies of a path.

    ``requests`` holds every request that arrived, with its body read.
    """

    def __init__(self, *, clock: Clock = utc_now) -> None:
        self.clock = clock
        self.requests: list[httpx.Request] = []
        self.answer = ANSWER
        self.feedback: Reply = _completion
        self._scripts: dict[str, deque[Reply]] = {}
        self._lock = threading.Lock()
        self._calls = 0

    def script(self, path: str, *replies: Reply | httpx.Response | Exception) -> None:
        """Let the next requests whose path ends so be answered (or broken) like this."""
        made = [_reply(one) for one in replies]
        self._scripts.setdefault(path, deque()).extend(made)

    def count(self, path: str) -> int:
        """How many requests whose path ends so have arrived."""
        return sum(request.url.path.endswith(path) for request in self.requests)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request; safe from several threads."""
        request.read()
        with self._lock:
            self.requests.append(request)
            self._calls += 1
            number = self._calls
            for path, replies in self._scripts.items():
                if request.url.path.endswith(path) and replies:
                    reply = replies.popleft()
                    break
            else:
                reply = self._default(number)
        return reply(request)

    def _default(self, number: int) -> Reply:
        location = {"Location": f"/v1/realtime/calls/rtc_{number}"}
        replies: dict[str, Reply] = {
            "/client_secrets": self._client_secret,
            "/sessions": self._beta_session,
            "/hangup": lambda _request: httpx.Response(200),
            "/calls": lambda _request: self._sdp(location),
            "/realtime": lambda _request: self._sdp({}),
            "/chat/completions": self.feedback,
        }

        def answer(request: httpx.Request) -> httpx.Response:
            known = [reply for path, reply in replies.items() if request.url.path.endswith(path)]
            unknown = {"error": {"message": "no such path", "code": None}}
            return known[0](request) if known else httpx.Response(404, json=unknown)

        return answer

    def _client_secret(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        expires_at = epoch_s(self.clock()) + body["expires_after"]["seconds"]
        session = body["session"] | {"id": "sess_1", "object": "realtime.session"}
        return httpx.Response(
            200, json={"value": SECRET, "expires_at": expires_at, "session": session}
        )

    def _beta_session(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        secret = {"value": SECRET, "expires_at": epoch_s(self.clock()) + 60}
        return httpx.Response(
            200, json={"id": "sess_1", "model": body["model"], "client_secret": secret}
        )

    def _sdp(self, headers: dict[str, str]) -> httpx.Response:
        media_type = {"Content-Type": "application/sdp"}
        return httpx.Response(201, content=self.answer, headers=media_type | headers)


def failing(error: type[httpx.TransportError]) -> Reply:
    """A reply that never comes."""

    def broken(request: httpx.Request) -> httpx.Response:
        raise error("scripted", request=request)

    return broken


def feedback_answer(**changes: Any) -> dict[str, Any]:
    """A language model's answer that follows the schema."""
    category = {"score": 70, "comment": "Clear and to the point.", "evidence": []}
    names = ("communication", "structure", "roleKnowledge", "problemSolving", "confidence")
    return {
        "summary": "A solid practice interview with concrete examples.",
        "overallScore": 70,
        "categories": dict.fromkeys(names, category),
        "strengths": ["Concrete examples.", "Calm pace.", "Clear structure."],
        "improvements": ["Name results.", "Shorter openings.", "Ask back."],
        "questions": [],
        "nextSteps": ["Practise one story in two minutes."],
    } | changes


def _completion(request: httpx.Request) -> httpx.Response:
    body = json.loads(request.content)
    wanted = body["response_format"]["json_schema"]
    if wanted["name"] == "interview_feedback":
        answer: Any = feedback_answer()
    elif is_exam(wanted["schema"]):
        answer = write_exam(wanted["schema"], [body["messages"][-1]["content"]])
    else:
        answer = Writer(wanted["schema"], Coach([]), asked="a test").write()
    return completion(json.dumps(answer), model=body["model"])


def completion(text: str, *, model: str = "gpt-5-mini") -> httpx.Response:
    """An OpenAI-compatible answer with this text."""
    message = {"role": "assistant", "content": text}
    return httpx.Response(
        200,
        json={
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": int(datetime.now(UTC).timestamp()),
            "model": model,
            "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 900, "completion_tokens": 300, "total_tokens": 1200},
        },
    )


def _reply(one: Reply | httpx.Response | Exception) -> Reply:
    if isinstance(one, httpx.Response):
        return lambda _request: one
    if isinstance(one, Exception):

        def broken(_request: httpx.Request) -> httpx.Response:
            raise one

        return broken
    return one
