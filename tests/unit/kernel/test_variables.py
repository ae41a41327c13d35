"""Typed variables: what is accepted, and that a refusal names the variable and never its value."""

from typing import Any

import pytest

from greenroom.kernel.variables import (
    Group,
    SettingsRefused,
    document,
    flag,
    needed,
    number,
    one_of,
    text,
    whole,
)


class Voice(Group):
    name: str = needed()
    tone: str = one_of("calm", "lively")
    pitch: int = whole(5, at_least=1, at_most=9)
    share: float = number(0.5, above=0, at_most=1)
    rests: bool = flag(default=True)
    code: str | None = text(None, like=r"[a-z]+")


class Choir(Group):
    voices: list[Any] = document([], list)
    pitch: int = whole(7)


class Both(Voice, Choir):
    def check(self) -> None:
        super().check()
        if self.pitch > len(self.voices) + 8:
            raise ValueError("PITCH is too high for so few VOICES")


@pytest.mark.parametrize(
    ("variable", "value", "read"),
    [
        ("PITCH", "1", 1),
        ("PITCH", " 8 ", 8),
        ("SHARE", "1", 1.0),
        ("SHARE", "1e-9", 1e-9),
        ("TONE", "lively", "lively"),
        ("RESTS", "No", False),
        ("RESTS", "on", True),
        ("CODE", "abc", "abc"),
        ("VOICES", "[1, 2]", [1, 2]),
    ],
)
def test_a_value_in_range_is_read(variable: str, value: str, read: Any) -> None:
    made = Both.read({"NAME": "Ada", variable: value})

    assert getattr(made, variable.lower()) == read


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PITCH", "0"),
        ("PITCH", "10"),
        ("PITCH", "5.5"),
        ("SHARE", "0"),
        ("SHARE", "1.01"),
        ("SHARE", "nan"),
        ("SHARE", "canary"),
        ("TONE", "canary"),
        ("RESTS", "2"),
        ("CODE", "abc1"),
        ("CODE", "abc\n"),
        ("VOICES", "[canary"),
        ("VOICES", "[" * 100_000),
        ("NAME", ""),
    ],
)
def test_any_other_is_refused_by_the_name_of_its_variable(variable: str, value: str) -> None:
    with pytest.raises(SettingsRefused, match=f"^{variable}: (must be|is needed)") as refused:
        Both.read({"NAME": "Ada", variable: value})

    assert "canary" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_groups_are_joined_and_the_first_one_decides() -> None:
    assert Both(name="Ada").pitch == 5
    assert Both.variables() == Voice.variables() | {"VOICES"}


def test_values_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(SettingsRefused, match=r"^settings: PITCH is too high") as refused:
        Both.read({"NAME": "Ada", "PITCH": "9"})

    assert refused.value.__suppress_context__
    assert Both.read({"NAME": "Ada", "PITCH": "9", "VOICES": "[1]"}).pitch == 9


def test_code_cannot_give_what_no_variable_is_called() -> None:
    with pytest.raises(TypeError, match="ptich"):
        Voice(name="Ada", ptich=1)


def test_groups_are_equal_by_kind_and_values() -> None:
    assert Choir(pitch=1) == Choir(pitch=1)
    assert Choir(pitch=1) != Choir(pitch=2)
    assert Choir() != Voice(name="Ada")
