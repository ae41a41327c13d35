"""What the command says: words for a person, or with ``--json`` one document for a program."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TextIO

from greenroom.kernel.clock import to_text


class Output:
    """Writes results to one stream and progress to another, which nobody parses."""

    def __init__(self, *, as_json: bool, out: TextIO) -> None:
        self._as_json = as_json
        self.stream = out
        self._beside = sys.stderr

    def result(self, document: Any, lines: Iterable[str]) -> None:
        """The one result of a command, in either form."""
        if self._as_json:
            text = json.dumps(document, indent=2, ensure_ascii=False, default=_plain)
            print(text, file=self.stream)
        else:
            for line in lines:
                print(line, file=self.stream)

    def progress(self, text: str) -> None:
        """What long work is doing."""
        print(text, file=self._beside, flush=True)

    def refusal(self, text: str) -> None:
        """Why the command did not do what was asked."""
        print(f"ops: {text}", file=self._beside)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of columns, each as wide as its widest cell."""
    if not rows:
        return ["(none)"]
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _plain(value: Any) -> Any:
    return to_text(value) if isinstance(value, datetime) else str(value)
