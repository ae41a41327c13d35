"""The scripted interviewer: six questions about the role, follow-ups, a closing.

No model speaks here. The lines react to what was said (its length, a figure, a word of it),
so that a person who practises, and a test, can see that the answer was heard.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field

from local.standins.voice.brief import Brief

QUESTIONS = 6
_FOLLOW_UPS_MAX = 2
_SHORT_WORDS = 12
_LONG_WORDS = 120
_SHORT_S = 2.0
_LONG_S = 60.0

_OPENERS = (
    "To begin, what draws you to the role of {role}{at_company}?",
    "To begin, please walk me through the experience that prepared you to be {a_role}{at_company}.",
)
_POOLS: dict[str, tuple[str, ...]] = {
    "behavioural": (
        "Tell me about a time when you disagreed with a colleague. How did it end?",
        "Describe a piece of work that failed. What did you change afterwards?",
        "When did you last have to decide with too little information?",
        "Tell me about feedback that was hard to hear, and what you did with it.",
        "Describe a time when you had to win people over without any authority.",
        "Which result of yours as {a_role} are you most proud of, and what was your own part?",
    ),
    "technical": (
        "Which tools do you reach for first as {a_role}, and why those?",
        "Describe the hardest problem you solved lately, step by step.",
        "How do you find the cause when something breaks and nobody knows why?",
        "How do you make sure that your work is correct before others depend on it?",
        "Tell me about a trade-off between speed and quality that you had to make.",
        "How would you explain a difficult idea of your field to a newcomer?",
    ),
    "system design": (
        "Please sketch a system that you would build in your first months as {a_role}.",
        "What would break first in it if ten times as many people used it?",
        "How would you store its data, and what would you give up by that choice?",
        "How would you notice that it is failing before its users do?",
        "How would you change it while it is running, without a pause?",
        "What would you leave out of the first version, and why?",
    ),
    "case": (
        "A product's sales fell by a fifth in a quarter. What do you look at first?",
        "How would you estimate the size of the market that {a_role} works in?",
        "Two teams need the same budget. How do you decide?",
        "What would you measure to know whether your recommendation worked?",
        "Which assumption in your reasoning worries you most?",
        "How would you present this to somebody with one minute?",
    ),
}
_POOLS["general"] = (
    *_POOLS["behavioural"][:3],
    *_POOLS["technical"][1:4],
    "How do you set priorities when everything is urgent?",
)
_HARD_QUESTION = "Tell me about a decision with a lasting cost that you would make again."
_EASY_QUESTION = "What would you most like to learn in your first year as {a_role}?"
_MORE = (
    "Could you go a little deeper? A concrete example would help.",
    "Please say some more about that. What exactly did you do yourself?",
)
_OVER = "The practice interview is over. You can end the call whenever you like."


@dataclass(frozen=True, slots=True)
class Answer:
    """A turn of the person: typed ``words``, or ``spoken_s`` seconds of unknown words."""

    words: str = ""
    spoken_s: float = 0.0

    @property
    def is_short(self) -> bool:
        """Whether it is worth asking for more."""
        if self.words:
            return len(self.words.split()) < _SHORT_WORDS
        return self.spoken_s < _SHORT_S


@dataclass(slots=True)
class Interviewer:
    """One interview; ``seed`` chooses the questions."""

    brief: Brief
    seed: str
    _questions: list[str] = field(init=False)
    _asked: int = field(default=0, init=False)
    _follow_ups: int = field(default=0, init=False)
    _pressed: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)  # noqa: S311 - chooses questions, not secrets
        pool = list(_POOLS[self.brief.kind])
        chance.shuffle(pool)
        extra = {"hard": [_HARD_QUESTION], "easy": [_EASY_QUESTION]}.get(self.brief.level, [])
        chosen = [chance.choice(_OPENERS), *pool[: QUESTIONS - 1 - len(extra)], *extra]
        company = f" at {self.brief.company}" if self.brief.company else ""
        role = self.brief.role
        a_role = f"{'an' if role[:1].lower() in 'aeiou' else 'a'} {role}"
        self._questions = [
            line.format(role=role, a_role=a_role, at_company=company) for line in chosen
        ]

    def speak(self, answer: Answer | None) -> str:
        """The next line; ``answer`` is None when the person said nothing since the last one."""
        if self._asked == 0:
            self._asked = 1
            return f"{self._greeting()} {self._questions[0]}"
        if answer is None:
            return self._repeat()
        if answer.is_short and self._may_press:
            self._pressed = True
            self._follow_ups += 1
            return f"Thank you. {_MORE[self._follow_ups % len(_MORE)]}"
        return self._advance(answer)

    @property
    def _may_press(self) -> bool:
        open_question = self._asked <= QUESTIONS and not self._pressed
        return open_question and self._follow_ups < _FOLLOW_UPS_MAX

    def _greeting(self) -> str:
        company = f" at {self.brief.company}" if self.brief.company else ""
        return (
            f"Hello, I am your AI interviewer, and this is a practice interview "
            f"for the role of {self.brief.role}{company}."
        )

    def _repeat(self) -> str:
        if self._asked > QUESTIONS:
            return _OVER
        return f"Take your time. {self._questions[self._asked - 1]}"

    def _advance(self, answer: Answer) -> str:
        self._pressed = False
        self._asked += 1
        if self._asked == QUESTIONS + 1:
            return (
                f"{_acknowledge(answer)} That was my last question. Thank you for "
                f"practising with me; your feedback comes when you end the call."
            )
        if self._asked > QUESTIONS:
            self._asked = QUESTIONS + 1
            return _OVER
        return f"{_acknowledge(answer)} {self._questions[self._asked - 1]}"


def joined(answers: list[Answer]) -> Answer | None:
    """All that the person said since the last line, as one answer; None for nothing."""
    if not answers:
        return None
    words = " ".join(answer.words for answer in answers if answer.words)
    return Answer(words=words, spoken_s=sum(answer.spoken_s for answer in answers))


def _acknowledge(answer: Answer) -> str:
    if len(answer.words.split()) > _LONG_WORDS or answer.spoken_s > _LONG_S:
        return "Thank you for so full an answer."
    if not answer.words:
        return "Thank you, I heard you." if answer.is_short else "Thank you for that answer."
    if answer.words.rstrip().endswith("?"):
        return "A fair question; in a real interview you would hear more about it at the end."
    if re.search(r"\d", answer.words):
        return "Thank you; figures make it easy to picture."
    # Long words carry the subject; short ones are mostly grammar.
    telling = re.findall(r"[^\W\d_]{8,}", answer.words)
    return f"You mentioned {max(telling, key=len).lower()}; thank you." if telling else "Thank you."
