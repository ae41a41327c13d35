"""What a transcript or a request asks of the model has no effect, though the model obeys it."""

import json
import os
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from greenroom.ai import guard
from greenroom.ai.exam import exam_schema
from greenroom.ai.exam_schema import ExamInput
from greenroom.feedback import prompt
from greenroom.feedback.answer import MalformedAnswer, read_answer
from greenroom.feedback.schema import Feedback
from greenroom.feedback.text import quotes_that_occur
from greenroom.interviews.transcript import Message
from greenroom.llm.text import letters_of
from local.standins.openai_exam import write_exam
from tests.fakes.provider import completion
from tests.figures import Figure
from tests.practice import live, turns
from tests.proxies import Proxy
from tests.security.injections import EACH, obey, spellings
from tests.security.test_llm_outputs import texts
from tests.unit.feedback.transcripts import TURNS, answer
from tests.world import World

each = pytest.mark.parametrize(("wanted", "text"), EACH, ids=lambda one: ascii(one)[1:40])
_CLICKABLE = re.compile(r"://|www\.|<[a-z/!]|javascript:|mailto:|data:[a-z]+/", re.IGNORECASE)
_HIDDEN = re.compile("[\u200b\u202a-\u202e\U000e0000-\U000e007f\x00-\x1f]")
# Through the whole product: all of them where THOROUGH is set, else a fourth.
SAMPLE = EACH if os.environ.get("THOROUGH") else EACH[::4]
HONEST = answer()
OPEN = {"topic": "Tides", "questionCount": 2, "questionTypes": ["essay", "short_answer"]}
FREE = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "notes": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["title", "notes"],
    "additionalProperties": False,
}


def leaks(value: Any, canary: str) -> bool:
    """Whether our instructions stand in the texts of a value, however they are spelled."""
    joined = letters_of("".join(texts(value)))
    return any(letters_of(one)[9:27] in joined for one in spellings(f"[{canary}] You are")[:8])


def test_there_are_at_least_fifty_injections() -> None:
    assert len({text for _, text in EACH}) == len(EACH) >= 50


def faults_of(feedback: dict[str, Any], said: list[str]) -> list[str]:
    """What an injection has achieved."""
    axes = feedback["categories"]
    quotes = [quote for one in axes for quote in one["evidence"]]
    found = {
        "the prompt is told": leaks(feedback, prompt.CANARY),
        "something to click": any(_CLICKABLE.search(one) for one in texts(feedback)),
        "something hidden": any(_HIDDEN.search(one) for one in texts(feedback)),
        "a better score": feedback["overallScore"] > max(one["score"] for one in axes),
        "a quote of nobody": quotes != quotes_that_occur(quotes, said),
        "another shape": feedback.keys() != HONEST.keys() | {"model", "generatedAt", "tooShort"},
    }
    return [name for name, is_so in found.items() if is_so]


@each
def test_nothing_of_it_is_in_the_feedback(figure: Figure, wanted: str, text: str) -> None:
    """Whatever an obedient model makes of it; and it stands in the prompt as data."""
    said = [*TURNS, Message("user", text, 7)]
    asked = prompt.build(said, job_title=text, company=text)
    assert asked[0]["content"] == prompt.SYSTEM
    assert asked[1]["content"].count("</transcript>") == 1
    assert asked[1]["content"].count("</context>") == 1

    outputs = obey(wanted, text, HONEST, prompt.SYSTEM)
    read = [read_answer(one, said, model="m", generated_at="2026-01-01") for one in outputs]

    own = [turn.content for turn in said if turn.role == "user"]
    found = [
        faults_of(one.model_dump(by_alias=True), own) for one in read if isinstance(one, Feedback)
    ]
    assert all(isinstance(one, Feedback | MalformedAnswer) for one in read)
    figure("injections", "into feedback", good=int(not any(found)), of=1)
    assert not any(found)


def test_nothing_of_it_is_stored_by_the_worker(world: World, figure: Figure) -> None:
    """An interview for each of them, from what is saved to what is shown."""
    good = 0
    for number, (wanted, text) in enumerate(SAMPLE):
        practice = live(world)
        order = text.encode(errors="replace").decode()
        saved = practice.save([{**one, "content": f"{order} {one['content']}"} for one in turns(8)])
        assert saved.status == 201, saved.text
        world.provider.feedback = obedient(wanted, text, HONEST, number)
        world.feedback()

        shown = practice.detail()
        status, told = shown["feedbackStatus"], shown["feedback"]
        said = [one for _, role, one in practice.said() if role == "user"]
        assert status in {"completed", "pending"}, (text, status)
        good += told is None or faults_of(told, said) == []

    figure("injections", "stored by the worker", good=good, of=len(SAMPLE))
    assert good == len(SAMPLE)


@pytest.mark.parametrize("service", ["exam", "structured"])
def test_nothing_of_it_comes_out_of_the_proxy(world: World, figure: Figure, service: str) -> None:
    """Our instructions are told nobody, and the shape is the one that was asked for."""
    proxy, good = Proxy(world), 0
    given = ExamInput.model_validate(OPEN)
    honest = write_exam(exam_schema(given), [])
    asked: dict[str, Any] = {"serviceType": "exam_generation"}
    if service == "structured":
        honest = {"title": "Breathing", "notes": ["In.", "Out."]}
        asked = {"serviceType": "structured_generation", "schema": FREE}
    for number, (wanted, text) in enumerate(SAMPLE):
        world.provider.feedback = obedient(wanted, text, honest, number)
        order = text.encode(errors="replace").decode()
        given_input = {"prompt": order} if service == "structured" else {**OPEN, "prompt": order}

        reply = proxy.generate(key=f"{service} {number}", input=given_input, **asked)

        assert reply.status in {200, 502}, (text, reply.text)
        output = reply.body["output"] if reply.status == 200 else {}
        good += not leaks(output, guard.CANARY) and (not output or output.keys() == honest.keys())

    figure("injections", f"into {service} answers", good=good, of=len(SAMPLE))
    assert good == len(SAMPLE)
    stored = "".join(str(row) for row in world.rows())
    assert letters_of(guard.CANARY) not in letters_of(stored)
    assert {row["status"] for row in proxy.rows()} == {"ok", "failed"}
    proxy.audit()


def obedient(
    wanted: str, text: str, honest: dict[str, Any], number: int
) -> Callable[[httpx.Request], httpx.Response]:
    """A model that obeys what it was sent, in one of the ways; it knows its instructions."""

    def reply(request: httpx.Request) -> httpx.Response:
        system, _ = json.loads(request.content)["messages"]
        outputs = obey(wanted, text, honest, system["content"])
        return completion(outputs[number % len(outputs)].replace("\ud800", "?"))

    return reply
