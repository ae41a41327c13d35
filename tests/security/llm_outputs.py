"""What language models write when they are broken, cut off, confused or hostile."""

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

from greenroom.ai.exam import exam_schema
from greenroom.ai.exam_schema import ExamInput
from local.standins.openai_exam import write_exam
from tests.unit.feedback.transcripts import answer

TYPES = ["multiple_choice", "true_false", "short_answer", "essay", "fill_in"]
GIVEN = ExamInput.model_validate({"topic": "Tides", "questionCount": 5, "questionTypes": TYPES})
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "mood": {"type": "string", "enum": ["calm", "brisk"]},
        "level": {"type": "integer", "minimum": 1, "maximum": 10},
        "share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "steps": {
            "type": "array",
            "minItems": 1,
            "maxItems": 3,
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "done": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
                },
                "required": ["text", "done"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["mood", "level", "share", "steps"],
    "additionalProperties": False,
}
HONEST: dict[str, Any] = {
    "feedback": answer(),
    "exam": write_exam(exam_schema(GIVEN), []),
    "structured": {
        "mood": "calm",
        "level": 3,
        "share": 0.5,
        "steps": [{"text": "Breathe.", "done": None}, {"text": "Begin.", "done": True}],
    },
}

_ODD: list[Any] = [
    *(None, True, False, 0, -1, 1, 101, 1.5, 1e308, 10**19, float("nan"), float("inf")),
    *("", " ", "\x00", "\ud800", "\u202e", "<b>x</b>", "https://evil.example/", "é" * 20_000),
    *([], [[]], {}, {"id": 1}, ["x"] * 300, [None], {"score": 100}),
]
_TEXTS = ["", "null", "[]", "I cannot help.", "<html>502</html>", "[" * 5_000, "{" * 5_000]
_FENCES = ["```json\n{}\n```", "Here you are:\n{}", "{}\nDone!", "{}{}", "\ufeff{}", "[{}]"]


def malformed(kind: str, chance: random.Random) -> str:
    """An output that is honest but for a few faults; some faults are harmless."""
    honest = HONEST[kind]
    match chance.randrange(8):
        case 0 | 1 | 2:
            return json.dumps(_elsewhere(honest, chance))
        case 3:
            return json.dumps(_elsewhere(_elsewhere(honest, chance), chance), ensure_ascii=False)
        case 4:
            return chance.choice(_FENCES).replace("{}", json.dumps(honest))
        case 5:
            return json.dumps(honest)[: chance.randrange(len(json.dumps(honest)))]
        case 6:
            return chance.choice(_TEXTS)
        case _:
            return _scrambled(json.dumps(honest), chance)


def _elsewhere(value: Any, chance: random.Random) -> Any:
    """The document with something odd, nothing, or something twice in one of its places."""
    document = copy.deepcopy(value)
    places = list(_places(document))
    place, key = chance.choice(places)
    match chance.randrange(4):
        case 0:
            del place[key]
        case 1 if isinstance(place, list):
            place.append(place[key])
        case 1:
            place[f"{key}2"] = place[key]
        case _:
            place[key] = chance.choice(_ODD)
    return document


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document: what it is in, and its name or number there."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in inner:
        yield value, key
        if isinstance(one, dict | list):
            yield from _places(one)


def _scrambled(text: str, chance: random.Random) -> str:
    """The text with a few cuts, copies, swaps and foreign characters."""
    for _ in range(chance.randint(1, 4)):
        at, to = sorted(chance.choices(range(len(text) + 1), k=2))
        foreign = chance.choice('{}[]",:\\\x00é\ud800<&9-')
        number = chance.choice(["1e999", "-1", "NaN", "true"])
        text = chance.choice(
            [
                text[:at] + text[to:],
                text[:to] + text[at:],
                text[:at] + foreign + text[at:],
                text.replace(foreign, "", 1),
                text.replace("60", number, 1),
            ]
        )
    return text
