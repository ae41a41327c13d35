"""What a language model wrote, what it counted, and what that costs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from greenroom.kernel.errors import Unavailable

_TOKENS_PER_PRICE = 1_000_000
# OpenAI names the day of a model ("gpt-5-mini-2025-08-07"); others write it without hyphens.
_DATED = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8}|latest)$")


@dataclass(frozen=True, slots=True)
class Completion:
    """What the model wrote, and what it counted; None where it did not count."""

    text: str
    model: str
    prompt_tokens: int | None
    completion_tokens: int | None

    @property
    def facts(self) -> dict[str, str | int | None]:
        """What it used up, for the log of an error: see ``spent_on``."""
        return {
            "model": self.model,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
        }


@dataclass(frozen=True, slots=True)
class Price:
    """What a million tokens cost, in millionths of the currency of the bill."""

    input_micros: int
    output_micros: int


@dataclass(frozen=True, slots=True)
class Spent:
    """What one call used up, as far as it is known."""

    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None

    def cost_micros(self, prices: Mapping[str, Price]) -> int | None:
        """Its cost, rounded up; None where the model's price or a count is not known.

        A model that is named with a day has the price of its name without it.
        """
        if self.model is None or self.input_tokens is None or self.output_tokens is None:
            return None
        price = prices.get(self.model) or prices.get(_DATED.sub("", self.model))
        if price is None:
            return None
        total = self.input_tokens * price.input_micros + self.output_tokens * price.output_micros
        return -(-total // _TOKENS_PER_PRICE)


def spent_by(completion: Completion) -> Spent:
    """What an answer used up."""
    return Spent(completion.model, completion.prompt_tokens, completion.completion_tokens)


def spent_on(error: Unavailable) -> Spent:
    """What a call used up that brought nothing fit for use: providers bill those too."""
    facts = error.log
    return Spent(facts.get("model"), facts.get("prompt_tokens"), facts.get("completion_tokens"))
