"""Writes a JSON document that follows any schema, filled by the coach where a name says how."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from local.standins.openai_coach import Coach, Point
from local.standins.openai_numbers import bounds_of, number_within
from local.standins.openai_schema import resolve
from local.standins.openai_transcript import Exchange, literal_quote

_QUOTES = 2
_ENTRIES = 3  # of a list that does not say how many
_ENTRIES_MAX = 50
_DEPTH_MAX = 24
_STRENGTH = re.compile(r"(?i)strength|positive|went_?well|highlight|pros\b")
_IMPROVE = re.compile(r"(?i)improve|weak|gap|growth|concern|cons\b")
_NEXT = re.compile(r"(?i)next|step|recommend|action|plan|advice|tips?\b")
_QUESTION = re.compile(r"(?i)question|answers|exchange")
_SCORE = re.compile(r"(?i)score|rating|grade|points|confidence|percent")
_QUOTE = re.compile(r"(?i)quote|evidence|excerpt|citation|verbatim")
_NUMBER = re.compile(r"(?i)^n$|number|index|turn|line|message|position|^at$")
_HEADING = re.compile(r"(?i)^(?:title|heading|headline|label|name|point|short)")
_ADVICE = re.compile(r"(?i)suggest|advice|better|stronger|ideal|model|improve|tip|how|example|try")
_CATEGORY = re.compile(r"(?i)^(?:category|name|criterion|dimension|skill|area|key|label|id)$")
_RANGE = re.compile(r"(\d+)\s*(?:to|-|–|and|\.\.)\s*(\d+)")
_RATINGS = (
    "very poor", "poor", "weak", "needs work", "needs improvement", "beginner", "low", "fair",
    "developing", "average", "medium", "moderate", "solid", "good", "competent", "strong",
    "high", "great", "very good", "excellent", "outstanding",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the document the writer is, and what that part is about."""

    path: tuple[str, ...] = ()
    index: int = 0
    subject: str = ""
    exchange: Exchange | None = None

    @property
    def key(self) -> str:
        return self.path[-1] if self.path else ""

    def under(self, key: str) -> _Place:
        return replace(self, path=(*self.path, key))

    def has(self, rule: re.Pattern[str]) -> bool:
        return any(rule.search(key) for key in self.path)


