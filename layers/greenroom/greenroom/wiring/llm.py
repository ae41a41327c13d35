"""The language model, and what it costs."""

from functools import cached_property
from typing import TYPE_CHECKING

from greenroom.kernel.settings import LlmSettings
from greenroom.wiring.core import Core

if TYPE_CHECKING:
    from collections.abc import Mapping

    from greenroom.llm.domain import Price
    from greenroom.llm.gateway import LanguageModel


class LlmWiring(Core):
    """The language model that writes."""

    @cached_property
    def language_model(self) -> "LanguageModel":
        """The model of the settings."""
        from greenroom.llm.gateway import LanguageModel

        settings = self.of(LlmSettings)
        return LanguageModel(
            base_url=settings.llm_base_url,
            api_key=lambda: self._llm_key(settings.llm_base_url),
            model=settings.llm_model,
            prices=self.llm_prices,
            http=self._http(),
            breaker=self._breaker("llm"),
        )

    @cached_property
    def llm_prices(self) -> "Mapping[str, Price]":
        """What models cost, by their names."""
        from greenroom.llm.domain import Price

        told = self.of(LlmSettings).llm_prices
        return {name: Price(one.input, one.output) for name, one in told.items()}

    def _llm_key(self, base_url: str) -> str:
        """The model's key; OpenAI itself takes the one key for voice and text."""
        key = self.secrets.find("LLM_API_KEY")
        openai = base_url.startswith("https://api.openai.com/")
        return self.secrets.get("OPENAI_API_KEY" if openai and key is None else "LLM_API_KEY")
