"""Keys of widgets."""

import pytest

from greenroom.widget.domain import is_key, new_key


def test_a_key_is_long_random_and_goes_into_a_path_as_it_is() -> None:
    made = {new_key() for _ in range(100)}

    assert len(made) == 100
    assert all(is_key(one) and len(one) == 27 for one in made)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "wk_",
        "wk_" + "a" * 23,
        "wk_" + "a" * 25,
        "wk_" + "a" * 23 + "#",
        "xx_" + "a" * 24,
        "wk_" + "a" * 23 + "é",
        "wk_" + "a" * 24 + "\n",
    ],
)
def test_what_is_spelled_otherwise_is_no_key(text: str) -> None:
    assert not is_key(text)