class Writer:
    """Fills one schema from one interview."""

    def __init__(self, schema: Mapping[str, Any], coach: Coach, *, asked: str = "") -> None:
        """``asked`` is what the prompt wants, where it holds no interview."""
        self._root = schema
        self._coach = coach
        self._asked = asked

    def write(self) -> Any:
        """The document."""
        return self._value(self._root, _Place())

    def _value(self, given: Any, place: _Place) -> Any:
        schema = resolve(given if isinstance(given, Mapping) else {}, self._root)
        for union in ("anyOf", "oneOf"):
            if union in schema:
                options = [resolve(option, self._root) for option in schema[union]]
                schema = next((one for one in options if one.get("type") != "null"), {})
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return self._choose(schema["enum"], place)
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            kind = next((one for one in kind if one != "null"), "null")
        return self._typed(kind, schema, place) if len(place.path) <= _DEPTH_MAX else None

    def _typed(self, kind: str, schema: Mapping[str, Any], place: _Place) -> Any:
        match kind:
            case "object":
                return self._object(schema, place)
            case "array":
                return self._array(schema, place)
            case "integer" | "number":
                return self._number(schema, place, whole=kind == "integer")
            case "string":
                return _fit(self._text(place, schema), schema)
            case _:
                return True if kind == "boolean" else None

    def _object(self, schema: Mapping[str, Any], place: _Place) -> dict[str, Any]:
        properties = schema.get("properties", {})
        # What an entry is about is decided first: its score and its words follow from it.
        about = next((key for key in properties if _CATEGORY.match(key)), None)
        filled: dict[str, Any] = {}
        if about is not None and not place.has(_STRENGTH) and not place.has(_IMPROVE):
            value = self._value(properties[about], place.under(about))
            filled[about] = value
            if isinstance(value, str):
                place = replace(place, subject=value)
        for key, inner in properties.items():
            if key in filled:
                continue
            below = place.under(key)
            resolved = resolve(inner, self._root) if isinstance(inner, Mapping) else {}
            if resolved.get("type") == "object":
                below = replace(below, subject=key)
            elif _SCORE.search(key) and not place.subject and len(key) > len("score"):
                below = replace(below, subject=re.sub(_SCORE, "", key).strip("_"))
            filled[key] = self._value(inner, below)
        return {key: filled[key] for key in properties}

    def _array(self, schema: Mapping[str, Any], place: _Place) -> list[Any]:
        items = resolve(schema.get("items", {}), self._root)
        least, most = schema.get("minItems", 0), schema.get("maxItems", _ENTRIES_MAX)
        quoted = _QUOTE.search(place.key) and items.get("type") == "string"
        if quoted and place.exchange is None and "enum" not in items and "const" not in items:
            quotes = list(self._coach.quotes(place.subject, min(_QUOTES, most)))
            return quotes + [self._asked_text(place)] * (least - len(quotes))
        entries = []
        for index in range(min(max(self._natural_count(items, place), least), most)):
            here = replace(place, index=index)
            if place.has(_QUESTION) and index < len(self._coach.exchanges):
                here = replace(here, exchange=self._coach.exchanges[index])
            entries.append(self._value(items, here))
        return entries

    def _natural_count(self, items: Mapping[str, Any], place: _Place) -> int:
        if place.has(_STRENGTH):
            return min(_ENTRIES, len(self._coach.strengths))
        if place.has(_IMPROVE):
            return min(_ENTRIES, len(self._coach.improvements))
        if place.has(_NEXT):
            return min(_ENTRIES, len(self._coach.next_steps))
        if place.has(_QUESTION):
            return len(self._coach.exchanges)
        for key, inner in items.get("properties", {}).items():
            named = resolve(inner, self._root) if isinstance(inner, Mapping) else {}
            if _CATEGORY.match(key) and "enum" in named:
                return len(named["enum"])
        return _ENTRIES

    def _choose(self, options: list[Any], place: _Place) -> Any:
        ranks = [_rank(option) for option in options]
        if all(rank is not None for rank in ranks):
            ordered = sorted(options, key=lambda option: _rank(option) or 0)
            quality = self._quality(place)
            return ordered[min(len(ordered) - 1, int(quality * len(ordered)))]
        return options[place.index % len(options)]

    def _number(self, schema: Mapping[str, Any], place: _Place, *, whole: bool) -> float:
        described = _RANGE.search(str(schema.get("description", "")))
        said = (int(described.group(1)), int(described.group(2))) if described else (0, 100)
        if _NUMBER.search(place.key) and not _SCORE.search(place.key):
            value: float = self._point(place).number
            said = (1, 1_000_000)
        else:
            low, high = bounds_of(schema, said)
            value = low + self._quality(place) * (high - low)
        return number_within(schema, float(value), said, whole=whole)

    def _asked_text(self, place: _Place) -> str:
        number = f" {place.index + 1}" if place.index else ""
        return f"{_spaced(place.key)}{number} (sample of the local model): {self._asked}"

    def _quality(self, place: _Place) -> float:
        if place.exchange is not None:
            return place.exchange.measures.quality
        if place.subject and place.subject.lower() not in ("overall", "total"):
            return self._coach.quality_of(place.subject)
        return self._coach.quality

    def _point(self, place: _Place) -> Point:
        if place.exchange is not None:
            one = place.exchange
            feedback, advice = self._coach.on_answer(one), self._coach.advice_on(one)
            return Point(one.question, feedback, advice, literal_quote(one.answer), one.number)
        points = self._coach.strengths
        if place.has(_IMPROVE):
            points = self._coach.improvements
        elif place.has(_NEXT):
            points = self._coach.next_steps
        point = points[place.index % len(points)]
        if not point.quote and self._coach.exchanges:
            quoted = self._coach.exchanges[place.index % len(self._coach.exchanges)]
            point = replace(point, quote=literal_quote(quoted.answer), number=quoted.number)
        return point

    def _text(self, place: _Place, schema: Mapping[str, Any]) -> str:
        if schema.get("format") in ("date-time", "date"):
            now = datetime.now(UTC).isoformat(timespec="seconds")
            return now if schema["format"] == "date-time" else now[:10]
        if self._asked and not self._coach.exchanges:
            return self._asked_text(place)
        point = self._point(place)
        if _QUOTE.search(place.key):
            return point.quote
        if place.exchange is not None:
            summary = self._coach.answer_summary(place.exchange)
            return _answer_text(place.key, point, place.exchange, summary)
        if place.has(_STRENGTH) or place.has(_IMPROVE) or place.has(_NEXT):
            return _listed_text(place, point)
        about_one = bool(place.subject) and not _CATEGORY.match(place.key)
        return self._coach.about(place.subject) if about_one else self._coach.summary()


def _spaced(key: str) -> str:
    """A name in words: ``lessonPlan`` is "Lesson plan"."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_-]+", " ", key).lower().strip()
    return (words[:1].upper() + words[1:]) or "Text"


def _answer_text(key: str, point: Point, exchange: Exchange, summary: str) -> str:
    if re.search(r"(?i)^answer$|response|said", key):
        return exchange.answer
    if re.search(r"(?i)answer|summary", key):
        return summary
    if _QUESTION.search(key) and "feedback" not in key.lower():
        return point.title
    return point.advice if _ADVICE.search(key) else point.detail


def _listed_text(place: _Place, point: Point) -> str:
    in_object = not any(rule.search(place.key) for rule in (_STRENGTH, _IMPROVE, _NEXT))
    if in_object and _HEADING.search(place.key):
        return point.title
    if in_object and _ADVICE.search(place.key):
        return point.advice
    if in_object or place.has(_NEXT):
        return point.detail
    told = point.advice if place.has(_IMPROVE) else point.detail
    return f"{point.title}. {told}"


def _rank(option: object) -> int | None:
    word = str(option).lower().replace("_", " ").replace("-", " ")
    return _RATINGS.index(word) if word in _RATINGS else None


def _fit(text: str, schema: Mapping[str, Any]) -> str:
    longest = schema.get("maxLength")
    if longest is not None and len(text) > longest:
        cut = text[:longest]
        text = cut[: cut.rfind(" ")] if " " in cut else cut
    return text.ljust(schema.get("minLength", 0), ".")
