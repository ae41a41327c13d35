"""Text of a language model, made safe to store and to show: plain words, nothing to click.

The model has read a transcript that anybody could have written, so its words are as untrusted
as that transcript.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence

QUOTE_CHARS_MIN = 4  # shorter ones occur anywhere and prove nothing
_PASSES_MAX = 20  # each pass undoes one nesting; honest text is stable after one

_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)
_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>")
_OPEN_TAG = re.compile(r"<(?=[A-Za-z/!?])")
_MARKDOWN_LINK = re.compile(r"!?\[([^\[\]]*)\](?:\([^()]*\)|\[[^\[\]]*\])")
# Every repetition is bounded or starts at one place only, so that no text takes long.
_URL = re.compile(
    r"""
      (?:[a-z][a-z0-9+.-]{0,30})?:[/\\]{2}\S*           # any scheme, and what hangs on it
    | (?:javascript|vbscript):\S+                        # wherever, since no word ends so
    | \b(?:mailto|tel|sms|blob):\S+
    | \bdata:[a-z]+/\S*
    | \bwww\.\S+
    | (?<![a-z0-9.-])(?:[a-z0-9-]{1,63}\.){1,126}[a-z]{2,24}  # a host with a path or a port,
      (?<!\.js)(?<!asp\.net)(?:(?::\d+)?/\S*|:\d+\b)       # which Node.js/Express is not
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SPACES = re.compile(r"\s+")
_STRAIGHT = str.maketrans(
    "\u2018\u2019\u201a\u201b\u2032\u201c\u201d\u201e\u2033«»", '\'\'\'\'\'""""""'
)
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))
_REMEMBERED_MAX = 0x10000  # 5 MB at most, and only of what was met
_JOINERS = "\u200c\u200d"  # spelling of Persian and of Indic scripts needs them


def clean(text: str, *, chars_max: int) -> str:
    """The text as one line without HTML, links, addresses and control characters.

    Cut at a word, with an ellipsis, where it is longer than ``chars_max``. May be empty.
    """
    for _ in range(_PASSES_MAX):
        once = _cleaned_once(text)
        if once == text:
            return _cut(text, chars_max)
        text = once
    # Still changing after so many passes: built to outlast them.
    return _cut(re.sub(r"[<>\[\]&]|:[/\\]{2}", " ", text).strip(), chars_max)


def _cleaned_once(text: str) -> str:
    text = html.unescape(text)
    text = text.translate(_PLAIN)
    text = _MARKDOWN_LINK.sub(r"\1", text)
    text = _TAG.sub(" ", _COMMENT.sub(" ", text))
    text = _URL.sub(" ", _OPEN_TAG.sub(" ", text))
    return _SPACES.sub(" ", text).strip()


class _Plain(dict[int, str | int | None]):
    """What becomes of a character.

    White space is a space; of a control, format (bidi, zero width, tags), surrogate or
    private-use character nothing is kept.
    """

    def __missing__(self, code: int) -> str | int | None:
        character = chr(code)
        made: str | int | None = code
        if character.isspace():
            made = " "
        elif unicodedata.category(character).startswith("C") and character not in _JOINERS:
            made = None
        if code < _REMEMBERED_MAX:
            self[code] = made
        return made


_PLAIN = _Plain()


def _cut(text: str, chars_max: int) -> str:
    if len(text) <= chars_max:
        return text
    head = text[: chars_max - 1]
    words = head.rpartition(" ")[0]
    return (words if len(words) > chars_max // 2 else head).rstrip() + "…"


def quotes_that_occur(quotes: Iterable[str], turns: Sequence[str]) -> list[str]:
    """Those quotes that one of the turns holds, each once.

    White space, case, and the typography of quotation marks and dashes make no difference.
    """
    spoken = [_comparable(turn) for turn in turns]
    kept: dict[str, str] = {}
    for quote in quotes:
        wanted = _comparable(quote).strip("\"' .-")
        if len(wanted) >= QUOTE_CHARS_MIN and any(wanted in turn for turn in spoken):
            kept.setdefault(wanted, quote)
    return list(kept.values())


def _comparable(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text.translate(_STRAIGHT).translate(_DASHES))
    return _SPACES.sub(" ", folded.casefold()).strip()
