"""What a call of a language model costs."""

import pytest

from greenroom.kernel.settings import LlmSettings
from greenroom.kernel.variables import SettingsRefused
from greenroom.llm.domain import Price, Spent

PRICES = {
    "gpt-5-mini": Price(input_micros=250_000, output_micros=2_000_000),
    "gpt-5": Price(input_micros=1_250_000, output_micros=10_000_000),
    "gpt-5-2025-08-07": Price(input_micros=1, output_micros=1),
}


@pytest.mark.parametrize(
    ("model", "cost"),
    [
        ("gpt-5-mini", 250_000 + 4_000_000),
        ("gpt-5-mini-2025-08-07", 250_000 + 4_000_000),
        ("gpt-5-mini-20250807", 250_000 + 4_000_000),
        ("gpt-5-mini-latest", 250_000 + 4_000_000),
        ("gpt-5-2025-08-07", 3),
        ("gpt-5-mini-large", None),
        ("llama", None),
        (None, None),
    ],
)
def test_a_call_has_the_price_of_its_model_and_none_where_that_is_not_known(
    model: str | None, cost: int | None
) -> None:
    spent = Spent(model, input_tokens=1_000_000, output_tokens=2_000_000)

    assert spent.cost_micros(PRICES) == cost


def test_a_cost_is_rounded_up_and_needs_both_counts() -> None:
    assert Spent("gpt-5-mini", 1, 0).cost_micros(PRICES) == 1
    assert Spent("gpt-5-mini", 0, 0).cost_micros(PRICES) == 0
    assert Spent("gpt-5-mini", None, 5).cost_micros(PRICES) is None
    assert Spent("gpt-5-mini", 5, None).cost_micros(PRICES) is None


def test_prices_are_a_setting_that_is_checked_at_the_start() -> None:
    told = '{"m": {"input": 1, "output": 2}}'

    assert LlmSettings.read({"LLM_PRICES": told}).llm_prices["m"].output == 2
    for wrong in ("nonsense", '{"m": 1}', '{"m": {"input": -1, "output": 2}}', "[]"):
        with pytest.raises(SettingsRefused, match="LLM_PRICES"):
            LlmSettings.read({"LLM_PRICES": wrong})
