"""Exams of the local model: real sums for mathematics, questions of study for the rest."""

from __future__ import annotations

import json
import random
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.standins.openai_schema import resolve

_ENTRY = {"number", "type", "question", "options", "points", "answer", "markingGuide"}
_WHOLE = {"title", "instructions", "questions", "totalPoints"}
_COUNT = 10
_POINTS = {"multiple_choice": 1, "true_false": 1, "fill_in": 1, "short_answer": 3, "essay": 10}
_MATHS = re.compile(r"(?i)\bmath|arithm|calcul|algebra|addition|multiplic|fraction|number")
_STUDY = (
    ("Explain in your own words what {topic} is about.", "Says what {topic} is, with an example."),
    ("Give an example of {topic} from everyday life.", "A fitting example, and why it fits."),
    ("Why does {topic} matter in {subject}?", "One reason, with its consequence."),
    ("Which mistake is often made with {topic}, and how is it avoided?", "A mistake and a remedy."),
    ("How would you explain {topic} to a younger pupil?", "Plain words, in an order that helps."),
)
_TRUE = ("{topic} can be studied with examples.", "One example alone proves a rule of {topic}.")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the prompt says of the exam."""

    subject: str
    topic: str
    grade: str
    difficulty: str

    @property
    def about(self) -> str:
        return ", ".join(part for part in (self.subject, self.topic, self.grade) if part)


def is_exam(schema: Mapping[str, Any]) -> bool:
    """Whether the schema is that of an exam: questions with answers and points, nothing else."""
    members = schema.get("properties", {})
    if not {"title", "questions"} <= set(members) <= _WHOLE:
        return False
    inner = _entry(schema)
    return {"question", "answer", "points"} <= set(inner) <= _ENTRY


def write_exam(schema: Mapping[str, Any], texts: list[str]) -> dict[str, Any]:
    """An exam by that schema on what the texts of the prompt ask for; the same for the same."""
    asked = _asked(texts)
    dice = random.Random(zlib.crc32(asked.about.encode()))  # noqa: S311 (no secret)
    listed = resolve(schema["properties"]["questions"], schema)
    count = min(max(_COUNT, listed.get("minItems", 0)), listed.get("maxItems", _COUNT))
    kinds = _entry(schema).get("type", {}).get("enum") or ["short_answer"]
    questions = [
        _question(n, kinds[(n - 1) % len(kinds)], asked, dice) for n in range(1, count + 1)
    ]
    whole = {
        "title": f"{asked.about or 'General knowledge'}: practice exam",
        "instructions": f"Answer all {count} questions. (Written by the local model.)",
        "questions": [_only(question, _entry(schema)) for question in questions],
        "totalPoints": sum(question["points"] for question in questions),
    }
    return _only(whole, schema["properties"])


def _question(number: int, kind: str, asked: _Asked, dice: random.Random) -> dict[str, Any]:
    maths = _MATHS.search(f"{asked.subject} {asked.topic}") is not None
    text, answer, options, guide = _sum(kind, dice) if maths else _study(number, kind, asked)
    return {
        "number": number,
        "type": kind,
        "question": text,
        "options": options,
        "points": _POINTS.get(kind, 1),
        "answer": answer,
        "markingGuide": guide,
    }


def _sum(kind: str, dice: random.Random) -> tuple[str, str, list[str] | None, str]:
    one, other = dice.randint(3, 12), dice.randint(3, 12)
    product = one * other
    guide = f"Full points for {product}; half for a method that fits."
    if kind == "true_false":
        shown = product if dice.random() < 0.5 else product + one
        right = "True" if shown == product else "False"
        return (
            f"{one} × {other} = {shown}",
            right,
            ["True", "False"],
            f"{one} × {other} = {product}",
        )
    if kind == "multiple_choice":
        options = [str(product), str(product + one), str(product - other), str(product + 1)]
        dice.shuffle(options)
        return f"What is {one} × {other}?", str(product), options, guide
    if kind == "essay":
        text = f"Describe two ways to work out {one} × {other}, and compare them."
        return text, f"Repeated addition and splitting up {one}; both give {product}.", None, guide
    text = f"{one} × {other} = ___" if kind == "fill_in" else f"Work out {one} × {other}."
    return text, str(product), None, guide


def _study(number: int, kind: str, asked: _Asked) -> tuple[str, str, list[str] | None, str]:
    topic = asked.topic or asked.subject or "the subject"
    subject = asked.subject or "this subject"
    text, answer = (
        part.format(topic=topic, subject=subject) for part in _STUDY[(number - 1) % len(_STUDY)]
    )
    if kind == "true_false":
        statement = _TRUE[number % 2].format(topic=topic)
        right = "False" if number % 2 else "True"
        return statement, right, ["True", "False"], "Full points for the right word."
    if kind == "multiple_choice":
        options = [answer, "Says that nothing can be known.", "Names a colour.", "Leaves it out."]
        return f"What does a good answer hold? {text}", answer, options, "One option is right."
    if kind == "fill_in":
        return f"Question {number} is about ___.", topic, None, "The name of the topic."
    return text, answer, None, f"Points for each part: {answer}"


def _asked(texts: list[str]) -> _Asked:
    told: dict[str, Any] = {}
    for found in _objects(texts):
        told |= found
    prompt = " ".join(str(told.get("prompt") or "").split())[:80]
    return _Asked(
        subject=str(told.get("subject") or ""),
        topic=str(told.get("topic") or ("" if told.get("subject") else prompt)),
        grade=str(told.get("grade") or ""),
        difficulty=str(told.get("difficulty") or ""),
    )


def _objects(texts: list[str]) -> Iterator[dict[str, Any]]:
    """The JSON objects that stand on a line of their own."""
    for text in texts:
        for line in text.splitlines():
            if not line.lstrip().startswith("{"):
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict):
                yield value


def asked_for(texts: list[str]) -> str:
    """What the texts ask for, in one short line: the ``prompt`` of a JSON object, or their end."""
    prompts = [str(one["prompt"]) for one in _objects(texts) if one.get("prompt")]
    words = " ".join((prompts or texts or [""])[-1].split())
    return words[:80]


def _entry(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    listed = resolve(schema["properties"].get("questions", {}), schema)
    inner: Mapping[str, Any] = resolve(listed.get("items", {}), schema).get("properties", {})
    return inner


def _only(values: dict[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in names}
