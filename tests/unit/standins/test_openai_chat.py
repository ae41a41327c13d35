"""The stand-in's language model follows the schema it is given, and quotes only what was said."""

import json
import random
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest

from local.standins.common import running
from local.standins.openai import make_openai
from local.standins.openai_coach import Coach
from local.standins.openai_transcript import find_turns, literal_quote, measure
from local.standins.openai_writer import Writer
from local.standins.voice.ears import describe_turn

KEY = {"Authorization": "Bearer anything"}
QUESTION = "Tell me about a time when you disagreed with a colleague. How did it end?"
GOOD = (
    "I led a team of 4 bakers for 7 years. We cut waste by 20 percent, because I measured each "
    "batch for a month. As a result the owner opened a second shop, which I planned and staffed."
)
POOR = "Um, maybe, you know, I guess it was fine."


def interview(*answers: str) -> str:
    lines: list[dict[str, Any]] = []
    for answer in answers:
        lines += [
            {"n": len(lines) + 1, "role": "assistant", "content": f"Thank you. {QUESTION}"},
            {"n": len(lines) + 2, "role": "user", "content": answer},
        ]
    body = "\n".join(json.dumps(line) for line in lines)
    return f"<transcript>\n{body}\n</transcript>\nJudge it."


def strict(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


TEXTS = {"type": "array", "items": {"type": "string"}, "minItems": 3, "maxItems": 5}
SCORE = {"type": "integer", "minimum": 0, "maximum": 100}
CATEGORY = strict(
    {
        "score": SCORE,
        "comment": {"type": "string"},
        "evidence": {"type": "array", "items": {"type": "string"}, "maxItems": 5},
    }
)
FEEDBACK = strict(
    {
        "summary": {"type": "string"},
        "overallScore": SCORE,
        "categories": strict({"communication": CATEGORY, "structure": CATEGORY}),
        "strengths": TEXTS,
        "improvements": TEXTS,
        "questions": {
            "type": "array",
            "maxItems": 20,
            "items": strict(
                {
                    "question": {"type": "string"},
                    "answerSummary": {"type": "string"},
                    "feedback": {"type": "string"},
                    "score": SCORE,
                }
            ),
        },
        "nextSteps": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    }
)


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with running(make_openai()) as address, httpx.Client(base_url=address) as client:
        yield client


def ask(http: httpx.Client, **body: Any) -> httpx.Response:
    given = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Hello"}], **body}
    return http.post("/v1/chat/completions", headers=KEY, json=given)


def format_of(schema: dict[str, Any], **extra: Any) -> dict[str, Any]:
    named = {"name": "feedback", "strict": True, "schema": schema, **extra}
    return {"type": "json_schema", "json_schema": named}


def feedback(http: httpx.Client, *answers: str) -> dict[str, Any]:
    messages = [
        {"role": "system", "content": 'Example: {"role": "user", "content": "never said this"}'},
        {"role": "user", "content": interview(*answers)},
    ]
    answer = ask(http, messages=messages, response_format=format_of(FEEDBACK))
    assert answer.status_code == 200
    document: dict[str, Any] = json.loads(answer.json()["choices"][0]["message"]["content"])
    jsonschema.validate(document, FEEDBACK)
    return document


def test_feedback_follows_the_schema_and_the_interview(http: httpx.Client) -> None:
    document = feedback(http, GOOD, POOR)

    assert [one["question"] for one in document["questions"]] == [QUESTION, QUESTION]
    assert document["questions"][0]["score"] > document["questions"][1]["score"]
    assert "figures" in document["strengths"][0]
    assert len(set(document["strengths"])) == len(document["strengths"])
    assert len(set(document["improvements"])) == len(document["improvements"])


def test_quotes_are_literally_the_persons_words(http: httpx.Client) -> None:
    document = feedback(http, GOOD, POOR)

    quotes = [one for part in document["categories"].values() for one in part["evidence"]]
    assert quotes
    assert all(quote in GOOD or quote in POOR for quote in quotes)


def test_other_interviews_get_other_scores_and_the_same_one_the_same(http: httpx.Client) -> None:
    good, poor = feedback(http, GOOD, GOOD), feedback(http, POOR, POOR)

    assert good["overallScore"] >= poor["overallScore"] + 20
    assert feedback(http, GOOD, GOOD) == good


def test_spoken_turns_are_judged_by_their_length_alone(http: httpx.Client) -> None:
    document = feedback(http, describe_turn(1, 4.2, 0), describe_turn(2, 40.0, 2))

    short, long = document["questions"]
    assert short["score"] < long["score"]
    assert "length" in document["summary"]
    assert "filler" not in " ".join(document["strengths"])


def test_the_answer_has_the_shape_and_the_usage_of_a_completion(http: httpx.Client) -> None:
    body = ask(http, model="any-model").json()

    assert body["object"] == "chat.completion"
    assert body["model"] == "any-model"
    assert body["choices"][0]["finish_reason"] == "stop"
    assert body["choices"][0]["message"]["role"] == "assistant"
    usage = body["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["prompt_tokens"] > 0


def test_an_answer_over_its_tokens_is_cut_and_says_so(http: httpx.Client) -> None:
    choice = ask(http, max_completion_tokens=3).json()["choices"][0]

    assert choice["finish_reason"] == "length"
    assert len(choice["message"]["content"]) <= 12


LOOSE_OBJECT = {"type": "object", "properties": {"a": {"type": "string"}}}


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "boss", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": ["x"]}, "messages[0]"),
        ({"temperature": 3}, "temperature"),
        ({"temperature": 0}, "temperature"),
        ({"max_tokens": 5}, "max_tokens"),
        ({"stream": True}, "stream"),
        ({"response_format": "json"}, "response_format"),
        ({"response_format": {"type": "xml"}}, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
        ({"response_format": {"type": "json_object"}}, "messages"),
        ({"response_format": format_of(FEEDBACK, name="a b")}, "response_format.json_schema.name"),
        ({"response_format": format_of(LOOSE_OBJECT)}, "response_format"),
        ({"response_format": format_of({**strict({"a": {}}), "required": []})}, "response_format"),
        ({"response_format": format_of(strict({"a": {}}))}, "response_format"),
        ({"response_format": format_of(strict({"a": {"type": "array"}}))}, "response_format"),
        ({"response_format": format_of({"type": "string"})}, "response_format"),
    ],
)
def test_a_request_that_openai_would_refuse_is_refused(
    http: httpx.Client, body: dict[str, Any], param: str
) -> None:
    answer = ask(http, **body)

    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == param


def test_an_unknown_argument_is_named(http: httpx.Client) -> None:
    answer = ask(http, foo=1)

    assert answer.status_code == 400
    assert "foo" in answer.json()["error"]["message"]


def test_a_call_without_a_key_is_401(http: httpx.Client) -> None:
    assert http.post("/v1/chat/completions", json={}).status_code == 401


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": {"type": "integer"}, "minItems": 4, "maxItems": 4},
        {"type": "string", "minLength": 300},
        {"type": "string", "maxLength": 10},
        {"type": ["null", "number"], "minimum": 1, "maximum": 5},
        {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 2},
        {"enum": ["poor", "good", "excellent"]},
        {"const": 7},
        {"anyOf": [{"type": "null"}, {"type": "boolean"}]},
        {"type": "object", "properties": {"n": {"type": "integer", "minimum": 5}}},
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"$defs": {"tree": strict({"children": {"type": "array", "maxItems": 1, "items":
            {"$ref": "#/$defs/tree"}}})}, "$ref": "#/$defs/tree"},
        {"type": "number", "minimum": 0.25, "maximum": 0.26},
    ],
)  # fmt: skip
@pytest.mark.parametrize("answers", [(), (GOOD, POOR)])
def test_any_schema_is_followed(schema: dict[str, Any], answers: tuple[str, ...]) -> None:
    coach = Coach(find_turns([interview(*answers)]))

    document = Writer(schema, coach).write()

    if "tree" not in schema.get("$defs", {}):
        jsonschema.validate(document, schema)
    assert json.loads(json.dumps(document)) == document


def test_lines_that_name_the_candidate_are_an_interview_too() -> None:
    turns = find_turns([f"Interviewer: {QUESTION}\nCandidate: {GOOD}\n- User: {POOR}"])

    assert [turn.by_person for turn in turns] == [False, True, True]
    assert turns[1].content == GOOD


def test_broken_json_in_a_prompt_does_no_harm() -> None:
    noise = '{"role": {{{ "user" ' * 50

    assert [turn.content for turn in find_turns([noise + interview(GOOD)])][-1] == GOOD


def test_a_quote_is_cut_at_a_word_and_stays_literal() -> None:
    long = "word " * 400

    assert literal_quote(long) in long
    assert len(literal_quote(long).split()) == 24


def test_the_measures_count_what_they_say() -> None:
    assert measure(POOR).fillers == 2
    assert measure(POOR).hedges == 2
    assert measure(GOOD).figures == 3
    assert measure(GOOD).quality > measure(POOR).quality
    chance = random.Random(1)
    for _ in range(200):
        text = " ".join(chance.choices(["um", "because", "7", "maybe", "work"], k=20))
        assert 0.0 < measure(text).quality < 1.0
