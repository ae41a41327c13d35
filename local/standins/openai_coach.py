"""The scripted coach: feedback in sentences, from what can be counted in the interview."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

from local.standins.openai_transcript import (
    Exchange,
    Measures,
    Turn,
    exchanges,
    literal_quote,
    measure,
    spoken_seconds,
)


@dataclass(frozen=True, slots=True)
class Point:
    """One observation: its heading, what it means, what to try, and the words it rests on."""

    title: str
    detail: str
    advice: str
    quote: str = ""
    number: int = 0


Worth = Callable[[Measures], float]

_STRENGTHS: tuple[tuple[Worth, str, str], ...] = (
    (lambda m: m.figures / 2, "You used figures",
     "A number makes a result easy to picture and to trust."),
    (lambda m: m.reasons / 2, "You gave reasons",
     "You said why you acted as you did, which shows how you think."),
    (lambda m: min(m.words, 80) / 80, "You developed your answer",
     "You took the room to describe the situation and your own part in it."),
    (lambda m: m.variety * min(1.0, m.words / 30), "You chose your words well",
     "Your language was varied and to the point."),
    (lambda m: 0.3 - 3 * m.fillers / max(1, m.words), "You spoke cleanly",
     "There were few filler words between you and your listener."),
)  # fmt: skip
_IMPROVEMENTS: tuple[tuple[Worth, str, str, str], ...] = (
    (lambda m: 1 - min(m.words, 60) / 60, "Develop short answers",
     "This answer ended before the listener could see what you did.",
     "Name the situation, your task, what you did and what came of it, in two minutes."),
    (lambda m: 0.6 - m.figures, "Add a result that can be measured",
     "The answer says what you did, but not how much it changed.",
     "Close with one figure: time saved, people helped, errors avoided."),
    (lambda m: 5 * m.fillers / max(1, m.words), "Replace filler words with a pause",
     "Filler words take weight from what you say.",
     "Breathe where you would say a filler; silence sounds sure of itself."),
    (lambda m: 5 * m.hedges / max(1, m.words), "Say it with more certainty",
     "Words such as 'maybe' or 'I think' make your own work sound like a guess.",
     "State what you did in the first person and in the past tense."),
    (lambda m: 0.5 - m.reasons / 2, "Explain why you chose this way",
     "The choice is told without the reason for it.",
     "Add one sentence that begins with 'because', and one option that you turned down."),
)  # fmt: skip
_SPOKEN_NOTE = "You answered aloud; a spoken answer counts by its length in this local practice."
_LENGTH_TITLES = ("You developed your answer", "Develop short answers")
_POINTS_MAX = 4
_ALWAYS_GOOD = tuple(
    Point(title, detail, detail)
    for title, detail in (
        ("You practised", "You sat down to rehearse, which most candidates never do."),
        ("You stayed with it", "You kept the conversation going and answered what was asked."),
        ("You now have a record", "Your own words are in the transcript, ready to be improved."),
    )
)
_COMMENTS: tuple[tuple[tuple[str, ...], tuple[str, str, str]], ...] = (
    (("communic", "clar"), (
        "You were easy to follow: full sentences, and few words without a purpose.",
        "You can be followed. Shorter sentences, with the main point first, would help more.",
        "The listener has to work. Open with your answer in one sentence, then explain it.")),
    (("structur", "star", "organi"), (
        "Your answers had an order: what it was about, what you did, and what came of it.",
        "There is a story in your answers; its result is not always told. End on the outcome.",
        "Build each answer in four steps: situation, task, action and result.")),
    (("knowledge", "techn", "depth", "skill", "role"), (
        "You spoke of the work in detail, as somebody who has done it.",
        "You know the work. Name the tools, the numbers and the trade-offs to show it.",
        "Too little was said about the work itself. Prepare two projects in detail.")),
    (("problem", "analy", "think"), (
        "You gave reasons for what you chose, so that your thinking could be seen.",
        "You tell what you did; say also which other way you turned down, and why.",
        "Take the problem apart aloud: what was known, what was not, what you tried first.")),
    (("confiden", "deliver", "presence"), (
        "You spoke for your own work in a steady voice and with little hedging.",
        "You come across as honest; fewer words such as 'maybe' would make you sound surer.",
        "Own your part: say 'I did', in the past tense, and let a pause replace a filler.")),
    (("",), (
        "This is one of your strong sides; keep it.",
        "This is on a good way; one concrete example more would lift it.",
        "This needs practice; choose it as the aim of your next interview.")),
)  # fmt: skip


class Coach:
    """Feedback on one interview; the same interview always gets the same."""

    def __init__(self, turns: list[Turn]) -> None:
        self.exchanges = exchanges(turns)
        said = [turn.content for turn in turns if turn.by_person]
        self.measures = measure(" ".join(said))
        total = sum(exchange.measures.quality for exchange in self.exchanges)
        self.quality = total / len(self.exchanges) if self.exchanges else self.measures.quality
        self.strengths = self._strengths()
        self.improvements = self._improvements()
        self.next_steps = self._next_steps()

    def quality_of(self, subject: str) -> float:
        """From 0 to 1, for a category of the rubric such as "communication"."""
        name = subject.lower()
        m, words = self.measures, max(1, self.measures.words)
        per_answer = words / max(1, len(self.exchanges))
        clean = 1 - min(1.0, 6 * (m.fillers + m.hedges) / words)
        value = self.quality
        if any(part in name for part in ("communic", "clarity", "deliver", "confiden")):
            value = 0.55 * self.quality + 0.4 * clean
        elif any(part in name for part in ("structur", "star", "organi")):
            value = 0.6 * self.quality + 0.35 * min(1.0, m.reasons / max(1, len(self.exchanges)))
        elif any(part in name for part in ("techn", "depth", "knowledge", "skill", "specific")):
            value = 0.6 * self.quality + 0.35 * min(1.0, per_answer / 60)
        # So that categories without a measure of their own do not all look the same.
        nudge = (zlib.crc32(name.encode()) % 100 - 50) / 1_000
        return min(0.97, max(0.05, value + nudge))

    def summary(self) -> str:
        """Two or three sentences on the whole."""
        if not self.exchanges:
            return "There was too little to judge: no answer of yours is in this interview."
        band = "strong" if self.quality > 0.7 else "solid" if self.quality > 0.5 else "promising"
        return (
            f"A {band} practice interview: {self._amount()}. "
            f"{self.strengths[0].title}; next, {_lower_first(self.improvements[0].title)}."
        )

    def _amount(self) -> str:
        heard = [spoken_seconds(one.answer) for one in self.exchanges]
        seconds = [one for one in heard if one is not None]
        read = [one for one in self.exchanges if spoken_seconds(one.answer) is None]
        parts = []
        if read:
            words = sum(one.measures.words for one in read) // len(read)
            parts.append(f"{_count(len(read), 'written answer')} of about {words} words")
        if seconds:
            mean = sum(seconds) / len(seconds)
            parts.append(
                f"{_count(len(seconds), 'spoken answer')} of about {mean:.0f} seconds, "
                "judged here by length alone"
            )
        return " and ".join(parts)

    def about(self, subject: str) -> str:
        """A sentence or two on one category."""
        quality = self.quality_of(subject)
        texts = _comments_on(subject)
        return texts[0] if quality > 0.7 else texts[1] if quality > 0.45 else texts[2]

    def quotes(self, subject: str, count: int) -> list[str]:
        """At most ``count`` different quotes of the person, other ones for another subject."""
        known = list(dict.fromkeys(literal_quote(one.answer) for one in self.exchanges))
        start = zlib.crc32(subject.encode()) % max(1, len(known))
        return [quote for quote in known[start:] + known[:start] if quote][:count]

    def answer_summary(self, exchange: Exchange) -> str:
        """What the person answered, shortly."""
        seconds = spoken_seconds(exchange.answer)
        if seconds is not None:
            return f"You answered aloud for {seconds:.1f} seconds."
        return f"You said: \u201c{literal_quote(exchange.answer)}\u201d"

    def on_answer(self, exchange: Exchange) -> str:
        """Feedback on one answer."""
        _, _, detail, advice = max(_IMPROVEMENTS, key=lambda rule: rule[0](exchange.measures))
        if spoken_seconds(exchange.answer) is not None:
            return f"{_SPOKEN_NOTE} {_IMPROVEMENTS[0][3]}"
        if exchange.measures.quality > 0.6:
            _, good, good_detail = max(_STRENGTHS, key=lambda rule: rule[0](exchange.measures))
            return f"{good}: {_lower_first(good_detail)} To go further: {_lower_first(advice)}"
        return f"{detail} {advice}"

    def advice_on(self, exchange: Exchange) -> str:
        """What a stronger answer would do."""
        return max(_IMPROVEMENTS, key=lambda rule: rule[0](exchange.measures))[3]

    def _judged_by(self, title: str) -> list[Exchange]:
        # Of a spoken answer nothing but its length is known.
        if title in _LENGTH_TITLES:
            return self.exchanges
        return [one for one in self.exchanges if spoken_seconds(one.answer) is None]

    def _strengths(self) -> list[Point]:
        points = []
        for worth, title, detail in _STRENGTHS:
            best = max(self._judged_by(title), key=lambda one: worth(one.measures), default=None)
            if best is not None and worth(best.measures) > 0.25:
                points.append((worth(best.measures), _point(title, detail, detail, best)))
        points.sort(key=lambda pair: -pair[0])
        return [*(point for _, point in points), *_ALWAYS_GOOD][:_POINTS_MAX]

    def _improvements(self) -> list[Point]:
        points = []
        for worth, title, detail, advice in _IMPROVEMENTS:
            worst = max(self._judged_by(title), key=lambda one: worth(one.measures), default=None)
            if worst is not None and worth(worst.measures) > 0.1:
                points.append((worth(worst.measures), _point(title, detail, advice, worst)))
        points.sort(key=lambda pair: -pair[0])
        found = [point for _, point in points]
        told = {point.title for point in found}
        rest = [Point(title, detail, advice) for _, title, detail, advice in _IMPROVEMENTS]
        return [*found, *(point for point in rest if point.title not in told)][:_POINTS_MAX]

    def _next_steps(self) -> list[Point]:
        weakest = min(self.exchanges, key=lambda one: one.measures.quality, default=None)
        first = self.improvements[0].advice
        steps = [Point("Work on one thing", first, first)]
        if weakest is not None and weakest.question:
            again = f"Answer this one again, aloud, in two minutes: {weakest.question}"
            steps.append(Point("Repeat your weakest answer", again, again))
        stories = "Write down three stories from your work, each with its result in one figure."
        week = "Practise once more within a week and compare the two scores."
        steps += [
            Point("Collect your stories", stories, stories),
            Point("Come back", week, week),
        ]
        return steps


def _point(title: str, detail: str, advice: str, exchange: Exchange) -> Point:
    return Point(title, detail, advice, literal_quote(exchange.answer), exchange.number)


def _comments_on(subject: str) -> tuple[str, str, str]:
    name = subject.lower()
    for words, texts in _COMMENTS:
        if any(word in name for word in words):
            return texts
    return _COMMENTS[-1][1]


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
