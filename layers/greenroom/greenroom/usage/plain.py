"""Any value as JSON can hold it: what it cannot hold becomes text, what is too long is cut.

Nothing here raises, whatever it is given, and nothing takes longer than the bytes that are kept
allow. Each thing that was changed leaves a flag: ``text:metadata.score`` (the value is now its
text), ``cut:metadata`` (something was left out).
"""

import json
import math
from typing import Any

DEPTH_MAX = 20  # of members inside members; JSON of people nests five deep
TEXT_CHARS_MAX = 1000  # of what is no JSON, as text
NAME_BYTES_MAX = 200  # of a member's name
FLAGS_MAX = 50
FLAG_CHARS_MAX = 120
WHOLE_MAX = 2**63  # numbers beyond are no counters, and other readers of JSON lose their digits


class Plain:
    """Reads values into about ``bytes_max`` bytes of JSON, and adds to ``flags``."""

    def __init__(self, *, bytes_max: int, flags: list[str] | None = None) -> None:
        self._left = bytes_max
        self.flags: list[str] = [] if flags is None else flags

    def flag(self, word: str, path: str) -> None:
        """Note that something was changed; beyond ``FLAGS_MAX`` only that there is more."""
        told = f"{word}:{path}"
        if len(told) > FLAG_CHARS_MAX:
            told = told[: FLAG_CHARS_MAX - 1] + "…"
        if told in self.flags or len(self.flags) > FLAGS_MAX:
            return
        self.flags.append(told if len(self.flags) < FLAGS_MAX else "more")

    def read(self, value: Any, path: str, *, depth: int = 0) -> Any:
        """The value as JSON holds it; nested containers deeper than ``DEPTH_MAX`` are text."""
        if value is None or isinstance(value, bool):
            return self._taken(value, 5)
        if isinstance(value, int) and abs(value) <= WHOLE_MAX:
            return self._taken(int(value), 20)
        if isinstance(value, float) and math.isfinite(value):
            return self._taken(float(value), 25)
        if isinstance(value, str):
            return self._string(value, path)
        if depth < DEPTH_MAX and isinstance(value, dict | list | tuple):
            return self._container(value, path, depth)
        self.flag("text", path)
        return self._string(text_of(value), path)

    def _container(self, value: Any, path: str, depth: int) -> Any:
        if isinstance(value, dict):
            return self._members(value, path, depth)
        return self._entries(value, path, depth)

    def _members(self, value: dict[Any, Any], path: str, depth: int) -> dict[str, Any]:
        kept: dict[str, Any] = {}
        self._left -= 2
        for name, member in value.items():
            if self._left <= 0:
                self.flag("cut", path)
                break
            told = self._name(name, path)
            self._left -= _size_of(told) + 2
            kept[told] = self.read(member, f"{path}.{told}", depth=depth + 1)
        return kept

    def _entries(self, value: list[Any] | tuple[Any, ...], path: str, depth: int) -> list[Any]:
        kept: list[Any] = []
        self._left -= 2
        for entry in value:
            if self._left <= 0:
                self.flag("cut", path)
                break
            self._left -= 1
            kept.append(self.read(entry, f"{path}[]", depth=depth + 1))
        return kept

    def _name(self, name: Any, path: str) -> str:
        told = name if isinstance(name, str) else text_of(name)
        clean = printable(told)
        short = clean.encode()[:NAME_BYTES_MAX].decode(errors="ignore")
        if not isinstance(name, str) or clean != told:
            self.flag("text", f"{path}.{short}")
        if short != clean:
            self.flag("cut", f"{path}.{short}")
        return short

    def _string(self, text: str, path: str) -> str:
        # No more than could be kept is looked at: a megabyte costs no more than its beginning.
        begin = text[: max(0, self._left)]
        cut = len(begin) < len(text)
        clean = printable(begin)
        if clean != begin:
            self.flag("text", path)
        if _size_of(clean) > self._left:
            clean, cut = _beginning(clean, self._left), True
        if cut:
            self.flag("cut", path)
        self._left -= _size_of(clean)
        return clean

    def _taken(self, value: Any, size: int) -> Any:
        self._left -= size
        return value


def printable(text: str) -> str:
    """The text with what UTF-8 cannot hold (lone surrogates) spelled out."""
    return text.encode(errors="backslashreplace").decode()


def text_of(value: Any) -> str:
    """Any value as text, at most ``TEXT_CHARS_MAX`` characters; its type's name if it has none."""
    try:
        if isinstance(value, bytes | bytearray | memoryview):
            text = bytes(value[:TEXT_CHARS_MAX]).decode(errors="backslashreplace")
        else:
            text = str(value)
    except Exception:  # noqa: BLE001 (it is somebody else's object: whatever it raises, it has no text)
        text = f"<{type(value).__name__}>"
    return text[:TEXT_CHARS_MAX]


def _size_of(text: str) -> int:
    return len(json.dumps(text, ensure_ascii=False).encode())


def _beginning(text: str, bytes_max: int) -> str:
    """The beginning of a text that takes no more than that in JSON, quotes included."""
    begin = text.encode()[: max(0, bytes_max - 2)].decode(errors="ignore")
    if _size_of(begin) > bytes_max:
        begin = begin[: max(0, (bytes_max - 2) // 6)]  # JSON spells a control character in six
    return begin
