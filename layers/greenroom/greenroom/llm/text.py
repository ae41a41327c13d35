"""Text that goes to a language model as data, and text that comes back as an answer.

What anybody could have written is data: it stands as JSON in a block that it cannot close. What
the model answers is as untrusted as what it has read.
"""

import base64
import codecs
import json
import math
import unicodedata
from typing import Any, NoReturn

from greenroom.kernel.foreign import named_once

DIGITS_MAX = 18  # of a whole number: more is no count, and no other language keeps it exactly
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


class NotJson(ValueError):
    """The text is not one JSON value that could be stored and sent."""


def data_line(value: Any) -> str:
    """The value as one line of JSON in which nothing can close a block or open another."""
    line = json.dumps(value, ensure_ascii=False)
    for sign, escape in _ESCAPES.items():
        line = line.replace(sign, escape)
    return line


def unfenced(text: str) -> str:
    """The text without a Markdown code fence around it, which many models cannot help."""
    stripped = text.strip()
    if not (stripped.startswith("```") and stripped.endswith("```")):
        return stripped
    return stripped[3:-3].removeprefix("json").strip()


def json_value(text: str) -> Any:
    """The JSON value that an answer holds, with or without a fence around it.

    Raises:
        NotJson: it holds none, or one with NaN, an infinity, a number of more than 18 digits, a
            lone surrogate, one name twice, or deeper than Python's parser goes.
    """
    try:
        value = json.loads(
            unfenced(text),
            parse_constant=_refused,
            parse_float=_finite,
            parse_int=_whole,
            object_pairs_hook=named_once,
        )
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as problem:
        raise NotJson from problem
    return value


def _refused(_: str) -> NoReturn:
    raise NotJson


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise NotJson
    return value


def _whole(text: str) -> int:
    if len(text.lstrip("-")) > DIGITS_MAX:
        raise NotJson
    return int(text)


def letters_of(text: str) -> str:
    """Letters and digits alone, folded: spacing, case and punctuation cannot hide a word."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(character for character in folded if character.isalnum())


def spellings_of(word: str) -> tuple[str, ...]:
    """The letters of a word, and of what a model writes that was told to hide it.

    Backwards, in ROT13, in hexadecimal, and in base64 from each of the three places at which the
    word may stand in what was encoded.
    """
    raw = word.encode()
    encoded = [
        base64.b64encode(bytes(at) + raw).decode()[-(-8 * at // 6) : 8 * (at + len(raw)) // 6]
        for at in range(3)
    ]
    hidden = [word[::-1], codecs.encode(word, "rot13"), raw.hex(), *encoded]
    return tuple(letters_of(one) for one in (word, *hidden))


def repeats(text: str, spellings: tuple[str, ...]) -> bool:
    """Whether a text holds a word in one of its spellings."""
    letters = letters_of(text)
    return any(one in letters for one in spellings)
